// A talk room, live: the snapshot of its topic, who is there, the conversation.
import { api } from '$lib/api/client';
import { isProblem } from '$lib/api/problem';
import { socket, type EventOf } from '$lib/api/socket.svelte';
import type { Booking, BookingState, Id, OrganisationCard, PersonCard, TalkRoom } from '$lib/api/types';
import { Thread } from '$lib/chat/thread.svelte';
import { now } from '$lib/ui/now.svelte';

/** Whether somebody sits on this side of the table. */
export const isOf = (person: PersonCard, organisation: OrganisationCard, named: PersonCard): boolean =>
  person.organisation?.id === organisation.id || person.id === named.id;

/** Who is there on either side, seen from the reader's. An observer sees the company as the other side. */
export function sides(room: TalkRoom): { ours: PersonCard[]; theirs: PersonCard[]; other: OrganisationCard } {
  const { booking, present } = room;
  const company = present.filter((one) => isOf(one, booking.company, booking.contact));
  const centre = present.filter((one) => isOf(one, booking.centre, booking.staff));
  return room.side === 'company'
    ? { ours: company, theirs: centre, other: booking.centre }
    : { ours: centre, theirs: company, other: booking.company };
}

export class Room {
  room = $state.raw<TalkRoom | null>(null);
  thread = $state.raw<Thread | null>(null);
  problem = $state.raw<unknown>(null);
  /** Told after every fresh view of the talk. */
  onroom: ((room: TalkRoom) => void) | null = null;

  constructor(
    readonly bookingId: Id,
    first: TalkRoom | null,
  ) {
    if (first) this.take(first);
  }

  listen(): () => void {
    return socket.subscribe(`talk:${this.bookingId}`, {
      snapshot: (room) => this.take(room),
      event: (event) => this.#event(event),
      presence: ({ joined, left }) => {
        if (!this.room) return;
        const gone = new Set([...left, ...joined.map((one) => one.id)]);
        const present = [...this.room.present.filter((one) => !gone.has(one.id)), ...joined];
        this.room = { ...this.room, present };
      },
      problem: (problem) => {
        if (!isProblem(problem, 'room_not_open')) this.problem = problem;
      },
    });
  }

  take(room: TalkRoom): void {
    now.learn(room.now);
    this.room = room;
    this.problem = null;
    if (this.thread?.channel !== room.channel_id) this.thread = new Thread(room.channel_id, { marksRead: true });
    this.thread.snapshot(room.messages, { more: room.messages.length >= 50 });
    this.onroom?.(room);
  }

  async read(): Promise<TalkRoom> {
    const room = await api.get<TalkRoom>(`/talks/${this.bookingId}`);
    // Who is there is told by the socket, second by second; the answer may be older.
    this.take(this.room ? { ...room, present: this.room.present } : room);
    return room;
  }

  put(booking: Booking): void {
    if (this.room) this.room = { ...this.room, booking };
  }

  #event(event: EventOf<`talk:${Id}`>): void {
    if (this.thread?.event(event)) return;
    if (event.kind === 'talk.changed') void this.read().catch(() => {});
  }
}

/** The talk is still to come or going on; otherwise nothing in its room waits any more. */
export function isAhead(state: BookingState): boolean {
  return state === 'requested' || state === 'confirmed' || state === 'checked_in' || state === 'in_talk';
}
