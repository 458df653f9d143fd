// Who can sit at the desks of a session, as far as the reader may see it.
import { api, session as reader } from '$lib/api';
import type { Member, Members, SessionPage } from '$lib/api/types';

/**
 * The members of each hosting centre, by the centre's id. Only one's own centre shows its people (the operator sees all): the
 * others, of which a series meeting has dozens, are not asked for.
 */
export async function staffOf(session: SessionPage, fetch: typeof globalThis.fetch): Promise<Map<string, Member[]>> {
  const own = reader.hosting.map((one) => one.organisation.id);
  const shown = session.hosts.filter((host) => reader.operator || own.includes(host.id));
  return new Map(
    await Promise.all(
      shown.map(async (host): Promise<[string, Member[]]> => {
        const { members } = await api.get<Members>(`/organisations/${host.id}/members`, {}, { fetch });
        return [host.id, members];
      }),
    ),
  );
}
