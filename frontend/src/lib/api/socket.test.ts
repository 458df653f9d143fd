// The socket against a line that we hold ourselves: order, resuming, and that nothing is said twice or lost.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLOSE, Socket, type Line, type TopicName } from './socket.svelte';
import { isProblem } from './problem';
import { session } from './session.svelte';
import type { ClientFrame, Me, ServerFrame, TopicEvent } from './types';

/** Our end of a line: what was sent, and what the server says. */
class FakeLine implements Line {
  sent: ClientFrame[] = [];
  closed = false;
  onmessage: Line['onmessage'] = null;
  onclose: Line['onclose'] = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }
  close(): void {
    this.closed = true;
  }
  says(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  hello(retryMs = 500): this {
    this.says({ t: 'hello', person_id: 'me', now: new Date().toISOString(), retry_ms: retryMs });
    return this;
  }
  breaks(code = 1006, reason = ''): void {
    this.onclose?.({ code, reason });
  }
  of<T extends ClientFrame['t']>(kind: T): Extract<ClientFrame, { t: T }>[] {
    return this.sent.filter((frame) => frame.t === kind) as Extract<ClientFrame, { t: T }>[];
  }
  /** Answers the last subscription to a topic. */
  subscribed(topic: string, seq: number, snapshot: unknown, recovered = false): void {
    const asked = this.of('subscribe').filter((frame) => frame.topic === topic);
    this.says({ t: 'subscribed', id: asked[asked.length - 1]!.id, topic, seq, recovered, snapshot });
  }
  event(topic: string, ...seqs: number[]): void {
    // The socket does not look at bodies: a number in its place is easy to follow.
    const events = seqs.map((seq) => ({ seq, kind: 'message.published', body: seq }) as unknown as TopicEvent);
    this.says({ t: 'events', topic, events });
  }
}

let lines: FakeLine[];
let socket: Socket;
let chance: number;
const last = () => lines[lines.length - 1]!;
const message = (text: string) =>
  ({ t: 'message.send', channel: 'c', client_id: `client-${text}`, text, file_id: null }) as const;

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  chance = 1;
  socket = new Socket(
    () => {
      const line = new FakeLine();
      lines.push(line);
      return line;
    },
    () => chance,
  );
});
afterEach(() => vi.useRealTimers());

/** A page that listens to the hall, as pages do. */
function listen(topic: TopicName = 'hall:1') {
  const heard: unknown[] = [];
  const stop = socket.subscribe(topic, {
    snapshot: (snapshot) => heard.push({ snapshot }),
    event: ({ seq }) => heard.push(seq),
    problem: (problem) => heard.push(problem.code),
  });
  return { heard, stop };
}

