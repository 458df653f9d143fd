// The timetable of a session, for one of the reader's companies or for a host.
import { api, everything, session, type SessionPage } from '$lib/api';
import type { Opportunity, RegistrationRow } from '$lib/api/types';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

const TAKES_PART = ['approved', 'checked_in', 'attended'];

export async function load({ params, parent, url, fetch }) {
  await signedIn(parent, url);
  const [page, rows, projects] = await Promise.all([
    found(api.get<SessionPage>(`/sessions/${params.id}`, {}, { fetch })),
    session.companies.length > 0
      ? found(everything<RegistrationRow>('/me/registrations', { session: params.id }, { fetch }))
      : ([] as RegistrationRow[]),
    // Sectors are only a filter: the page is whole without them.
    api.get<Opportunity[]>(`/sessions/${params.id}/projects`, {}, { fetch }).catch(() => [] as Opportunity[]),
    found(reference.load()),
  ]);
  const registrations = rows.map((row) => row.registration).filter((one) => TAKES_PART.includes(one.state));
  const asked = url.searchParams.get('company');
  const registration = registrations.find((one) => one.company.id === asked) ?? registrations[0] ?? null;
  return {
    page,
    projects,
    registrations,
    registration,
    slot: url.searchParams.get('slot'),
    waiting: url.searchParams.get('waiting'),
  };
}
