// Numbers, money, dates and times as each language writes them. Pure: the language and the zone are arguments.
import { LOCALE, type Language } from './language';

export type Instant = Date | string | number;

const asDate = (instant: Instant): Date => (instant instanceof Date ? instant : new Date(instant));

/** The zone of the device. */
export function deviceZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Shanghai';
}

// Making a formatter costs about fifty microseconds and a timetable needs hundreds of times: each is made once.
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(language: Language, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}|${zone}|${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(LOCALE[language], { timeZone: zone, ...options });
    formatters.set(key, found);
  }
  return found;
}

/** "15:00" */
export function clock(instant: Instant, zone: string, language: Language): string {
  return formatter(language, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(asDate(instant));
}

/** "15:00–15:20" */
export function clockSpan(from: Instant, to: Instant, zone: string, language: Language): string {
  return `${clock(from, zone, language)}–${clock(to, zone, language)}`;
}

/** "2026年11月24日 周二", "Tue, 24 November 2026" */
export function day(instant: Instant, zone: string, language: Language): string {
  const parts: Intl.DateTimeFormatOptions = { year: 'numeric', month: 'long', day: 'numeric', weekday: 'short' };
  if (language === 'en') return formatter(language, zone, parts).format(asDate(instant));
  const { weekday, ...date } = parts;
  return `${formatter(language, zone, date).format(asDate(instant))} ${formatter(language, zone, { weekday }).format(asDate(instant))}`;
}

/** "11月24日 周二", "Tue 24 Nov" */
export function dayShort(instant: Instant, zone: string, language: Language): string {
  if (language === 'en') {
    return formatter(language, zone, { month: 'short', day: 'numeric', weekday: 'short' })
      .format(asDate(instant))
      .replace(',', '');
  }
  const date = formatter(language, zone, { month: 'long', day: 'numeric' }).format(asDate(instant));
  return `${date} ${formatter(language, zone, { weekday: 'short' }).format(asDate(instant))}`;
}

/** "2026年11月24日 周二 15:00" */
export function dayAndClock(instant: Instant, zone: string, language: Language): string {
  const comma = language === 'en' ? ',' : '';
  return `${day(instant, zone, language)}${comma} ${clock(instant, zone, language)}`;
}

/** "2026-11-24" as the calendar of the zone has it: a key to group by, not a text to show. */
export function dayKey(instant: Instant, zone: string): string {
  const parts = formatter('en', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(
    asDate(instant),
  );
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** The days between two zones' calendars at one instant: -1, 0 or 1. */
export function dayShift(instant: Instant, from: string, to: string): number {
  return Math.round((Date.parse(dayKey(instant, to)) - Date.parse(dayKey(instant, from))) / 86_400_000);
}

/** True when both zones' clocks show the same at this instant. */
export function sameWallTime(instant: Instant, one: string, other: string): boolean {
  return (
    one === other || (clock(instant, one, 'en') === clock(instant, other, 'en') && dayShift(instant, one, other) === 0)
  );
}

/** "GMT+8": for a zone we have no name for. */
export function offsetName(instant: Instant, zone: string): string {
  const parts = formatter('en', zone, { timeZoneName: 'short', hour: '2-digit' }).formatToParts(asDate(instant));
  return parts.find((one) => one.type === 'timeZoneName')?.value ?? zone;
}

/** A whole or decimal number with the language's separators. */
export function count(value: number, language: Language): string {
  return new Intl.NumberFormat(LOCALE[language], { maximumFractionDigits: 2 }).format(value);
}

/** "62.5%" from 0.625 */
export function percent(share: number, language: Language): string {
  return new Intl.NumberFormat(LOCALE[language], { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

const MONEY_UNITS: Record<Language, { wan: string; yi: string; wanYi: string }> = {
  'zh-Hans': { wan: '万元', yi: '亿元', wanYi: '万亿元' },
  'zh-Hant': { wan: '萬元', yi: '億元', wanYi: '萬億元' },
  en: { wan: '', yi: '', wanYi: '' },
};

/** An amount kept in 万元: "8,500 万元", "1.25 亿元", "3.7 万亿元"; "CNY 85 million", "CNY 3.7 trillion". */
export function money(amountWan: number, language: Language): string {
  const size = Math.abs(amountWan);
  if (language === 'en') {
    if (size >= 1e8) return `CNY ${count(amountWan / 1e8, language)} trillion`;
    if (size >= 1e5) return `CNY ${count(amountWan / 1e5, language)} billion`;
    return `CNY ${count(amountWan / 100, language)} million`;
  }
  const units = MONEY_UNITS[language];
  if (size >= 1e8) return `${count(amountWan / 1e8, language)} ${units.wanYi}`;
  if (size >= 1e4) return `${count(amountWan / 1e4, language)} ${units.yi}`;
  return `${count(amountWan, language)} ${units.wan}`;
}

/** Land kept in 亩; an English reader gets hectares (15 亩 = 1 ha). */
export function land(areaMu: number, language: Language): string {
  if (language === 'en') return `${count(Math.round((areaMu / 15) * 10) / 10, language)} ha`;
  return `${count(areaMu, language)} ${language === 'zh-Hant' ? '畝' : '亩'}`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** "3分钟前", "in 2 hours", "now" */
export function relative(instant: Instant, now: Instant, language: Language): string {
  const difference = asDate(instant).getTime() - asDate(now).getTime();
  const words = new Intl.RelativeTimeFormat(LOCALE[language], { numeric: 'auto' });
  for (const [unit, length] of STEPS) {
    if (Math.abs(difference) >= length) return words.format(Math.trunc(difference / length), unit);
  }
  return words.format(0, 'second');
}

/** The clocks of two machines are never quite the same: a span of 15 minutes does not begin with 15:01. */
const CLOCKS_DIFFER_MS = 300;

/** "05:09", "1:02:03": what is left of a span, never less than nothing. */
export function timeLeft(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil((milliseconds - CLOCKS_DIFFER_MS) / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** "1.4 MB" */
export function fileSize(bytes: number, language: Language): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${count(Math.round(bytes / 1000), language)} kB`;
  return `${count(Math.round(bytes / 100_000) / 10, language)} MB`;
}
