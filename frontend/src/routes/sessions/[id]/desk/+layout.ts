// The desk of a session: everything its hosts decide.
import { api } from '$lib/api';
import type { SessionDesk } from '$lib/api/types';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ params, parent, url, fetch, depends }) {
  depends('desk:session');
  await signedIn(parent, url);
  const [desk] = await Promise.all([
    found(api.get<SessionDesk>(`/sessions/${params.id}/desk`, {}, { fetch })),
    found(reference.load()),
    found(reference.loadZones()),
  ]);
  return { desk };
}
