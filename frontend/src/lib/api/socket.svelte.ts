// One WebSocket per tab, all topics on it (subprotocol yunqia.v1).
//
//   $effect(() => socket.subscribe(`hall:${id}`, { snapshot: (hall) => …, event: ({ kind, body }) => … }));
//   await socket.send({ t: 'message.send', channel, client_id: newId(), text, file_id: null });
//
// A listener gets a snapshot, then events with growing numbers. After a break the socket subscribes again with the last number
// it saw: the server sends what was missed, or a fresh snapshot if that is too long ago. Events at or below the known
// number are dropped. A command waits, while the line is down, until it was acknowledged or refused; a repeat carries the
// same client id, which the server knows, so what was typed offline is said once.
import { language } from '$lib/i18n';
import { now } from '$lib/ui/now.svelte';
import { newId } from './id';
import { Pace } from './pace';
import { ApiProblem } from './problem';
import { session } from './session.svelte';
import type { Acks, ClientFrame, PersonCard, ServerFrame, TopicEvent, Topics } from './types';

type Kind = keyof Topics;
/** `hall:01890a5d-…`: a kind, a colon, an id. */
export type TopicName = `${Kind}:${string}`;
type KindOf<N extends TopicName> = N extends string
  ? { [K in Kind]: N extends `${K}:${string}` ? K : never }[Kind]
  : never;
export type SnapshotOf<N extends TopicName> = Topics[KindOf<N>]['snapshot'];
/** What may be told on a topic. A newer server may tell more: what is not known is passed over. */
export type EventOf<N extends TopicName> = Extract<TopicEvent, { kind: Topics[KindOf<N>]['event'] }>;

/** What a page does with a topic. */
export interface Listener<N extends TopicName = TopicName> {
  /** The whole state of the topic: take it and forget what was before. */
  snapshot?: (snapshot: SnapshotOf<N>, seq: number) => void;
  event?: (event: EventOf<N>) => void;
  presence?: (change: { count: number; joined: PersonCard[]; left: string[] }) => void;
  /** The topic may not be read, or not any more. */
  problem?: (problem: ApiProblem) => void;
}

type WithoutId<F> = F extends { id: string } ? Omit<F, 'id'> : never;
/** What a page may send; subscriptions and pings are the socket's own business. */
export type Command = WithoutId<Exclude<ClientFrame, { t: 'subscribe' | 'unsubscribe' | 'ping' }>>;

/** waiting: the line is down and will be tried again · ended: the sign-in is over · refused: too many tabs */
export type SocketStatus = 'idle' | 'connecting' | 'open' | 'waiting' | 'ended' | 'refused';

/** The part of a browser's WebSocket that is used here; tests bring their own. */
export interface Line {
  send(text: string): void;
  close(code?: number): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

/** What a listener takes is held together by `subscribe`; in here a topic is a name and its words are not looked at. */
interface Heard {
  snapshot?: (snapshot: unknown, seq: number) => void;
  event?: (event: TopicEvent) => void;
  presence?: Listener['presence'];
  problem?: Listener['problem'];
}

interface Topic {
  listeners: Set<Heard>;
  /** Last number seen; null before the first snapshot. */
  seq: number | null;
}

interface Pending {
  frame: ClientFrame & { id: string };
  resolve: (body: unknown) => void;
  reject: (error: unknown) => void;
  sent: boolean;
}

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 20_000;
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
const REFUSED_RETRY_MS = 60_000;

export const CLOSE = { restarting: 1012, busy: 1013, ended: 4001, behind: 4008, tooMany: 4009, tooFast: 4029 } as const;

export class Socket {
  status = $state<SocketStatus>('idle');

  #line: Line | null = null;
  #ready = false;
  #topics = new Map<string, Topic>();
  #subscribing = new Map<string, string>();
  #pending = new Map<string, Pending>();
  #failures = 0;
  #retryHintMs = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setTimeout> | undefined;
  readonly #pace: Pace;

  constructor(
    private readonly open: () => Line,
    private readonly random: () => number = Math.random,
  ) {
    this.#pace = new Pace((text) => this.#line?.send(text));
  }

