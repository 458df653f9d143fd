// The hall by snapshot and events.
import { describe, expect, it } from 'vitest';
import type { HallQuestion, HallSnapshot, Message, PersonCard, SanctionChange, SessionPage } from '$lib/api/types';
import { apply, begin, inOrder, isMuted, keepMine, withPresence, withQuestion, withVote } from './reduce';

const person = (id: string): PersonCard => ({
  id,
  family_name: id,
  given_name: '',
  honorific: null,
  organisation: null,
  former: false,
});
const question = (id: string, more: Partial<HallQuestion> = {}): HallQuestion => ({
  id,
  session_id: 's',
  author: person('other'),
  text: id,
  state: 'published',
  state_reason: null,
  votes: 0,
  my_vote: false,
  answer: null,
  answered_by: null,
  answered_at: null,
  owner: null,
  due_on: null,
  created_at: '2026-11-23T07:00:00Z',
  version: 1,
  ...more,
});
const snapshot = (more: Partial<HallSnapshot> = {}): HallSnapshot => ({
  session: {
    id: 's',
    agenda: [{ id: 'a1' }, { id: 'a2' }],
    current_item_id: 'a1',
    mine: { host: true },
  } as unknown as SessionPage,
  seq: 1,
  channel_id: 'c',
  messages: [],
  questions: [question('q1', { my_vote: true, votes: 3 })],
  notices: [],
  present: { count: 1, people: [person('p1')] },
  me: { moderator: true, muted: false, muted_until: null },
  held: { messages: [], questions: [] },
  sanctions: [],
  ...more,
});
const hall = (more?: Partial<HallSnapshot>) => begin(snapshot(more));

describe('questions', () => {
  it('keep my vote when the topic, which does not know it, tells of them', () => {
    const next = apply(hall(), { kind: 'question.changed', body: question('q1', { votes: 4 }) }, 'me');
    expect(next.questions[0]).toMatchObject({ votes: 4, my_vote: true });
  });

  it('count a vote once, and take it back', () => {
    const voted = withVote(withVote(hall({ questions: [question('q')] }), 'q', true), 'q', true);
    expect(voted.questions[0]).toMatchObject({ votes: 1, my_vote: true });
    expect(withVote(voted, 'q', false).questions[0]).toMatchObject({ votes: 0, my_vote: false });
  });

  it('disappear when they are taken down, except for their author', () => {
    const removed = question('q1', { state: 'removed', text: '' });
    expect(apply(hall(), { kind: 'question.changed', body: removed }, 'me').questions).toEqual([]);
    const own = apply(hall(), { kind: 'question.changed', body: { ...removed, author: person('me') } }, 'me');
    expect(own.questions[0]).toMatchObject({ state: 'removed', text: 'q1' });
  });

  it('leave the queue of the hosts once they are decided', () => {
    const held = apply(hall(), { kind: 'question.held', body: question('q2', { state: 'held' }) }, 'me');
    expect(held.held?.questions).toHaveLength(1);
    expect(held.questions).toHaveLength(1);
    const decided = apply(held, { kind: 'question.changed', body: question('q2') }, 'me');
    expect(decided.held?.questions).toEqual([]);
    expect(decided.questions).toHaveLength(2);
  });

  it('are the same from an answer of the server as from its event', () => {
    const answered = question('q1', { state: 'answered', answer: 'yes', my_vote: true, votes: 3 });
    const byEvent = apply(hall(), { kind: 'question.changed', body: { ...answered, my_vote: false } }, 'me');
    expect(byEvent).toEqual(withQuestion(hall(), answered, 'me', true));
  });

  it('stand by votes, answered ones after open ones', () => {
    const list = [
      question('a', { state: 'answered', votes: 9 }),
      question('b', { votes: 1 }),
      question('c', { votes: 5 }),
    ];
    expect(inOrder(list).map((one) => one.id)).toEqual(['c', 'b', 'a']);
  });
});

describe('the review queue', () => {
  it('takes held messages in once and lets decided ones go', () => {
    const message = { id: 'm', state: 'held' } as Message;
    let now = apply(hall(), { kind: 'message.held', body: message }, 'me');
    now = apply(now, { kind: 'message.held', body: message }, 'me');
    expect(now.held?.messages).toHaveLength(1);
    now = apply(now, { kind: 'message.held', body: { ...message, state: 'rejected' } }, 'me');
    expect(now.held?.messages).toEqual([]);
  });

  it('is nobody’s business but the hosts’', () => {
    const guest = hall({ held: null });
    expect(apply(guest, { kind: 'message.held', body: { id: 'm', state: 'held' } as Message }, 'me')).toBe(guest);
  });
});

describe('agenda, notices, sanctions', () => {
  it('moves to an item and notes when it began', () => {
    const body = { item_id: 'a2', begun_at: '2026-11-23T07:10:00Z' };
    const { session } = apply(hall(), { kind: 'agenda.current', body }, 'me');
    expect(session.current_item_id).toBe('a2');
    expect(session.agenda[1]?.begun_at).toBe(body.begun_at);
  });

  it('keeps what the session is to the reader when everybody is told about it', () => {
    const told = { id: 's', mine: null } as unknown as SessionPage;
    expect(keepMine(hall().session, told).mine).toEqual({ host: true });
  });

  it('pins the newest notice first and takes down archived ones', () => {
    const notice = (id: string, state: 'active' | 'archived') => ({
      id,
      text: { 'zh-Hans': id, 'zh-Hant': null, en: null },
      state,
      created_at: `2026-11-23T07:0${id}:00Z`,
    });
    let now = apply(hall(), { kind: 'notice.changed', body: notice('1', 'active') }, 'me');
    now = apply(now, { kind: 'notice.changed', body: notice('2', 'active') }, 'me');
    expect(now.notices.map((one) => one.id)).toEqual(['2', '1']);
    now = apply(now, { kind: 'notice.changed', body: notice('2', 'archived') }, 'me');
    expect(now.notices.map((one) => one.id)).toEqual(['1']);
  });

  it('mutes the reader until the end of the mute, which comes by itself', () => {
    const until = '2026-11-23T08:00:00Z';
    const body: SanctionChange = { person_id: 'me', kind: 'mute', active: true, until };
    const muted = apply(hall(), { kind: 'sanction.changed', body }, 'me');
    expect(isMuted(muted, Date.parse(until) - 1)).toBe(true);
    expect(isMuted(muted, Date.parse(until) + 1)).toBe(false);
    const free = apply(muted, { kind: 'sanction.changed', body: { ...body, active: false } }, 'me');
    expect(isMuted(free, 0)).toBe(false);
  });

  it('shows the reader out, and nobody else', () => {
    const body: SanctionChange = { person_id: 'p1', kind: 'block', active: true, until: null };
    expect(apply(hall(), { kind: 'sanction.changed', body }, 'me').blocked).toBe(false);
    expect(apply(hall(), { kind: 'sanction.changed', body }, 'p1').blocked).toBe(true);
  });
});

it('lists a person once, however often they are told to have come', () => {
  let now = withPresence(hall(), { count: 2, joined: [person('p2')], left: [] });
  now = withPresence(now, { count: 2, joined: [person('p2')], left: [] });
  expect(now.present.people.map((one) => one.id)).toEqual(['p1', 'p2']);
  now = withPresence(now, { count: 1, joined: [], left: ['p1'] });
  expect(now.present.people.map((one) => one.id)).toEqual(['p2']);
});
