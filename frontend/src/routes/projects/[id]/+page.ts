// One opportunity.
import { api, type Opportunity } from '$lib/api';
import type { Page, SessionCard } from '$lib/api/types';
import { found } from '$lib/guard';
import { ownInterests } from '$lib/interests/own';
import { reference } from '$lib/reference.svelte';

export async function load({ params, fetch, parent }) {
  await parent();
  const [project] = await Promise.all([
    found(api.get<Opportunity>(`/opportunities/${params.id}`, {}, { fetch })),
    found(reference.load()),
  ]);
  // What stands below the project may be missing without harm.
  const none = <T>(): Page<T> => ({ items: [], next: null, total: null });
  const [near, sessions, interests] = await Promise.all([
    api
      .get<Page<Opportunity>>('/opportunities', { division: project.division, limit: 6 }, { fetch })
      .catch(() => none<Opportunity>()),
    project.centre
      ? api
          .get<Page<SessionCard>>('/sessions', { when: 'upcoming', host: project.centre.id, limit: 3 }, { fetch })
          .catch(() => none<SessionCard>())
      : none<SessionCard>(),
    ownInterests({ opportunity: project.id }, fetch),
  ]);
  return {
    project,
    near: near.items.filter((one) => one.id !== project.id).slice(0, 5),
    sessions: sessions.items,
    interests,
  };
}
