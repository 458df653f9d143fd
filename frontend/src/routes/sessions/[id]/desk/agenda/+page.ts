// The projects that the session has on offer, never older than the desk: who saves them names its version.
import { api } from '$lib/api';
import type { Opportunity } from '$lib/api/types';
import { found } from '$lib/guard';

export async function load({ params, fetch, parent }) {
  await parent();
  return { projects: await found(api.get<Opportunity[]>(`/sessions/${params.id}/projects`, {}, { fetch })) };
}
