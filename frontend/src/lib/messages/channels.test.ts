// The list of conversations under events.
import { describe, expect, it } from 'vitest';
import type { Channel, Message } from '$lib/api/types';
import { inOrder, withChannel, withMessage, withUnread } from './channels';

const message = (seq: number, id = `m${seq}`) =>
  ({ id, seq, channel_id: 'a', created_at: `2026-11-23T07:0${seq}:00Z` }) as Message;
const channel = (id: string, last: Message | null, unread = 0): Channel => ({
  id,
  kind: 'direct',
  session_id: null,
  booking_id: null,
  company: null,
  centre: null,
  last,
  unread,
  head: last?.seq ?? 0,
  may_write: { ok: true, code: null, reason: null },
});

describe('conversations', () => {
  it('take the unread count that all devices are told', () => {
    const list = [channel('a', message(1), 3), channel('b', null, 2)];
    expect(withUnread(list, { channel_id: 'a', unread: 0, total: 2 }).map((one) => one.unread)).toEqual([0, 2]);
  });

  it('show the newest message, not one that was read again', () => {
    const list = [channel('a', message(3))];
    expect(withMessage(list, message(2))[0]?.last?.seq).toBe(3);
    expect(withMessage(list, message(4))[0]).toMatchObject({ head: 4, last: { seq: 4 } });
    const withdrawn = { ...message(3), state: 'withdrawn' } as Message;
    expect(withMessage(list, withdrawn)[0]?.last?.state).toBe('withdrawn');
  });

  it('stand by their newest message, empty ones last, each once', () => {
    const list = inOrder([channel('empty', null), channel('old', message(1)), channel('new', message(2))]);
    expect(list.map((one) => one.id)).toEqual(['new', 'old', 'empty']);
    expect(withChannel(list, channel('empty', message(5))).map((one) => one.id)).toEqual(['empty', 'new', 'old']);
    const again = inOrder([...list, channel('old', null), channel('older', message(0))]);
    expect(again.map((one) => one.id)).toEqual(['new', 'old', 'older', 'empty']);
  });
});
