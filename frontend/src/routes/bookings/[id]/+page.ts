// Where a letter about a booking leads: to the place where its reader can do something about it.
import { redirect } from '@sveltejs/kit';
import { api } from '$lib/api';
import { session } from '$lib/api/session.svelte';
import type { Booking } from '$lib/api/types';
import { found, signedIn } from '$lib/guard';
import { roomIsOpen } from '$lib/talk/mine.svelte';
import { now } from '$lib/ui/now.svelte';

const ROOM: Booking['state'][] = [
  'confirmed',
  'checked_in',
  'in_talk',
  'held_done',
  'no_show_company',
  'no_show_centre',
];

export async function load({ params, parent, url, fetch }) {
  await signedIn(parent, url);
  const booking = await found(api.get<Booking>(`/bookings/${params.id}`, {}, { fetch }));
  // A moved talk leads on to the one that followed it, with its conversation.
  if (booking.moved_to_id) redirect(307, `/bookings/${booking.moved_to_id}`);
  // Until its room opens a talk can still be moved or cancelled.
  if (ROOM.includes(booking.state) && roomIsOpen(booking, now.ms)) redirect(307, `/talks/${booking.id}`);
  const hosts = session.hosting.some((one) => one.organisation.id === booking.centre.id);
  const page = `/sessions/${booking.session_id}`;
  const opened = `${page}/timetable?company=${booking.company.id}&slot=${booking.slot_id}`;
  redirect(307, hosts ? `${page}/desk/bookings` : opened);
}
