// The members of the hosting centres (who can staff a desk) and the timetable (which slots are open).
import { api } from '$lib/api';
import type { Member, Members, SessionPage, Timetable } from '$lib/api/types';
import { found } from '$lib/guard';

export async function load({ params, fetch, parent }) {
  const { desk } = await parent();
  const session: SessionPage = desk.session;
  const [timetable, ...members] = await Promise.all([
    found(api.get<Timetable>(`/sessions/${params.id}/timetable`, {}, { fetch })),
    ...session.hosts.map(async (host): Promise<[string, Member[]]> => {
      // Only one's own centre shows its people; the desks of the others are theirs to staff.
      const people = await api.get<Members>(`/organisations/${host.id}/members`, {}, { fetch }).catch(() => null);
      return [host.id, people?.members ?? []];
    }),
  ]);
  return { timetable, members: new Map(members) };
}