describe('a topic', () => {
  it('is subscribed after the greeting, not before', () => {
    listen();
    expect(last().sent).toEqual([]);
    last().hello();
    expect(last().of('subscribe')).toMatchObject([{ topic: 'hall:1', after: null }]);
  });

  it('gives the snapshot, then only events above its number', () => {
    const { heard } = listen();
    last().hello();
    last().event('hall:1', 8, 9);
    last().subscribed('hall:1', 10, { state: 'ten' });
    last().event('hall:1', 9, 10, 11, 13);
    last().event('hall:1', 13, 14);
    expect(heard).toEqual([{ snapshot: { state: 'ten' } }, 11, 13, 14]);
  });

  it('goes on from the last number after a break', () => {
    const { heard } = listen();
    last().hello();
    last().subscribed('hall:1', 10, 'ten');
    last().event('hall:1', 11, 12);
    last().breaks();
    vi.advanceTimersByTime(500);
    expect(lines).toHaveLength(2);
    last().hello();
    expect(last().of('subscribe')).toMatchObject([{ topic: 'hall:1', after: 12 }]);
    last().subscribed('hall:1', 15, null, true);
    last().event('hall:1', 12, 13, 14, 15);
    expect(heard).toEqual([{ snapshot: 'ten' }, 11, 12, 13, 14, 15]);
  });

  it('takes a fresh snapshot when the number was too old', () => {
    const { heard } = listen();
    last().hello();
    last().subscribed('hall:1', 10, 'ten');
    last().breaks();
    vi.advanceTimersByTime(500);
    last().hello();
    last().subscribed('hall:1', 900, 'nine hundred');
    last().event('hall:1', 900, 901);
    expect(heard).toEqual([{ snapshot: 'ten' }, { snapshot: 'nine hundred' }, 901]);
  });

  it('gives a second listener the state too, and goes on for the one that stays', () => {
    const one = listen();
    last().hello();
    last().subscribed('hall:1', 1, 'first');
    const two = listen();
    last().subscribed('hall:1', 2, 'second');
    one.stop();
    last().event('hall:1', 3);
    expect(two.heard).toEqual([{ snapshot: 'second' }, 3]);
    expect(last().of('unsubscribe')).toEqual([]);
    two.stop();
    expect(last().of('unsubscribe')).toMatchObject([{ topic: 'hall:1' }]);
  });

  it('says why it may not be read', () => {
    const { heard } = listen();
    last().hello();
    const { id } = last().of('subscribe')[0]!;
    last().says({ t: 'problem', id, problem: problem(403, 'not_yours') });
    expect(heard).toEqual(['not_yours']);
  });
});

describe('a command', () => {
  it('resolves with the body of its acknowledgement, whatever order they come in', async () => {
    listen();
    last().hello();
    const one = socket.send(message('one'));
    const two = socket.send(message('two'));
    const [first, second] = last().of('message.send');
    last().says({ t: 'ack', id: second!.id, body: 'two' });
    last().says({ t: 'ack', id: first!.id, body: 'one' });
    await expect(Promise.all([one, two])).resolves.toEqual(['one', 'two']);
    expect(socket.unanswered).toBe(0);
  });

  it('typed while the line is down is sent once, in order, with the same client id', async () => {
    listen();
    last().hello();
    last().breaks();
    const texts = ['a', 'b', 'c'];
    const all = Promise.all(texts.map((text) => socket.send(message(text))));
    vi.advanceTimersByTime(500);
    expect(last().sent).toEqual([]);
    last().hello();
    expect(
      last()
        .of('message.send')
        .map((frame) => frame.text),
    ).toEqual(texts);
    for (const frame of last().of('message.send')) last().says({ t: 'ack', id: frame.id, body: frame.client_id });
    await expect(all).resolves.toEqual(['client-a', 'client-b', 'client-c']);
    last().breaks();
    vi.advanceTimersByTime(1000);
    last().hello();
    expect(last().of('message.send')).toEqual([]);
  });

  it('that was sent but not acknowledged is repeated with the same ids, so that the server knows it again', async () => {
    listen();
    last().hello();
    const done = socket.send(message('x'));
    const [before] = last().of('message.send');
    last().breaks();
    vi.advanceTimersByTime(500);
    last().hello();
    const [after] = last().of('message.send');
    expect(after).toEqual(before);
    last().says({ t: 'ack', id: after!.id, body: null });
    await expect(done).resolves.toBeNull();
  });

  it('that is refused rejects with the problem', async () => {
    listen();
    last().hello();
    const refused = socket.send(message('x')).catch((error: unknown) => error);
    last().says({ t: 'problem', id: last().of('message.send')[0]!.id, problem: problem(403, 'muted') });
    const error = await refused;
    expect(isProblem(error, 'muted')).toBe(true);
    expect(socket.unanswered).toBe(0);
  });

  it('that came too fast is said again a little later', async () => {
    listen();
    last().hello();
    const done = socket.send(message('x'));
    const { id } = last().of('message.send')[0]!;
    last().says({ t: 'problem', id, problem: problem(429, 'too_many') });
    expect(last().of('message.send')).toHaveLength(1);
    vi.advanceTimersByTime(5000);
    expect(last().of('message.send')).toHaveLength(2);
    last().says({ t: 'ack', id, body: null });
    await expect(done).resolves.toBeNull();
  });

  it('waits its turn: never more than 20 frames in ten seconds', () => {
    listen();
    last().hello();
    for (let index = 0; index < 60; index += 1) void socket.send(message(String(index)));
    expect(last().sent.length).toBeLessThanOrEqual(20);
    const line = last();
    let before = line.sent.length;
    let most = 0;
    for (let second = 0; second < 40; second += 10) {
      vi.advanceTimersByTime(10_000);
      line.says({ t: 'pong', id: 'x', now: new Date().toISOString() });
      most = Math.max(most, line.sent.length - before);
      before = line.sent.length;
    }
    expect(most).toBeLessThanOrEqual(20);
    expect(line.of('message.send').map((frame) => frame.text)).toEqual(
      Array.from({ length: 60 }, (_, index) => String(index)),
    );
  });
});

