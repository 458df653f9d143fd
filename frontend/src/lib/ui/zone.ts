// Names of time zones in the reader's language.
import { format, t } from '$lib/i18n';

/** "北京时间", "Berlin time"; "GMT+3" where we have no name. */
export function zoneName(zone: string, at: format.Instant): string {
  const names: Record<string, string> = t.zones;
  return names[zone] ?? format.offsetName(at, zone);
}
