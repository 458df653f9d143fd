// The sessions that the reader's centres host, with what waits for somebody.
import { api } from '$lib/api';
import type { Page, SessionCard } from '$lib/api/types';
import { session } from '$lib/api/session.svelte';
import { found, signedIn } from '$lib/guard';

export async function load({ parent, url, fetch }) {
  await signedIn(parent, url);
  const centres = session.hosting.map((one) => one.organisation);
  const asked = url.searchParams.get('centre');
  const centre = centres.find((one) => one.id === asked) ?? centres[0] ?? null;
  if (!centre) return { centres, centre, sessions: [] };
  const query = { host: centre.id, drafts: true, when: 'all', limit: 100 };
  const page = await found(api.get<Page<SessionCard>>('/sessions', query, { fetch }));
  return { centres, centre, sessions: page.items };
}
