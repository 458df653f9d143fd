// The words of a cell, for the eye and for the ear.
import { format, language, t } from '$lib/i18n';
import { plain } from '$lib/people';
import { reference } from '$lib/reference.svelte';
import type { DeskCard } from '$lib/api/types';
import type { CellView } from './cell';

/** The short word in the cell. */
export function cellWord(view: CellView): string {
  const words = t.ui.timetable;
  switch (view.look) {
    case 'requested':
      return words.held(view.cell.holds);
    case 'hosted_request':
      return words.held(view.hosted.length);
    case 'hosted':
      return view.booking ? plain(view.booking.company.name) : words.taken;
    case 'yours':
    case 'your_request':
    case 'offered_to_you':
    case 'waiting':
    case 'free':
    case 'ask':
    case 'offered':
    case 'taken':
    case 'clash':
    case 'closed':
    case 'past':
      return words[view.look];
  }
}

/** "盐亭县，11月24日 周二 15:00–15:20，可约" */
export function cellSentence(view: CellView, desk: DeskCard, zone: string): string {
  const { starts_at, ends_at } = view.cell;
  const when = `${format.dayShort(starts_at, zone, language.now)} ${format.clockSpan(starts_at, ends_at, zone, language.now)}`;
  return [deskName(desk), when, cellWord(view)].join(t.ui.pause);
}

/** A desk's own name; else its county's, which is what people look for; else its centre's. */
export function deskName(desk: DeskCard): string {
  const county = desk.centre.division ? reference.divisions.get(desk.centre.division) : undefined;
  return plain(desk.name) || plain(county?.name) || plain(desk.centre.name);
}

/** What stands under the name: the city of the county, or the centre of a desk with a name of its own. */
export function deskHint(desk: DeskCard): string {
  if (plain(desk.name)) return plain(desk.name) === plain(desk.centre.name) ? '' : plain(desk.centre.name);
  const county = desk.centre.division ? reference.divisions.get(desk.centre.division) : undefined;
  return county?.parent ? plain(reference.divisions.get(county.parent)?.name) : '';
}

/** Everything a desk is found by: its names in all scripts, its city, pinyin and initials. */
export function deskWords(desk: DeskCard): string {
  const county = desk.centre.division ? reference.divisions.get(desk.centre.division) : undefined;
  const city = county?.parent ? reference.divisions.get(county.parent) : undefined;
  const names = [desk.name, desk.centre.name, county?.name, city?.name].flatMap((name) => Object.values(name ?? {}));
  return [...names, county?.pinyin, county?.initials].join(' ').normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
