// A session's timetable, live: the snapshot of the topic, then cell by cell. What changed just now is marked once.
//
//   const live = new LiveTimetable(sessionId);
//   $effect(() => live.listen());
import { SvelteSet } from 'svelte/reactivity';
import { api } from '$lib/api/client';
import type { ApiProblem } from '$lib/api/problem';
import { session } from '$lib/api/session.svelte';
import { socket, type EventOf } from '$lib/api/socket.svelte';
import type { Booking, Id, Timetable, WaitingPlace } from '$lib/api/types';

/** As long as the animation of `.just-changed`, and a little. */
const MARKED_MS = 2000;

export class LiveTimetable {
  table = $state.raw<Timetable | null>(null);
  problem = $state.raw<ApiProblem | null>(null);
  /** Slots that changed within the last two seconds. */
  readonly changed = new SvelteSet<Id>();

  /** `company`: whose bookings are "mine" where the reader belongs to several. */
  constructor(
    readonly sessionId: Id,
    readonly company: Id | null = null,
  ) {}

  listen(): () => void {
    const stops = [
      socket.subscribe(`timetable:${this.sessionId}`, {
        // The topic's snapshot knows no company: one that was chosen is asked for over HTTP.
        snapshot: (table) => (this.company ? void this.read() : this.take(table)),
        event: (event) => this.#event(event),
        problem: (problem) => (this.problem = problem),
      }),
    ];
    const me = session.me?.person.id;
    if (me) stops.push(socket.subscribe(`person:${me}`, { event: (event) => this.#personal(event) }));
    return () => stops.forEach((stop) => stop());
  }

  /** Reads everything again: the grid itself changed, or an act's answer is not enough. */
  async read(): Promise<void> {
    this.take(await api.get<Timetable>(`/sessions/${this.sessionId}/timetable`, { company: this.company }));
  }

  take(table: Timetable): void {
    this.problem = null;
    this.table = table;
  }

  /** Puts in a booking that an act has just answered with, or that the server told about. */
  put(booking: Booking): void {
    if (!this.table || booking.session_id !== this.sessionId) return;
    const into = (list: Booking[]) => {
      const rest = list.filter((one) => one.id !== booking.id && one.id !== booking.moved_from_id);
      return [...rest, booking];
    };
    const isMine = this.company
      ? booking.company.id === this.company
      : session.companies.some((one) => one.organisation.id === booking.company.id);
    const isHosted = session.hosting.some((one) => one.organisation.id === booking.centre.id);
    this.table = {
      ...this.table,
      mine: isMine ? into(this.table.mine) : this.table.mine,
      hosted: isHosted ? into(this.table.hosted) : this.table.hosted,
    };
    this.#mark(booking.slot_id);
  }

  putWaiting(place: WaitingPlace): void {
    if (!this.table || place.session_id !== this.sessionId) return;
    this.table = { ...this.table, waiting: [...this.table.waiting.filter((one) => one.id !== place.id), place] };
    this.#mark(place.slot_id);
  }

  #event({ kind, body }: EventOf<`timetable:${Id}`>): void {
    if (kind === 'grid.changed') void this.read();
    if (kind !== 'cell.changed' || !this.table) return;
    this.table = {
      ...this.table,
      cells: this.table.cells.map((cell) => (cell.slot_id === body.slot_id ? body : cell)),
    };
    this.#mark(body.slot_id);
  }

  #personal({ kind, body }: EventOf<`person:${Id}`>): void {
    if (kind === 'booking.changed') this.#told(body);
    if (kind === 'waiting.changed') this.putWaiting(body);
  }

  /** A booking as an event tells it is nobody's in particular: what the reader may do with it has to be asked for. */
  #told(booking: Booking): void {
    const known = [...(this.table?.mine ?? []), ...(this.table?.hosted ?? [])].find((one) => one.id === booking.id);
    if (known && known.version >= booking.version) return;
    this.put(booking);
    if (booking.session_id !== this.sessionId) return;
    api.get<Booking>(`/bookings/${booking.id}`).then(
      (own) => this.put(own),
      // Without it the booking stands there all the same; its acts come when the page is read again.
      () => undefined,
    );
  }

  #mark(slot: Id): void {
    // Taken out first, so that a second change starts the mark anew.
    this.changed.delete(slot);
    this.changed.add(slot);
    setTimeout(() => this.changed.delete(slot), MARKED_MS);
  }
}
