// Names of time zones in the reader's language.
import { format, t } from '$lib/i18n';

/** Older names that browsers still give for zones we have a name for. */
const TODAY: Record<string, string> = {
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Chongqing': 'Asia/Shanghai',
  'Asia/Chungking': 'Asia/Shanghai',
  'Asia/Harbin': 'Asia/Shanghai',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Macao': 'Asia/Macau',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Etc/UTC': 'UTC',
  'Europe/Kiev': 'Europe/Kyiv',
  PRC: 'Asia/Shanghai',
};

/** "北京时间", "Berlin time"; "GMT+3" where we have no name. */
export function zoneName(zone: string, at: format.Instant): string {
  const names: Record<string, string> = t.zones;
  return names[zone] ?? names[TODAY[zone] ?? ''] ?? format.offsetName(at, zone);
}
