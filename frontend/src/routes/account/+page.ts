// The reader's own settings.
import { api, type SignIn } from '$lib/api';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ url, fetch, parent }) {
  const me = await signedIn(parent, url);
  const [signIns] = await Promise.all([
    found(api.get<SignIn[]>('/me/sign-ins', {}, { fetch })),
    found(reference.loadZones()),
  ]);
  return { me, signIns, then: url.searchParams.get('then') };
}
