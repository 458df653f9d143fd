// The hall and the talk room with two people in them: what one does the other sees at once, and a lost network or a
// killed server loses nothing and sends nothing twice.
import type { Page } from '@playwright/test';
import { handOver, line, say, saved, textIn } from '../src/steps';
import { expect, test, words, type Stage } from '../src/test';

const { hall: text, chat, talk, words: states } = words.en;
test.use({ alone: true });

/** What comes through the socket is there within this time. */
const AT_ONCE = { timeout: 2_000 };

test('the hall: chat, questions, notices and the agenda reach everybody; a lost line and a killed server lose nothing', async ({
  stage,
}) => {
  test.setTimeout(150_000);
  stage.linesMayFail = true;
  const session = await running(stage);
  const host = await stage.person('host of the session');
  const guest = await stage.person('director,');
  for (const page of [host, guest]) {
    await page.goto(`/sessions/${session}/hall`);
    await expect(page.getByText(text.connected, { exact: true })).toBeVisible();
  }

  await test.step('chat', async () => {
    await say(guest, 'en', text.chat, 'Good afternoon from the company side');
    await expect(line(host, 'Good afternoon from the company side')).toBeVisible(AT_ONCE);
    await say(host, 'en', text.chat, 'Welcome to Yanting');
    await expect(line(guest, 'Welcome to Yanting')).toBeVisible(AT_ONCE);
  });

  const question = 'How long does a building permit take?';
  const card = (page: Page) => page.getByRole('article').filter({ hasText: question });
  await test.step('a question, a vote, an answer', async () => {
    await guest.getByRole('textbox', { name: text.askLabel }).fill(question);
    await guest.getByRole('button', { name: text.ask, exact: true }).click();
    await expect(card(host)).toBeVisible(AT_ONCE);
    const second = await stage.person('colleague,');
    await second.goto(`/sessions/${session}/hall`);
    await card(second)
      .getByRole('button', { name: text.voteFor(0), exact: true })
      .click();
    await expect(card(host).getByRole('button', { name: text.voteFor(1), exact: true })).toBeVisible(AT_ONCE);
    await card(host).getByRole('button', { name: text.answerIt, exact: true }).click();
    const dialog = host.getByRole('dialog', { name: text.answerTitle });
    await dialog.getByLabel(text.answer, { exact: true }).fill('Fifteen working days once the drawings are complete.');
    await dialog.getByRole('button', { name: text.sendAnswer, exact: true }).click();
    await expect(card(guest).getByText('Fifteen working days once the drawings are complete.')).toBeVisible(AT_ONCE);
  });

  await test.step('a notice', async () => {
    await host.getByRole('button', { name: text.pinNotice, exact: true }).click();
    const dialog = host.getByRole('dialog', { name: text.pinNotice });
    await textIn(dialog, text.noticeText).fill('The slides are on the project pages.');
    await dialog.getByRole('button', { name: text.pin, exact: true }).click();
    await expect(guest.getByText('The slides are on the project pages.')).toBeVisible(AT_ONCE);
  });

  await test.step('the agenda moves on', async () => {
    const current = (page: Page) => page.getByRole('region', { name: text.agenda }).locator('li[aria-current="step"]');
    const before = await current(guest).innerText();
    await host.getByRole('button', { name: text.moveOn, exact: true }).click();
    await expect(current(guest)).not.toHaveText(before, {
      ...AT_ONCE,
      useInnerText: true,
    });
    await expect(current(guest)).toHaveCount(1);
  });

  await test.step('the network goes, the server is killed, both come back', async () => {
    await guest.context().setOffline(true);
    await say(guest, 'en', text.chat, 'Written without a network');
    await expect(guest.getByText(chat.willBeSent)).toBeVisible();
    await stage.server.kill();
    await stage.server.start();
    await guest.context().setOffline(false);
    await expect(guest.getByText(chat.willBeSent)).toHaveCount(0, {
      timeout: 45_000,
    });
    await expect(line(guest, 'Written without a network')).toHaveCount(1);
    await expect(line(host, 'Written without a network')).toHaveCount(1, {
      timeout: 45_000,
    });
    // What was said before is there once as well.
    await expect(line(host, 'Good afternoon from the company side')).toHaveCount(1);
    await host.reload();
    await expect(line(host, 'Written without a network')).toHaveCount(1);
  });

  await test.step('who is here', async () => {
    await host.getByRole('tab', { name: text.people }).click();
    await host.getByRole('button', { name: text.attendance, exact: true }).click();
    const table = host.getByRole('dialog', { name: text.attendance }).getByRole('table');
    await expect(table.getByRole('row').filter({ hasText: text.present }).first()).toBeVisible();
    expect(await table.getByRole('row').count()).toBeGreaterThan(10);
    await host.keyboard.press('Escape');
  });

  await test.step('no part of the hall is out of sight on a small desktop', async () => {
    for (const tab of await host.getByRole('tablist', { name: text.parts }).getByRole('tab').all()) {
      await expect(tab).toBeInViewport({ ratio: 1 });
    }
  });

  await test.step('who is removed is told at once wherever they are, and who may come back is let in', async () => {
    const removed = await stage.person('colleague,');
    await removed.goto(`/sessions/${session}/hall`);
    await expect(removed.getByText(text.connected, { exact: true })).toBeVisible();
    const { person } = (await (await removed.request.get('/api/me')).json()) as {
      person: { family_name: string; given_name: string };
    };
    const name = `${person.family_name}${person.given_name}`;
    const manage = host.getByRole('button', { name: new RegExp(`${text.manage('').trim()} ${name}`) });
    const dialog = host.getByRole('dialog', { name: new RegExp(name) });
    await manage.click();
    await dialog.getByRole('radio', { name: text.block }).check();
    await dialog.getByRole('button', { name: text.reasons[0], exact: true }).click();
    await dialog.getByRole('button', { name: text.block, exact: true }).click();
    await expect(removed.getByText(text.youAreBlocked)).toBeVisible(AT_ONCE);
    await manage.click();
    await dialog.getByRole('button', { name: text.lift, exact: true }).click();
    await expect(removed.getByText(text.connected, { exact: true })).toBeVisible({ timeout: 5_000 });
  });
});

