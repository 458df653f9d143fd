// The way of a session from its run sheet to its report: a centre prepares and publishes it, a company that nobody knew before
// signs in, registers, is approved, books, gets its letter and moves the talk; both meet in the hall and in the talk room, where
// a file goes over and the network is lost and comes back; both say how it was, and the session is closed.
import type { Page } from '@playwright/test';
import {
  calendarNumber,
  companyNumber,
  handOver,
  inDays,
  line,
  linkIn,
  saved,
  say,
  signInByCode,
  textIn,
} from '../src/steps';
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
  /** What is said: in the hall by the company and by the centre, then without a network; in the talk room. */
  said: {
    guest: string;
    host: string;
    offline: string;
    question: string;
    answer: string;
    talk: string;
    late: string;
    minutes: string;
  };
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
    said: {
      guest: '各位领导下午好，我们是第一次参加。',
      host: '欢迎，请各位自由提问。',
      offline: '断网时写下的一句话',
      question: '厂房多久可以交付？',
      answer: '图纸齐备后六个月。',
      talk: '这是我们的用地需求',
      late: '信号不好，刚才没有听清',
      minutes: '双方同意下月实地考察。',
    },
    letters: {
      code: /^请验证您的邮箱/,
      approved: /^报名已通过/,
      confirmed: /^洽谈已确认/,
      moved: /^洽谈时间变更/,
    },
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
    said: {
      guest: '各位下午好，我們是第一次參加。',
      host: '歡迎，請各位自由提問。',
      offline: '斷網時寫下的一句話',
      question: '廠房多久可以交付？',
      answer: '圖紙齊備後六個月。',
      talk: '這是我們的用地需求',
      late: '信號不好，剛才沒有聽清',
      minutes: '雙方同意下月實地考察。',
    },
    letters: {
      code: /^請驗證您的郵箱/,
      approved: /^報名已通過/,
      confirmed: /^洽談已確認/,
      moved: /^洽談時間變更/,
    },
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
    said: {
      guest: 'Good afternoon, it is our first time here.',
      host: 'Welcome, and do ask.',
      offline: 'Written without a network',
      question: 'When will the plant be ready?',
      answer: 'Six months after the drawings are complete.',
      talk: 'This is the site that we need',
      late: 'The line was bad just now',
      minutes: 'Both sides agree on a visit next month.',
    },
    letters: {
      code: /^Please verify your e-mail address/,
      approved: /^Your sign-up is approved/,
      confirmed: /^Talk confirmed/,
      moved: /^Talk moved/,
    },
  },
};

const STAGES: [Language, string, typeof DESKTOP][] = [
  ['zh-Hans', 'desktop', DESKTOP],
  ['zh-Hant', 'phone', PHONE],
  ['en', 'desktop', DESKTOP],
];

test.use({ alone: true });

for (const [language, name, viewport] of STAGES) {
  test(`from a run sheet to the report, in ${language} on a ${name}`, async ({ stage }) => {
    test.setTimeout(300_000);
    const cast = CASTS[language];
    // Nobody has the company's number yet.
    stage.refusals.push(/^GET \/api\/companies\/lookup 404$/);
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

    const talk = await talkOf(guest, session);
    await stage.server.goTo(Date.parse(talk.hall) + MINUTE);
    await test.step('both meet in the hall', () => meetInTheHall(stage, host, guest, language, cast, session));
    await stage.server.goTo(Date.parse(talk.starts_at) - 4 * MINUTE);
    await test.step('both meet in the talk room', () => meetInTheRoom(stage, host, guest, language, cast, talk.id));
    await stage.server.goTo(Date.parse(talk.starts_at) + MINUTE);
    await test.step('both say how it was', () => sayHowItWas(host, guest, language, cast));
    await test.step('the session closes with its report', () => close(host, language, cast, session));
  });
}

const MINUTE = 60_000;

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
  const publishing = page.getByRole('button', {
    name: text.overview.to.published,
    exact: true,
  });
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
  return page.getByRole('button', {
    name: new RegExp(`${pause}${timetable.free}$`),
  });
};

