// The people of a company, or with ?id= of a body one hosts for: members, open invitations, requests to join.
import { api, session } from '$lib/api';
import type { Members, Membership } from '$lib/api/types';
import { ownCompany } from '$lib/company/own';
import { found, signedIn } from '$lib/guard';

export async function load({ parent, url, fetch }) {
  const me = await signedIn(parent, url);
  const asked = url.searchParams.get('id');
  const own =
    session.hosting.find((one) => one.organisation.id === asked) ??
    (asked && session.operator ? lent(asked) : ownCompany(url));
  if (!own) return { own: null, people: null, me: me.person.id };
  const people = await found(api.get<Members>(`/organisations/${own.organisation.id}/members`, {}, { fetch }));
  return { own, people, me: me.person.id };
}

/** The operator keeps the people of every body, without being one of them. */
function lent(id: string): Membership {
  const mine = session.companies.find((one) => one.organisation.id === id);
  const name = { 'zh-Hans': null, 'zh-Hant': null, en: null };
  const organisation = { id, kind: 'centre' as const, name, division: null, country: 'CN' };
  return mine ?? { organisation, organisation_state: 'approved', role: 'manager', title: null };
}
