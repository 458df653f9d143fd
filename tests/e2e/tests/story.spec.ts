// The way of a session from its run sheet to a moved talk: a centre prepares and publishes it, a company that nobody
// knew before signs in, registers, is approved, books, gets its letter and moves the talk.
import type { Page } from '@playwright/test';
import { calendarNumber, companyNumber, inDays, linkIn, signInByCode, textIn } from '../src/steps';
import { DESKTOP, PHONE, expect, expectNoOverflow, test, words, type Language, type Stage } from '../src/test';

interface Cast {
  /** The day, each its own: the people of a centre sit at one desk at a time. */
  inDays: number;
  kind: 'uscc' | 'hk_br' | 'foreign_reg';
  theme: string;
  desk: string;
  company: string;
  family: string;
  given: string;
  subject: string;
  letters: { code: RegExp; approved: RegExp; confirmed: RegExp; moved: RegExp };
}

const CASTS: Record<Language, Cast> = {
  'zh-Hans': {
    inDays: 7,
    kind: 'uscc',
    theme: '盐亭县食品加工专场推介会',
    desk: '食品加工席',
    company: '成都川北粮油加工有限公司',
    family: '沈',
    given: '知夏',
    subject: '挂面生产线的用地和用工',
    letters: { code: /验证码/, approved: /^报名已通过/, confirmed: /^洽谈已确认/, moved: /^洽谈时间变更/ },
  },
  'zh-Hant': {
    inDays: 8,
    kind: 'hk_br',
    theme: '鹽亭縣綠色農業專場推介會',
    desk: '綠色農業席',
    company: '港蜀綠色農業有限公司',
    family: '梁',
    given: '詠詩',
    subject: '溫室種植的合作方式',
    letters: { code: /驗證碼/, approved: /^報名已通過/, confirmed: /^洽談已確認/, moved: /^洽談時間變更/ },
  },
  en: {
    inDays: 9,
    kind: 'foreign_reg',
    theme: 'Yanting for makers of machines',
    desk: 'Machines and parts',
    company: 'Niederrhein Getriebe GmbH',
    family: 'Lehmann',
    given: 'Britta',
    subject: 'A hall of 4,000 square metres for gearboxes',
    letters: { code: /sign-in code/, approved: /^Your sign-up is approved/, confirmed: /^Talk confirmed/, moved: /^Talk moved/ },
  },
};

const STAGES: [Language, string, typeof DESKTOP][] = [
  ['zh-Hans', 'desktop', DESKTOP],
  ['zh-Hant', 'phone', PHONE],
  ['en', 'desktop', DESKTOP],
];

for (const [language, name, viewport] of STAGES) {
  test(`from a run sheet to a moved talk, in ${language} on a ${name}`, async ({ stage }) => {
    test.setTimeout(180_000);
    const cast = CASTS[language];
    const host = await stage.person('host of the session', language, viewport);
    const session = await test.step('the centre prepares and publishes', () => publish(host, language, cast));

    const guest = await stage.visitor(language, viewport);
    const email = `story-${language.toLowerCase()}@company.example`;
    await test.step('the company comes and registers', () => register(stage, guest, language, cast, session, email));
    await test.step('the centre approves', () => approve(host, language, cast, session));
    await stage.letter(email, cast.letters.approved);

    await test.step('the company books', () => book(guest, language, cast, session));
    const booked = await stage.letter(email, cast.letters.confirmed);
    expect(booked.calendar).toContain('METHOD:REQUEST');
    expect(booked.text).toContain(cast.company);

    await test.step('the company moves the talk', () => move(guest, language, linkIn(booked.text)));
    const moved = await stage.letter(email, cast.letters.moved);
    expect(calendarNumber(moved.calendar)).toBeGreaterThan(calendarNumber(booked.calendar));
  });
}

/** A session from the first run sheet, with a desk and its slots; the answer is its path. */
async function publish(page: Page, language: Language, cast: Cast): Promise<string> {
  const { desk: text, common } = words[language];
  await page.goto('/centre');
  await page.getByRole('link', { name: text.newSession }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: text.create.title })).toBeVisible();
  await textIn(page, text.create.theme).fill(cast.theme);
  await page.getByLabel(text.create.start).fill(`${inDays(cast.inDays)}T15:00`);
  await page.getByRole('button', { name: text.create.submit }).click();
  await page.waitForURL(/\/sessions\/[^/]+\/desk$/);
  const path = new URL(page.url()).pathname.replace(/\/desk$/, '');

  // Not before everything is there: what is missing is said, and leads to where it is added.
  const publishing = page.getByRole('button', { name: text.overview.to.published, exact: true });
  await expect(publishing).toBeDisabled();
  await page.getByRole('link', { name: text.overview.check.desks, exact: true }).click();
  await page.getByRole('button', { name: text.desks.add, exact: true }).first().click();
  const dialog = page.getByRole('dialog', { name: text.desks.add });
  await textIn(dialog, text.desks.name).fill(cast.desk);
  await dialog.getByRole('group', { name: text.desks.staff, exact: true }).getByRole('checkbox').nth(1).check();
  await dialog.getByRole('button', { name: common.save, exact: true }).click();
  await expect(page.getByRole('heading', { name: cast.desk }).first()).toBeVisible();
  await page.getByRole('button', { name: text.desks.gridSave, exact: true }).click();
  await expect(page.getByRole('heading', { name: text.desks.slots, exact: true })).toBeVisible();

  await page.goto(`${path}/desk`);
  await publishing.click();
  const sure = page.getByRole('dialog', { name: text.overview.to.published });
  await sure.getByRole('button', { name: text.overview.to.published, exact: true }).click();
  await expect(page.getByText(text.overview.done)).toBeVisible();
  await expect(page.getByText(words[language].words.session.booking_open).first()).toBeVisible();
  return path;
}

