// Everything by keyboard alone: a centre creates and publishes a session, a company signs in, registers, books, moves and cancels,
// the centre approves and moves the agenda on, both write in the hall and in the talk room. Whatever has the focus shows it;
// dialogs keep it and give it back.
import type { Page } from '@playwright/test';
import { Keyboard } from '../src/keyboard';
import { codeIn, companyNumber, inDays, line, textIn } from '../src/steps';
import { expect, settled, test, words, type Stage } from '../src/test';

test.use({ alone: true });

const text = words.en;
const THEME = 'Yanting by keyboard';
const DESK = 'Keyboards and parts';
const COMPANY = 'Tastatur GmbH';
const EMAIL = 'keyboard@company.example';
const MINUTE = 60_000;

test('a session from its publication to its talk by keyboard alone', async ({ stage }) => {
  test.setTimeout(300_000);
  stage.refusals.push(/^GET \/api\/companies\/lookup 404$/);
  const host = new Keyboard(await stage.person('host of the session'));
  const guest = new Keyboard(await stage.visitor());
  const session = await test.step('the centre creates and publishes', () => publish(host));
  await test.step('the company signs in and registers', () => register(stage, guest, session));
  await test.step('the centre approves', () => approve(host, session));
  const talk = await test.step('the company books, moves, cancels and books again', () => book(guest, session));
  await stage.server.goTo(talk.hall + MINUTE);
  await test.step('both are in the hall', () => meetInTheHall(host, guest, session));
  await stage.server.goTo(talk.startsAt - 4 * MINUTE);
  await test.step('both are in the talk room', () => meetInTheRoom(host, guest, talk.id));
});

async function publish(host: Keyboard): Promise<string> {
  const { page } = host;
  const { desk, common, site } = text;
  await page.goto('/');
  await settled(page);
  await test.step('the first stop leads past the header', async () => {
    const skip = page.getByRole('link', { name: site.skip, exact: true });
    await page.keyboard.press('Tab');
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
  });

  await page.goto('/centre');
  await host.press(page.getByRole('link', { name: desk.newSession }));
  await expect(page.getByRole('heading', { level: 1, name: desk.create.title })).toBeVisible();
  await host.fill(textIn(page, desk.create.theme), THEME);
  await host.fillDateTime(page.getByLabel(desk.create.start), [inDays(10), '15:00']);
  await host.press(page.getByRole('button', { name: desk.create.submit }));
  await page.waitForURL(/\/sessions\/[^/]+\/desk$/);
  const path = new URL(page.url()).pathname.replace(/\/desk$/, '');

  await host.press(page.getByRole('link', { name: desk.overview.check.desks, exact: true }));
  const add = page.getByRole('button', { name: desk.desks.add, exact: true }).first();
  await host.press(add);
  const dialog = page.getByRole('dialog', { name: desk.desks.add });
  await host.expectTrap(dialog);
  await host.escape(dialog, add);
  await page.keyboard.press('Enter');
  await host.fill(textIn(dialog, desk.desks.name), DESK);
  const staff = dialog.getByRole('group', { name: desk.desks.staff, exact: true }).getByRole('checkbox').first();
  await host.press(staff, 'Space');
  await expect(staff).toBeChecked();
  await host.press(dialog.getByRole('button', { name: common.save, exact: true }));
  await expect(page.getByRole('heading', { name: DESK }).first()).toBeVisible();
  await host.press(page.getByRole('button', { name: desk.desks.gridSave, exact: true }));
  await expect(page.getByRole('heading', { name: desk.desks.slots, exact: true })).toBeVisible();

  await host.press(page.getByRole('link', { name: desk.tabs.overview, exact: true }));
  const publishing = page.getByRole('button', { name: desk.overview.to.published, exact: true });
  await expect(publishing).toBeEnabled();
  await host.press(publishing);
  const sure = page.getByRole('dialog', { name: desk.overview.to.published });
  await host.press(sure.getByRole('button', { name: desk.overview.to.published, exact: true }));
  await expect(page.getByText(desk.overview.done)).toBeVisible();
  return path;
}

