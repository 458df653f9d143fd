// What one cell of the timetable is to the reader. Pure: rows in, a word and its reasons out.
import type { Booking, BookingState, Cell, Id, Timetable, WaitingPlace } from '$lib/api/types';

/** How a cell looks and reads; everything that is the reader's own comes before what the slot is to others. */
export type Look =
  | 'yours'
  | 'your_request'
  | 'offered_to_you'
  | 'waiting'
  | 'hosted'
  | 'hosted_request'
  | 'free'
  | 'ask'
  | 'requested'
  | 'offered'
  | 'taken'
  | 'clash'
  | 'closed'
  | 'past';

export interface CellView {
  cell: Cell;
  look: Look;
  booking: Booking | null;
  waiting: WaitingPlace | null;
  /** Requests on a slot of a desk of mine, confirmed ones first. */
  hosted: Booking[];
}

const STANDING: readonly BookingState[] = ['confirmed', 'checked_in', 'in_talk', 'held_done'];

export const isStanding = (booking: Booking) => STANDING.includes(booking.state);

/** Every cell by its place in the grid. */
export function viewCells(table: Timetable, askFirst: boolean): Map<string, CellView> {
  const mine = bySlot(table.mine.filter((one) => one.state === 'requested' || isStanding(one)));
  const hosted = bySlot(table.hosted.filter((one) => one.state === 'requested' || isStanding(one)));
  const waiting = new Map(
    table.waiting.filter((one) => one.state === 'waiting' || one.state === 'offered').map((one) => [one.slot_id, one]),
  );
  const busy = table.mine.filter((one) => isStanding(one));
  const views = new Map<string, CellView>();
  for (const cell of table.cells) {
    const own = mine.get(cell.slot_id)?.[0] ?? null;
    const place = waiting.get(cell.slot_id) ?? null;
    const at = hosted.get(cell.slot_id) ?? [];
    const look = lookOf(cell, own, place, at, busy, askFirst);
    views.set(placeOf(cell.desk_id, cell.starts_at), {
      cell,
      look,
      booking: own ?? at[0] ?? null,
      waiting: place,
      hosted: at,
    });
  }
  return views;
}

export const placeOf = (desk: Id, startsAt: string) => `${desk}|${startsAt}`;

function lookOf(
  cell: Cell,
  own: Booking | null,
  place: WaitingPlace | null,
  hosted: Booking[],
  busy: Booking[],
  askFirst: boolean,
): Look {
  if (own) return own.state === 'requested' ? 'your_request' : 'yours';
  if (place) return place.state === 'offered' ? 'offered_to_you' : 'waiting';
  if (hosted.length > 0) return hosted.some(isStanding) ? 'hosted' : 'hosted_request';
  if (cell.state === 'past' || cell.state === 'closed' || cell.state === 'taken' || cell.state === 'offered')
    return cell.state;
  if (busy.some((one) => overlap(one, cell))) return 'clash';
  if (cell.state === 'requested') return 'requested';
  return askFirst ? 'ask' : 'free';
}

/** Instants are fixed-width UTC texts, so they compare as texts. */
const overlap = (one: { starts_at: string; ends_at: string }, other: { starts_at: string; ends_at: string }) =>
  one.starts_at < other.ends_at && other.starts_at < one.ends_at;

function bySlot(bookings: Booking[]): Map<Id, Booking[]> {
  const slots = new Map<Id, Booking[]>();
  for (const booking of bookings) {
    const list = slots.get(booking.slot_id) ?? [];
    slots.set(booking.slot_id, isStanding(booking) ? [booking, ...list] : [...list, booking]);
  }
  return slots;
}
