// A talk room. Before it opens there is the booking alone, to prepare with.
import { redirect } from '@sveltejs/kit';
import { api, isProblem, type Booking, type TalkRoom } from '$lib/api';
import { found, signedIn } from '$lib/guard';

export async function load({ params, fetch, parent, url }) {
  await signedIn(parent, url);
  const id = params.booking;
  const room = await found(
    api.get<TalkRoom>(`/talks/${id}`, {}, { fetch }).catch((error: unknown) => {
      // A booking that is no talk any more has no room; if it was moved, its talk has another.
      if (isProblem(error, 'room_not_open') || isProblem(error, 'illegal_move')) return null;
      throw error;
    }),
  );
  const booking = room?.booking ?? (await found(api.get<Booking>(`/bookings/${id}`, {}, { fetch })));
  if (booking.moved_to_id) redirect(307, `/bookings/${booking.moved_to_id}`);
  return { room, booking };
}
