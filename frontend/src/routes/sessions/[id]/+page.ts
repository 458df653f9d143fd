// A session's public page.
import { api, type Opportunity, type SessionPage } from '$lib/api';
import { found } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ params, fetch, parent }) {
  await parent();
  const [page, projects] = await Promise.all([
    found(api.get<SessionPage>(`/sessions/${params.id}`, {}, { fetch })),
    found(api.get<Opportunity[]>(`/sessions/${params.id}/projects`, {}, { fetch })),
    found(reference.load()),
  ]);
  return { page, projects };
}
