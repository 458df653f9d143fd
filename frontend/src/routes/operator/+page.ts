// All bodies that promote, page after page: a province has a few hundred.
import { api } from '$lib/api';
import type { Organisation, OrganisationKind, Page } from '$lib/api/types';
import { found } from '$lib/guard';

const KINDS: OrganisationKind[] = ['bureau', 'city_bureau', 'office', 'centre'];

export async function load({ fetch, parent }) {
  await parent();
  async function all(kind: OrganisationKind): Promise<Organisation[]> {
    const rows: Organisation[] = [];
    let after: string | null = null;
    do {
      const page: Page<Organisation> = await found(
        api.get<Page<Organisation>>('/organisations', { kind, limit: 100, after }, { fetch }),
      );
      rows.push(...page.items);
      after = page.next;
    } while (after);
    return rows;
  }
  return { bodies: (await Promise.all(KINDS.map(all))).flat() };
}
