// The timetable of the session: desks, slots, and every booking at the reader's desks.
import { api } from '$lib/api';
import type { Member, Members, Timetable } from '$lib/api/types';
import { found } from '$lib/guard';

export async function load({ params, fetch, parent, depends }) {
  depends('desk:session');
  const { desk } = await parent();
  const [timetable, ...members] = await Promise.all([
    found(api.get<Timetable>(`/sessions/${params.id}/timetable`, {}, { fetch })),
    ...desk.session.hosts.map(async (host): Promise<[string, Member[]]> => {
      const people = await api.get<Members>(`/organisations/${host.id}/members`, {}, { fetch }).catch(() => null);
      return [host.id, people?.members ?? []];
    }),
  ]);
  return { timetable, members: new Map(members) };
}
