// The demo's mailbox: every letter that would have been sent. `?email=` narrows it, `?letter=` opens one.
import { error } from '@sveltejs/kit';
import { api, Paged, session, type LetterPage, type LetterRow } from '$lib/api';
import { found } from '$lib/guard';
import { t } from '$lib/i18n';

export async function load({ url, fetch, parent }) {
  await parent();
  if (session.instance && !session.instance.demo) error(404, { message: t.account.mailbox.off });
  const email = url.searchParams.get('email') ?? '';
  const id = url.searchParams.get('letter');
  const list = new Paged<LetterRow>('/demo/letters', { email, limit: 30 }, { fetch });
  const [, letter] = await Promise.all([
    found(list.first()),
    id ? found(api.get<LetterPage>(`/demo/letters/${id}`, {}, { fetch })) : null,
  ]);
  return { email, list, letter };
}
