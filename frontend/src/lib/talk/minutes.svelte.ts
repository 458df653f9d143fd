// The minutes as somebody writes them: saved by themselves a moment after the last key, kept on this device until the
// server has them, and put together with what the other side wrote meanwhile.
import { untrack } from 'svelte';
import { api } from '$lib/api/client';
import { isProblem } from '$lib/api/problem';
import type { TalkMinutesDraft, TalkRoom } from '$lib/api/types';
import { both, draftOf, isSame, together, type MinutesField } from './minutes';

/** saved · changed: not sent yet · saving · conflict: somebody must choose · failed: tried again by itself */
export type MinutesState = 'saved' | 'changed' | 'saving' | 'conflict' | 'failed';

const SAVE_AFTER_MS = 1200;
const AGAIN_AFTER_MS = 5000;

export class MinutesDraft {
  now = $state<TalkMinutesDraft>({ text: '', next_step: '', owner_id: null, due_on: null });
  state = $state<MinutesState>('saved');
  /** What the other side wrote in the fields that both changed. */
  theirs = $state.raw<TalkMinutesDraft | null>(null);
  conflicts = $state.raw<MinutesField[]>([]);
  problem = $state.raw<unknown>(null);
  #base: TalkMinutesDraft;
  #version: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly bookingId: string,
    room: TalkRoom,
    /** Reads the talk again, and hands its answer to `told`. */
    private readonly read: () => Promise<TalkRoom>,
  ) {
    this.#base = draftOf(room.minutes);
    this.#version = room.version;
    this.now = { ...this.#base };
    untrack(() => this.#restore());
  }

  get key(): string {
    return `yunqia.minutes.${this.bookingId}`;
  }

  /** Called with every key: keeps a copy here and sends a moment later. */
  changed(): void {
    if (this.state === 'conflict') return;
    if (isSame(this.now, this.#base)) {
      this.#settle();
      return;
    }
    this.state = this.state === 'saving' ? 'saving' : 'changed';
    this.#keep();
    this.#later(SAVE_AFTER_MS);
  }

  /** The talk as the server has it now, after a change by anybody. */
  told(room: TalkRoom): void {
    const theirs = draftOf(room.minutes);
    const ours = this.now;
    if (this.state === 'saving') return;
    this.#version = room.version;
    const { merged, conflicts } = together(this.#base, ours, theirs);
    this.#base = theirs;
    this.now = merged;
    if (conflicts.length > 0) {
      this.state = 'conflict';
      this.theirs = theirs;
      this.conflicts = conflicts;
      this.#keep();
      clearTimeout(this.#timer);
    } else if (isSame(merged, theirs)) {
      this.#settle();
    } else {
      this.state = 'changed';
      this.#later(SAVE_AFTER_MS);
    }
  }

  /** Somebody has chosen: our version, theirs, or both texts under each other. */
  choose(which: 'ours' | 'theirs' | 'both'): void {
    const { theirs } = this;
    if (!theirs) return;
    for (const field of this.conflicts) {
      if (which === 'theirs') this.now = { ...this.now, [field]: theirs[field] };
      else if (which === 'both' && (field === 'text' || field === 'next_step'))
        this.now = { ...this.now, [field]: both(this.now[field], theirs[field]) };
    }
    this.theirs = null;
    this.conflicts = [];
    this.state = 'changed';
    this.changed();
    void this.save();
  }

  /** Sends what is not sent yet; on leaving, or when the line is back. */
  async save(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.state !== 'changed' && this.state !== 'failed') return;
    const sent = { ...this.now };
    this.state = 'saving';
    this.problem = null;
    try {
      const answer = await api.put<TalkRoom | undefined>(`/talks/${this.bookingId}/minutes`, sent, {
        version: this.#version,
      });
      this.#base = sent;
      this.state = 'saved';
      const room = answer?.minutes ? answer : await this.read();
      this.#version = room.version;
      if (isSame(this.now, sent)) this.#settle();
      this.told(room);
    } catch (error) {
      await this.#refused(error);
    }
  }

  async #refused(error: unknown): Promise<void> {
    this.state = 'failed';
    if (isProblem(error) && (error.status === 412 || error.status === 409)) {
      // Somebody else was faster: put both together and send that.
      try {
        this.told(await this.read());
        return;
      } catch (cause) {
        error = cause;
      }
    }
    this.problem = error;
    if (!isProblem(error) || error.status >= 500) this.#later(AGAIN_AFTER_MS);
  }

  #settle(): void {
    this.state = 'saved';
    this.problem = null;
    clearTimeout(this.#timer);
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was kept.
    }
  }

  #later(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), wait);
  }

  #keep(): void {
    try {
      localStorage.setItem(this.key, JSON.stringify({ base: this.#base, now: this.now }));
    } catch {
      // Then only this page has it.
    }
  }

  /** Takes up what an earlier visit could not save any more. */
  #restore(): void {
    try {
      const text = localStorage.getItem(this.key);
      if (!text) return;
      const kept = JSON.parse(text) as { base: TalkMinutesDraft; now: TalkMinutesDraft };
      const theirs = this.#base;
      const { merged, conflicts } = together(kept.base, kept.now, theirs);
      this.now = merged;
      if (conflicts.length > 0) {
        this.state = 'conflict';
        this.theirs = theirs;
        this.conflicts = conflicts;
      } else if (!isSame(merged, theirs)) {
        this.state = 'changed';
        this.#later(SAVE_AFTER_MS);
      } else {
        this.#settle();
      }
    } catch {
      // What cannot be read cannot be taken up.
    }
  }
}
