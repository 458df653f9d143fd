// What the reader has said and the server has not yet acknowledged. It survives a lost network and a reloaded page, and
// is said once: a repeat carries the same client id, by which the server knows it.
import { newId } from '$lib/api/id';
import { ApiProblem } from '$lib/api/problem';
import { session } from '$lib/api/session.svelte';
import { socket, type Command } from '$lib/api/socket.svelte';
import type { Acks, FileRef, HallQuestion, Id, Message } from '$lib/api/types';
import { now } from '$lib/ui/now.svelte';

export interface Outgoing {
  client_id: Id;
  /** Who said it: another person at this device neither sees nor sends it. */
  person: Id | undefined;
  kind: 'message' | 'question';
  /** The channel of a message, the session of a question. */
  to: Id;
  text: string;
  file: FileRef | null;
  /** When it was typed, in milliseconds. */
  at: number;
  /** waiting: goes out now or as soon as the line is back · failed: the server refused it, `reason` says why */
  state: 'waiting' | 'failed';
  reason: string | null;
}

type Said = { message: Message } | { question: HallQuestion };
/** Sends a command and waits for its acknowledgement. */
export type Sender = <C extends Command>(command: C) => Promise<Acks[C['t']]>;
type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** After this long words have lost their moment: the author decides whether to say them still. */
const STALE_MS = 60 * 60_000;
const PREFIX = 'yunqia.outbox.';

export class Outbox {
  items = $state.raw<Outgoing[]>([]);
  #listeners = new Set<(said: Said) => void>();
  #restored = new Set<Id>();

  constructor(
    private readonly send: Sender,
    private readonly store: () => Store | null,
    private readonly person: () => Id | undefined,
    private readonly clock: () => number = () => Date.now(),
  ) {}

  /** What waits for one channel or session, oldest first. */
  of(kind: Outgoing['kind'], to: Id): Outgoing[] {
    return this.items.filter((one) => one.kind === kind && one.to === to && one.person === this.person());
  }

  say(kind: Outgoing['kind'], to: Id, text: string, file: FileRef | null = null): void {
    const item: Outgoing = {
      client_id: newId(),
      person: this.person(),
      kind,
      to,
      text,
      file,
      at: this.clock(),
      state: 'waiting',
      reason: null,
    };
    this.items = [...this.items, item];
    this.#keep(item);
    void this.#transmit(item);
  }

  /** The author tries again what was refused or had grown old. The same id: should it have arrived after all, it is known. */
  again(item: Outgoing): void {
    const renewed: Outgoing = { ...item, at: this.clock(), state: 'waiting', reason: null };
    this.#put(renewed);
    this.#keep(renewed);
    void this.#transmit(renewed);
  }

  discard(item: Outgoing): void {
    this.items = this.items.filter((one) => one.client_id !== item.client_id);
    this.#forget(item);
  }

  /** The topic told about a message that is ours: it has arrived, whether or not its acknowledgement did. */
  arrived(clientIds: Iterable<Id>): void {
    const known = new Set(clientIds);
    for (const item of this.items) if (known.has(item.client_id)) this.discard(item);
  }

  /** Calls back with what the server has taken from us, which for held messages no topic tells. */
  listen(listener: (said: Said) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes up what an earlier visit of this person left unsaid. */
  restore(): void {
    const person = this.person();
    if (!person || this.#restored.has(person)) return;
    this.#restored.add(person);
    const known = new Set(this.items.map((one) => one.client_id));
    for (const item of this.#kept(person)) {
      if (known.has(item.client_id)) continue;
      const stale = this.clock() - item.at > STALE_MS;
      const found: Outgoing = stale ? { ...item, state: 'failed', reason: null } : item;
      this.items = [...this.items, found];
      if (found.state === 'waiting') void this.#transmit(found);
    }
  }

  async #transmit(item: Outgoing): Promise<void> {
    try {
      if (item.kind === 'message') {
        const message = await this.send({
          t: 'message.send',
          channel: item.to,
          client_id: item.client_id,
          text: item.text,
          file_id: item.file?.id ?? null,
        });
        this.discard(item);
        for (const listener of this.#listeners) listener({ message });
      } else {
        const question = await this.send({
          t: 'question.ask',
          session: item.to,
          client_id: item.client_id,
          text: item.text,
        });
        this.discard(item);
        for (const listener of this.#listeners) listener({ question });
      }
    } catch (error) {
      if (item.person !== this.person()) {
        // Somebody else sits here now. The words stay in the store until their author comes back.
        this.items = this.items.filter((one) => one.person === this.person());
        this.#restored.clear();
        return;
      }
      // Only a refusal is final. Whatever else happened, the words stay and may be sent again.
      const reason = error instanceof ApiProblem ? error.message : null;
      if (this.items.some((one) => one.client_id === item.client_id)) this.#put({ ...item, state: 'failed', reason });
    }
  }

  #put(item: Outgoing): void {
    this.items = this.items.map((one) => (one.client_id === item.client_id ? item : one));
  }

  /** One entry for each, so that several tabs do not overwrite each other's. */
  #keep(item: Outgoing): void {
    if (!item.person) return;
    try {
      this.store()?.setItem(`${PREFIX}${item.person}.${item.client_id}`, JSON.stringify(item));
    } catch {
      // A full or forbidden store: it still goes out from memory.
    }
  }

  #forget(item: Outgoing): void {
    try {
      this.store()?.removeItem(`${PREFIX}${item.person ?? ''}.${item.client_id}`);
    } catch {
      // Nothing was kept either.
    }
  }

  #kept(person: Id): Outgoing[] {
    const found: Outgoing[] = [];
    try {
      const store = this.store();
      for (let index = 0; store && index < store.length; index += 1) {
        const key = store.key(index);
        if (!key?.startsWith(`${PREFIX}${person}.`)) continue;
        const text = store.getItem(key);
        if (text) found.push(JSON.parse(text) as Outgoing);
      }
    } catch {
      // What cannot be read cannot be said.
    }
    return found.sort((one, other) => one.at - other.at);
  }
}

export const outbox = new Outbox(
  (command) => socket.send(command),
  () => (typeof localStorage === 'undefined' ? null : localStorage),
  () => session.me?.person.id,
  () => now.ms,
);
