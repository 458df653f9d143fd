// A device whose clock is wrong by a day, and one whose clock is set right while a page is open.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { roomIsOpen } from '$lib/talk/mine.svelte';
import { now } from './now.svelte';

const DAY_MS = 86_400_000;
const SERVER = '2026-11-23T07:00:00Z';

describe('the present moment', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it.each([-DAY_MS, 0, DAY_MS])('is the server’s, on a device that is %d ms ahead', (ahead) => {
    vi.setSystemTime(Date.parse(SERVER) + ahead);
    now.learn(SERVER);
    const stop = now.watch();
    expect(now.ms).toBe(Date.parse(SERVER));
    vi.advanceTimersByTime(60_000);
    expect(now.ms).toBe(Date.parse(SERVER) + 60_000);
    // A room that opens in four minutes is closed, whatever the device believes.
    expect(roomIsOpen({ room_opens_at: '2026-11-23T07:05:00Z' }, now.ms)).toBe(false);
    expect(roomIsOpen({ room_opens_at: '2026-11-23T07:01:00Z' }, now.ms)).toBe(true);
    stop();
  });

  it('is right again once the server is heard after the device’s clock was set', () => {
    vi.setSystemTime(Date.parse(SERVER));
    now.learn(SERVER);
    vi.setSystemTime(Date.parse(SERVER) - DAY_MS);
    now.learn(SERVER);
    const stop = now.watch();
    expect(now.ms).toBe(Date.parse(SERVER));
    stop();
  });
});
