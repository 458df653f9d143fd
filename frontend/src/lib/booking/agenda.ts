// A person's schedule as days: what is ahead by day of their own zone, what has passed, and the pauses between. Pure.
import type { ScheduleEntry } from '$lib/api/types';
import { dayKey } from '$lib/i18n/format';
import { phaseOf } from './phase';

export interface AgendaItem {
  entry: ScheduleEntry;
  /** Minutes since the talk before ended on the same day; null where that says nothing. */
  pause: number | null;
}

export interface AgendaDay {
  /** "2026-11-24" in the reader's zone. */
  key: string;
  items: AgendaItem[];
}

/** Over: nothing can be done about it any more. A hall counts as over when its time has passed. */
export function isOver(entry: ScheduleEntry, nowMs: number): boolean {
  if (entry.booking) return phaseOf(entry.booking, nowMs).step === 'over';
  return Date.parse(entry.ends_at) <= nowMs;
}

export function agenda(
  entries: readonly ScheduleEntry[],
  zone: string,
  nowMs: number,
): { ahead: AgendaDay[]; past: AgendaDay[] } {
  const inOrder = [...entries].sort((one, other) => {
    if (one.starts_at !== other.starts_at) return one.starts_at < other.starts_at ? -1 : 1;
    // The hall stands above the talks that begin with it.
    return one.kind === other.kind ? 0 : one.kind === 'session' ? -1 : 1;
  });
  return {
    ahead: days(
      inOrder.filter((one) => !isOver(one, nowMs)),
      zone,
    ),
    past: days(
      inOrder.filter((one) => isOver(one, nowMs)),
      zone,
    ).reverse(),
  };
}

function days(entries: readonly ScheduleEntry[], zone: string): AgendaDay[] {
  const found: AgendaDay[] = [];
  let lastTalk: ScheduleEntry | null = null;
  for (const entry of entries) {
    const key = dayKey(entry.starts_at, zone);
    let day = found[found.length - 1];
    if (!day || day.key !== key) {
      day = { key, items: [] };
      found.push(day);
      lastTalk = null;
    }
    const gap: number | null =
      entry.kind === 'talk' && lastTalk
        ? Math.round((Date.parse(entry.starts_at) - Date.parse(lastTalk.ends_at)) / 60_000)
        : null;
    day.items.push({ entry, pause: gap !== null && gap > 0 ? gap : null });
    if (entry.kind === 'talk') lastTalk = entry;
  }
  return found;
}
