import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { flushSync } from 'svelte';
import type { Booking, Cell, Me, Timetable, WaitingPlace } from '$lib/api/types';
import { api, session, socket, type Listener } from '$lib/api';
import { LiveTimetable } from '$lib/timetable/state.svelte';

const at = (clock: string) => `2026-11-24T${clock}:00.000000Z`;
const cell = (slot: string, state: Cell['state'] = 'free', holds = 0): Cell => ({
  slot_id: slot,
  desk_id: 'desk',
  starts_at: at('07:00'),
  ends_at: at('07:20'),
  state,
  holds,
  waiting: 0,
});
const card = (id: string) => ({ id, kind: 'company', name: {}, division: null, country: 'CN' });
const booking = (id: string, slot: string, more: Partial<Booking> = {}): Booking =>
  ({
    id,
    session_id: 's',
    slot_id: slot,
    company: card('mine'),
    centre: card('centre'),
    state: 'confirmed',
    moved_from_id: null,
    moved_to_id: null,
    version: 1,
    may: [],
    ...more,
  }) as unknown as Booking;
const table = (cells: Cell[], mine: Booking[] = []): Timetable => ({
  session_id: 's',
  seq: 1,
  desks: [],
  times: [],
  cells,
  mine,
  waiting: [],
  hosted: [],
});

describe('a timetable that follows its topic', () => {
  const listeners = new Map<string, Listener>();
  let live: LiveTimetable;
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(api, 'get').mockRejectedValue(new Error('nothing is asked for here'));
    vi.spyOn(socket, 'subscribe').mockImplementation((topic, listener) => {
      listeners.set(topic, listener as Listener);
      return () => listeners.delete(topic);
    });
    session.me = {
      person: { id: 'me' },
      memberships: [{ organisation: card('mine'), organisation_state: 'approved', role: 'manager', title: null }],
    } as unknown as Me;
    live = new LiveTimetable('s');
    stop = live.listen();
    listeners.get('timetable:s')?.snapshot?.(table([cell('a'), cell('b')]), 1);
    flushSync();
  });
  afterEach(() => {
    stop();
    listeners.clear();
    vi.useRealTimers();
  });
  const hear = (topic: string, kind: string, body: unknown) =>
    listeners.get(topic)?.event?.({ seq: 2, kind, body } as Parameters<NonNullable<Listener['event']>>[0]);

  it('puts a changed cell in its place and marks it for a moment', () => {
    hear('timetable:s', 'cell.changed', cell('b', 'requested', 2));
    expect(live.table?.cells.map((one) => [one.slot_id, one.state, one.holds])).toEqual([
      ['a', 'free', 0],
      ['b', 'requested', 2],
    ]);
    expect(live.changed.has('b')).toBe(true);
    vi.advanceTimersByTime(3000);
    expect(live.changed.has('b')).toBe(false);
  });

  it('takes one’s own booking, and lets a moved one stand in place of the old', () => {
    hear('person:me', 'booking.changed', booking('b1', 'a'));
    expect(live.table?.mine.map((one) => one.id)).toEqual(['b1']);
    hear('person:me', 'booking.changed', booking('b2', 'b', { moved_from_id: 'b1' }));
    expect(live.table?.mine.map((one) => one.id)).toEqual(['b2']);
  });

  it('asks what the reader may do with a booking that an event told of, and keeps what an answer said of it', async () => {
    vi.mocked(api.get).mockResolvedValueOnce(booking('b1', 'a', { may: ['move'] }));
    hear('person:me', 'booking.changed', booking('b1', 'a'));
    await vi.waitFor(() => expect(live.table?.mine[0]?.may).toEqual(['move']));
    hear('person:me', 'booking.changed', booking('b1', 'a'));
    expect(live.table?.mine[0]?.may).toEqual(['move']);
  });

  it('leaves bookings of other sessions and of other companies out of one’s own', () => {
    hear('person:me', 'booking.changed', booking('b1', 'a', { session_id: 'other' }));
    hear('person:me', 'booking.changed', booking('b2', 'a', { company: card('theirs') } as Partial<Booking>));
    expect(live.table?.mine).toEqual([]);
  });

  it('keeps one place of a waiting list as it changes', () => {
    const place = { id: 'w', session_id: 's', slot_id: 'a', state: 'waiting', place: 2 } as WaitingPlace;
    hear('person:me', 'waiting.changed', place);
    hear('person:me', 'waiting.changed', { ...place, state: 'offered', place: 1 });
    expect(live.table?.waiting.map((one) => [one.state, one.place])).toEqual([['offered', 1]]);
  });
});
