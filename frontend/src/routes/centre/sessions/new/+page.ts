// A new session: the run sheets and the sessions that can be copied.
import { api } from '$lib/api';
import type { Page, RunSheet, SessionCard } from '$lib/api/types';
import { session } from '$lib/api/session.svelte';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ parent, url, fetch }) {
  await signedIn(parent, url);
  const centres = session.hosting.map((one) => one.organisation);
  const asked = url.searchParams.get('centre');
  const centre = centres.find((one) => one.id === asked) ?? centres[0] ?? null;
  const [sheets, earlier] = await Promise.all([
    found(api.get<RunSheet[]>('/run-sheets', {}, { fetch })),
    centre
      ? found(
          api.get<Page<SessionCard>>(
            '/sessions',
            { host: centre.id, drafts: true, when: 'all', limit: 100 },
            { fetch },
          ),
        )
      : { items: [] as SessionCard[], next: null, total: null },
    found(reference.loadZones()),
  ]);
  return { centres, centre, sheets, earlier: earlier.items };
}
