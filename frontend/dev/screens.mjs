// Takes pictures of pages as people see them, and lets axe look at each.
//
//   npm run screens -- / /projects company:/schedule host:/centre          (fake server on a port of its own)
//   BUILD=1 npm run screens -- /                    (what `npm run build` made, under the server's security policy)
//   BASE=http://127.0.0.1:8080 npm run screens -- /                        (any running server)
//
// A path may begin with who looks (operator, host, company, foreign). Options by environment: LANGS=zh-Hans,en WIDTHS=390
// THEME=dark SIZE=large FULL=0 OUT=shots. Pictures go to shots/<who>-<path>-<language>-<width>.png.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { serveBuild } from './serve-build.mjs';

const languages = (process.env.LANGS ?? 'zh-Hans,zh-Hant,en').split(',');
const widths = (process.env.WIDTHS ?? '1280,390').split(',').map(Number);
const out = process.env.OUT ?? 'shots';
const theme = process.env.THEME ?? 'light';
const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error('which pages? npm run screens -- / company:/schedule');
  process.exit(2);
}
mkdirSync(out, { recursive: true });

let server;
let base = process.env.BASE;
if (!base) {
  process.env.YUNQIA_FAKE = '1';
  const port = Number(process.env.PORT ?? 0);
  if (process.env.BUILD) {
    server = await serveBuild(port);
    base = server.base;
  } else {
    server = await createServer({ server: { port, host: '127.0.0.1', hmr: false }, logLevel: 'error' });
    await server.listen();
    base = server.resolvedUrls.local[0].replace(/\/$/, '');
  }
}

/** Signs in at a running demo as one of its people. */
async function signIn(context, who) {
  const address =
    { operator: 'operator@', host: 'head@yanting', company: 'contact1@', foreign: 'contact2@' }[who] ?? who;
  const people = await (await context.request.get(`${base}/api/demo/people`)).json();
  const person = people.find((one) => one.email.startsWith(address));
  if (!person) throw new Error(`the demo has nobody like ${who}`);
  const data = { person_id: person.person_id };
  const answer = await context.request.post(`${base}/api/demo/sign-in`, { data, headers: { origin: base } });
  if (!answer.ok()) throw new Error(`signing in as ${who}: ${answer.status()} ${await answer.text()}`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
let faults = 0;
for (const spec of paths) {
  const [, who = '', path] = /^(?:(\w+):)?(\/.*)$/.exec(spec);
  for (const width of widths) {
    for (const language of languages) {
      const phone = width < 600;
      const context = await browser.newContext({
        viewport: { width, height: phone ? 844 : 900 },
        deviceScaleFactor: phone ? 2 : 1,
        hasTouch: phone,
        isMobile: phone,
        timezoneId: who === 'foreign' ? 'Europe/Berlin' : 'Asia/Shanghai',
        colorScheme: theme,
      });
      await context.addInitScript(
        ([lang, size]) => {
          localStorage.setItem('yunqia.language', lang);
          if (size) localStorage.setItem('yunqia.size', size);
        },
        [language, process.env.SIZE ?? ''],
      );
      if (who && process.env.BASE) await signIn(context, who);
      else if (who) await context.addCookies([{ name: 'fake', value: who, url: base }]);
      const page = await context.newPage();
      const name = `${out}/${who || 'anyone'}${path.replace(/[^\w-]+/g, '_')}-${language}-${width}${theme === 'dark' ? '-dark' : ''}`;
      page.on('console', (message) => {
        // Asking who one is, while one is nobody, is answered with 401; browsers report that as an error.
        const expected = message.location().url.endsWith('/api/me');
        if (message.type() === 'error' && !expected) complain(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => complain(`page: ${error.message}`));
      const complain = (text) => {
        faults += 1;
        console.error(`✗ ${name}: ${text}`);
      };
      await page.goto(base + path, { waitUntil: 'load' });
      await page.waitForSelector('h1', { timeout: 20_000 }).catch(() => complain('no h1 appeared'));
      await page.waitForLoadState('networkidle').catch(() => {});
      await page.waitForTimeout(250);
      await page.screenshot({ path: `${name}.png`, fullPage: process.env.FULL !== '0' });
      const overflow = (await page.evaluate(() => document.documentElement.scrollWidth)) - width;
      if (overflow > 0) complain(`wider than the screen by ${overflow} pixels`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        window.axe.run(document, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        }),
      );
      for (const violation of violations) {
        complain(`axe ${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(' | ')}`);
      }
      console.log(`${name}.png`);
      await context.close();
    }
  }
}
await browser.close();
await server?.close();
process.exit(faults > 0 ? 1 : 0);
