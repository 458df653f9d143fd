// What a cell is to the reader, for each way it can be theirs or not.
import { describe, expect, it } from 'vitest';
import type { Booking, BookingState, Cell, CellState, Timetable, WaitingPlace } from '$lib/api/types';
import { placeOf, viewCells } from './cell';

const cell = (slot: string, hour: number, state: CellState): Cell => ({
  slot_id: slot,
  desk_id: 'desk',
  starts_at: `2026-11-24T0${hour}:00:00.000000Z`,
  ends_at: `2026-11-24T0${hour}:20:00.000000Z`,
  state,
  holds: state === 'requested' ? 1 : 0,
  waiting: 0,
});
const booking = (slot: string, hour: number, state: BookingState, desk = 'desk') =>
  ({
    ...cell(slot, hour, 'taken'),
    id: `b-${slot}-${state}`,
    desk_id: desk,
    slot_id: slot,
    state,
  }) as unknown as Booking;
const place = (slot: string, state: WaitingPlace['state']) => ({ slot_id: slot, state }) as WaitingPlace;
const table = (cells: Cell[], more: Partial<Timetable> = {}): Timetable => ({
  session_id: 's',
  seq: 1,
  desks: [],
  times: [],
  cells,
  mine: [],
  waiting: [],
  hosted: [],
  ...more,
});
const lookOf = (one: Timetable, askFirst = false) => {
  const first = one.cells[0]!;
  return viewCells(one, askFirst).get(placeOf(first.desk_id, first.starts_at))!.look;
};

describe('a cell', () => {
  it.each<[CellState, string, string]>([
    ['free', 'free', 'ask'],
    ['requested', 'requested', 'requested'],
    ['offered', 'offered', 'offered'],
    ['taken', 'taken', 'taken'],
    ['closed', 'closed', 'closed'],
    ['past', 'past', 'past'],
  ])('that is %s to everybody', (state, first, asked) => {
    expect(lookOf(table([cell('x', 1, state)]))).toBe(first);
    expect(lookOf(table([cell('x', 1, state)]), true)).toBe(asked);
  });

  it('is mine before it is taken', () => {
    expect(lookOf(table([cell('x', 1, 'taken')], { mine: [booking('x', 1, 'confirmed')] }))).toBe('yours');
    expect(lookOf(table([cell('x', 1, 'requested')], { mine: [booking('x', 1, 'requested')] }))).toBe('your_request');
    expect(lookOf(table([cell('x', 1, 'free')], { mine: [booking('x', 1, 'cancelled_by_company')] }))).toBe('free');
  });

  it('tells that I wait for it, or that it is offered to me', () => {
    expect(lookOf(table([cell('x', 1, 'taken')], { waiting: [place('x', 'waiting')] }))).toBe('waiting');
    expect(lookOf(table([cell('x', 1, 'offered')], { waiting: [place('x', 'offered')] }))).toBe('offered_to_you');
    expect(lookOf(table([cell('x', 1, 'taken')], { waiting: [place('x', 'left')] }))).toBe('taken');
  });

  it('clashes with a talk of mine at the same time at another desk, but not with one that begins as it ends', () => {
    expect(lookOf(table([cell('x', 1, 'free')], { mine: [booking('y', 1, 'confirmed', 'other')] }))).toBe('clash');
    const after = {
      ...booking('y', 1, 'confirmed', 'other'),
      starts_at: '2026-11-24T01:20:00.000000Z',
      ends_at: '2026-11-24T01:40:00.000000Z',
    };
    expect(lookOf(table([cell('x', 1, 'free')], { mine: [after as Booking] }))).toBe('free');
    expect(lookOf(table([cell('x', 1, 'free')], { mine: [booking('y', 1, 'requested', 'other')] }))).toBe('free');
  });

  it('shows a host the requests on it, the confirmed one first', () => {
    const hosted = [booking('x', 1, 'requested'), booking('x', 1, 'confirmed')];
    const view = viewCells(table([cell('x', 1, 'taken')], { hosted }), false).get(
      placeOf('desk', '2026-11-24T01:00:00.000000Z'),
    )!;
    expect(view.look).toBe('hosted');
    expect(view.booking?.state).toBe('confirmed');
    expect(lookOf(table([cell('x', 1, 'requested')], { hosted: hosted.slice(0, 1) }))).toBe('hosted_request');
  });
});
