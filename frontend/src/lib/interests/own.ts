// What the reader's companies have registered interest in, for the page of an opportunity or a centre.
import { everything, session } from '$lib/api';
import type { Id, Interest } from '$lib/api/types';

/** Open interests of the reader's companies in one opportunity or one centre. The page is whole without them. */
export async function ownInterests(
  target: { opportunity: Id } | { centre: Id },
  from: typeof fetch,
): Promise<Interest[]> {
  const lists = await Promise.all(
    session.companies.map((one) =>
      everything<Interest>(`/companies/${one.organisation.id}/interests`, {}, { fetch: from }).catch(() => []),
    ),
  );
  return lists
    .flat()
    .filter((one) => one.state === 'open')
    .filter((one) =>
      'opportunity' in target ? one.opportunity?.id === target.opportunity : one.centre?.id === target.centre,
    );
}
