// What companies have registered interest in at the reader's centre and its projects.
import { Paged } from '$lib/api';
import { session } from '$lib/api/session.svelte';
import type { Interest } from '$lib/api/types';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ parent, url, fetch }) {
  await signedIn(parent, url);
  const centres = session.hosting.map((one) => one.organisation);
  const asked = url.searchParams.get('centre');
  const centre = centres.find((one) => one.id === asked) ?? centres[0] ?? null;
  if (!centre) return { centre, list: null };
  const list = new Paged<Interest>(`/centres/${centre.id}/interests`, {}, { fetch });
  await Promise.all([found(list.first()), found(reference.load())]);
  return { centre, list };
}
