// Where a booking stands for the company that made it, and what comes next. Pure: the moment is an argument.
import type { Booking, SlotWhy } from '$lib/api/types';
import { isStanding } from '$lib/timetable/cell';

/**
 * proposed: the centre would like another time · awaiting: the centre has to answer, until `until` ·
 * open: the room can be entered · coming: the room opens at `until` · over: nothing is to be done any more
 */
export type Phase =
  | { step: 'proposed' }
  | { step: 'awaiting'; until: string | null }
  | { step: 'open' }
  | { step: 'coming'; until: string }
  | { step: 'over' };

export function phaseOf(booking: Booking, nowMs: number): Phase {
  if (booking.proposed && booking.may.includes('answer_proposal')) return { step: 'proposed' };
  if (booking.state === 'requested') {
    const lapsed = booking.expires_at !== null && Date.parse(booking.expires_at) <= nowMs;
    return lapsed ? { step: 'over' } : { step: 'awaiting', until: booking.expires_at };
  }
  if (!isStanding(booking) || booking.state === 'held_done') return { step: 'over' };
  if (nowMs < Date.parse(booking.room_opens_at)) return { step: 'coming', until: booking.room_opens_at };
  // The room cuts nobody off: a talk that runs late can still be entered while it goes on.
  if (nowMs < Date.parse(booking.ends_at) || booking.state === 'in_talk') return { step: 'open' };
  return { step: 'over' };
}

/** Bookings that still stand or wait for an answer, in order of time; the rest, latest first. */
export function sorted(bookings: readonly Booking[], nowMs: number): { ahead: Booking[]; behind: Booking[] } {
  const isAhead = (one: Booking) => phaseOf(one, nowMs).step !== 'over';
  const byTime = (one: Booking, other: Booking) => (one.starts_at < other.starts_at ? -1 : 1);
  return {
    ahead: bookings.filter(isAhead).sort(byTime),
    behind: bookings.filter((one) => !isAhead(one) && one.state !== 'moved').sort((one, other) => byTime(other, one)),
  };
}

/** How many talks count against the company's limit. */
export const counted = (bookings: readonly Booking[]) =>
  bookings.filter((one) => one.state === 'requested' || isStanding(one)).length;

/** Reasons that a booking gives by itself, and that go when it moves. */
const OWN_REASONS = ['company_busy', 'person_busy', 'met_already', 'company_limit', 'request_limit'];

/** Whether asking for a slot makes sense; the server judges when it is asked. `moving`: the booking that would go there. */
export function mayBook(why: SlotWhy, moving: Booking | null): boolean {
  if (why.book.ok) return true;
  return moving !== null && why.reasons.length > 0 && why.reasons.every((one) => OWN_REASONS.includes(one.code));
}
