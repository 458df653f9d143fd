// The catalogue of opportunities, filtered by what the address says.
import { api, Paged, type Opportunity, type OpportunityFacets } from '$lib/api';
import { found } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

const FILTERS = ['q', 'sector', 'city', 'division', 'min_wan'] as const;

export async function load({ url, fetch, parent }) {
  await parent();
  const filters = Object.fromEntries(FILTERS.map((name) => [name, url.searchParams.get(name) ?? ''])) as Record<
    (typeof FILTERS)[number],
    string
  >;
  const list = new Paged<Opportunity>('/opportunities', { ...filters, limit: 30 }, { fetch });
  const [facets] = await Promise.all([
    found(api.get<OpportunityFacets>('/opportunities/facets', filters, { fetch })),
    found(list.first()),
    found(reference.load()),
  ]);
  return { filters, list, facets };
}
