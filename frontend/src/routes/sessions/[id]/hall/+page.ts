// The hall of a session: whether the reader may enter it is in the session's page.
import { api, type SessionPage } from '$lib/api';
import { found, signedIn } from '$lib/guard';

export async function load({ params, fetch, parent, url, depends }) {
  depends('hall:entry');
  await signedIn(parent, url);
  return { page: await found(api.get<SessionPage>(`/sessions/${params.id}`, {}, { fetch })) };
}