test('the talk room: both meet, exchange a file, and each says how it was', async ({ stage }) => {
  const session = await running(stage);
  // Her talk is one of those before the hall; the room of a talk stays open to its sides.
  const company = await stage.person('director, rheintal');
  const officer = await stage.person('officer at the desk');
  const booking = await talkOf(company, session);

  await company.goto(`/talks/${booking.id}`);
  await officer.goto(`/talks/${booking.id}`);
  for (const page of [company, officer]) await expect(page.getByText(talk.bothHere)).toBeVisible();

  await test.step('a file goes over', async () => {
    await handOver(company, 'en', 'site-plan.pdf');
    await say(company, 'en', talk.chatWith(booking.centre.name.en), 'Our site plan');
    const file = officer.getByRole('link', {
      name: chat.downloadFile('site-plan.pdf'),
    });
    await expect(file).toBeVisible(AT_ONCE);
    expect((await saved(officer, file)).name).toBe('site-plan.pdf');
  });

  await test.step('one side changes its word, and tells what happened', async () => {
    const form = company.getByRole('region', { name: talk.howWasIt });
    await company.getByRole('tab', { name: talk.end, exact: true }).click();
    await form.getByRole('button', { name: talk.changeWord, exact: true }).click();
    await form.getByRole('radio', { name: states.word.problem, exact: true }).check();
    await form.getByLabel(talk.whatHappened).fill('The line was bad for some minutes.');
    await form.getByRole('button', { name: talk.sayWord, exact: true }).click();
    await expect(form.getByText(states.word.problem, { exact: true })).toBeVisible();
    await officer.getByRole('tab', { name: talk.end, exact: true }).click();
    const theirs = officer.getByRole('region', { name: talk.howWasIt });
    await expect(theirs.getByText(talk.otherAnswered(booking.company.name.en))).toBeVisible();
  });
});

/** The session of the demo whose hall is open. */
async function running(stage: Stage): Promise<string> {
  const answer = await fetch(`${stage.server.url}/api/sessions?when=live`);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  const found = items[0];
  if (!found) throw new Error('no session of the demo is running');
  return found.id;
}

interface Talk {
  id: string;
  state: string;
  centre: { name: { en: string } };
  company: { name: { en: string } };
}

/** The reader's talk in a session that was held. */
async function talkOf(page: Page, session: string): Promise<Talk> {
  const answer = await page.request.get(`/api/sessions/${session}/timetable`);
  const { mine } = (await answer.json()) as { mine: Talk[] };
  const found = mine.find((one) => one.state === 'held_done');
  if (!found) throw new Error('no talk of theirs was held');
  return found;
}
