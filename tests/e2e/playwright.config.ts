// End-to-end tests: the real program and a real browser. Run through `make test-browser`, which sets CHROMIUM and YUNQIA_BIN.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests',
  globalSetup: './src/setup.ts',
  outputDir: 'results',
  timeout: 90_000,
  expect: { timeout: 10_000 },
  // Two cores: two browsers beside their servers are enough.
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    // A button that is not there is noticed long before the test's own time is over.
    actionTimeout: 15_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        // In this order stand the parts of a date that is typed.
        '--lang=en-US',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
