// The present moment as something a page can depend on, on the server's clock.
//
// A device's clock may be wrong by minutes: `now.learn()` takes the server's time from hello, pong and snapshots.
class Now {
  #tick = $state(0);
  #ahead = 0;
  #watchers = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Milliseconds since 1970 on the server's clock; who depends on it is told once a second while somebody watches. */
  get ms(): number {
    void this.#tick;
    return Date.now() + this.#ahead;
  }

  learn(server: string): void {
    const heard = Date.parse(server);
    if (!Number.isNaN(heard)) this.#ahead = heard - Date.now();
  }

  /** Keeps the seconds moving until the returned function is called: `$effect(() => now.watch())`. */
  watch(): () => void {
    this.#watchers += 1;
    this.#timer ??= setInterval(() => (this.#tick += 1), 1000);
    return () => {
      this.#watchers -= 1;
      if (this.#watchers > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}

export const now = new Now();
