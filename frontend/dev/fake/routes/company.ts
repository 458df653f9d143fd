// Fake answers for a company's talks: timetable, bookings, waiting lists, schedule.
import type * as V from '../../../src/lib/api/types.ts';
import { must, page, Refusal, type Asked, type Route } from '../answer.ts';
import * as world from '../world.ts';
import { signedIn } from './anybody.ts';
import { registrations } from './registering.ts';

const waiting: V.WaitingPlace[] = [];
const STANDING: V.BookingState[] = ['confirmed', 'checked_in', 'in_talk', 'held_done'];
const cells = () => [...world.timetables.values()].flatMap((one) => one.cells);
const cellOf = (id: string | undefined) => must(cells().find((one) => one.slot_id === id));
const sessionOf = (cell: V.Cell) =>
  must(
    world.sessions.find((one) => world.timetables.get(one.id)!.cells.some((other) => other.slot_id === cell.slot_id)),
  );

/** One session has it all: a proposed time, a place on a waiting list, an offer. */
{
  const session = world.sessions[1]!;
  const company = world.companies[0]!;
  const table = world.timetables.get(session.id)!;
  const asked = world.bookings.find(
    (one) => one.session_id === session.id && one.company.id === company.id && one.state === 'requested',
  )!;
  const other = table.cells.filter((one) => one.desk_id === asked.desk_id && one.state === 'free')[1];
  if (other) {
    asked.proposed = {
      slot_id: other.slot_id,
      desk_id: other.desk_id,
      starts_at: other.starts_at,
      ends_at: other.ends_at,
    };
    asked.may = ['answer_proposal', 'cancel'];
  }
  const taken = table.cells.filter(
    (one) =>
      one.state === 'taken' && !world.bookings.some((each) => each.slot_id === one.slot_id && each.company === company),
  );
  const place = (cell: V.Cell, state: 'waiting' | 'offered'): V.WaitingPlace => ({
    id: world.newId(),
    slot_id: cell.slot_id,
    desk_id: cell.desk_id,
    session_id: session.id,
    company,
    starts_at: cell.starts_at,
    ends_at: cell.ends_at,
    state,
    place: state === 'waiting' ? 2 : 1,
    lapses_at: state === 'offered' ? world.at(27) : null,
  });
  if (taken[0]) waiting.push(place(taken[0], 'waiting'));
  if (taken[1]) {
    taken[1].state = 'offered';
    waiting.push(place(taken[1], 'offered'));
  }
  const cancelled = table.cells.find((one) => one.state === 'closed' || one.state === 'free')!;
  world.bookings.push({
    ...world.makeBooking(session, cancelled, company, 'declined'),
    state_reason: '该时段县里有重要接待，暂时无法安排，欢迎另选时段。',
    may: [],
  });
}

/** The timetable as the asker sees it: their own bookings and the ones at their desks. */
export function timetableFor(asked: Asked): V.Timetable {
  const table = must(world.timetables.get(asked.params[0]!));
  const mine = new Set((asked.me?.memberships ?? []).map((one) => one.organisation.id));
  const here = world.bookings.filter((one) => one.session_id === table.session_id);
  return {
    ...table,
    mine: here.filter((one) => mine.has(one.company.id)),
    waiting: waiting.filter((one) => one.session_id === table.session_id && mine.has(one.company.id)),
    hosted: here.filter((one) => mine.has(one.centre.id)),
  };
}

const myBookings = (asked: Asked) => {
  const mine = new Set(signedIn(asked).memberships.map((one) => one.organisation.id));
  return world.bookings.filter((one) => mine.has(one.company.id) || mine.has(one.centre.id));
};

function schedule(asked: Asked): V.ScheduleEntry[] {
  const mine = new Set(signedIn(asked).memberships.map((one) => one.organisation.id));
  const halls = registrations
    .filter((one) => mine.has(one.company.id) && ['approved', 'attended'].includes(one.state))
    .map((one) => must(world.sessions.find((session) => session.id === one.session_id)));
  return [
    ...halls.map((one): V.ScheduleEntry => {
      const last = one.agenda[one.agenda.length - 1]!;
      return {
        kind: 'session',
        session_id: one.id,
        booking: null,
        title: one.theme,
        starts_at: one.starts_at,
        ends_at: new Date(Date.parse(last.starts_at) + last.minutes * 60_000).toISOString(),
        zone: one.zone,
      };
    }),
    ...myBookings(asked)
      .filter((one) => STANDING.includes(one.state) || one.state === 'requested')
      .map((one): V.ScheduleEntry => ({
        kind: 'talk',
        session_id: one.session_id,
        booking: one,
        title: one.centre.name,
        starts_at: one.starts_at,
        ends_at: one.ends_at,
        zone: one.zone,
      })),
  ];
}

const freeSlots = (cell: V.Cell): V.FreeSlot[] =>
  world.timetables
    .get(sessionOf(cell).id)!
    .cells.filter((one) => one.state === 'free' && (one.desk_id === cell.desk_id || one.starts_at === cell.starts_at))
    .slice(0, 6)
    .map(({ slot_id, desk_id, starts_at, ends_at }) => ({ slot_id, desk_id, starts_at, ends_at }));

