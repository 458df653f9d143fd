// Fake answers for a company's people: timetable, bookings, registrations, interests.
import type * as V from '../../../src/lib/api/types.ts';
import { must, type Asked, type Route } from '../answer.ts';
import * as world from '../world.ts';
import { registration, sessionFor, signedIn } from './anybody.ts';

/** The timetable as the asker sees it: their own bookings and the ones at their desks. */
export function timetableFor(asked: Asked): V.Timetable {
  const table = must(world.timetables.get(asked.params[0]!));
  const mine = new Set((asked.me?.memberships ?? []).map((one) => one.organisation.id));
  const here = world.bookings.filter((one) => one.session_id === table.session_id);
  return {
    ...table,
    mine: here.filter((one) => mine.has(one.company.id)),
    hosted: here.filter((one) => mine.has(one.centre.id)),
  };
}

const myBookings = (asked: Asked) => {
  const mine = new Set(signedIn(asked).memberships.map((one) => one.organisation.id));
  return world.bookings.filter((one) => mine.has(one.company.id) || mine.has(one.centre.id));
};

const schedule = (asked: Asked): V.ScheduleEntry[] => [
  ...world.sessions.slice(0, 2).map((one): V.ScheduleEntry => ({
    kind: 'session',
    session_id: one.id,
    booking: null,
    title: one.theme,
    starts_at: one.starts_at,
    ends_at: one.ends_at,
    zone: one.zone,
  })),
  ...myBookings(asked)
    .filter((one) => ['confirmed', 'requested'].includes(one.state))
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

function book(asked: Asked): V.Booking {
  for (const session of world.sessions) {
    const cell = world.timetables.get(session.id)!.cells.find((one) => one.slot_id === asked.body['slot_id']);
    if (!cell) continue;
    const company = must(world.companies.find((one) => one.id === asked.body['company_id']));
    const made = world.makeBooking(
      session,
      cell,
      company,
      session.booking_mode === 'request' ? 'requested' : 'confirmed',
    );
    cell.state = session.booking_mode === 'request' ? 'requested' : 'taken';
    world.bookings.push(made);
    return made;
  }
  return must<V.Booking>(null);
}

function why(asked: Asked): V.SlotWhy {
  const cell = [...world.timetables.values()]
    .flatMap((one) => one.cells)
    .find((one) => one.slot_id === asked.params[0]);
  const free = must(cell).state === 'free';
  return {
    slot_id: asked.params[0]!,
    book: free ? { ok: true, code: null, reason: null } : { ok: false, code: 'slot_taken', reason: '该时段已被约走' },
    wait: { ok: !free, code: null, reason: null },
    reasons: free ? [] : [{ code: 'slot_taken', text: '该时段已被约走，您可以加入候补，或选择其他时段。' }],
    free_slots: [],
  };
}

export const company: Route[] = [
  ['GET', /^\/sessions\/([^/]+)\/timetable$/, timetableFor],
  ['GET', /^\/slots\/([^/]+)\/why$/, why],
  ['GET', /^\/me\/schedule$/, schedule],
  ['GET', /^\/me\/bookings$/, myBookings],
  [
    'GET',
    /^\/me\/registrations$/,
    (asked): V.RegistrationRow[] =>
      signedIn(asked)
        .memberships.filter((one) => one.organisation.kind === 'company')
        .flatMap((one) =>
          world.sessions.slice(0, 2).map((session) => ({
            registration: registration(session, one.organisation),
            session: world.sessionCard(session),
          })),
        ),
  ],
  ['POST', /^\/bookings$/, book],
  ['GET', /^\/bookings\/([^/]+)$/, ({ params }) => must(world.bookings.find((one) => one.id === params[0]))],
  ['GET', /^\/sessions\/([^/]+)\/questions$/, (): V.SessionQuestion[] => []],
  ['POST', /^\/sessions\/([^/]+)\/registrations$/, (asked) => registration(sessionFor(asked), world.companies[0]!)],
  [
    'POST',
    /^\/interests$/,
    ({ body }) => ({
      ...body,
      id: world.newId(),
      state: 'open',
      company: world.companies[0],
      created_at: world.at(0),
      version: 1,
    }),
  ],
  ['GET', /^\/companies\/([^/]+)\/interests$/, (): V.Interest[] => []],
];
