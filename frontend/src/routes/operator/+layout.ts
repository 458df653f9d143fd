// Pages of those who run the platform.
import { error } from '@sveltejs/kit';
import { t } from '$lib/i18n';
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ parent, url }) {
  const me = await signedIn(parent, url);
  if (!me.operator) error(403, { message: t.operator.only, code: 'not_allowed', requestId: null });
  await found(reference.load());
  return {};
}
