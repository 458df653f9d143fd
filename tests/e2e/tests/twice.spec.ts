// What is pressed again because no answer came is done once, and nobody saves over another's change unseen.
import type { Page } from '@playwright/test';
import { textIn } from '../src/steps';
import { expect, test, words } from '../src/test';

const { common, desk, hall } = words.en;

/** A session that the reader's centre hosts. */
async function sessionOf(page: Page, when: 'live' | 'upcoming'): Promise<string> {
  const me = (await (await page.request.get('/api/me')).json()) as {
    memberships: { organisation: { id: string } }[];
  };
  const answer = await page.request.get(`/api/sessions?when=${when}&host=${me.memberships[0]!.organisation.id}`);
  return ((await answer.json()) as { items: { id: string }[] }).items[0]!.id;
}

test('an act whose answer was lost is done once when it is pressed again', async ({ stage }) => {
  stage.linesMayFail = true;
  const host = await stage.person('host of the session');
  await host.goto(`/sessions/${await sessionOf(host, 'live')}/hall`);
  const keys: (string | undefined)[] = [];
  // The server does it the first time; the answer gets lost on the way.
  await host.route('**/api/sessions/*/notices', async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    const answer = await route.fetch();
    if (keys.length === 1) await route.abort('connectionreset');
    else await route.fulfill({ response: answer });
  });
  await host.getByRole('button', { name: hall.pinNotice, exact: true }).click();
  const dialog = host.getByRole('dialog', { name: hall.pinNotice });
  await textIn(dialog, hall.noticeText).fill('Pinned once, whatever the network does.');
  const pin = dialog.getByRole('button', { name: hall.pin, exact: true });
  await pin.click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await pin.click();
  await expect(dialog).toHaveCount(0);
  expect(keys).toHaveLength(2);
  expect(keys[1]).toBe(keys[0]);
  await expect(host.getByText('Pinned once, whatever the network does.')).toHaveCount(1);
});

test('who saves over a change of a colleague is told first and keeps what was typed', async ({ stage }) => {
  stage.refusals.push(/^PUT \/api\/sessions\/[^/]+\/agenda 412$/);
  const host = await stage.person('host of the session');
  const colleague = await stage.person('host of the session');
  const path = `/sessions/${await sessionOf(host, 'upcoming')}/desk/agenda`;
  const first = (page: Page) =>
    textIn(page.getByRole('region', { name: desk.agenda.item(1), exact: true }), desk.agenda.itemTitle);
  const save = (page: Page) =>
    page
      .getByRole('region', { name: desk.agenda.title })
      .getByRole('button', { name: common.save, exact: true })
      .click();
  await host.goto(path);
  await colleague.goto(path);
  await first(host).fill('Opening by the host');
  await first(colleague).fill('Opening by the colleague');
  await save(colleague);
  await expect(colleague.getByText(desk.agenda.saved)).toBeVisible();
  await save(host);
  const told = host.getByText('Somebody has changed this meanwhile', {
    exact: false,
  });
  await expect(told).toBeVisible();
  await expect(first(host)).toHaveValue('Opening by the host');
  // Who knows may save: on top of theirs.
  await save(host);
  await expect(host.getByText(desk.agenda.saved)).toBeVisible();
  await expect(told).toHaveCount(0);
  await colleague.reload();
  await expect(first(colleague)).toHaveValue('Opening by the host');
});