  /** Listens to a topic until the returned function is called. */
  subscribe<N extends TopicName>(name: N, told: Listener<N>): () => void {
    const listener = told as Heard;
    const topic = this.#topics.get(name) ?? { listeners: new Set(), seq: null };
    this.#topics.set(name, topic);
    topic.listeners.add(listener);
    // A second listener needs the state too: the topic is read afresh, for all of them.
    topic.seq = null;
    if (this.#ready) this.#askFor(name, topic);
    else this.#connect();
    return () => this.#leave(name, listener);
  }

  /** Sends a command now or as soon as the line is back; resolves with the body of its acknowledgement. */
  send<C extends Command>(command: C): Promise<Acks[C['t']]> {
    const frame = { ...command, id: newId() } as ClientFrame & { id: string };
    return new Promise((resolve, reject) => {
      const pending: Pending = { frame, resolve: resolve as (body: unknown) => void, reject, sent: false };
      this.#pending.set(frame.id, pending);
      if (this.#ready) this.#transmit(pending);
      else this.#connect();
    });
  }

  /** How many commands have not been answered yet. */
  get unanswered(): number {
    return this.#pending.size;
  }

  /** The network or the page came back: try at once, or check that an open line still carries. */
  wake(): void {
    if (this.status === 'waiting') {
      this.#failures = 0;
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.#connect();
    } else if (this.status === 'open') {
      this.#ping();
    }
  }

  /** Opens the line anew, for another person or language; topics go on from where they were. */
  restart(): void {
    const line = this.#line;
    this.#drop();
    line?.close(1000);
    this.status = 'idle';
    this.#failures = 0;
    if (this.#topics.size > 0 || this.#pending.size > 0) this.#connect();
  }

  /** Forgets everything that was waiting: the person signed out. */
  forget(reason: unknown): void {
    for (const pending of this.#pending.values()) pending.reject(reason);
    this.#pending.clear();
    for (const topic of this.#topics.values()) topic.seq = null;
  }

  #connect(): void {
    if (this.#line || this.#retry || this.status === 'ended') return;
    this.status = 'connecting';
    let line: Line;
    try {
      line = this.open();
    } catch {
      this.#again(this.#backoff());
      return;
    }
    this.#line = line;
    line.onmessage = ({ data }) => {
      if (line !== this.#line) return;
      this.#take(JSON.parse(String(data)) as ServerFrame);
      if (line === this.#line) this.#beat();
    };
    line.onclose = ({ code, reason }) => {
      if (line !== this.#line) return;
      this.#retryHintMs = hintOf(reason) ?? this.#retryHintMs;
      this.#closed(code);
    };
    // A line that opens and then says nothing is as bad as none.
    this.#beat();
  }

  #take(frame: ServerFrame): void {
    switch (frame.t) {
      case 'hello':
        now.learn(frame.now);
        this.#retryHintMs = frame.retry_ms;
        this.#begin();
        break;
      case 'subscribed':
        this.#subscribed(frame);
        break;
      case 'events':
        this.#events(frame.topic, frame.events);
        break;
      case 'presence':
        for (const listener of this.#listeners(frame.topic)) listener.presence?.(frame);
        break;
      case 'ack':
        this.#answer(frame.id)?.resolve(frame.body);
        break;
      case 'problem':
        this.#refused(frame.id, new ApiProblem({ ...frame.problem, errors: frame.problem.errors ?? [] }));
        break;
      case 'pong':
        now.learn(frame.now);
        break;
    }
  }

  /** The server has greeted: take up every topic where it was left, then say what is waiting, in order. */
  #begin(): void {
    this.#ready = true;
    this.#failures = 0;
    this.status = 'open';
    for (const [name, topic] of this.#topics) this.#askFor(name, topic);
    for (const pending of this.#pending.values()) this.#transmit(pending);
  }

  #askFor(name: string, topic: Topic): void {
    const id = newId();
    this.#subscribing.set(id, name);
    this.#put({ t: 'subscribe', id, topic: name, after: topic.seq });
  }

  #subscribed(frame: Extract<ServerFrame, { t: 'subscribed' }>): void {
    this.#subscribing.delete(frame.id);
    const topic = this.#topics.get(frame.topic);
    if (!topic) return;
    if (frame.recovered) return;
    topic.seq = frame.seq;
    for (const listener of topic.listeners) listener.snapshot?.(frame.snapshot, frame.seq);
  }

  #events(name: string, events: TopicEvent[]): void {
    const topic = this.#topics.get(name);
    // Before the first snapshot an event says nothing: the snapshot will hold it.
    if (!topic || topic.seq === null) return;
    for (const event of events) {
      if (event.seq <= topic.seq) continue;
      topic.seq = event.seq;
      for (const listener of topic.listeners) listener.event?.(event);
    }
  }

  #refused(id: string | null, problem: ApiProblem): void {
    if (id === null) return;
    const name = this.#subscribing.get(id);
    if (name !== undefined) {
      this.#subscribing.delete(id);
      for (const listener of this.#listeners(name)) listener.problem?.(problem);
      return;
    }
    const pending = this.#pending.get(id);
    if (pending && problem.status === 429) {
      // Too fast for the server: the command keeps its place and its client id and is said again a little later.
      setTimeout(() => this.#ready && this.#pending.has(id) && this.#transmit(pending), 2000 + this.random() * 3000);
      return;
    }
    this.#answer(id)?.reject(problem);
  }

  #answer(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #transmit(pending: Pending): void {
    pending.sent = true;
    this.#put(pending.frame);
  }

  #put(frame: ClientFrame): void {
    this.#pace.send(JSON.stringify(frame));
  }

  #leave(name: string, listener: Heard): void {
    const topic = this.#topics.get(name);
    if (!topic?.listeners.delete(listener) || topic.listeners.size > 0) return;
    this.#topics.delete(name);
    if (this.#ready) this.#put({ t: 'unsubscribe', id: newId(), topic: name });
  }

  #listeners(name: string): Iterable<Heard> {
    return this.#topics.get(name)?.listeners ?? [];
  }

  #drop(): void {
    this.#line = null;
    this.#ready = false;
    this.#pace.clear();
    this.#subscribing.clear();
    clearTimeout(this.#heartbeat);
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #closed(code: number): void {
    this.#drop();
    if (code === CLOSE.ended) {
      this.status = 'ended';
      session.ended();
      return;
    }
    if (this.#topics.size === 0 && this.#pending.size === 0) {
      this.status = 'idle';
      return;
    }
    if (code === CLOSE.tooMany) {
      this.#again(REFUSED_RETRY_MS * (0.5 + this.random() / 2), 'refused');
    } else if (code === CLOSE.behind) {
      this.#again(this.random() * BACKOFF_FIRST_MS);
    } else if (code === CLOSE.restarting || code === CLOSE.busy) {
      // Everybody was sent away at once: come back spread over the time the server asked for.
      this.#again(this.random() * Math.max(this.#retryHintMs, BACKOFF_FIRST_MS));
    } else {
      this.#again(this.#backoff());
    }
  }

  #again(wait: number, status: SocketStatus = 'waiting'): void {
    this.status = status;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#connect();
    }, wait);
  }

  /**
   * Full jitter: anything between nothing and a ceiling that doubles with every failure. It begins at the server's hint, because
   * a server that dies says nothing and all its lines break in the same moment.
   */
  #backoff(): number {
    const ceiling = Math.min(BACKOFF_MAX_MS, Math.max(this.#retryHintMs, BACKOFF_FIRST_MS * 2 ** this.#failures));
    this.#failures += 1;
    return this.random() * ceiling;
  }

  /** Something was heard: the line lives. After a silence it is asked. */
  #beat(): void {
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(() => this.#ping(), this.#ready ? PING_EVERY_MS : PONG_WITHIN_MS);
  }

  #ping(): void {
    if (this.#ready) this.#line?.send(JSON.stringify({ t: 'ping', id: newId() } satisfies ClientFrame));
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(
      () => {
        const line = this.#line;
        if (!line) return;
        this.#closed(1006);
        line.close();
      },
      this.#ready ? PONG_WITHIN_MS : 0,
    );
  }
}

/** Over what time the server wants all to come back: `restarting; retry_ms=4000`. */
function hintOf(reason: string): number | undefined {
  const hint = /\bretry_ms=(\d{1,6})\b/.exec(reason)?.[1];
  return hint === undefined ? undefined : Number(hint);
}

function openLine(): Line {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new WebSocket(`${scheme}://${location.host}/ws?locale=${language.now}`, 'yunqia.v1') as Line;
}

export const socket = new Socket(openLine);

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => socket.wake());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') socket.wake();
  });
}
