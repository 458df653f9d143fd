// What a first visit costs in Chromium: bytes over the wire, and the time until the page can be read and used. The load
// program (tests/load) starts the server, calls this with the address and the paths, and adds the conditions.
//
//   CHROMIUM=/usr/bin/chromium node bench/page.js http://127.0.0.1:8080 VISITS PATH…
import { chromium } from '@playwright/test';

const [address, visits, ...paths] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});

/** One visit of somebody who was never here: nothing is kept from the visit before. */
async function visit(path) {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const wire = await context.newCDPSession(page);
  const kinds = new Map();
  const loaded = [];
  wire.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
    loaded.push({ kind: kinds.get(requestId), bytes: encodedDataLength }),
  );
  await wire.send('Network.enable');
  await page.goto(address + path, { waitUntil: 'commit' });
  // Nothing of the page is in the HTML: when its heading stands there, the scripts run and the buttons answer.
  const usable = await page
    .waitForFunction(() => document.querySelector('main h1') && performance.now())
    .then((at) => at.jsonValue());
  await page.waitForLoadState('networkidle');
  const painted = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
  );
  await context.close();
  return { usable, painted, loaded };
}

const sum = (loaded, ...wanted) =>
  loaded.filter(({ kind }) => !wanted.length || wanted.includes(kind)).reduce((bytes, file) => bytes + file.bytes, 0);
const at = (numbers, share) => {
  const sorted = numbers.filter((number) => number !== null).sort((a, b) => a - b);
  return Math.round(sorted[Math.round((sorted.length - 1) * share)] * 10) / 10;
};

for (const path of paths) {
  await visit(path); // The server's own first answer, and the browser's start, are no part of the page.
  const seen = [];
  for (let n = 0; n < Number(visits); n++) seen.push(await visit(path));
  const { loaded } = seen[seen.length - 1];
  console.log(
    JSON.stringify({
      path,
      browser: browser.version(),
      script_and_style_bytes: sum(loaded, 'Script', 'Stylesheet'),
      script_and_style_files: loaded.filter(({ kind }) => kind === 'Script' || kind === 'Stylesheet').length,
      all_bytes: sum(loaded),
      requests: loaded.length,
      ms_until_first_paint: {
        p50: at(
          seen.map(({ painted }) => painted),
          0.5,
        ),
        p99: at(
          seen.map(({ painted }) => painted),
          0.99,
        ),
      },
      ms_until_usable: {
        p50: at(
          seen.map(({ usable }) => usable),
          0.5,
        ),
        p99: at(
          seen.map(({ usable }) => usable),
          0.99,
        ),
      },
    }),
  );
}
await browser.close();
