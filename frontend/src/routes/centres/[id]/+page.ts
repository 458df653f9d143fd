// A promotion centre: who it is, its sessions, what its county offers.
import { api, type Opportunity, type OrganisationCard } from '$lib/api';
import type { Page, SessionCard } from '$lib/api/types';
import { found } from '$lib/guard';
import { ownInterests } from '$lib/interests/own';
import { reference } from '$lib/reference.svelte';
import { language } from '$lib/i18n';

export async function load({ params, fetch, parent }) {
  await parent();
  await language.start();
  const [centre] = await Promise.all([
    found(api.get<OrganisationCard>(`/centres/${params.id}`, {}, { fetch })),
    found(reference.load()),
  ]);
  // The page is whole without its lists.
  const none = <T>(): Page<T> => ({ items: [], next: null, total: null });
  const sessions = (when: string, limit: number) =>
    api
      .get<Page<SessionCard>>('/sessions', { host: centre.id, when, limit }, { fetch })
      .catch(() => none<SessionCard>());
  const [live, upcoming, past, projects, interests] = await Promise.all([
    sessions('live', 5),
    sessions('upcoming', 10),
    sessions('past', 5),
    centre.division
      ? api
          .get<Page<Opportunity>>('/opportunities', { division: centre.division, limit: 8 }, { fetch })
          .catch(() => none<Opportunity>())
      : none<Opportunity>(),
    ownInterests({ centre: centre.id }, fetch),
  ]);
  return { centre, coming: [...live.items, ...upcoming.items], past: past.items, projects, interests };
}
