import { describe, expect, it } from 'vitest';
import type { Booking, Cell, SlotWhy, Timetable } from '$lib/api/types';
import { alternatives, filtered, isOpen } from './alternatives';
import { counted, mayBook, phaseOf, sorted } from './phase';

const at = (clock: string) => `2026-11-24T${clock}:00.000000Z`;
const cell = (desk: string, from: string, to: string, state: Cell['state'] = 'free', holds = 0): Cell => ({
  slot_id: `${desk}-${from}`,
  desk_id: desk,
  starts_at: at(from),
  ends_at: at(to),
  state,
  holds,
  waiting: 0,
});
const booking = (slot: Cell, state: Booking['state'], more: Partial<Booking> = {}): Booking =>
  ({
    id: `b-${slot.slot_id}`,
    slot_id: slot.slot_id,
    desk_id: slot.desk_id,
    starts_at: slot.starts_at,
    ends_at: slot.ends_at,
    room_opens_at: new Date(Date.parse(slot.starts_at) - 300_000).toISOString(),
    expires_at: null,
    proposed: null,
    may: [],
    state,
    ...more,
  }) as unknown as Booking;

const times: [string, string][] = [
  ['07:00', '07:20'],
  ['07:25', '07:45'],
  ['07:50', '08:10'],
];
function table(cells: Cell[], mine: Booking[] = []): Timetable {
  const desks = ['x', 'y', 'z'].map((id, position) => ({ id, position, centre: { id: `centre-${id}` } }));
  return {
    session_id: 's',
    seq: 1,
    desks,
    times: times.map(([from, to]) => ({ starts_at: at(from), ends_at: at(to) })),
    cells,
    mine,
    waiting: [],
    hosted: [],
  } as unknown as Timetable;
}
const grid = () => ['x', 'y', 'z'].flatMap((desk) => times.map(([from, to]) => cell(desk, from, to)));
const places = (cells: Cell[]) => cells.map((one) => one.slot_id);

describe('alternatives to a slot that cannot be had', () => {
  it('are near in time at the same desk, and other desks at the same time', () => {
    const cells = grid();
    cells[1] = { ...cells[1]!, state: 'taken' };
    const found = alternatives(table(cells), cells[1]!);
    expect(places(found.sameDesk)).toEqual(['x-07:00', 'x-07:50']);
    expect(places(found.otherDesks)).toEqual(['y-07:25', 'z-07:25']);
  });

  it('leave out what clashes with a talk of one’s own, unless that talk is the one being moved', () => {
    const cells = grid();
    const own = booking(cells[4]!, 'confirmed');
    cells[4] = { ...cells[4]!, state: 'taken' };
    const wanted = cells[1]!;
    expect(places(alternatives(table(cells, [own]), wanted).otherDesks)).toEqual([]);
    expect(places(alternatives(table(cells, [own]), wanted, own).otherDesks)).toEqual(['z-07:25']);
  });

  it('count a slot with three requests as full, and one that was asked for already as one’s own', () => {
    const slot = cell('x', '07:00', '07:20', 'requested', 2);
    expect(isOpen(slot, [])).toBe(true);
    expect(isOpen({ ...slot, holds: 3 }, [])).toBe(false);
    expect(isOpen(slot, [booking(slot, 'requested')])).toBe(false);
    expect(isOpen({ ...slot, state: 'past' }, [])).toBe(false);
    expect(isOpen(slot, [booking(slot, 'cancelled_by_company')])).toBe(true);
  });
});

describe('filters of the timetable', () => {
  it('keep desks of a centre or of a sector', () => {
    const whole = table(grid());
    const all = { centre: null, inSector: null, onlyFree: false };
    expect(filtered(whole, { ...all, centre: 'centre-y' }).desks.map((one) => one.id)).toEqual(['y']);
    expect(filtered(whole, { ...all, inSector: new Set(['centre-x', 'centre-z']) }).desks).toHaveLength(2);
  });

  it('show only what is free, and one’s own', () => {
    const cells = grid().map((one): Cell => ({ ...one, state: 'taken' }));
    cells[5] = { ...cells[5]!, state: 'free' };
    const own = booking(cells[0]!, 'confirmed');
    const left = filtered(table(cells, [own]), { centre: null, inSector: null, onlyFree: true });
    expect(places(left.cells)).toEqual(['x-07:00', 'y-07:50']);
    expect(left.desks.map((one) => one.id)).toEqual(['x', 'y']);
    expect(left.times.map((one) => one.starts_at)).toEqual([at('07:00'), at('07:50')]);
  });
});

describe('where a booking stands', () => {
  const slot = cell('x', '07:00', '07:20');
  const ms = (clock: string) => Date.parse(at(clock));

  it('opens its room five minutes early and closes with the time, but never on a talk that goes on', () => {
    const confirmed = booking(slot, 'confirmed');
    expect(phaseOf(confirmed, ms('06:54'))).toEqual({ step: 'coming', until: confirmed.room_opens_at });
    expect(phaseOf(confirmed, ms('06:55')).step).toBe('open');
    expect(phaseOf(confirmed, ms('07:20')).step).toBe('over');
    expect(phaseOf(booking(slot, 'in_talk'), ms('07:40')).step).toBe('open');
    expect(phaseOf(booking(slot, 'held_done'), ms('07:10')).step).toBe('over');
  });

  it('waits for an answer until the request expires', () => {
    const asked = booking(slot, 'requested', { expires_at: at('06:00') });
    expect(phaseOf(asked, ms('05:59'))).toEqual({ step: 'awaiting', until: at('06:00') });
    expect(phaseOf(asked, ms('06:00')).step).toBe('over');
  });

  it('asks for an answer to a proposed time before anything else', () => {
    const proposed = booking(slot, 'requested', {
      proposed: { slot_id: 'n', desk_id: 'x', starts_at: at('07:25'), ends_at: at('07:45') },
      may: ['answer_proposal', 'cancel'],
    });
    expect(phaseOf(proposed, ms('05:00')).step).toBe('proposed');
    expect(phaseOf({ ...proposed, may: [] }, ms('05:00')).step).toBe('awaiting');
  });

  it('sorts what is ahead by time and what is behind backwards, without the old half of a move', () => {
    const later = booking(cell('x', '07:50', '08:10'), 'confirmed');
    const sooner = booking(slot, 'confirmed');
    const cancelled = booking(cell('y', '07:00', '07:20'), 'cancelled_by_company');
    const declined = booking(cell('y', '07:25', '07:45'), 'declined');
    const moved = booking(cell('z', '07:00', '07:20'), 'moved');
    const { ahead, behind } = sorted([later, cancelled, sooner, moved, declined], ms('05:00'));
    expect(ahead).toEqual([sooner, later]);
    expect(behind).toEqual([declined, cancelled]);
    expect(counted([later, cancelled, sooner, moved])).toBe(2);
  });
});

describe('what stands in the way of a slot', () => {
  const why = (...codes: string[]): SlotWhy => ({
    slot_id: 's',
    book: { ok: codes.length === 0, code: codes[0] ?? null, reason: null },
    wait: { ok: false, code: null, reason: null },
    reasons: codes.map((code) => ({ code, text: code })),
    free_slots: [],
  });
  const own = booking(cell('x', '07:00', '07:20'), 'confirmed');

  it('is not the booking that would move there', () => {
    expect(mayBook(why('company_limit'), null)).toBe(false);
    expect(mayBook(why('company_limit', 'met_already'), own)).toBe(true);
    expect(mayBook(why('met_already', 'slot_taken'), own)).toBe(false);
    expect(mayBook(why(), null)).toBe(true);
  });
});
