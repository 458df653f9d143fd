// Registering for a session: the session, its questions, what the reader's companies have sent already.
import { api, everything, type SessionPage } from '$lib/api';
import type { RegistrationRow, SessionQuestion } from '$lib/api/types';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ params, parent, url, fetch }) {
  await signedIn(parent, url);
  const [page, questions, rows] = await Promise.all([
    found(api.get<SessionPage>(`/sessions/${params.id}`, {}, { fetch })),
    found(api.get<SessionQuestion[]>(`/sessions/${params.id}/questions`, {}, { fetch })),
    found(everything<RegistrationRow>('/me/registrations', { session: params.id }, { fetch })),
    found(reference.load()),
  ]);
  const registrations = rows.map((row) => row.registration);
  return { page, questions, registrations };
}
