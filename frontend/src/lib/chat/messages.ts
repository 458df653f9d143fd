// What is said in a channel, as pure functions: putting messages together without a double and without a hole, and the
// lines that a reader sees. No clock, no socket; Thread brings both.
import type { Id, Message } from '$lib/api/types';

/** A message goes from "held" over "published" to one of the ends; what is further on is newer knowledge. */
const PROGRESS: Record<Message['state'], number> = { held: 0, published: 1, rejected: 2, withdrawn: 2, removed: 2 };

/** Of two views of one message the one that knows more. */
export function newer(known: Message | undefined, told: Message): Message {
  if (!known) return told;
  if (PROGRESS[told.state] < PROGRESS[known.state]) return known;
  // The topic speaks to everybody, so it leaves out the words of a rejected message; its author still has them.
  const keepsWords = told.text === '' && (told.state === 'held' || told.state === 'rejected');
  return keepsWords ? { ...told, text: known.text, links: known.links, file: known.file } : told;
}

/** One row for each message, in the order of the channel. A message that was published late moves to its final place. */
export function merge(list: readonly Message[], told: readonly Message[]): Message[] {
  const byId = new Map<Id, Message>(list.map((one) => [one.id, one]));
  for (const one of told) byId.set(one.id, newer(byId.get(one.id), one));
  return [...byId.values()].sort((one, other) => one.seq - other.seq);
}

/**
 * A fresh snapshot after a break: what was known before stays when the two overlap (pages that were scrolled up for), and
 * goes when there may be a hole between them.
 */
export function renew(list: readonly Message[], snapshot: readonly Message[]): { messages: Message[]; kept: boolean } {
  const first = snapshot[0];
  const known = new Set(list.map((one) => one.id));
  const overlaps = first === undefined || snapshot.some((one) => known.has(one.id));
  return { messages: merge(overlaps ? list : [], snapshot), kept: overlaps && list.length > 0 };
}

/**
 * A change told by the topic. Unknown messages count only when they are published now and belong into the window;
 * `hasOlder`: there is more above the first one, which will be read when the reader scrolls there.
 */
export function change(list: readonly Message[], told: Message, hasOlder: boolean): readonly Message[] {
  const known = list.some((one) => one.id === told.id);
  if (!known && told.state !== 'published') return list;
  const first = list[0];
  if (!known && hasOlder && first && told.seq < first.seq) return list;
  return merge(list, [told]);
}

/** Where unread messages begin: the place of the first of the last `unread` messages of others. */
export function unreadFrom(list: readonly Message[], me: Id | undefined, unread: number): number | null {
  let left = unread;
  for (let index = list.length - 1; index >= 0 && left > 0; index -= 1) {
    const one = list[index]!;
    if (one.author.id === me || one.state !== 'published') continue;
    left -= 1;
    if (left === 0) return one.seq;
  }
  // More is unread than is loaded: everything here is.
  return unread > 0 ? (list[0]?.seq ?? null) : null;
}

export type Line =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: 'unread' }
  | { kind: 'message'; key: Id; message: Message; own: boolean; headed: boolean };

/** Messages of one author within this time stand under one name. */
const TOGETHER_MS = 5 * 60_000;

/** The lines of a conversation: days, the mark where unread begins, messages with or without a name above. */
export function lines(
  list: readonly Message[],
  me: Id | undefined,
  unread: number | null,
  dayOf: (instant: string) => string,
): Line[] {
  const result: Line[] = [];
  let day = '';
  let before: Message | null = null;
  let marked = unread === null;
  for (const message of list) {
    const today = dayOf(message.created_at);
    if (today !== day) {
      day = today;
      before = null;
      result.push({ kind: 'day', key: `day-${today}`, at: message.created_at });
    }
    if (!marked && message.seq >= unread! && message.author.id !== me) {
      marked = true;
      before = null;
      result.push({ kind: 'unread', key: 'unread' });
    }
    const together: boolean =
      before !== null &&
      before.author.id === message.author.id &&
      Date.parse(message.created_at) - Date.parse(before.created_at) < TOGETHER_MS;
    const own = message.author.id === me;
    result.push({ kind: 'message', key: message.id, message, own, headed: !together });
    // What was taken away shows no name of its own, so the next message needs one.
    before = message.state === 'withdrawn' || message.state === 'removed' ? null : message;
  }
  return result;
}

export interface Segment {
  text: string;
  link: { url: string; host: string } | null;
}

/** A text cut at the links the server found in it (places in UTF-16 units). What is no clean web address stays text. */
export function segments(text: string, links: Message['links']): Segment[] {
  const result: Segment[] = [];
  let at = 0;
  for (const { from, to, url, host } of [...links].sort((one, other) => one.from - other.from)) {
    if (from < at || to <= from || to > text.length || !/^https?:\/\//i.test(url)) continue;
    if (from > at) result.push({ text: text.slice(at, from), link: null });
    result.push({ text: text.slice(from, to), link: { url, host } });
    at = to;
  }
  if (at < text.length) result.push({ text: text.slice(at), link: null });
  return result;
}

/** Characters as a reader counts them (the server's limit counts the same way). */
export const countCharacters = (text: string): number => [...text].length;
