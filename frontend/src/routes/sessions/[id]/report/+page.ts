// The report of a session, for its hosts.
import { api, type SessionReport } from '$lib/api';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ params, fetch, parent, url }) {
  await signedIn(parent, url);
  const [report] = await Promise.all([
    found(api.get<SessionReport>(`/sessions/${params.id}/report`, {}, { fetch })),
    found(reference.load()),
  ]);
  return { report };
}
