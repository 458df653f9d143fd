// Before any page: the reader's language and who they are. Nothing is rendered on a server.
import { language } from '$lib/i18n';
import { session } from '$lib/api/session.svelte';

export const ssr = false;
export const prerender = false;
export const trailingSlash = 'never';

export async function load({ fetch }) {
  await language.start();
  try {
    await session.start({ fetch });
    return { startError: null };
  } catch (startError) {
    // Thrown here it would replace the whole page by a bare one; the layout shows it with a way to try again.
    return { startError };
  }
}
