// Keeps a sender within the server's limit of 20 commands in ten seconds (burst 20), with a little left over.
const BURST = 18;
const PER_SECOND = 1.8;

export class Pace {
  #tokens = BURST;
  #filled = Date.now();
  #queue: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly out: (text: string) => void) {}

  send(text: string): void {
    this.#queue.push(text);
    this.#drain();
  }

  /** Drops what is waiting: the line it was meant for is gone. A new line starts with a full measure. */
  clear(): void {
    this.#queue = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tokens = BURST;
    this.#filled = Date.now();
  }

  #drain(): void {
    const now = Date.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filled) / 1000) * PER_SECOND);
    this.#filled = now;
    while (this.#queue.length > 0 && this.#tokens >= 1) {
      this.#tokens -= 1;
      this.out(this.#queue.shift()!);
    }
    if (this.#queue.length === 0 || this.#timer) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#drain();
      },
      ((1 - this.#tokens) / PER_SECOND) * 1000,
    );
  }
}
