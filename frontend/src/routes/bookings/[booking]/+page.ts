// Where letters lead: a booking has no page of its own. A company finds it in the timetable, opened; its centre on the desk.
import { redirect } from '@sveltejs/kit';
import { api, session, type Booking } from '$lib/api';
import { found, signedIn } from '$lib/guard';

export async function load({ params, fetch, parent, url }) {
  await signedIn(parent, url);
  const booking = await found(api.get<Booking>(`/bookings/${params.booking}`, {}, { fetch }));
  const page = `/sessions/${booking.session_id}`;
  const isOurs = session.companies.some((one) => one.organisation.id === booking.company.id);
  redirect(
    307,
    isOurs ? `${page}/timetable?company=${booking.company.id}&slot=${booking.slot_id}` : `${page}/desk/bookings`,
  );
}