/** Somebody whom the platform has never seen: code, name, company, registration with consent. */
async function register(
  stage: Stage,
  page: Page,
  language: Language,
  cast: Cast,
  session: string,
  email: string,
): Promise<void> {
  const text = words[language];
  await page.goto(session);
  await expect(page.getByRole('heading', { level: 1, name: cast.theme })).toBeVisible();
  await page.getByRole('link', { name: text.sessions.signInToRegister }).click();
  await signInByCode(stage, page, language, email, cast.letters.code);
  await page.waitForURL(/\/account\?/);
  await page.getByLabel(text.account.settings.familyName, { exact: true }).fill(cast.family);
  await page.getByLabel(text.account.settings.givenName, { exact: true }).fill(cast.given);
  await page.getByRole('button', { name: text.common.save, exact: true }).click();

  await page.getByRole('link', { name: text.register.createCompany }).click();
  const form = text.company.form;
  await page.getByLabel(form.kind).selectOption(cast.kind);
  await page.getByLabel(form.value, { exact: true }).fill(companyNumber(cast.kind));
  await textIn(page, form.name).fill(cast.company);
  await expect(page.getByText(form.fits)).toBeVisible();
  await page.getByRole('group', { name: form.sectors }).getByRole('checkbox').first().check();
  await page.getByRole('button', { name: text.company.new.submit }).click();
  await expect(page.getByRole('heading', { name: cast.company }).first()).toBeVisible();

  await page.goto(`${session}/register`);
  // No consent is given beforehand.
  const consent = page.getByRole('region', { name: text.register.consent.title }).getByRole('checkbox');
  await expect(consent).not.toBeChecked();
  await consent.check();
  await page.getByRole('button', { name: text.register.review, exact: true }).click();
  await expect(page.getByText(cast.company).first()).toBeVisible();
  await page.getByRole('button', { name: text.register.send, exact: true }).click();
  await expect(page.getByText(text.register.state.registered)).toBeVisible();
  await expectNoOverflow(page);
}

async function approve(page: Page, language: Language, cast: Cast, session: string): Promise<void> {
  const text = words[language].desk.registrations;
  await page.goto(`${session}/desk/registrations`);
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: cast.company }) });
  await expect(card.getByText(text.consent)).toBeVisible();
  await card.getByRole('button', { name: text.approve, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: text.approve });
  await dialog.getByRole('button', { name: text.approve, exact: true }).click();
  await expect(page.getByText(text.done(1))).toBeVisible();
}

async function book(page: Page, language: Language, cast: Cast, session: string): Promise<void> {
  const text = words[language].booking;
  await page.goto(`${session}/timetable`);
  await freeTime(page, language).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(text.slot.subject).fill(cast.subject);
  await dialog.getByRole('button', { name: text.slot.bookNow, exact: true }).click();
  await expect(dialog.getByText(text.done.confirmedText)).toBeVisible();
  await expectNoOverflow(page);
  await dialog.getByRole('button', { name: text.done.more, exact: true }).click();
  // What can be done with it is offered at once, not only after the page was read again.
  const mine = page.getByRole('region', { name: text.mine.title });
  await expect(mine.getByRole('button', { name: text.mine.move, exact: true })).toBeVisible();
}

/** From the letter to the opened booking, and from there to another time. */
async function move(page: Page, language: Language, link: string): Promise<void> {
  const text = words[language].booking;
  await page.goto(link);
  await page.getByRole('dialog').getByRole('button', { name: text.mine.move, exact: true }).click();
  const mine = page.getByRole('region', { name: text.mine.title });
  const before = await mine.getByRole('time').first().getAttribute('datetime');
  await freeTime(page, language).last().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: text.move.submit, exact: true }).click();
  await expect(dialog.getByText(text.done.movedText)).toBeVisible();
  await dialog.getByRole('button', { name: text.done.more, exact: true }).click();
  await expect(mine.getByRole('time').first()).not.toHaveAttribute('datetime', before ?? '');
}

/** The times in the timetable that can be booked at once. */
const freeTime = (page: Page, language: Language) => {
  const { pause, timetable } = words[language].ui;
  return page.getByRole('button', { name: new RegExp(`${pause}${timetable.free}$`) });
};