/** The company's one talk, and when the hall of its session opens. */
async function talkOf(page: Page, session: string): Promise<{ id: string; starts_at: string; hall: string }> {
  const read = async (path: string) => (await page.request.get(path)).json() as Promise<unknown>;
  const { mine } = (await read(`/api${session}/timetable`)) as {
    mine: { id: string; state: string; starts_at: string }[];
  };
  const talk = mine.find((one) => one.state === 'confirmed');
  if (!talk) throw new Error('the company has no talk');
  const { starts_at: hall } = (await read(`/api${session}`)) as {
    starts_at: string;
  };
  return { id: talk.id, starts_at: talk.starts_at, hall };
}

/** The door opens by itself; both talk; who loses the network says what they wrote once, and misses nothing. */
async function meetInTheHall(
  stage: Stage,
  host: Page,
  guest: Page,
  language: Language,
  { said }: Cast,
  session: string,
): Promise<void> {
  const { hall: text, chat } = words[language];
  for (const page of [host, guest]) {
    await page.goto(`${session}/hall`);
    await expect(page.getByText(text.connected, { exact: true })).toBeVisible({
      timeout: 30_000,
    });
  }
  await host.getByRole('button', { name: text.begin, exact: true }).click();
  await expect(host.getByRole('button', { name: text.moveOn, exact: true })).toBeVisible();
  await say(guest, language, text.chat, said.guest);
  await expect(line(host, said.guest)).toBeVisible();

  stage.linesMayFail = true;
  await guest.context().setOffline(true);
  await say(guest, language, text.chat, said.offline);
  await expect(guest.getByText(chat.willBeSent)).toBeVisible();
  await say(host, language, text.chat, said.host);
  await expect(line(host, said.host)).toBeVisible();
  await guest.context().setOffline(false);
  await expect(guest.getByText(chat.willBeSent)).toHaveCount(0, {
    timeout: 30_000,
  });
  stage.linesMayFail = false;
  for (const page of [host, guest]) {
    for (const words of [said.guest, said.offline, said.host]) await expect(line(page, words)).toHaveCount(1);
  }
  await guest.getByRole('tab', { name: text.questions }).click();
  await guest.getByRole('textbox', { name: text.askLabel }).fill(said.question);
  await guest.getByRole('button', { name: text.ask, exact: true }).click();
  await host.getByRole('tab', { name: text.questions }).click();
  // A session cannot be closed over a question that nobody has answered or taken on.
  const question = host.getByRole('article').filter({ hasText: said.question });
  await question.getByRole('button', { name: text.answerIt, exact: true }).click();
  const dialog = host.getByRole('dialog', { name: text.answerTitle });
  await dialog.getByLabel(text.answer, { exact: true }).fill(said.answer);
  await dialog.getByRole('button', { name: text.sendAnswer, exact: true }).click();
  await expect(guest.getByText(said.answer)).toBeVisible();
  await expectNoOverflow(guest);
}

/** From the schedule into the room; a file goes over, and the network goes and comes back here as well. */
async function meetInTheRoom(
  stage: Stage,
  host: Page,
  guest: Page,
  language: Language,
  { said, subject }: Cast,
  talk: string,
): Promise<void> {
  const { booking, chat, talk: text } = words[language];
  await guest.goto('/schedule');
  await guest.getByRole('link', { name: booking.schedule.enterTalk, exact: true }).first().click();
  await guest.waitForURL(new RegExp(`/talks/${talk}$`));
  const other = (await guest.getByRole('heading', { level: 1 }).innerText()).trim();
  await expect(guest.getByText(text.waitingFor(other))).toBeVisible();
  await host.goto(`/talks/${talk}`);
  for (const page of [host, guest]) await expect(page.getByText(text.bothHere)).toBeVisible();
  await host.getByRole('tab', { name: text.about, exact: true }).click();
  await expect(host.getByText(subject).first()).toBeVisible();
  const chatTab = host.getByRole('tab', { name: text.chat, exact: true });
  if (await chatTab.isVisible()) await chatTab.click();

  await handOver(guest, language, 'site-plan.pdf');
  await say(guest, language, await chatOf(guest, language), said.talk);
  const file = host.getByRole('link', {
    name: chat.downloadFile('site-plan.pdf'),
  });
  await expect(file).toBeVisible();
  expect((await saved(host, file)).bytes.subarray(0, 5).toString()).toBe('%PDF-');

  stage.linesMayFail = true;
  await host.context().setOffline(true);
  await say(host, language, await chatOf(host, language), said.late);
  await expect(host.getByText(chat.willBeSent)).toBeVisible();
  await host.context().setOffline(false);
  await expect(host.getByText(chat.willBeSent)).toHaveCount(0, {
    timeout: 30_000,
  });
  stage.linesMayFail = false;
  for (const page of [host, guest]) await expect(line(page, said.late)).toHaveCount(1);
}

