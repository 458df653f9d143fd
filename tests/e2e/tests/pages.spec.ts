// Every page, in every language, on a desktop and on a phone: it loads, nothing sticks out, nothing is inaccessible.
import { DESKTOP, LANGUAGES, PHONE, expect, expectAccessible, expectNoOverflow, settled, test } from '../src/test';

const PUBLIC = ['/', '/projects', '/sign-in', '/help', '/mailbox'];

for (const language of LANGUAGES) {
  for (const [name, viewport] of [['desktop', DESKTOP], ['phone', PHONE]] as const) {
    test(`public pages in ${language} on a ${name}`, async ({ stage }) => {
      const page = await stage.visitor(language, viewport);
      const sessions = (await (await page.request.get(`${stage.server.url}/api/sessions?when=all`)).json()) as { items: { id: string }[] };
      for (const path of [...PUBLIC, ...sessions.items.map((session) => `/sessions/${session.id}`)]) {
        await page.goto(path);
        await expect(page.locator('h1')).toHaveCount(1);
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        await settled(page);
        await expectNoOverflow(page);
        await expectAccessible(page);
      }
    });
  }
}
