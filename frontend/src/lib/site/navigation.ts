// Which places the navigation offers to whom. The only list of top-level addresses; pages add their own below these.
import { t } from '$lib/i18n';
import { session } from '$lib/api/session.svelte';

export interface Place {
  href: string;
  label: string;
  /** Also the present place for addresses below these. */
  also?: string[];
}

/** Reactive when called in a component: follows the language and the sign-in. */
export function places(): Place[] {
  const open: Place[] = [
    { href: '/', label: t.site.sessions, also: ['/sessions'] },
    { href: '/projects', label: t.site.projects },
  ];
  const own: Place[] = [];
  if (session.companies.length > 0 || (session.signedIn && session.hosting.length === 0 && !session.operator)) {
    own.push(
      { href: '/schedule', label: t.site.schedule },
      { href: '/company', label: t.site.company, also: ['/interests', '/registrations'] },
    );
  }
  if (session.hosting.length > 0) {
    if (own.length === 0) own.push({ href: '/schedule', label: t.site.schedule });
    own.push({ href: '/centre', label: t.site.centre });
  }
  if (session.operator) own.push({ href: '/operator', label: t.site.operator });
  if (session.signedIn) own.push({ href: '/messages', label: t.site.messages });
  return [...open, ...own];
}

export function isCurrent(place: Place, path: string): boolean {
  if ((place.also ?? []).some((also) => path === also || path.startsWith(`${also}/`))) return true;
  if (place.href === '/') return path === '/';
  return path === place.href || path.startsWith(`${place.href}/`);
}
