// Every page of the site, in every language, on a desktop and on a phone: it loads, it is in its language, nothing sticks
// out, nothing is inaccessible, in light and in dark.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { foreignText, Heard } from '../src/language';
import {
  DESKTOP,
  LANGUAGES,
  PHONE,
  expect,
  expectAccessible,
  expectNoOverflow,
  expectReadableInTheDark,
  settled,
  test,
  type Language,
} from '../src/test';

test.describe.configure({ mode: 'parallel' });

type Reader = 'visitor' | 'company' | 'centre' | 'operator';
const READERS: Record<Reader, string | null> = {
  visitor: null,
  company: 'director, beijing',
  centre: 'host of the session',
  operator: 'operator',
};

/** What stands for [id] in an address. */
interface Places {
  live: string;
  coming: string;
  past: string;
  project: string;
  centre: string;
  talk: string;
}

/** By the folder in src/routes: who looks at the page, and where. A page that is not here fails the test below. */
const PAGES: Record<string, Partial<Record<Reader, (at: Places) => string[]>>> = {
  '/': { visitor: () => ['/', '/nowhere'], company: () => ['/'] },
  '/account': { company: () => ['/account'] },
  '/centre': { centre: () => ['/centre'] },
  '/centre/interests': { centre: () => ['/centre/interests'] },
  '/centre/sessions/new': { centre: () => ['/centre/sessions/new'] },
  '/centres/[id]': { visitor: ({ centre }) => [`/centres/${centre}`] },
  '/company': { company: () => ['/company'] },
  '/company/members': { company: () => ['/company/members'] },
  '/company/new': { company: () => ['/company/new'] },
  '/help': { visitor: () => ['/help'] },
  '/interests': { company: () => ['/interests'] },
  '/invitation': { visitor: () => ['/invitation'] },
  '/mailbox': { visitor: () => ['/mailbox'] },
  '/messages': { company: () => ['/messages'], centre: () => ['/messages'] },
  '/operator': { operator: () => ['/operator'] },
  '/operator/audit': { operator: () => ['/operator/audit'] },
  '/operator/companies': { operator: () => ['/operator/companies'] },
  '/operator/letters': { operator: () => ['/operator/letters'] },
  '/operator/people': { operator: () => ['/operator/people'] },
  '/operator/sessions': { operator: () => ['/operator/sessions'] },
  '/projects': { visitor: () => ['/projects'] },
  '/projects/[id]': {
    visitor: ({ project }) => [`/projects/${project}`],
    company: ({ project }) => [`/projects/${project}`],
  },
  '/registrations': { company: () => ['/registrations'] },
  '/schedule': { company: () => ['/schedule'] },
  '/sessions/[id]': {
    visitor: ({ live, coming, past }) => [live, coming, past].map((id) => `/sessions/${id}`),
    company: ({ live }) => [`/sessions/${live}`],
  },
  '/sessions/[id]/desk': { centre: ({ live }) => [`/sessions/${live}/desk`] },
  '/sessions/[id]/desk/agenda': {
    centre: ({ live }) => [`/sessions/${live}/desk/agenda`],
  },
  '/sessions/[id]/desk/bookings': {
    centre: ({ live }) => [`/sessions/${live}/desk/bookings`],
  },
  '/sessions/[id]/desk/desks': {
    centre: ({ live }) => [`/sessions/${live}/desk/desks`],
  },
  '/sessions/[id]/desk/registrations': {
    centre: ({ live }) => [`/sessions/${live}/desk/registrations`],
  },
  '/sessions/[id]/desk/settings': {
    centre: ({ live }) => [`/sessions/${live}/desk/settings`],
  },
  '/sessions/[id]/hall': {
    company: ({ live }) => [`/sessions/${live}/hall`],
    centre: ({ live }) => [`/sessions/${live}/hall`],
  },
  '/sessions/[id]/register': {
    company: ({ live, coming }) => [live, coming].map((id) => `/sessions/${id}/register`),
  },
  '/sessions/[id]/report': {
    centre: ({ live }) => [`/sessions/${live}/report`],
    operator: ({ past }) => [`/sessions/${past}/report`],
  },
  '/sessions/[id]/timetable': {
    company: ({ live }) => [`/sessions/${live}/timetable`],
    operator: ({ coming }) => [`/sessions/${coming}/timetable`],
  },
  '/sign-in': { visitor: () => ['/sign-in'] },
  '/sign-in/link': { visitor: () => ['/sign-in/link'] },
  '/talks/[booking]': { company: ({ talk }) => [`/talks/${talk}`] },
  '/unsubscribe': { visitor: () => ['/unsubscribe'] },
};

const ROUTES = join(dirname(fileURLToPath(import.meta.url)), '../../../frontend/src/routes');

test('every page of the site is looked at', () => {
  const files = readdirSync(ROUTES, { recursive: true, encoding: 'utf8' }).map((file) => `/${file}`);
  const pages = files.filter((file) => file.endsWith('/+page.svelte'));
  const routes = pages.map((file) => file.replace(/\/\+page\.svelte$/, '') || '/');
  expect(Object.keys(PAGES).sort()).toEqual(routes.sort());
});

/** Where each page is looked at in the dark, too. */
const DARK: Language = 'en';

for (const language of LANGUAGES) {
  for (const [size, viewport] of [
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ] as const) {
    for (const reader of Object.keys(READERS) as Reader[]) {
      test(`pages of a ${reader} in ${language} on a ${size}`, async ({ stage }) => {
        test.setTimeout(240_000);
        // A page that does not exist, and an address that leads nowhere, say so.
        stage.refusals.push(/^GET \/nowhere 404$/);
        const part = READERS[reader];
        const page = part ? await stage.person(part, language, viewport) : await stage.visitor(language, viewport);
        const heard = new Heard(page);
        const at = await places(page, reader);
        const paths = Object.values(PAGES).flatMap((looks) => looks[reader]?.(at) ?? []);
        for (const path of paths) {
          await test.step(path, async () => {
            await page.goto(path);
            await settled(page);
            await expect(page.locator('html')).toHaveAttribute('lang', language);
            await expectNoOverflow(page);
            await expectAccessible(page);
            if (language === DARK) await expectReadableInTheDark(page);
            expect(await foreignText(page, language, heard), `${path}: text in another language`).toEqual([]);
          });
        }
      });
    }
  }
}

async function places(page: Page, reader: Reader): Promise<Places> {
  const read = async (path: string) => (await page.request.get(path)).json() as Promise<unknown>;
  const first = async (path: string) => ((await read(path)) as { items: { id: string }[] }).items[0]?.id ?? '';
  const live = await first('/api/sessions?when=live');
  const timetable =
    reader === 'company'
      ? ((await read(`/api/sessions/${live}/timetable`)) as {
          mine: { id: string }[];
        })
      : null;
  return {
    live,
    coming: await first('/api/sessions?when=upcoming'),
    past: await first('/api/sessions?when=past'),
    project: await first('/api/opportunities?limit=1'),
    centre: ((await read('/api/centres')) as { items: { id: string }[] }).items[0]?.id ?? '',
    talk: timetable?.mine[0]?.id ?? '',
  };
}
