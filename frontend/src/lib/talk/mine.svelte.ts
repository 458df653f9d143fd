// The reader's own talks, kept true by their topic: what is next, here or anywhere.
import { untrack } from 'svelte';
import { api } from '$lib/api/client';
import { session } from '$lib/api/session.svelte';
import { socket } from '$lib/api/socket.svelte';
import type { Booking, Id, Instant, ScheduleEntry } from '$lib/api/types';

const COMING = new Set<Booking['state']>(['confirmed', 'checked_in', 'in_talk']);

/** The next talk that is not over, other than `except`; a talk over its time gives way to one that begins. */
export function nextOf(bookings: readonly Booking[], now: number, except: Id | null = null): Booking | null {
  const coming = bookings
    .filter((one) => one.id !== except && COMING.has(one.state) && Date.parse(one.ends_at) > now)
    .sort((one, other) => one.starts_at.localeCompare(other.starts_at));
  return coming[0] ?? null;
}

export const roomIsOpen = (booking: { room_opens_at: Instant }, now: number) =>
  Date.parse(booking.room_opens_at) <= now;

export class MyTalks {
  bookings = $state.raw<Booking[]>([]);

  /** `sessionId`: only the talks of one session. */
  constructor(private readonly sessionId: Id | null = null) {}

  listen(): () => void {
    void this.read();
    const me = untrack(() => session.me?.person.id);
    if (!me) return () => {};
    return socket.subscribe(`person:${me}`, {
      event: ({ kind, body }) => {
        if (kind === 'booking.changed') this.#put(body);
      },
    });
  }

  async read(): Promise<void> {
    try {
      const entries = await api.get<ScheduleEntry[]>('/me/schedule');
      this.bookings = entries.flatMap((one) => (one.booking && this.#isOurs(one.booking) ? [one.booking] : []));
    } catch {
      // The page it stands on is worth having without it; the next change of a booking brings it.
    }
  }

  #isOurs(booking: Booking): boolean {
    return this.sessionId === null || booking.session_id === this.sessionId;
  }

  #put(booking: Booking): void {
    if (!this.#isOurs(booking)) return;
    this.bookings = [...this.bookings.filter((one) => one.id !== booking.id), booking];
  }
}
