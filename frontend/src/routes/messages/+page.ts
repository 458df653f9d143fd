// Messages: the reader's conversations, and the one that the address names.
import { api, session, type Channel, type MessagePage } from '$lib/api';
import { found, signedIn } from '$lib/guard';

export async function load({ fetch, parent, url }) {
  await signedIn(parent, url);
  const channels = await found(api.get<Channel[]>('/channels', {}, { fetch }));
  const asked = url.searchParams.get('with');
  const company = url.searchParams.get('company') ?? session.companies[0]?.organisation.id ?? null;
  const centre = url.searchParams.get('centre') ?? session.hosting[0]?.organisation.id ?? null;
  const names = url.searchParams.has('company') || url.searchParams.has('centre');
  let chosen = asked ? (channels.find((one) => one.id === asked) ?? null) : null;
  if (asked && !chosen) chosen = await found(api.get<Channel>(`/channels/${asked}`, {}, { fetch }));
  if (!asked && names && company && centre) {
    chosen =
      channels.find((one) => one.kind === 'direct' && one.company?.id === company && one.centre?.id === centre) ?? null;
    chosen ??= await found(api.post<Channel>('/channels', { company_id: company, centre_id: centre }, { fetch }));
  }
  const page = chosen
    ? await found(api.get<MessagePage>(`/channels/${chosen.id}/messages`, { limit: 50 }, { fetch }))
    : null;
  return { channels, chosen, page };
}
