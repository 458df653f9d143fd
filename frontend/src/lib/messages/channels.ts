// The list of conversations and how events change it. Pure.
import type { Channel, Id, Message, Unread } from '$lib/api/types';

/**
 * Newest first; a conversation nobody has written in yet stands at the end. One that stands here already and comes again with
 * a later page of the list is kept as it is here, where events have changed it.
 */
export function inOrder(list: readonly Channel[]): Channel[] {
  const known = new Set<Id>();
  return list
    .filter((one) => !known.has(one.id) && known.add(one.id))
    .sort((one, other) => (other.last?.created_at ?? '').localeCompare(one.last?.created_at ?? ''));
}

export function withUnread(list: readonly Channel[], told: Unread): Channel[] {
  return list.map((one) => (one.id === told.channel_id ? { ...one, unread: told.unread } : one));
}

/** A message was said or changed in a conversation that is open here. */
export function withMessage(list: readonly Channel[], message: Message): Channel[] {
  return list.map((one) => {
    if (one.id !== message.channel_id) return one;
    const isNewest = !one.last || message.seq > one.last.seq || message.id === one.last.id;
    return isNewest ? { ...one, last: message, head: Math.max(one.head, message.seq) } : one;
  });
}

export function withChannel(list: readonly Channel[], channel: Channel): Channel[] {
  const rest = list.filter((one) => one.id !== channel.id);
  return inOrder([...rest, channel]);
}
