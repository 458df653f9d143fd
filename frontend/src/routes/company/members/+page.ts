// The people of a company: members, open invitations, requests to join.
import { api } from '$lib/api';
import type { Members } from '$lib/api/types';
import { ownCompany } from '$lib/company/own';
import { found, signedIn } from '$lib/guard';

export async function load({ parent, url, fetch }) {
  const me = await signedIn(parent, url);
  const own = ownCompany(url);
  if (!own) return { own: null, people: null, me: me.person.id };
  const people = await found(api.get<Members>(`/organisations/${own.organisation.id}/members`, {}, { fetch }));
  return { own, people, me: me.person.id };
}
