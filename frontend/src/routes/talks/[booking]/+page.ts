// A talk room. Before it opens there is the booking alone, to prepare with.
import { api, isProblem, type Booking, type TalkRoom } from '$lib/api';
import { found, signedIn } from '$lib/guard';

export async function load({ params, fetch, parent, url }) {
  await signedIn(parent, url);
  const id = params.booking;
  const room = await found(
    api.get<TalkRoom>(`/talks/${id}`, {}, { fetch }).catch((error: unknown) => {
      if (isProblem(error, 'room_not_open')) return null;
      throw error;
    }),
  );
  const booking = room?.booking ?? (await found(api.get<Booking>(`/bookings/${id}`, {}, { fetch })));
  return { room, booking };
}
