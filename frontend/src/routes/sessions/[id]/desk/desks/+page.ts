// The members of the hosting centres (who can staff a desk) and the timetable (which slots are open).
import { api } from '$lib/api';
import type { Timetable } from '$lib/api/types';
import { staffOf } from '$lib/desk/members';
import { found } from '$lib/guard';

export async function load({ params, fetch, parent }) {
  const { desk } = await parent();
  const [timetable, members] = await Promise.all([
    found(api.get<Timetable>(`/sessions/${params.id}/timetable`, {}, { fetch })),
    found(staffOf(desk.session, fetch)),
  ]);
  return { timetable, members };
}
