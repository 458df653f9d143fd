// Build and development settings. The browser floor is Chrome 87, Safari 14 and Firefox 83: county offices run old Windows.
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';
import { fakeApi } from './dev/fake/plugin.ts';
import { oldBrowsers, withoutInlineStyles } from './dev/plugins.ts';

/** Lightning CSS writes a version as major << 16. */
const floor = { chrome: 87 << 16, edge: 87 << 16, safari: 14 << 16, ios_saf: 14 << 16, firefox: 83 << 16 };

const server = process.env.YUNQIA_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [withoutInlineStyles(), sveltekit(), oldBrowsers(), ...(process.env.YUNQIA_FAKE ? [fakeApi()] : [])],
  build: {
    target: ['chrome87', 'edge87', 'safari14', 'firefox83'],
    cssMinify: 'lightningcss',
    assetsInlineLimit: 0,
  },
  css: { transformer: 'lightningcss', lightningcss: { targets: floor } },
  server: process.env.YUNQIA_FAKE
    ? {}
    : {
        // The server compares Origin with Host: both must stay what the browser sent.
        proxy: Object.fromEntries(
          ['/api', '/feed', '/ws'].map((path) => [path, { target: server, changeOrigin: false, ws: path === '/ws' }]),
        ),
      },
  test: {
    include: ['src/**/*.test.ts', 'dev/**/*.test.ts'],
    environment: 'jsdom',
    restoreMocks: true,
  },
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
});
