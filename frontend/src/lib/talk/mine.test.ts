// Which talk is the next one.
import { expect, it } from 'vitest';
import type { Booking } from '$lib/api/types';
import { nextOf } from './mine.svelte';

const booking = (id: string, from: string, to: string, state: Booking['state'] = 'confirmed') =>
  ({ id, state, starts_at: `2026-11-23T${from}:00Z`, ends_at: `2026-11-23T${to}:00Z` }) as Booking;
const list = [
  booking('third', '09:00', '09:20'),
  booking('first', '07:00', '07:20', 'in_talk'),
  booking('asked', '07:30', '07:50', 'requested'),
  booking('second', '08:00', '08:20'),
];
const at = (clock: string) => Date.parse(`2026-11-23T${clock}:00Z`);

it('is the one that runs, then the one that comes, never one that is only asked for', () => {
  expect(nextOf(list, at('07:10'))?.id).toBe('first');
  expect(nextOf(list, at('07:25'))?.id).toBe('second');
  expect(nextOf(list, at('07:10'), 'first')?.id).toBe('second');
  expect(nextOf(list, at('10:00'))).toBeNull();
});