/** The name of the conversation in a talk room: with the other side, as its heading names it. */
async function chatOf(page: Page, language: Language): Promise<string> {
  const other = page.getByRole('heading', { level: 1 });
  return words[language].talk.chatWith((await other.innerText()).trim());
}

/** Minutes and the company's intent by the centre, and each side's own word. */
async function sayHowItWas(host: Page, guest: Page, language: Language, { said }: Cast): Promise<void> {
  const { talk: text, words: states, common } = words[language];
  for (const page of [host, guest]) {
    await page.reload();
    await expect(page.getByText(text.bothHere)).toBeVisible();
  }
  await host.getByRole('tab', { name: text.minutes, exact: true }).click();
  await host.getByRole('textbox', { name: text.minutesText, exact: true }).fill(said.minutes);
  await expect(host.getByRole('status').filter({ hasText: text.minutesState.saved })).toBeVisible();

  await host.getByRole('tab', { name: text.end, exact: true }).click();
  const outcome = host.getByRole('region', { name: text.outcome, exact: true });
  await outcome.getByRole('radio', { name: states.outcome.intent }).check();
  await outcome.getByLabel(text.sector, { exact: true }).selectOption({ index: 1 });
  await outcome.getByLabel(text.amount, { exact: true }).fill('1200');
  await outcome.getByRole('button', { name: common.save, exact: true }).click();
  await expect(outcome.getByText(states.outcome.intent, { exact: true })).toBeVisible();
  await guest.getByRole('tab', { name: text.end, exact: true }).click();
  for (const page of [host, guest]) {
    const word = page.getByRole('region', { name: text.howWasIt, exact: true });
    await word.getByRole('radio', { name: states.word.held, exact: true }).check();
    await word.getByRole('button', { name: text.sayWord, exact: true }).click();
    await expect(word.getByText(states.word.held, { exact: true })).toBeVisible();
  }
}

/** The report is on its page and in two kinds of files, and knows of the talk. */
async function close(page: Page, language: Language, cast: Cast, session: string): Promise<void> {
  const { desk, report, words: states } = words[language];
  await page.goto(`${session}/desk`);
  await page.getByRole('button', { name: desk.overview.to.closed, exact: true }).click();
  const sure = page.getByRole('dialog', { name: desk.overview.to.closed });
  await sure.getByRole('button', { name: desk.overview.to.closed, exact: true }).click();
  await expect(page.getByText(states.session.closed).first()).toBeVisible();

  await page.goto(`${session}/report`);
  await expect(page.getByRole('heading', { level: 1, name: report.title })).toBeVisible();
  const talk = page.getByRole('table', { name: report.talks }).getByRole('row').filter({ hasText: cast.company });
  await expect(talk.getByText(states.outcome.intent)).toBeVisible();
  await expectNoOverflow(page);

  const csv = await saved(page, page.getByRole('link', { name: 'CSV', exact: true }));
  expect(csv.bytes.toString('utf8')).toContain(cast.company);
  const xlsx = await saved(page, page.getByRole('link', { name: 'XLSX', exact: true }));
  expect(xlsx.bytes.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
}
