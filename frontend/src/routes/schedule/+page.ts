// My schedule, over all sessions.
import { api } from '$lib/api';
import type { ScheduleEntry } from '$lib/api/types';
import { found, signedIn } from '$lib/guard';

export async function load({ parent, url, fetch }) {
  await signedIn(parent, url);
  return { entries: await found(api.get<ScheduleEntry[]>('/me/schedule', {}, { fetch })) };
}
