// What happens once the server knows who somebody is: where they go next.
import { goto } from '$app/navigation';
import { session } from '$lib/api';
import type { Me } from '$lib/api/types';

/** Only a path of our own: a link of a letter or a forged address must not lead elsewhere. */
export function ownPath(then: string | null): string | null {
  return then && /^\/(?![/\\])/.test(then) ? then : null;
}

export async function enter(me: Me, then: string | null): Promise<void> {
  await session.become(me);
  const next = ownPath(then) ?? home();
  // Without a name nobody can be addressed: that comes first.
  const unnamed = me.person.family_name.trim() === '';
  await goto(unnamed ? `/account?then=${encodeURIComponent(next)}` : next, { invalidateAll: true, replaceState: true });
}

function home(): string {
  if (session.operator) return '/operator';
  if (session.hosting.length > 0) return '/centre';
  if (session.companies.length > 0) return '/schedule';
  return '/';
}