describe('a line that is gone', () => {
  it('is tried again after longer and longer waits, all of them drawn', () => {
    listen();
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      last().breaks();
      const before = lines.length;
      let waited = 0;
      while (lines.length === before && waited < 60_000) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
    chance = 0.25;
    last().breaks();
    vi.advanceTimersByTime(5000);
    expect(lines).toHaveLength(10);
  });

  it('after a restart of the server comes back within the time the server named', () => {
    listen();
    last().hello(4000);
    chance = 0.5;
    last().breaks(CLOSE.restarting);
    vi.advanceTimersByTime(1999);
    expect(lines).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(lines).toHaveLength(2);
    // What is said at the end counts more than what was said at the beginning.
    last().hello(4000);
    last().breaks(CLOSE.busy, 'too many at once; retry_ms=9000');
    vi.advanceTimersByTime(4499);
    expect(lines).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(lines).toHaveLength(3);
  });

  it('is spread over the time the server named also when the server could say nothing at its end', () => {
    listen();
    last().hello(6000);
    last().breaks();
    vi.advanceTimersByTime(5999);
    expect(lines).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(lines).toHaveLength(2);
  });

  it('is tried at once when the network comes back', () => {
    listen();
    for (let round = 0; round < 6; round += 1) {
      last().breaks();
      vi.advanceTimersByTime(20_000);
    }
    last().breaks();
    const before = lines.length;
    socket.wake();
    expect(lines).toHaveLength(before + 1);
  });

  it('that only went silent is noticed by an unanswered ping', () => {
    listen();
    last().hello();
    vi.advanceTimersByTime(25_000);
    expect(last().of('ping')).toHaveLength(1);
    last().says({ t: 'pong', id: 'x', now: new Date().toISOString() });
    vi.advanceTimersByTime(25_000);
    expect(last().of('ping')).toHaveLength(2);
    const silent = last();
    vi.advanceTimersByTime(10_000);
    expect(silent.closed).toBe(true);
    expect(socket.status).toBe('waiting');
  });

  it('stays down when the sign-in has ended, and says so', () => {
    session.me = { person: { id: 'me' } } as Me;
    listen();
    last().hello();
    last().breaks(CLOSE.ended);
    vi.advanceTimersByTime(120_000);
    expect(lines).toHaveLength(1);
    expect(socket.status).toBe('ended');
    expect(session.me).toBeNull();
    socket.restart();
    expect(lines).toHaveLength(2);
  });

  it('with nobody listening is left alone', () => {
    const { stop } = listen();
    last().hello();
    stop();
    last().breaks();
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(1);
    expect(socket.status).toBe('idle');
  });
});

function problem(status: number, code: string) {
  return {
    type: `https://yunqia.dev/problems/${code}`,
    title: code,
    status,
    detail: null,
    code,
    request_id: null,
    errors: [],
    impact: null,
    free_slots: null,
    organisation: null,
  };
}
