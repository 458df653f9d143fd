// What the reader's company has registered interest in.
import { everything } from '$lib/api';
import type { Interest } from '$lib/api/types';
import { ownCompany } from '$lib/company/own';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ parent, url, fetch }) {
  await signedIn(parent, url);
  const own = ownCompany(url);
  if (!own) return { own: null, interests: [] };
  const [interests] = await Promise.all([
    found(everything<Interest>(`/companies/${own.organisation.id}/interests`, {}, { fetch })),
    found(reference.load()),
  ]);
  return { own, interests };
}
