// A conversation over breaks: what came while away is counted once, read marks go out once.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '$lib/api/session.svelte';
import { socket } from '$lib/api/socket.svelte';
import type { Me, Message, Unread } from '$lib/api/types';
import { now } from '$lib/ui/now.svelte';
import { Thread } from './thread.svelte';

const me = { id: 'me', family_name: 'me', given_name: '', honorific: null, organisation: null, former: false };
const other = { ...me, id: 'other' };
let at = 0;

function message(seq: number, author = other): Message {
  return {
    id: `m${seq}`,
    channel_id: 'c',
    seq,
    author,
    client_id: `k${seq}`,
    text: 'text',
    links: [],
    file: null,
    state: 'published',
    state_reason: null,
    created_at: new Date(at).toISOString(),
  };
}
const published = (one: Message) => ({ kind: 'message.published', body: one }) as const;

beforeEach(() => {
  at = Date.UTC(2026, 10, 23, 7);
  vi.spyOn(now, 'ms', 'get').mockImplementation(() => at);
  vi.spyOn(socket, 'send').mockResolvedValue({} as Unread);
  session.me = { person: { id: 'me' } } as unknown as Me;
});

describe('thread', () => {
  it('tells how many messages came while the line was down, and only those', () => {
    const thread = new Thread('c');
    thread.watch(true);
    thread.line(true);
    thread.snapshot([message(1)], { more: false });
    thread.event(published(message(2)));
    expect(thread.missed).toBeNull();

    at += 1000;
    thread.line(false);
    at += 30_000;
    const away = [message(3), message(4), message(5, me)];
    at += 30_000;
    thread.line(true);
    for (const one of away) thread.event(published(one));
    expect(thread.missed).toBe(2);
    at += 1000;
    thread.event(published(message(6)));
    expect(thread.missed).toBe(2);
  });

  it('takes an event twice as once', () => {
    const thread = new Thread('c');
    thread.snapshot([message(1)], { more: false });
    thread.event(published(message(2)));
    thread.event(published(message(2)));
    expect(thread.messages).toHaveLength(2);
    expect(thread.below).toBe(1);
  });

  it('is the same by snapshot and events as by a later snapshot', () => {
    const followed = new Thread('c');
    followed.snapshot([message(1)], { more: false });
    followed.event(published(message(2)));
    followed.event({ kind: 'message.changed', body: { ...message(1), state: 'withdrawn', text: '' } });
    const fresh = new Thread('c');
    fresh.snapshot([{ ...message(1), state: 'withdrawn', text: '' }, message(2)], { more: false });
    expect(followed.messages).toEqual(fresh.messages);
  });

  it('marks as read only while somebody looks, and each place once', () => {
    const thread = new Thread('c', { marksRead: true });
    thread.snapshot([message(1)], { more: false });
    expect(socket.send).not.toHaveBeenCalled();
    thread.watch(true);
    thread.watch(true);
    expect(socket.send).toHaveBeenCalledTimes(1);
    expect(socket.send).toHaveBeenCalledWith({ t: 'read', channel: 'c', seq: 1 });
    thread.watch(false);
    thread.event(published(message(2)));
    expect(socket.send).toHaveBeenCalledTimes(1);
    expect(thread.unread).toBe(2);
  });

  it('sends no marks for a hall', () => {
    const thread = new Thread('c');
    thread.snapshot([message(1)], { more: false });
    thread.watch(true);
    expect(socket.send).not.toHaveBeenCalled();
  });

  it('lets go of very old lines while at the end, and says that there is more', () => {
    const thread = new Thread('c');
    thread.snapshot(
      Array.from({ length: 600 }, (_, index) => message(index + 1)),
      { more: false },
    );
    thread.watch(true);
    expect(thread.messages).toHaveLength(400);
    expect(thread.more).toBe(true);
  });
});
