// What every test gets: a server of its worker, people who are signed in, and a page that may not complain.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import en from '../../../frontend/src/lib/i18n/en/index.ts';
import zhHans from '../../../frontend/src/lib/i18n/zh-Hans/index.ts';
import zhHant from '../../../frontend/src/lib/i18n/zh-Hant/index.ts';
import { Server } from './server';

export { expect };

export const LANGUAGES = ['zh-Hans', 'zh-Hant', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
/** The site's own texts, so that a test presses the button a reader sees. */
export const words = { 'zh-Hans': zhHans, 'zh-Hant': zhHant, en };

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

export interface DemoPerson {
  person_id: string;
  name: string;
  part: Record<Language, string | null>;
  email: string;
}

export const test = base.extend<{ stage: Stage }, { alone: boolean; server: Server }>({
  /** The tests kill the server or move its clock: they have one of their own. */
  alone: [false, { option: true, scope: 'worker' }],
  server: [
    async ({ alone }, use) => {
      const shared = process.env.SHARED_SERVER;
      const server = alone || !shared ? await Server.demo() : Server.at(shared);
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  stage: async ({ browser, server }, use) => {
    const stage = new Stage(browser, server);
    await use(stage);
    await stage.end();
  },
});

/** Browsers side by side, each with a person in it. */
export class Stage {
  private contexts: BrowserContext[] = [];
  /** What pages complained of: errors in scripts, refusals by the policy, requests that failed. Empty at the end of a test. */
  readonly complaints: string[] = [];
  /** The test takes the network or the server away: the browser then tells of what could not be reached. */
  linesMayFail = false;
  /** Answers of 400 and more that belong to what is done, as `POST /api/bookings 409`. Who is not signed in asks who they are. */
  readonly refusals: RegExp[] = [/^GET \/api\/me 401$/];

  constructor(
    private readonly browser: Browser,
    readonly server: Server,
  ) {}

  /** A fresh browser that nobody is signed in on. */
  async visitor(language: Language = 'en', viewport = DESKTOP): Promise<Page> {
    const context = await this.browser.newContext({
      baseURL: this.server.url,
      viewport,
      locale: language === 'en' ? 'en-GB' : language === 'zh-Hans' ? 'zh-CN' : 'zh-HK',
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
      hasTouch: viewport.width < 600,
    });
    this.contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      if (this.linesMayFail && message.text().startsWith('WebSocket connection to')) return;
      // The browser itself reports answers of 4xx as errors; they are looked at below.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        this.complaints.push(`${page.url()}: ${message.text()}`);
      }
    });
    page.on('response', (answer) => {
      const told = `${answer.request().method()} ${new URL(answer.url()).pathname} ${answer.status()}`;
      if (answer.status() < 400 || this.refusals.some((one) => one.test(told))) return;
      this.complaints.push(`${page.url()}: ${told}`);
    });
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      // What was under way when the page was left is given up, and a download is no page.
      if (this.linesMayFail || why === 'net::ERR_ABORTED') return;
      this.complaints.push(`${page.url()}: ${request.method()} ${request.url()}: ${why}`);
    });
    return page;
  }

  async demoPeople(): Promise<DemoPerson[]> {
    const answer = await fetch(`${this.server.url}/api/demo/people`);
    return (await answer.json()) as DemoPerson[];
  }

  /** A browser with one of the demo's people signed in, found by a part of their English role. */
  async person(part: string, language: Language = 'en', viewport = DESKTOP): Promise<Page> {
    const people = await this.demoPeople();
    const found = people.find((person) => person.part.en?.toLowerCase().includes(part.toLowerCase()));
    if (!found)
      throw new Error(`nobody in the demo is "${part}": ${people.map((person) => person.part.en).join(' · ')}`);
    const page = await this.visitor(language, viewport);
    const answer = await page.context().request.post(`${this.server.url}/api/demo/sign-in`, {
      data: { person_id: found.person_id },
      headers: { origin: this.server.url },
    });
    expect(answer.ok(), await answer.text()).toBe(true);
    return page;
  }

  /** The newest letter to an address whose subject matches. */
  async letter(email: string, subject: RegExp): Promise<{ subject: string; text: string; calendar: string | null }> {
    for (let tries = 0; tries < 50; tries++) {
      const list = await fetch(`${this.server.url}/api/demo/letters?email=${encodeURIComponent(email)}`);
      const { items } = (await list.json()) as {
        items: { id: string; subject: string }[];
      };
      const found = items.find((letter) => subject.test(letter.subject));
      if (found) {
        const answer = await fetch(`${this.server.url}/api/demo/letters/${found.id}`);
        return (await answer.json()) as {
          subject: string;
          text: string;
          calendar: string | null;
        };
      }
      await new Promise((done) => setTimeout(done, 200));
    }
    throw new Error(`no letter to ${email} with a subject like ${subject}`);
  }

  async end(): Promise<void> {
    await Promise.all(this.contexts.map((context) => context.close()));
    expect(this.complaints).toEqual([]);
  }
}

/** Nothing that a rule of WCAG 2.2 A and AA can find. */
export async function expectAccessible(page: Page): Promise<void> {
  await expectClean(page, new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']));
}

/** The same in dark colours, in which only contrasts differ. */
export async function expectReadableInTheDark(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  // On a busy machine the change takes a moment, in which there are dark letters on a dark ground; what is wrong stays wrong.
  await expect(() => expectClean(page, new AxeBuilder({ page }).withRules(['color-contrast']))).toPass({
    timeout: 10_000,
  });
  await page.emulateMedia({ colorScheme: 'light' });
}

async function expectClean(page: Page, axe: AxeBuilder): Promise<void> {
  const found = await axe.analyze();
  const told = found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.any.map((one) => one.message).join()}`),
  );
  expect(told, page.url()).toEqual([]);
}

/** The page is as wide as the window: nothing sticks out. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const sides = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(sides[0], `${page.url()} is wider than the window`).toBeLessThanOrEqual(sides[1]);
}

/** The page has finished loading what it shows first. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0);
}
