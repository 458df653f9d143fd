// The address that `yunqia demo` prints: signing in, where the people of the demo stand ready.
import { redirect } from '@sveltejs/kit';

export function load() {
  redirect(307, '/sign-in');
}
