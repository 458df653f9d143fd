// The people of a company, or with ?id= of a body one hosts for: members, open invitations, requests to join.
import { api, session } from '$lib/api';
import type { Members } from '$lib/api/types';
import { ownCompany } from '$lib/company/own';
import { found, signedIn } from '$lib/guard';

export async function load({ parent, url, fetch }) {
  const me = await signedIn(parent, url);
  const asked = url.searchParams.get('id');
  const own = session.hosting.find((one) => one.organisation.id === asked) ?? ownCompany(url);
  if (!own) return { own: null, people: null, me: me.person.id };
  const people = await found(api.get<Members>(`/organisations/${own.organisation.id}/members`, {}, { fetch }));
  return { own, people, me: me.person.id };
}
