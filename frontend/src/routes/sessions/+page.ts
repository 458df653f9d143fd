// The list of sessions is the start page; letters and old addresses say /sessions.
import { redirect } from '@sveltejs/kit';

export function load() {
  redirect(307, '/');
}
