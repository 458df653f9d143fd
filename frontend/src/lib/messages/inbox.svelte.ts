// The reader's conversations, kept true by their own topic on all their devices.
import { untrack } from 'svelte';
import { api } from '$lib/api/client';
import type { Paged } from '$lib/api/paged.svelte';
import { session } from '$lib/api/session.svelte';
import { socket } from '$lib/api/socket.svelte';
import type { Channel, Id, Unread } from '$lib/api/types';
import { Thread } from '$lib/chat/thread.svelte';
import { inOrder, withChannel, withMessage, withUnread } from './channels';

export class Inbox {
  /** What has been read so far stands in the list itself, so that a page that is read later joins what events changed. */
  constructor(readonly list: Paged<Channel>) {}

  get channels(): Channel[] {
    return inOrder(this.list.items);
  }

  set channels(channels: Channel[]) {
    this.list.items = channels;
  }

  listen(): () => void {
    const me = untrack(() => session.me?.person.id);
    if (!me) return () => {};
    return socket.subscribe(`person:${me}`, {
      event: ({ kind, body }) => {
        if (kind === 'unread') void this.#told(body);
      },
    });
  }

  put(channel: Channel): void {
    this.channels = withChannel(this.channels, channel);
  }

  /** Follows one conversation until the returned function is called. */
  follow(thread: Thread, topic: `talk:${Id}` | `direct:${Id}`): () => void {
    return socket.subscribe(topic, {
      snapshot: (page) => {
        const known = this.channels.find((one) => one.id === thread.channel);
        thread.snapshot(page.messages, {
          more: 'more' in page ? page.more : page.messages.length >= 50,
          unread: known?.unread ?? 0,
        });
      },
      event: (event) => {
        if (!thread.event(event)) return;
        const last = thread.messages[thread.messages.length - 1];
        if (last) this.channels = inOrder(withMessage(this.channels, last));
      },
    });
  }

  async #told(told: Unread): Promise<void> {
    const known = this.channels.find((one) => one.id === told.channel_id);
    this.channels = withUnread(this.channels, told);
    // Something new was said, or somewhere new: the event does not say what.
    if (!known || told.unread > known.unread) await this.#read(told.channel_id);
  }

  async #read(id: Id): Promise<void> {
    const channel = await api.get<Channel>(`/channels/${id}`).catch(() => null);
    if (channel && channel.kind !== 'hall') this.put(channel);
  }
}
