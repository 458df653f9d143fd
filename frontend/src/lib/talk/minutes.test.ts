// Minutes that two people write at once: nothing is lost.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '$lib/api/client';
import { ApiProblem, NetworkProblem, plainProblem } from '$lib/api/problem';
import type { TalkMinutesDraft, TalkRoom } from '$lib/api/types';
import { both, together } from './minutes';
import { MinutesDraft } from './minutes.svelte';

const draft = (more: Partial<TalkMinutesDraft> = {}): TalkMinutesDraft => ({
  text: 'base',
  next_step: '',
  owner_id: null,
  due_on: null,
  ...more,
});
const room = (version: number, text: string, next_step = ''): TalkRoom =>
  ({ version, minutes: { text, next_step, owner: null, due_on: null, by: null } }) as unknown as TalkRoom;

describe('together', () => {
  it('takes from each side what only that side changed', () => {
    const { merged, conflicts } = together(draft(), draft({ text: 'ours' }), draft({ next_step: 'theirs' }));
    expect(merged).toEqual(draft({ text: 'ours', next_step: 'theirs' }));
    expect(conflicts).toEqual([]);
  });

  it('names what both changed differently, and keeps ours until somebody chooses', () => {
    const { merged, conflicts } = together(draft(), draft({ text: 'ours' }), draft({ text: 'theirs' }));
    expect(merged.text).toBe('ours');
    expect(conflicts).toEqual(['text']);
  });

  it('sees no conflict where both wrote the same', () => {
    expect(together(draft(), draft({ text: 'x' }), draft({ text: 'x' })).conflicts).toEqual([]);
  });

  it('holds both texts when both are kept', () => {
    expect(both('ours', 'theirs')).toBe('theirs\n\nours');
  });
});

describe('MinutesDraft', () => {
  let server: TalkRoom;
  const read = vi.fn(() => Promise.resolve(server));

  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    server = room(1, 'base');
    read.mockClear();
    vi.spyOn(api, 'put').mockImplementation((_path, body, options) => {
      if (options?.version !== server.version) throw new ApiProblem(plainProblem(412, 'Old', null));
      const sent = body as TalkMinutesDraft;
      server = room(server.version + 1, sent.text, sent.next_step);
      return Promise.resolve(server as never);
    });
  });
  afterEach(() => vi.useRealTimers());

  function write(minutes: MinutesDraft, text: string): void {
    minutes.now.text = text;
    minutes.changed();
  }

  it('saves a moment after the last key, once', async () => {
    const minutes = new MinutesDraft('b', server, read);
    write(minutes, 'a');
    write(minutes, 'ab');
    expect(minutes.state).toBe('changed');
    await vi.advanceTimersByTimeAsync(1500);
    expect(api.put).toHaveBeenCalledTimes(1);
    expect(server.minutes.text).toBe('ab');
    expect(minutes.state).toBe('saved');
    expect(localStorage.length).toBe(0);
  });

  it('puts both together when the other side was faster in another field', async () => {
    const minutes = new MinutesDraft('b', server, read);
    write(minutes, 'ours');
    server = room(2, 'base', 'their step');
    await vi.advanceTimersByTimeAsync(4000);
    expect(server.minutes).toMatchObject({ text: 'ours', next_step: 'their step' });
    expect(minutes.state).toBe('saved');
  });

  it('shows both versions when the other side was faster in the same field, and saves the choice', async () => {
    const minutes = new MinutesDraft('b', server, read);
    write(minutes, 'ours');
    server = room(2, 'theirs');
    await vi.advanceTimersByTimeAsync(4000);
    expect(minutes.state).toBe('conflict');
    expect(minutes.theirs?.text).toBe('theirs');
    expect(server.minutes.text).toBe('theirs');
    minutes.choose('both');
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.minutes.text).toBe('theirs\n\nours');
    expect(minutes.state).toBe('saved');
  });

  it('keeps the words on this device while the network is gone, and sends them later', async () => {
    const minutes = new MinutesDraft('b', server, read);
    vi.mocked(api.put).mockRejectedValueOnce(new NetworkProblem('network'));
    write(minutes, 'offline words');
    await vi.advanceTimersByTimeAsync(1300);
    expect(minutes.state).toBe('failed');
    expect(localStorage.length).toBe(1);
    const reopened = new MinutesDraft('b', server, read);
    expect(reopened.now.text).toBe('offline words');
    await vi.advanceTimersByTimeAsync(6000);
    expect(server.minutes.text).toBe('offline words');
  });

  it('takes what the other side wrote while nothing was being written here', () => {
    const minutes = new MinutesDraft('b', server, read);
    minutes.told(room(2, 'from them'));
    expect(minutes.now.text).toBe('from them');
    expect(minutes.state).toBe('saved');
  });

  it('does not lose what is typed while a save is under way', async () => {
    const minutes = new MinutesDraft('b', server, read);
    let answer: (room: TalkRoom) => void = () => {};
    vi.mocked(api.put).mockImplementationOnce(() => new Promise((done) => (answer = done as never)));
    write(minutes, 'one');
    await vi.advanceTimersByTimeAsync(1300);
    expect(minutes.state).toBe('saving');
    write(minutes, 'one two');
    server = room(2, 'one');
    answer(server);
    await vi.advanceTimersByTimeAsync(3000);
    expect(server.minutes.text).toBe('one two');
    expect(minutes.now.text).toBe('one two');
  });
});
