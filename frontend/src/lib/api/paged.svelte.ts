// A list that the server hands out in pages, by cursor.
//
//   const letters = new Paged<LetterRow>('/operator/letters', { state: 'queued' });
//   await letters.first();   // in a load function, or `letters.ask({ state })` when a filter changes
import { api, type CallOptions } from './client';
import type { Page } from './types';

type Query = Record<string, string | number | boolean | null | undefined>;

export class Paged<T> {
  items = $state.raw<T[]>([]);
  next = $state<string | null>(null);
  total = $state<number | null>(null);
  busy = $state(false);
  error = $state.raw<unknown>();
  #asked = 0;

  constructor(
    readonly path: string,
    private query: Query = {},
    private readonly options: CallOptions = {},
  ) {}

  /** Reads the first page and throws what went wrong: for load functions. */
  async first(): Promise<this> {
    await this.ask(this.query);
    if (this.error) throw this.error;
    return this;
  }

  /** Starts over with other filters; an answer that was overtaken by a newer question is dropped. */
  async ask(query: Query): Promise<void> {
    this.query = query;
    await this.#read(null);
  }

  async more(): Promise<void> {
    if (this.next && !this.busy) await this.#read(this.next);
  }

  /** Puts a changed row in its place; a new one in front. */
  put(row: T, same: (one: T) => boolean): void {
    const at = this.items.findIndex(same);
    this.items = at < 0 ? [row, ...this.items] : this.items.map((one, index) => (index === at ? row : one));
  }

  async #read(after: string | null): Promise<void> {
    const asked = ++this.#asked;
    this.busy = true;
    this.error = undefined;
    try {
      const page = await api.get<Page<T>>(this.path, { ...this.query, after }, this.options);
      if (asked !== this.#asked) return;
      this.items = after === null ? page.items : [...this.items, ...page.items];
      this.next = page.next;
      this.total = page.total ?? (after === null ? null : this.total);
    } catch (error) {
      if (asked === this.#asked) this.error = error;
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  }
}
