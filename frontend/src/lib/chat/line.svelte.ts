// Whether what is typed goes out now: the socket is open and the device says it has a network. A socket notices a lost
// network only after a while; the device knows at once.
import { socket } from '$lib/api/socket.svelte';

class Line {
  #online = $state(typeof navigator === 'undefined' || navigator.onLine !== false);

  constructor() {
    if (typeof window === 'undefined') return;
    window.addEventListener('online', () => (this.#online = true));
    window.addEventListener('offline', () => (this.#online = false));
  }

  get up(): boolean {
    return this.#online && socket.status === 'open';
  }

  /** Down for good or for a while, not merely being opened for the first time. */
  get broken(): boolean {
    return !this.#online || socket.status === 'waiting' || socket.status === 'refused';
  }
}

export const line = new Line();
