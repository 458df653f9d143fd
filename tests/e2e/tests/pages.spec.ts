// Every page, in every language, on a desktop and on a phone: it loads, nothing sticks out, nothing is inaccessible.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import {
  DESKTOP,
  LANGUAGES,
  PHONE,
  expect,
  expectAccessible,
  expectNoOverflow,
  settled,
  test,
  words,
  type Language,
} from '../src/test';

test.describe.configure({ mode: 'parallel' });

const PUBLIC = ['/', '/projects', '/sign-in', '/help', '/mailbox'];
/** The language in which the pages of those who are signed in are gone through. */
const SIGNED_IN: Language = 'zh-Hans';
const COMPANY = ['/schedule', '/company', '/company/members', '/company/new', '/registrations', '/interests', '/messages', '/account'];
const CENTRE = ['/centre', '/centre/sessions/new', '/messages'];
const OPERATOR = ['', '/companies', '/people', '/sessions', '/letters', '/audit'].map((part) => `/operator${part}`);
const DESK = ['', '/registrations', '/bookings', '/agenda', '/desks', '/settings'].map((part) => `/desk${part}`);

for (const language of LANGUAGES) {
  for (const [name, viewport] of [['desktop', DESKTOP], ['phone', PHONE]] as const) {
    test(`public pages in ${language} on a ${name}`, async ({ stage }) => {
      const page = await stage.visitor(language, viewport);
      const [project] = await items(page, '/api/opportunities?limit=1');
      const [centre] = (await (await page.request.get('/api/centres')).json()) as { id: string }[];
      const sessions = (await items(page, '/api/sessions?when=all')).map((session) => `/sessions/${session}`);
      await look(page, language, [...PUBLIC, ...sessions, `/projects/${project}`, `/centres/${centre?.id}`, '/nowhere']);
    });

    if (language !== SIGNED_IN) continue;

    test(`a company's pages in ${language} on a ${name}`, async ({ stage }) => {
      const page = await stage.person('director, beijing', language, viewport);
      const [live] = await items(page, '/api/sessions?when=live');
      const { mine } = (await (await page.request.get(`/api/sessions/${live}/timetable`)).json()) as { mine: { id: string }[] };
      const session = ['', '/register', '/timetable', '/hall'].map((part) => `/sessions/${live}${part}`);
      await look(page, language, [...COMPANY, ...session, ...mine.map((talk) => `/talks/${talk.id}`)]);
    });

    test(`a centre's pages in ${language} on a ${name}`, async ({ stage }) => {
      const page = await stage.person('host of the session', language, viewport);
      const [live] = await items(page, '/api/sessions?when=live');
      const session = [...DESK, '/hall', '/timetable', '/report'].map((part) => `/sessions/${live}${part}`);
      await look(page, language, [...CENTRE, ...session]);
    });

    test(`the operator's pages in ${language} on a ${name}`, async ({ stage }) => {
      const page = await stage.person('operator', language, viewport);
      const [past] = await items(page, '/api/sessions?when=past');
      await look(page, language, [...OPERATOR, `/sessions/${past}/report`]);
    });
  }
}

test('the report of a session is on its page and in files', async ({ stage }) => {
  // In the operator's own language: files are written in that of the account.
  const { report } = words['zh-Hans'];
  const page = await stage.person('operator', 'zh-Hans');
  const [past] = await items(page, '/api/sessions?when=past');
  await page.goto(`/sessions/${past}/report`);
  await expect(page.getByRole('heading', { level: 1, name: report.title })).toBeVisible();
  const talks = page.getByRole('table', { name: report.talks }).getByRole('row');
  await expect(talks).not.toHaveCount(0);
  const company = await page.getByRole('table', { name: report.companies }).getByRole('rowheader').first().innerText();

  const csv = (await saved(page, 'CSV')).toString('utf8');
  expect(csv).toContain(company.split('\n')[0]);
  const xlsx = await saved(page, 'XLSX');
  expect(xlsx.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
});

/** Goes through the pages; each is whole, in its language, inside its window, and open to everybody. */
async function look(page: Page, language: Language, paths: string[]): Promise<void> {
  test.setTimeout(180_000);
  for (const path of paths) {
    await test.step(path, async () => {
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      await settled(page);
      await expectNoOverflow(page);
      await expectAccessible(page);
    });
  }
}

/** The ids in a list of the interface. */
async function items(page: Page, path: string): Promise<string[]> {
  const answer = (await (await page.request.get(path)).json()) as { items: { id: string }[] };
  return answer.items.map((one) => one.id);
}

/** What a link to a file saves. */
async function saved(page: Page, link: string): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: link, exact: true }).click();
  return readFile(await (await download).path());
}