function take(cell: V.Cell, companyId: unknown, subject: string): V.Booking {
  const session = sessionOf(cell);
  const company = must(world.companies.find((one) => one.id === companyId));
  const state = session.booking_mode === 'request' ? 'requested' : 'confirmed';
  const made = { ...world.makeBooking(session, cell, company, state), subject, created_at: world.at(0) };
  cell.state = state === 'requested' ? 'requested' : 'taken';
  if (state === 'requested') cell.holds += 1;
  world.bookings.push(made);
  return made;
}

function book(asked: Asked): V.Booking {
  const cell = cellOf(String(asked.body['slot_id']));
  const subject = String(asked.body['subject'] ?? '');
  // Whoever writes "lost" meets a faster company.
  if (subject.includes('lost')) {
    cell.state = 'taken';
    throw new Refusal(409, 'slot_taken', '该时段已被预约', { free_slots: freeSlots(cell) });
  }
  return take(cell, asked.body['company_id'], subject);
}

function why(asked: Asked): V.SlotWhy {
  const cell = cellOf(asked.params[0]);
  const open = cell.state === 'free' || (cell.state === 'requested' && cell.holds < 3);
  const reasons: Record<string, [string, string]> = {
    taken: ['slot_taken', '该时段已被预约。'],
    offered: ['slot_offered', '该时段正保留给候补企业。'],
    closed: ['slot_closed', '该时段未开放。'],
    past: ['slot_past', '该时段已过。'],
    requested: ['slot_full_of_requests', '该时段已有三个待处理请求。'],
  };
  const [code, reason] = reasons[cell.state] ?? ['', ''];
  return {
    slot_id: cell.slot_id,
    book: open ? { ok: true, code: null, reason: null } : { ok: false, code, reason },
    wait: { ok: cell.state === 'taken' || cell.state === 'offered', code: null, reason: null },
    reasons: open ? [] : [{ code, text: reason }],
    free_slots: open ? [] : freeSlots(cell),
  };
}

const bookingOf = (asked: Asked) => must(world.bookings.find((one) => one.id === asked.params[0]));
function free(booking: V.Booking): void {
  const cell = cellOf(booking.slot_id);
  cell.state = 'free';
  cell.holds = 0;
}

export const company: Route[] = [
  ['GET', /^\/sessions\/([^/]+)\/timetable$/, timetableFor],
  ['GET', /^\/slots\/([^/]+)\/why$/, why],
  ['GET', /^\/me\/schedule$/, schedule],
  ['GET', /^\/me\/bookings$/, (asked) => page(myBookings(asked), asked.query, false)],
  ['POST', /^\/bookings$/, book],
  ['GET', /^\/bookings\/([^/]+)$/, bookingOf],
  [
    'POST',
    /^\/bookings\/([^/]+)\/cancel$/,
    (asked) => {
      const booking = bookingOf(asked);
      free(booking);
      return Object.assign(booking, { state: 'cancelled_by_company', state_reason: asked.body['reason'], may: [] });
    },
  ],
  [
    'POST',
    /^\/bookings\/([^/]+)\/move$/,
    (asked) => {
      const old = bookingOf(asked);
      free(old);
      Object.assign(old, { state: 'moved', may: [] });
      const made = take(cellOf(String(asked.body['slot_id'])), old.company.id, old.subject);
      made.moved_from_id = old.id;
      return made;
    },
  ],
  [
    'POST',
    /^\/bookings\/([^/]+)\/answer-proposal$/,
    (asked) => {
      const old = bookingOf(asked);
      const { proposed } = old;
      old.proposed = null;
      old.may = ['cancel'];
      if (!asked.body['accept'] || !proposed) return old;
      free(old);
      Object.assign(old, { state: 'moved', may: [] });
      const made = take(cellOf(proposed.slot_id), old.company.id, old.subject);
      return Object.assign(made, { state: 'confirmed', moved_from_id: old.id, may: ['cancel', 'move', 'enter'] });
    },
  ],
  [
    'POST',
    /^\/slots\/([^/]+)\/waiting$/,
    (asked) => {
      const cell = cellOf(asked.params[0]);
      const place: V.WaitingPlace = {
        id: world.newId(),
        slot_id: cell.slot_id,
        desk_id: cell.desk_id,
        session_id: sessionOf(cell).id,
        company: must(world.companies.find((one) => one.id === asked.body['company_id'])),
        starts_at: cell.starts_at,
        ends_at: cell.ends_at,
        state: 'waiting',
        place: ++cell.waiting,
        lapses_at: null,
      };
      waiting.push(place);
      return place;
    },
  ],
  [
    'POST',
    /^\/waiting\/([^/]+)\/leave$/,
    ({ params }) => Object.assign(must(waiting.find((one) => one.id === params[0])), { state: 'left' }),
  ],
  [
    'POST',
    /^\/waiting\/([^/]+)\/take$/,
    ({ params }) => {
      const place = must(waiting.find((one) => one.id === params[0]));
      place.state = 'taken';
      const made = take(cellOf(place.slot_id), place.company.id, '');
      cellOf(place.slot_id).state = 'taken';
      return Object.assign(made, { state: 'confirmed', origin: 'waiting_list', may: ['cancel', 'move', 'enter'] });
    },
  ],
];
