// The hall as its visitors see it, and what each event makes of it. Pure: snapshot and events in, the next state out;
// the chat is a Thread of its own.
import type { EventOf } from '$lib/api/socket.svelte';
import type {
  AgendaCurrent,
  HallQuestion,
  HallSnapshot,
  Id,
  Message,
  Notice,
  PersonCard,
  SanctionChange,
  SessionPage,
} from '$lib/api/types';

/** A snapshot without what the Thread keeps. */
export interface HallState extends Omit<HallSnapshot, 'messages'> {
  /** A moderator has shown the reader out. */
  blocked: boolean;
}

/** On the hall's topic, and on that of its hosts. */
export type HallEvent = EventOf<`hall:${Id}` | `host:${Id}`>;
type Told<E = HallEvent> = E extends HallEvent ? Omit<E, 'seq'> : never;

export function begin(snapshot: HallSnapshot): HallState {
  const { messages: _, ...rest } = snapshot;
  return { ...rest, blocked: false };
}

/** What an event of the topics `hall:` and `host:` makes of the hall. Unknown kinds change nothing. */
export function apply(hall: HallState, { kind, body }: Told, me: Id | undefined): HallState {
  switch (kind) {
    case 'question.changed':
      return withQuestion(hall, body, me);
    case 'notice.changed':
      return withNotice(hall, body);
    case 'agenda.current':
      return withItem(hall, body);
    case 'session.changed':
      return { ...hall, session: keepMine(hall.session, body) };
    case 'sanction.changed':
      return withSanction(hall, body, me);
    case 'message.held':
      return withHeldMessage(hall, body);
    case 'question.held':
      return withHeldQuestion(hall, body);
    case 'message.published':
      return withHeldMessage(hall, body);
    default:
      return hall;
  }
}

/** The topic speaks to everybody: it knows neither my vote nor the words of what was not published. */
export function withQuestion(hall: HallState, told: HallQuestion, me: Id | undefined, fresh = false): HallState {
  const known = hall.questions.find((one) => one.id === told.id);
  const own = told.author.id === me;
  const question: HallQuestion = {
    ...told,
    my_vote: fresh ? told.my_vote : (known?.my_vote ?? told.my_vote),
    text: told.text || known?.text || '',
  };
  const rest = hall.questions.filter((one) => one.id !== told.id);
  const isShown = told.state === 'published' || told.state === 'answered' || (own && told.state !== 'withdrawn');
  const held = hall.held && {
    ...hall.held,
    questions: hall.held.questions.filter((one) => one.id !== told.id || told.state === 'held'),
  };
  return { ...hall, held, questions: isShown ? [...rest, question] : rest };
}

export function withVote(hall: HallState, id: Id, on: boolean): HallState {
  const questions = hall.questions.map((one) =>
    one.id === id && one.my_vote !== on ? { ...one, my_vote: on, votes: Math.max(0, one.votes + (on ? 1 : -1)) } : one,
  );
  return { ...hall, questions };
}

export function withNotice(hall: HallState, notice: Notice): HallState {
  const rest = hall.notices.filter((one) => one.id !== notice.id);
  const notices = notice.state === 'active' ? [notice, ...rest] : rest;
  return { ...hall, notices: notices.sort((one, other) => other.created_at.localeCompare(one.created_at)) };
}

function withItem(hall: HallState, { item_id, begun_at }: AgendaCurrent): HallState {
  const agenda = hall.session.agenda.map((item) => (item.id === item_id ? { ...item, begun_at } : item));
  return { ...hall, session: { ...hall.session, agenda, current_item_id: item_id } };
}

/** What the session is to the reader is not in what everybody is told. */
export function keepMine(known: SessionPage, told: SessionPage): SessionPage {
  if (told.mine) return told;
  return {
    ...told,
    mine: known.mine,
    can_register: known.can_register,
    can_book: known.can_book,
    can_see_companies: known.can_see_companies,
  };
}

function withSanction(hall: HallState, change: SanctionChange, me: Id | undefined): HallState {
  const isThis = (one: { person: PersonCard; kind: string }) =>
    one.person.id === change.person_id && one.kind === change.kind;
  const sanctions = change.active ? hall.sanctions : hall.sanctions.filter((one) => !isThis(one));
  const next: HallState = { ...hall, sanctions };
  if (change.person_id !== me) return next;
  if (change.kind === 'block') return { ...next, blocked: change.active };
  return { ...next, me: { ...hall.me, muted: change.active, muted_until: change.active ? change.until : null } };
}

function withHeldMessage(hall: HallState, message: Message): HallState {
  if (!hall.held) return hall;
  const rest = hall.held.messages.filter((one) => one.id !== message.id);
  return { ...hall, held: { ...hall.held, messages: message.state === 'held' ? [...rest, message] : rest } };
}

function withHeldQuestion(hall: HallState, question: HallQuestion): HallState {
  if (!hall.held) return hall;
  const rest = hall.held.questions.filter((one) => one.id !== question.id);
  return { ...hall, held: { ...hall.held, questions: question.state === 'held' ? [...rest, question] : rest } };
}

/** Somebody came or left; several tabs of one person count once, which the server sees to. */
export function withPresence(
  hall: HallState,
  { count, joined, left }: { count: number; joined: PersonCard[]; left: Id[] },
): HallState {
  const gone = new Set([...left, ...joined.map((one) => one.id)]);
  const people = [...hall.present.people.filter((one) => !gone.has(one.id)), ...joined];
  return { ...hall, present: { count, people } };
}

/** Questions as they are read: one's own that wait, then open ones by votes, then those that have an answer. */
export function inOrder(questions: readonly HallQuestion[]): HallQuestion[] {
  const rank = (one: HallQuestion) => (one.state === 'answered' ? 2 : one.state === 'published' ? 1 : 0);
  return [...questions].sort(
    (one, other) =>
      rank(one) - rank(other) || other.votes - one.votes || one.created_at.localeCompare(other.created_at),
  );
}

/** Whether the reader may not write just now; a mute with an end ends by itself. */
export const isMuted = (hall: HallState, now: number): boolean =>
  hall.me.muted && (hall.me.muted_until === null || Date.parse(hall.me.muted_until) > now);
