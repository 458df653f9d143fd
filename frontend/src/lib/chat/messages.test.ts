// Messages put together: nothing twice, nothing lost, in the order of the channel.
import { describe, expect, it } from 'vitest';
import type { Message, PersonCard } from '$lib/api/types';
import { change, countCharacters, lines, merge, newer, renew, segments, unreadFrom } from './messages';

const person = (id: string): PersonCard => ({
  id,
  family_name: id,
  given_name: '',
  honorific: null,
  organisation: null,
  former: false,
});

function message(seq: number, more: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    channel_id: 'c',
    seq,
    author: person('other'),
    client_id: `k${seq}`,
    text: `text ${seq}`,
    links: [],
    file: null,
    state: 'published',
    state_reason: null,
    created_at: new Date(Date.UTC(2026, 10, 23, 7, seq)).toISOString(),
    ...more,
  };
}
const seqs = (list: readonly Message[]) => list.map((one) => one.seq);

describe('merge', () => {
  it('keeps one row for each message, in the order of the channel', () => {
    expect(seqs(merge([message(2), message(3)], [message(3), message(1), message(4)]))).toEqual([1, 2, 3, 4]);
  });

  it('moves a message that was published late to its final place', () => {
    const held = message(2, { state: 'held' });
    const list = merge([held, message(3)], [{ ...held, state: 'published', seq: 4 }]);
    expect(list.map((one) => one.id)).toEqual(['m3', 'm2']);
  });

  it('does not bring back what was withdrawn when an older page still has it', () => {
    const withdrawn = message(1, { state: 'withdrawn', text: '' });
    expect(merge([withdrawn], [message(1)])[0]).toMatchObject({ state: 'withdrawn', text: '' });
  });

  it('leaves the author the words of a rejected message', () => {
    const told = newer(message(1, { state: 'held', text: 'mine' }), message(1, { state: 'rejected', text: '' }));
    expect(told).toMatchObject({ state: 'rejected', text: 'mine' });
  });
});

describe('renew', () => {
  it('keeps pages that were scrolled up for when the snapshot overlaps them', () => {
    const { messages, kept } = renew([message(1), message(2), message(3)], [message(3), message(4)]);
    expect(seqs(messages)).toEqual([1, 2, 3, 4]);
    expect(kept).toBe(true);
  });

  it('starts over where there may be a hole', () => {
    const { messages, kept } = renew([message(1), message(2)], [message(60), message(61)]);
    expect(seqs(messages)).toEqual([60, 61]);
    expect(kept).toBe(false);
  });
});

describe('change', () => {
  it('ignores the end of a message that was never shown', () => {
    const list = [message(5)];
    expect(change(list, message(4, { state: 'rejected' }), false)).toBe(list);
  });

  it('does not open a hole above the window', () => {
    const list = [message(50), message(51)];
    expect(change(list, message(7), true)).toBe(list);
    expect(seqs(change(list, message(7), false))).toEqual([7, 50, 51]);
  });
});

describe('unreadFrom', () => {
  it('counts back over the messages of others only', () => {
    const list = [message(1), message(2), message(3, { author: person('me') }), message(4)];
    expect(unreadFrom(list, 'me', 2)).toBe(2);
    expect(unreadFrom(list, 'me', 0)).toBeNull();
    expect(unreadFrom(list, 'me', 99)).toBe(1);
  });
});

describe('lines', () => {
  const dayOf = (instant: string) => instant.slice(0, 10);

  it('puts a day above its messages, and the mark where unread begins', () => {
    const next = message(4, { created_at: '2026-11-24T00:00:00Z' });
    const kinds = lines([message(1), message(2), next], 'me', 2, dayOf).map((line) => line.kind);
    expect(kinds).toEqual(['day', 'message', 'unread', 'message', 'day', 'message']);
  });

  it('names an author once for what was said in a row, and again after something taken away', () => {
    const list = [message(1), message(2), message(3, { state: 'removed' }), message(4)];
    const headed = lines(list, 'me', null, dayOf).flatMap((line) => (line.kind === 'message' ? [line.headed] : []));
    expect(headed).toEqual([true, false, false, true]);
  });
});

describe('segments', () => {
  it('cuts at UTF-16 places, also behind characters outside the basic plane', () => {
    const text = '𠮷 https://a.example/x 好';
    const parts = segments(text, [{ from: 3, to: 22, url: 'https://a.example/x', host: 'a.example' }]);
    expect(parts.map((part) => part.text)).toEqual(['𠮷 ', 'https://a.example/x', ' 好']);
    expect(parts[1]?.link?.host).toBe('a.example');
  });

  it('makes no link of what is no web address, nor of places outside the text', () => {
    const link = { from: 0, to: 4, host: 'x' };
    expect(segments('text', [{ ...link, url: 'javascript:alert(1)' }])).toEqual([{ text: 'text', link: null }]);
    expect(segments('text', [{ ...link, to: 40, url: 'https://x' }])).toEqual([{ text: 'text', link: null }]);
  });

  it('loses no character when places overlap', () => {
    const links = [
      { from: 0, to: 5, url: 'https://a', host: 'a' },
      { from: 3, to: 8, url: 'https://b', host: 'b' },
    ];
    expect(
      segments('abcdefgh', links)
        .map((part) => part.text)
        .join(''),
    ).toBe('abcdefgh');
  });
});

it('counts characters as readers do', () => {
  expect(countCharacters('云洽𠮷')).toBe(3);
});
