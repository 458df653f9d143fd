// The timetable of the session: desks, slots, and every booking at the reader's desks.
import { api } from '$lib/api';
import type { Timetable } from '$lib/api/types';
import { staffOf } from '$lib/desk/members';
import { found } from '$lib/guard';

export async function load({ params, fetch, parent, depends }) {
  depends('desk:session');
  const { desk } = await parent();
  const [timetable, members] = await Promise.all([
    found(api.get<Timetable>(`/sessions/${params.id}/timetable`, {}, { fetch })),
    found(staffOf(desk.session, fetch)),
  ]);
  return { timetable, members };
}
