// Other times that are free, nearest first, when the wanted one cannot be had; and the timetable through its filters.
import type { Booking, Cell, Id, Timetable } from '$lib/api/types';
import { isStanding } from '$lib/timetable/cell';

export interface Alternatives {
  /** At the desk that was wanted, nearest in time first. */
  sameDesk: Cell[];
  /** At the same time, at other desks. */
  otherDesks: Cell[];
}

const SHOWN_EACH = 4;

/** Instants are fixed-width UTC texts, so they compare as texts. */
const overlap = (one: { starts_at: string; ends_at: string }, other: { starts_at: string; ends_at: string }) =>
  one.starts_at < other.ends_at && other.starts_at < one.ends_at;

/** True for a slot that the reader's company may probably have; the server judges when it is asked. */
export function isOpen(cell: Cell, mine: readonly Booking[], holdsMax = 3): boolean {
  if (cell.state !== 'free' && cell.state !== 'requested') return false;
  if (cell.state === 'requested' && cell.holds >= holdsMax) return false;
  return !mine.some((one) => {
    if (one.state === 'requested') return one.slot_id === cell.slot_id;
    return isStanding(one) && overlap(one, cell);
  });
}

/** Free times near `wanted`. `leaving` is the booking that would be moved: it does not stand in its own way. */
export function alternatives(table: Timetable, wanted: Cell, leaving: Booking | null = null): Alternatives {
  const mine = table.mine.filter((one) => one.id !== leaving?.id);
  const open = table.cells.filter((cell) => cell.slot_id !== wanted.slot_id && isOpen(cell, mine));
  const far = (cell: Cell) => Math.abs(Date.parse(cell.starts_at) - Date.parse(wanted.starts_at));
  const order = new Map(table.desks.map((desk) => [desk.id, desk.position]));
  return {
    sameDesk: open
      .filter((cell) => cell.desk_id === wanted.desk_id)
      .sort((one, other) => far(one) - far(other) || (one.starts_at < other.starts_at ? -1 : 1))
      .slice(0, SHOWN_EACH),
    otherDesks: open
      .filter((cell) => cell.desk_id !== wanted.desk_id && overlap(cell, wanted))
      .sort((one, other) => (order.get(one.desk_id) ?? 0) - (order.get(other.desk_id) ?? 0))
      .slice(0, SHOWN_EACH),
  };
}

export interface Filters {
  centre: Id | null;
  /** Centres that offer something in the chosen sector; null where none is chosen. */
  inSector: ReadonlySet<Id> | null;
  onlyFree: boolean;
}

/** The desks and times that are left by the filters. The reader's own bookings stay in sight. */
export function filtered(table: Timetable, { centre, inSector, onlyFree }: Filters): Timetable {
  const desks = table.desks.filter(
    (desk) => (!centre || desk.centre.id === centre) && (!inSector || inSector.has(desk.centre.id)),
  );
  if (!onlyFree) return { ...table, desks };
  const own = new Set(
    [
      ...table.mine.filter((one) => one.state === 'requested' || isStanding(one)),
      ...table.waiting.filter((one) => one.state === 'waiting' || one.state === 'offered'),
    ].map((one) => one.slot_id),
  );
  const kept = new Set(desks.map((desk) => desk.id));
  const cells = table.cells.filter(
    (cell) => kept.has(cell.desk_id) && (own.has(cell.slot_id) || isOpen(cell, table.mine)),
  );
  const withCells = new Set(cells.map((cell) => cell.desk_id));
  const times = new Set(cells.map((cell) => cell.starts_at));
  return {
    ...table,
    desks: desks.filter((desk) => withCells.has(desk.id)),
    times: table.times.filter((time) => times.has(time.starts_at)),
    cells,
  };
}
