// The start page: what is running, what comes, and the sizes of the catalogue.
import { api, everything, Paged, type OpportunityFacets, type OrganisationCard, type SessionCard } from '$lib/api';
import type { Page } from '$lib/api/types';
import { found } from '$lib/guard';

export type When = 'upcoming' | 'past' | 'all';

export async function load({ url, fetch, parent }) {
  await parent();
  const asked = url.searchParams.get('when');
  const when: When = asked === 'past' || asked === 'all' ? asked : 'upcoming';
  const q = url.searchParams.get('q') ?? '';
  const host = url.searchParams.get('host') ?? '';
  const sessions = new Paged<SessionCard>('/sessions', { when, q, host, limit: 20 }, { fetch });
  const [, live, facets, centres] = await Promise.all([
    found(sessions.first()),
    found(api.get<Page<SessionCard>>('/sessions', { when: 'live', limit: 6 }, { fetch })),
    // The page is whole without its figures and its list of centres.
    api.get<OpportunityFacets>('/opportunities/facets', {}, { fetch }).catch(() => null),
    everything<OrganisationCard>('/centres', {}, { fetch }).catch(() => [] as OrganisationCard[]),
  ]);
  return { when, q, host, sessions, live: live.items, facets, centres };
}
