// A session's hall, live: the snapshot of its topic and the events after it, with the chat as a Thread.
//
//   const hall = new Hall(sessionId);
//   $effect(() => hall.listen());
import { api } from '$lib/api/client';
import { isProblem, type ApiProblem } from '$lib/api/problem';
import { session } from '$lib/api/session.svelte';
import { socket } from '$lib/api/socket.svelte';
import type { HallQuestion, HallSnapshot, Id, Notice } from '$lib/api/types';
import { outbox, type Outgoing } from '$lib/chat/outbox.svelte';
import { Thread } from '$lib/chat/thread.svelte';
import { toast } from '$lib/ui/toast.svelte';
import {
  apply,
  begin,
  withNotice,
  withPresence,
  withQuestion,
  withVote,
  type HallEvent,
  type HallState,
} from './reduce';

/** Where the socket brings nothing for this long, the hall is read over HTTP, so that there is something to see. */
const PATIENCE_MS = 6000;

export class Hall {
  state = $state.raw<HallState | null>(null);
  thread = $state.raw<Thread | null>(null);
  problem = $state.raw<unknown>(null);
  /** A question while it is written; it outlives a look at another part of the hall. */
  draft = $state('');
  #heldListener: (() => void) | null = null;

  constructor(readonly sessionId: Id) {}

  get me(): Id | undefined {
    return session.me?.person.id;
  }

  /** A host has removed the reader. */
  get blocked(): boolean {
    return this.state?.blocked ?? isProblem(this.problem, 'blocked');
  }

  /** Questions of one's own that the server has not taken yet. */
  get asked(): Outgoing[] {
    return outbox.of('question', this.sessionId);
  }

  listen(): () => void {
    const follow = () =>
      socket.subscribe(`hall:${this.sessionId}`, {
        snapshot: (snapshot) => this.take(snapshot),
        event: (event) => this.event(event),
        presence: (change) => {
          if (this.state) this.state = withPresence(this.state, change);
        },
        problem: (problem) => this.#refused(problem),
      });
    let stop = follow();
    // Who was removed hears nothing from the hall any more; that the door is open again is told to themselves.
    const stopDoor =
      this.me &&
      socket.subscribe(`person:${this.me}`, {
        event: ({ kind }) => {
          if (kind !== 'access.changed' || !this.blocked) return;
          stop();
          stop = follow();
        },
      });
    const stopOutbox = outbox.listen((said) => {
      if ('question' in said && said.question.session_id === this.sessionId) this.put(said.question);
    });
    const timer = setTimeout(() => !this.state && void this.read(), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      stop();
      if (stopDoor) stopDoor();
      stopOutbox();
      this.#heldListener?.();
      this.#heldListener = null;
    };
  }

  /** Reads the hall over HTTP. */
  async read(): Promise<void> {
    try {
      this.take(await api.get<HallSnapshot>(`/sessions/${this.sessionId}/hall`));
    } catch (error) {
      if (!this.state) this.problem = error;
    }
  }

  take(snapshot: HallSnapshot): void {
    this.problem = null;
    this.state = begin(snapshot);
    if (this.thread?.channel !== snapshot.channel_id) this.thread = new Thread(snapshot.channel_id);
    this.thread.snapshot(snapshot.messages, { more: snapshot.messages.length >= 50 });
    // Held messages and questions are told to the hosts on a topic of their own.
    if (snapshot.me.moderator && !this.#heldListener) {
      this.#heldListener = socket.subscribe(`host:${this.sessionId}`, { event: (event) => this.event(event) });
    }
  }

  event(event: HallEvent): void {
    if (!this.state) return;
    this.thread?.event(event);
    this.state = apply(this.state, event, this.me);
    const isNewSanction = event.kind === 'sanction.changed' && event.body.active;
    // The topic does not say why: moderators read the list again.
    if (isNewSanction && this.state.me.moderator) void this.readSanctions();
  }

  /** Takes over a question as an act has just answered with it. */
  put(question: HallQuestion): void {
    if (this.state) this.state = withQuestion(this.state, question, this.me, true);
  }

  putNotice(notice: Notice): void {
    if (this.state) this.state = withNotice(this.state, notice);
  }

  ask(text: string): void {
    outbox.say('question', this.sessionId, text);
  }

  /** Shown at once; taken back if the server refuses it. */
  async vote(question: HallQuestion): Promise<void> {
    const on = !question.my_vote;
    if (this.state) this.state = withVote(this.state, question.id, on);
    try {
      await socket.send({ t: 'question.vote', question: question.id, on });
    } catch (error) {
      if (this.state) this.state = withVote(this.state, question.id, !on);
      toast.problem(error);
    }
  }

  async readSanctions(): Promise<void> {
    const snapshot = await api.get<HallSnapshot>(`/sessions/${this.sessionId}/hall`).catch(() => null);
    if (snapshot && this.state) this.state = { ...this.state, sanctions: snapshot.sanctions };
  }

  #refused(problem: ApiProblem): void {
    if (this.state && isProblem(problem, 'blocked')) this.state = { ...this.state, blocked: true };
    else this.problem = problem;
  }
}
