// Which of the reader's companies a page is about: the one in the address, the last one chosen, or the first.
import { session } from '$lib/api';
import type { Membership } from '$lib/api/types';

let last: string | undefined;

export function ownCompany(url: URL): Membership | undefined {
  const asked = url.searchParams.get('id') ?? last;
  const found = session.companies.find((one) => one.organisation.id === asked) ?? session.companies[0];
  last = found?.organisation.id;
  return found;
}