async function register(stage: Stage, guest: Keyboard, session: string): Promise<void> {
  const { page } = guest;
  const { account, company, register: words, sessions, common } = text;
  await page.goto(session);
  await guest.press(page.getByRole('link', { name: sessions.signInToRegister }));
  await guest.fill(page.getByLabel(account.signIn.email, { exact: true }), EMAIL);
  await page.keyboard.press('Enter');
  const letter = await stage.letter(EMAIL, /^Please verify your e-mail address/);
  await guest.to(page.getByLabel(account.signIn.code, { exact: true }));
  await page.keyboard.type(codeIn(letter.text));
  await page.waitForURL(/\/account\?/);
  await guest.fill(page.getByLabel(account.settings.familyName, { exact: true }), 'Taste');
  await guest.fill(page.getByLabel(account.settings.givenName, { exact: true }), 'Tina');
  await page.keyboard.press('Enter');

  await guest.press(page.getByRole('link', { name: words.createCompany }));
  await guest.choose(page.getByLabel(company.form.kind), 'foreign_reg');
  await guest.fill(page.getByLabel(company.form.value, { exact: true }), companyNumber('foreign_reg'));
  await guest.fill(textIn(page, company.form.name), COMPANY);
  await expect(page.getByText(company.form.fits)).toBeVisible();
  await guest.press(page.getByRole('group', { name: company.form.sectors }).getByRole('checkbox').first(), 'Space');
  await guest.press(page.getByRole('button', { name: company.new.submit }));
  await expect(page.getByRole('heading', { name: COMPANY }).first()).toBeVisible();

  await page.goto(`${session}/register`);
  const consent = page.getByRole('region', { name: words.consent.title }).getByRole('checkbox');
  await guest.press(consent, 'Space');
  await expect(consent).toBeChecked();
  await guest.press(page.getByRole('button', { name: words.review, exact: true }));
  await guest.press(page.getByRole('button', { name: words.send, exact: true }));
  await expect(page.getByText(words.state.registered)).toBeVisible();
  await expect(page.getByRole('button', { name: common.save, exact: true })).toHaveCount(0);
}

async function approve(host: Keyboard, session: string): Promise<void> {
  const { page } = host;
  const { registrations } = text.desk;
  await page.goto(`${session}/desk/registrations`);
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: COMPANY }) });
  await host.press(card.getByRole('button', { name: registrations.approve, exact: true }));
  const dialog = page.getByRole('dialog', { name: registrations.approve });
  await host.expectTrap(dialog);
  await host.press(dialog.getByRole('button', { name: registrations.approve, exact: true }));
  await expect(page.getByText(registrations.done(1))).toBeVisible();
}

/** The talk that stands at the end. */
async function book(guest: Keyboard, session: string): Promise<{ id: string; startsAt: number; hall: number }> {
  const { page } = guest;
  const { booking, ui } = text;
  await page.goto(`${session}/timetable`);
  const grid = page.getByRole('grid', { name: ui.timetable.label });
  const place = (row: number) => grid.locator(`[data-place="${row}-0"]`);
  await test.step('one cell is in the tab order, arrows lead to the others', async () => {
    await guest.to(place(0));
    await page.keyboard.press('ArrowDown');
    await expect(place(1)).toBeFocused();
    await guest.expectVisibleFocus();
    await page.keyboard.press('Tab');
    expect(await grid.evaluate((element) => element.contains(document.activeElement))).toBe(false);
    await page.keyboard.press('Shift+Tab');
    await expect(place(1)).toBeFocused();
  });
  const dialog = page.getByRole('dialog');
  await page.keyboard.press('Enter');
  await guest.expectTrap(dialog);
  await guest.escape(dialog, place(1));
  await bookHere();

  const mine = page.getByRole('region', { name: booking.mine.title });
  await guest.press(mine.getByRole('button', { name: booking.mine.move, exact: true }));
  await guest.to(place(1));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await guest.press(dialog.getByRole('button', { name: booking.move.submit, exact: true }));
  await expect(dialog.getByText(booking.done.movedText)).toBeVisible();
  await guest.press(dialog.getByRole('button', { name: booking.done.more, exact: true }));

  const cancel = mine.getByRole('button', { name: booking.mine.cancel, exact: true });
  await guest.press(cancel);
  const sure = page.getByRole('dialog', { name: booking.cancel.title });
  await guest.escape(sure, cancel);
  await page.keyboard.press('Enter');
  await guest.press(sure.getByRole('radio').first(), 'Space');
  await guest.press(sure.getByRole('button', { name: booking.cancel.submit, exact: true }));
  await expect(page.getByText(booking.cancel.done)).toBeVisible();

  await guest.to(place(2));
  await bookHere();
  return talkOf(page, session);

  async function bookHere(): Promise<void> {
    await page.keyboard.press('Enter');
    await guest.fill(dialog.getByLabel(booking.slot.subject), 'Keys');
    await guest.press(dialog.getByRole('button', { name: booking.slot.bookNow, exact: true }));
    await expect(dialog.getByText(booking.done.confirmedText)).toBeVisible();
    await guest.press(dialog.getByRole('button', { name: booking.done.more, exact: true }));
    await expect(dialog).toHaveCount(0);
  }
}

