import { describe, expect, it } from 'vitest';
import type { Booking, ScheduleEntry } from '$lib/api/types';
import { agenda } from './agenda';

const at = (clock: string) => `2026-11-24T${clock}:00.000000Z`;
function talk(from: string, to: string, state: Booking['state'] = 'confirmed'): ScheduleEntry {
  const booking = {
    id: `${from}-${state}`,
    state,
    starts_at: at(from),
    ends_at: at(to),
    room_opens_at: at(from),
    expires_at: null,
    proposed: null,
    may: [],
  } as unknown as Booking;
  return {
    kind: 'talk',
    session_id: 's',
    booking,
    title: { 'zh-Hans': '盐亭', 'zh-Hant': null, en: null },
    starts_at: at(from),
    ends_at: at(to),
    zone: 'Asia/Shanghai',
  };
}
const hall = (from: string, to: string): ScheduleEntry => ({ ...talk(from, to), kind: 'session', booking: null });
const clocks = (day: { items: { entry: ScheduleEntry }[] } | undefined) =>
  day?.items.map((one) => one.entry.starts_at.slice(11, 16));

describe('a schedule', () => {
  const early = Date.parse(at('00:00'));

  it('falls into the days of the reader’s own zone', () => {
    const entries = [talk('07:00', '07:20'), talk('01:00', '01:20')];
    expect(agenda(entries, 'Asia/Shanghai', early).ahead).toHaveLength(1);
    const { ahead } = agenda(entries, 'America/New_York', early);
    expect(ahead.map((day) => day.key)).toEqual(['2026-11-23', '2026-11-24']);
  });

  it('puts the hall above the talk that begins with it, and names the pauses between talks', () => {
    const { ahead } = agenda(
      [talk('07:25', '07:45'), talk('07:00', '07:20'), hall('07:00', '09:00'), talk('08:30', '08:50')],
      'UTC',
      early,
    );
    expect(ahead[0]?.items.map((one) => one.entry.kind)).toEqual(['session', 'talk', 'talk', 'talk']);
    expect(ahead[0]?.items.map((one) => one.pause)).toEqual([null, null, 5, 45]);
  });

  it('counts cancelled talks and ended halls as past, latest day first', () => {
    const entries = [
      hall('01:00', '02:00'),
      talk('07:00', '07:20', 'cancelled_by_centre'),
      talk('08:00', '08:20'),
      { ...hall('01:00', '02:00'), starts_at: '2026-11-20T01:00:00.000000Z', ends_at: '2026-11-20T02:00:00.000000Z' },
    ];
    const { ahead, past } = agenda(entries, 'UTC', Date.parse(at('03:00')));
    expect(clocks(ahead[0])).toEqual(['08:00']);
    expect(past.map((day) => day.key)).toEqual(['2026-11-24', '2026-11-20']);
    expect(clocks(past[0])).toEqual(['01:00', '07:00']);
  });
});
