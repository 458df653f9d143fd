// What was typed while the line was down is said once, whatever happens in between.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '$lib/api/socket.svelte';
import { ApiProblem, plainProblem } from '$lib/api/problem';
import { Outbox, type Sender } from './outbox.svelte';

interface Sent {
  command: Command;
  ack: (body?: unknown) => void;
  refuse: (error: unknown) => void;
}
let sent: Sent[];
let clock = 1000;
const sender: Sender = (command) =>
  new Promise((resolve, reject) => {
    sent.push({ command, ack: (body) => resolve(body as never), refuse: reject });
  });
const make = (person = 'me') =>
  new Outbox(
    sender,
    () => localStorage,
    () => person,
    () => clock,
  );
const settled = () => new Promise((done) => setTimeout(done));

beforeEach(() => {
  sent = [];
  clock = 1000;
  localStorage.clear();
});

describe('outbox', () => {
  it('keeps a message until it is acknowledged, then hands over what the server made of it', async () => {
    const outbox = make();
    const heard = vi.fn();
    outbox.listen(heard);
    outbox.say('message', 'c', 'hello');
    expect(outbox.of('message', 'c')).toHaveLength(1);
    expect(localStorage.length).toBe(1);
    sent[0]!.ack({ id: 'm1', state: 'held' });
    await settled();
    expect(outbox.items).toEqual([]);
    expect(localStorage.length).toBe(0);
    expect(heard).toHaveBeenCalledWith({ message: { id: 'm1', state: 'held' } });
  });

  it('says it again after a reload with the same client id', () => {
    make().say('message', 'c', 'said offline');
    const after = make();
    after.restore();
    expect(sent).toHaveLength(2);
    const [first, second] = sent.map((one) => (one.command as { client_id: string }).client_id);
    expect(second).toBe(first);
    after.restore();
    expect(sent).toHaveLength(2);
  });

  it('does not say for one person what another has typed', () => {
    make('one').say('message', 'c', 'mine');
    make('other').restore();
    expect(sent).toHaveLength(1);
  });

  it('keeps the words for their author when somebody else signs in on the same device', async () => {
    let person = 'one';
    const outbox = new Outbox(
      sender,
      () => localStorage,
      () => person,
      () => clock,
    );
    outbox.say('message', 'c', 'mine');
    person = 'other';
    sent[0]!.refuse(new Error('the person has changed'));
    await settled();
    expect(outbox.of('message', 'c')).toEqual([]);
    person = 'one';
    outbox.restore();
    expect(outbox.of('message', 'c')).toHaveLength(1);
    expect(sent).toHaveLength(2);
  });

  it('asks before it says what has grown old', () => {
    make().say('message', 'c', 'yesterday');
    clock += 24 * 3_600_000;
    const later = make();
    later.restore();
    expect(sent).toHaveLength(1);
    expect(later.items[0]).toMatchObject({ state: 'failed', text: 'yesterday' });
    later.again(later.items[0]!);
    expect(sent).toHaveLength(2);
  });

  it('shows why the server refused, and keeps the words', async () => {
    const outbox = make();
    outbox.say('message', 'c', 'buy now');
    sent[0]!.refuse(new ApiProblem({ ...plainProblem(409, 'Refused', null), detail: 'Advertising' }));
    await settled();
    expect(outbox.items[0]).toMatchObject({ state: 'failed', reason: 'Advertising', text: 'buy now' });
  });

  it('forgets what the topic has brought back, though the acknowledgement was lost', async () => {
    const outbox = make();
    outbox.say('message', 'c', 'hello');
    outbox.arrived([(sent[0]!.command as { client_id: string }).client_id]);
    expect(outbox.items).toEqual([]);
    sent[0]!.refuse(new Error('line lost'));
    await settled();
    expect(outbox.items).toEqual([]);
  });

  it('sends questions and messages apart', () => {
    const outbox = make();
    outbox.say('question', 's', 'why?');
    expect(outbox.of('message', 's')).toEqual([]);
    expect(sent[0]!.command).toMatchObject({ t: 'question.ask', session: 's', text: 'why?' });
  });
});
