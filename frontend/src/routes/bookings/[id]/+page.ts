// Where a letter about a booking leads: to the place where its reader can do something about it.
import { redirect } from '@sveltejs/kit';
import { api } from '$lib/api';
import { session } from '$lib/api/session.svelte';
import type { Booking } from '$lib/api/types';
import { found, signedIn } from '$lib/guard';

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
  if (ROOM.includes(booking.state)) redirect(307, `/talks/${booking.id}`);
  const hosts = session.hosting.some((one) => one.organisation.id === booking.centre.id);
  redirect(307, hosts ? `/sessions/${booking.session_id}/desk/bookings` : `/sessions/${booking.session_id}/timetable`);
}