async function talkOf(page: Page, session: string): Promise<{ id: string; startsAt: number; hall: number }> {
  const read = async (path: string) => (await page.request.get(path)).json() as Promise<unknown>;
  const { mine } = (await read(`/api${session}/timetable`)) as {
    mine: { id: string; state: string; starts_at: string }[];
  };
  const talk = mine.find((one) => one.state === 'confirmed');
  if (!talk) throw new Error('the company has no talk');
  const { starts_at } = (await read(`/api${session}`)) as { starts_at: string };
  return { id: talk.id, startsAt: Date.parse(talk.starts_at), hall: Date.parse(starts_at) };
}

async function meetInTheHall(host: Keyboard, guest: Keyboard, session: string): Promise<void> {
  const { hall } = text;
  for (const { page } of [host, guest]) {
    await page.goto(`${session}/hall`);
    await expect(page.getByText(hall.connected, { exact: true })).toBeVisible({ timeout: 30_000 });
  }
  await host.press(host.page.getByRole('button', { name: hall.begin, exact: true }));
  await host.press(host.page.getByRole('button', { name: hall.moveOn, exact: true }));
  await expect(host.page.getByRole('button', { name: hall.moveBack, exact: true })).toBeVisible();
  await say(guest, hall.chat, 'Typed and sent without a mouse');
  await expect(line(host.page, 'Typed and sent without a mouse')).toBeVisible();
  await test.step('parts of the hall are one stop, arrows lead from one to the next', async () => {
    const { page } = guest;
    await guest.to(page.getByRole('tab', { name: hall.questions }));
    await page.keyboard.press('ArrowRight');
    const people = page.getByRole('tab', { name: hall.people });
    await expect(people).toBeFocused();
    await expect(people).toHaveAttribute('aria-selected', 'true');
  });
}

async function meetInTheRoom(host: Keyboard, guest: Keyboard, talk: string): Promise<void> {
  const { booking, talk: room } = text;
  await guest.page.goto('/schedule');
  await guest.press(guest.page.getByRole('link', { name: booking.schedule.enterTalk, exact: true }));
  await guest.page.waitForURL(new RegExp(`/talks/${talk}$`));
  await host.page.goto(`/talks/${talk}`);
  for (const { page } of [host, guest]) await expect(page.getByText(room.bothHere)).toBeVisible();
  const other = await guest.page.getByRole('heading', { level: 1 }).innerText();
  await say(guest, room.chatWith(other.trim()), 'Typed in the talk room');
  await expect(line(host.page, 'Typed in the talk room')).toBeVisible();
}

/** Enter sends. */
async function say(who: Keyboard, where: string, said: string): Promise<void> {
  const { page } = who;
  const conversation = page.getByRole('region', { name: where, exact: true });
  await who.to(conversation.getByRole('textbox', { name: where, exact: true }));
  await page.keyboard.type(said);
  await page.keyboard.press('Enter');
}
