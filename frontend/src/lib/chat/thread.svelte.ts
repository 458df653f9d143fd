// One conversation as its reader has it: messages in order, what is on its way, where unread begins, how far was read.
//
//   const thread = new Thread(channelId, { marksRead: true });
//   $effect(() => thread.open());
//   thread.snapshot(page.messages, { more: page.more });   // from the topic's snapshot
//   thread.event(event);                                   // message.published, message.changed
import { untrack } from 'svelte';
import { api } from '$lib/api/client';
import { session } from '$lib/api/session.svelte';
import { socket } from '$lib/api/socket.svelte';
import type { Event, FileRef, Id, Message, MessagePage } from '$lib/api/types';
import { now } from '$lib/ui/now.svelte';
import { line } from './line.svelte';
import { change, merge, renew, unreadFrom } from './messages';
import { outbox, type Outgoing } from './outbox.svelte';

const OLDER_AT_ONCE = 50;
/** More lines than this are let go at the top while the reader is at the bottom; scrolling up reads them again. */
const LINES_MAX = 400;
/** A message may be taken back this long. */
export const WITHDRAW_MS = 120_000;

interface Options {
  /** Read marks are sent: in talks and direct conversations, not in a hall. */
  marksRead?: boolean;
}

export class Thread {
  messages = $state.raw<readonly Message[]>([]);
  /** There are older messages above. */
  more = $state(false);
  olderBusy = $state(false);
  olderError = $state.raw<unknown>();
  /** Place of the first message that was not seen when it came; a line is drawn above it. */
  unread = $state<number | null>(null);
  /** Messages of others that came below what is on the screen. */
  below = $state(0);
  /** Messages of others that came while the line was down; null when there is nothing to tell. */
  missed = $state<number | null>(null);
  /** The newest messages of others since the last look, for a screen reader. */
  heard = $state.raw<readonly Message[]>([]);
  #watching = false;
  #wasUp = false;
  #downAt: number | null = null;
  #upAt: number | null = null;
  #marked = 0;

  constructor(
    readonly channel: Id,
    private readonly options: Options = {},
  ) {
    untrack(() => outbox.restore());
  }

  get me(): Id | undefined {
    return session.me?.person.id;
  }

  get outgoing(): Outgoing[] {
    return outbox.of('message', this.channel);
  }

  /** Follows what the outbox delivers and how the line does; call it from an effect. */
  open(): () => void {
    const stop = outbox.listen((said) => {
      if ('message' in said && said.message.channel_id === this.channel) this.#add(said.message);
    });
    $effect(() => {
      const isUp = line.up;
      untrack(() => this.line(isUp));
    });
    return stop;
  }

  /** The newest messages as the server has them, with the number of unread ones where it is known. */
  snapshot(messages: readonly Message[], { more, unread = 0 }: { more: boolean; unread?: number }): void {
    const before = this.messages;
    const { messages: merged, kept } = renew(before, messages);
    this.messages = merged;
    if (!kept) this.more = more;
    if (unread > 0 && this.unread === null) this.unread = unreadFrom(merged, this.me, unread);
    if (before.length > 0) this.#count(merged.filter((one) => !before.some((known) => known.id === one.id)));
    outbox.arrived(messages.map((one) => one.client_id));
    this.read();
  }

  /** Returns whether the event was about messages. */
  event({ kind, body }: Event): boolean {
    if (kind !== 'message.published' && kind !== 'message.changed') return false;
    if (body.channel_id !== this.channel) return true;
    if (kind === 'message.published') this.#add(body);
    else this.put(body);
    return true;
  }

  /** Takes over what is known about a message now: an answer of the server, a change. */
  put(message: Message): void {
    this.messages = change(this.messages, message, this.more);
  }

  async older(): Promise<void> {
    const first = this.messages[0];
    if (!this.more || this.olderBusy || !first) return;
    this.olderBusy = true;
    this.olderError = undefined;
    try {
      const page = await api.get<MessagePage>(`/channels/${this.channel}/messages`, {
        before: first.seq,
        limit: OLDER_AT_ONCE,
      });
      this.messages = merge(this.messages, page.messages);
      this.more = page.more && page.messages.length > 0;
    } catch (error) {
      this.olderError = error;
    } finally {
      this.olderBusy = false;
    }
  }

  say(text: string, file: FileRef | null = null): void {
    this.unread = null;
    this.missed = null;
    outbox.say('message', this.channel, text, file);
  }

  async withdraw(message: Message): Promise<void> {
    this.put(await api.post<Message>(`/messages/${message.id}/withdraw`));
  }

  /** Whether the newest lines are before the reader's eyes. */
  watch(watching: boolean): void {
    this.#watching = watching;
    if (!watching) return;
    this.below = 0;
    this.read();
    if (this.messages.length > LINES_MAX) {
      this.messages = this.messages.slice(-LINES_MAX);
      this.more = true;
    }
  }

  /** Tells the server how far the reader has read, when there is something new to tell. */
  read(): void {
    const last = this.messages[this.messages.length - 1];
    if (!this.options.marksRead || !this.#watching || !last || last.seq <= this.#marked) return;
    this.#marked = last.seq;
    // A mark that is lost is made up for by the next one.
    void socket.send({ t: 'read', channel: this.channel, seq: last.seq }).catch(() => (this.#marked = 0));
  }

  #add(message: Message): void {
    const known = this.messages.some((one) => one.id === message.id && one.state === message.state);
    outbox.arrived([message.client_id]);
    this.messages = merge(this.messages, [message]);
    if (known) return;
    this.#count([message]);
    this.read();
  }

  #count(news: readonly Message[]): void {
    const others = news.filter((one) => one.author.id !== this.me && one.state === 'published');
    if (others.length === 0) return;
    this.heard = others;
    if (this.#downAt !== null && this.#upAt !== null) {
      const away = others.filter((one) => {
        const at = Date.parse(one.created_at);
        return at >= this.#downAt! && at <= this.#upAt!;
      });
      if (away.length > 0) this.missed = (this.missed ?? 0) + away.length;
    }
    if (this.#watching && this.missed === null) return;
    this.below += this.#watching ? 0 : others.length;
    this.unread ??= others[0]!.seq;
  }

  /** The line went up or down: what is said in between was missed. Before the first time it is up nothing can be missed. */
  line(isUp: boolean): void {
    if (isUp) {
      this.#wasUp = true;
      if (this.#downAt !== null) this.#upAt ??= now.ms;
    } else if (this.#wasUp && (this.#downAt === null || this.#upAt !== null)) {
      this.#downAt = now.ms;
      this.#upAt = null;
    }
  }
}
