// Messages: the reader's conversations, and the one that the address names. Looking begins none: between two who have not
// written yet, the page offers to.
import {
  api,
  everything,
  Paged,
  session,
  type Channel,
  type Company,
  type MessagePage,
  type OrganisationCard,
} from '$lib/api';
import { found, signedIn } from '$lib/guard';

type Fetch = typeof globalThis.fetch;

/** The two sides of a conversation that nobody has begun. */
export interface Beginning {
  company: string;
  centre: string;
  other: Pick<OrganisationCard, 'id' | 'kind' | 'name'>;
}

export async function load({ fetch, parent, url }) {
  await signedIn(parent, url);
  const list = await found(new Paged<Channel>('/channels', {}, { fetch }).first());
  const asked = url.searchParams.get('with');
  let chosen: Channel | null = null;
  let beginning: Beginning | null = null;
  if (asked) {
    chosen = list.items.find((one) => one.id === asked) ?? null;
    chosen ??= await found(api.get<Channel>(`/channels/${asked}`, {}, { fetch }));
  } else if (url.searchParams.has('company') || url.searchParams.has('centre')) {
    const company = url.searchParams.get('company') ?? session.companies[0]?.organisation.id;
    const centre = url.searchParams.get('centre') ?? session.hosting[0]?.organisation.id;
    if (company && centre) {
      const between = await found(everything<Channel>('/channels', { company, centre }, { fetch }));
      chosen = between.find((one) => one.kind === 'direct') ?? null;
      if (!chosen) beginning = { company, centre, other: await otherOf(company, centre, fetch) };
    }
  }
  const page = chosen
    ? await found(api.get<MessagePage>(`/channels/${chosen.id}/messages`, { limit: 50 }, { fetch }))
    : null;
  return { list, chosen, beginning, page };
}

async function otherOf(company: string, centre: string, fetch: Fetch): Promise<Beginning['other']> {
  if (session.companies.some((one) => one.organisation.id === company)) {
    return await found(api.get<OrganisationCard>(`/centres/${centre}`, {}, { fetch }));
  }
  const { id, name } = await found(api.get<Company>(`/companies/${company}`, {}, { fetch }));
  return { id, name, kind: 'company' };
}
