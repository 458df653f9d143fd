// For load functions: who may open a page, and reading what a page is about.
//
//   export const load = async ({ params, parent, url, fetch }) => {
//     await signedIn(parent, url);
//     return { booking: await found(api.get<Booking>(`/bookings/${params.id}`, {}, { fetch })) };
//   };
import { error, redirect } from '@sveltejs/kit';
import { ApiProblem } from '$lib/api/problem';
import { session } from '$lib/api/session.svelte';
import type { Me } from '$lib/api/types';

/** Sends whoever is not signed in to the sign-in page, which leads back here. */
export async function signedIn(parent: () => Promise<unknown>, url: URL): Promise<Me> {
  await parent();
  if (!session.me) redirect(307, `/sign-in?then=${encodeURIComponent(url.pathname + url.search)}`);
  return session.me;
}

/** Turns a refusal to show something into the error page that fits it (404, 403 …). */
export async function found<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof ApiProblem)) throw cause;
    if (cause.status === 401) {
      session.ended();
      redirect(307, `/sign-in?then=${encodeURIComponent(location.pathname + location.search)}`);
    }
    // An address that was cut or mistyped names nothing.
    const status = cause.code === 'malformed' ? 404 : cause.status;
    error(status, { message: cause.message, code: cause.code, requestId: cause.requestId });
  }
}
