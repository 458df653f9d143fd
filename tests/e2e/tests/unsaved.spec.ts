// What somebody has written is not lost by a wrong press: pages and dialogs ask once. And what a company has said stays to be
// seen where it was said.
import type { Page } from '@playwright/test';
import { textIn } from '../src/steps';
import { expect, test, words } from '../src/test';

const { desk, hall, ui, projects, interests, company: companies, common, site } = words.en;

test('a page with something unsaved is left only when that is meant', async ({ stage }) => {
  const host = await stage.person('host of the session');
  const session = await coming(host);
  await host.goto(`/sessions/${session}/desk`);
  const tab = (name: string) => host.getByRole('link', { name: new RegExp(`^${name}`) });
  await tab(desk.tabs.agenda).click();
  const title = textIn(host.getByRole('region', { name: desk.agenda.item(1), exact: true }), desk.agenda.itemTitle);
  const question = host.getByRole('dialog', { name: ui.unsaved.title });

  // Nothing is written: nothing is asked.
  await tab(desk.tabs.settings).click();
  await expect(host).toHaveURL(/settings$/);
  await tab(desk.tabs.agenda).click();

  await title.fill('Words that took a while');
  await tab(desk.tabs.settings).click();
  await question.getByRole('button', { name: ui.unsaved.stay }).click();
  await expect(host).toHaveURL(/agenda$/);
  await expect(title).toHaveValue('Words that took a while');

  // The browser's own way back asks as well, and so does closing the tab.
  await host.goBack();
  await expect(question).toBeVisible();
  await host.keyboard.press('Escape');
  await expect(title).toHaveValue('Words that took a while');
  const asked = host.waitForEvent('dialog');
  const reload = host.reload();
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.accept();
  await reload;
  // What stands there now may be another's by now, but is not what was typed.
  await expect(title).toHaveValue(/.+/);
  await expect(title).not.toHaveValue(/^Words that/);

  await title.fill('Words that nobody needs');
  await tab(desk.tabs.settings).click();
  await question.getByRole('button', { name: ui.unsaved.leave }).click();
  await expect(host).toHaveURL(/settings$/);
  await tab(desk.tabs.agenda).click();
  await expect(title).toHaveValue(/.+/);
  await expect(title).not.toHaveValue(/^Words that/);
});

test('a form that was put aside or saved asks nothing', async ({ stage }) => {
  const director = await stage.person('director, beijing');
  await director.goto('/company');
  await director.getByRole('button', { name: companies.page.edit, exact: true }).click();
  const website = director.getByLabel(companies.form.website, { exact: false });
  await website.fill('https://lingfeng.example/visit');
  await director.getByRole('button', { name: common.cancel, exact: true }).click();
  await director.getByRole('link', { name: site.projects, exact: true }).first().click();
  await expect(director).toHaveURL(/\/projects$/);
});

test('a dialog with something typed asks before it closes', async ({ stage }) => {
  const host = await stage.person('host of the session');
  await host.goto(`/sessions/${await live(host)}/hall`);
  await host.getByRole('button', { name: hall.pinNotice, exact: true }).click();
  const dialog = host.getByRole('dialog', { name: hall.pinNotice });
  await textIn(dialog, hall.noticeText).fill('Half a sentence');
  await host.keyboard.press('Escape');
  await expect(dialog.getByText(ui.unsaved.dialog)).toBeVisible();
  await dialog.getByRole('button', { name: ui.unsaved.stay }).click();
  await expect(textIn(dialog, hall.noticeText)).toHaveValue('Half a sentence');
  await dialog.getByRole('button', { name: common.close, exact: true }).click();
  await dialog.getByRole('button', { name: ui.unsaved.drop }).click();
  await expect(dialog).toHaveCount(0);
});

test('an opportunity shows what one’s own company has registered, to be changed and withdrawn there', async ({
  stage,
}) => {
  const director = await stage.person('director, beijing');
  const list = (await (await director.request.get('/api/opportunities?limit=20')).json()) as { items: { id: string }[] };
  // One that no other test registers interest in.
  const project = list.items[list.items.length - 1]!.id;
  await director.goto(`/projects/${project}`);
  await director.getByRole('button', { name: projects.interest, exact: true }).click();
  const form = director.getByRole('dialog', { name: projects.interestTitle });
  await form.getByLabel(projects.noteLabel, { exact: false }).fill('A plot beside the railway');
  await form.getByRole('button', { name: projects.submit, exact: true }).click();
  const own = director.getByRole('region', { name: interests.youRegistered });
  await expect(own.getByText('A plot beside the railway')).toBeVisible();
  await expect(director.getByRole('button', { name: projects.interest, exact: true })).toHaveCount(0);

  await own.getByRole('button', { name: interests.change, exact: true }).click();
  await form.getByLabel(projects.noteLabel, { exact: false }).fill('A plot beside the motorway');
  await form.getByRole('button', { name: common.save, exact: true }).click();
  await expect(own.getByText('A plot beside the motorway')).toBeVisible();

  await own.getByRole('button', { name: interests.withdraw, exact: true }).click();
  const sure = director.getByRole('dialog', { name: interests.withdrawTitle });
  await sure.getByRole('button', { name: interests.withdraw, exact: true }).click();
  await expect(own).toHaveCount(0);
  await expect(director.getByRole('button', { name: projects.interest, exact: true })).toBeVisible();
});

const live = (page: Page) => first(page, 'live');
const coming = (page: Page) => first(page, 'upcoming');

/** The first session of a kind that the reader's centre hosts. */
async function first(page: Page, when: string): Promise<string> {
  const me = (await (await page.request.get('/api/me')).json()) as { memberships: { organisation: { id: string } }[] };
  const host = me.memberships[0]!.organisation.id;
  const answer = await page.request.get(`/api/sessions?when=${when}&host=${host}`);
  return ((await answer.json()) as { items: { id: string }[] }).items[0]!.id;
}
