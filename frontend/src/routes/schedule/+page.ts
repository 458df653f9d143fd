// My schedule, over all sessions.
import { api } from '$lib/api';
import { session } from '$lib/api/session.svelte';
import type { Id, Page, ScheduleEntry, SessionCard } from '$lib/api/types';
import { found, signedIn } from '$lib/guard';

export async function load({ parent, url, fetch }) {
  await signedIn(parent, url);
  const [entries, hosted] = await Promise.all([
    found(api.get<ScheduleEntry[]>('/me/schedule', {}, { fetch })),
    // The page is whole without them.
    Promise.all(session.hosting.map((one) => sessionsOf(one.organisation.id, fetch))),
  ]);
  const all = hosted.flat();
  return {
    entries,
    /** Running and coming sessions of the reader's centres, whose desks may have talks of colleagues. */
    hosted: all.filter((one, index) => all.findIndex((other) => other.id === one.id) === index),
  };
}

async function sessionsOf(host: Id, from: typeof fetch): Promise<SessionCard[]> {
  const lists = await Promise.all(
    ['live', 'upcoming'].map((when) =>
      api.get<Page<SessionCard>>('/sessions', { host, when, limit: 5 }, { fetch: from }).catch(() => ({ items: [] })),
    ),
  );
  return lists.flatMap((page) => page.items);
}
