// The reader's company: its details and state.
import { api } from '$lib/api';
import type { Company } from '$lib/api/types';
import { ownCompany } from '$lib/company/own';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ parent, url, fetch }) {
  await signedIn(parent, url);
  const own = ownCompany(url);
  if (!own) return { company: null, manager: false };
  const [company] = await Promise.all([
    found(api.get<Company>(`/companies/${own.organisation.id}`, {}, { fetch })),
    found(reference.load()),
  ]);
  return { company, manager: own.role === 'manager' };
}
