// The registrations of the reader's companies.
import { everything } from '$lib/api';
import type { RegistrationRow } from '$lib/api/types';
import { found, signedIn } from '$lib/guard';

export async function load({ parent, url, fetch }) {
  await signedIn(parent, url);
  const rows = await found(everything<RegistrationRow>('/me/registrations', {}, { fetch }));
  // What comes next stands first, what is over last and latest first.
  const over = (row: RegistrationRow) => ['closed', 'archived', 'cancelled'].includes(row.session.state);
  rows.sort((one, other) => {
    if (over(one) !== over(other)) return over(one) ? 1 : -1;
    const order = one.session.starts_at < other.session.starts_at ? -1 : 1;
    return over(one) ? -order : order;
  });
  return { rows };
}
