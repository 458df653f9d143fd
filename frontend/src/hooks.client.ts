// Errors that nobody caught in a page.
import type { HandleClientError } from '@sveltejs/kit';
import { NetworkProblem } from '$lib/api/problem';

export const handleError: HandleClientError = ({ error, status, message }) => {
  // A page whose script could not be fetched is a fault of the network, too.
  if (error instanceof NetworkProblem || !navigator.onLine) return { message, code: 'network' };
  if (status !== 404) console.error(error);
  return { message };
};

const RELOAD_AGAIN_MS = 60_000;

// A tab that was open while the platform was updated asks for files that are gone: the new page has the new ones. Not without a
// network, and not again and again.
window.addEventListener('vite:preloadError', (event) => {
  if (!navigator.onLine) return;
  try {
    const before = Number(sessionStorage.getItem('yunqia.reloaded') ?? 0);
    if (Date.now() - before < RELOAD_AGAIN_MS) return;
    sessionStorage.setItem('yunqia.reloaded', String(Date.now()));
  } catch {
    return;
  }
  event.preventDefault();
  location.reload();
});
