// Signing in by e-mail; in the demo also by choosing who to be.
import { api, session, type DemoPerson } from '$lib/api';

export async function load({ url, fetch, parent }) {
  await parent();
  const people = session.instance?.demo
    ? await api.get<DemoPerson[]>('/demo/people', {}, { fetch }).catch(() => [] as DemoPerson[])
    : [];
  return { people, then: url.searchParams.get('then') };
}
