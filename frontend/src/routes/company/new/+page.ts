// Creating a company.
import { found, signedIn } from '$lib/guard';
import { reference } from '$lib/reference.svelte';

export async function load({ parent, url }) {
  await signedIn(parent, url);
  await found(reference.load());
}
