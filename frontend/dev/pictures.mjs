// Makes the pictures of the README (docs/pictures) from a running demo: `BASE=http://127.0.0.1:8080 npm run pictures`.
// Start the demo anew before: what was pressed in it is in the pictures.
import { chromium } from 'playwright-core';

const BASE = process.env.BASE ?? 'http://127.0.0.1:8080';
const INTO = process.env.INTO ?? '../docs/pictures';
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const people = await read('/api/demo/people');
const [live] = (await read('/api/sessions?when=live')).items;
const [past] = (await read('/api/sessions?when=past')).items;
const series = (await read('/api/sessions?when=upcoming&limit=100')).items.sort((a, b) => b.desks - a.desks)[0];
const timetable = `/sessions/${series.id}/timetable`;

const host = await person('host of the session', 'zh-CN');
await show(host, `/sessions/${live.id}/hall`, 'hall');
await show(host, `/sessions/${live.id}/desk`, 'desk');
const company = await person('director, beijing', 'zh-CN');
await show(company, `/sessions/${series.id}`, 'session');
await show(company, timetable, 'timetable');
// A session that is over is its lead's to report on.
const lead = await person('operator of the platform', 'zh-CN');
await show(lead, `/sessions/${past.id}/report`, 'report');
const guest = await person('director, rheintal', 'en-GB');
const talks = await (await guest.request.get(`${BASE}/api/sessions/${live.id}/timetable`)).json();
await show(guest, `/talks/${talks.mine[0].id}`, 'talk');
await phones([
  [`/sessions/${live.id}/hall`, 'light'],
  [timetable, 'light'],
  ['/schedule', 'dark'],
]);
await browser.close();

async function read(path) {
  return (await fetch(BASE + path)).json();
}

/** A page of somebody of the demo, found by a part of their English role. */
async function person(part, locale, viewport = DESKTOP, colorScheme = 'light', deviceScaleFactor = 1) {
  const { person_id } = people.find((one) => one.part.en?.toLowerCase().includes(part));
  const context = await browser.newContext({
    baseURL: BASE,
    viewport,
    locale,
    colorScheme,
    deviceScaleFactor,
    timezoneId: locale === 'en-GB' ? 'Europe/Berlin' : 'Asia/Shanghai',
    reducedMotion: 'reduce',
  });
  const signedIn = await context.request.post('/api/demo/sign-in', { data: { person_id }, headers: { origin: BASE } });
  if (!signedIn.ok()) throw new Error(await signedIn.text());
  return context.newPage();
}

async function settled(page, path) {
  await page.goto(path);
  await page.waitForSelector('h1');
  await page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'));
  // The socket brings the rest.
  await page.waitForTimeout(1500);
}

async function show(page, path, name) {
  await settled(page, path);
  await page.screenshot({ path: `${INTO}/${name}.png` });
}

/** Three telephones side by side. */
async function phones(looks) {
  const shots = [];
  for (const [path, scheme] of looks) {
    const page = await person('director, beijing', 'zh-CN', PHONE, scheme, 1.5);
    await settled(page, path);
    shots.push((await page.screenshot()).toString('base64'));
    await page.context().close();
  }
  const board = await browser.newPage({ viewport: { width: 1795, height: 1266 } });
  await board.setContent(
    `<style>body{margin:0;display:flex;gap:20px;background:#fff}img{width:585px;height:1266px}</style>` +
      shots.map((shot) => `<img src="data:image/png;base64,${shot}">`).join(''),
  );
  await board.waitForTimeout(300);
  await board.screenshot({ path: `${INTO}/phone.png` });
}
