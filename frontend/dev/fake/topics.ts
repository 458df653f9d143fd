// What the fake server says on a topic: its snapshot, and a message that was sent to a channel.
import type { ClientFrame, HallQuestion, Message, PersonCard } from '../../src/lib/api/types.ts';
import { timetableFor } from './routes/company.ts';
import * as rooms from './rooms.ts';
import * as world from './world.ts';

export function snapshotOf(topic: string, personId: string | null): unknown {
  const [kind, id = ''] = topic.split(':');
  const me = personId ? world.meOf(personId) : null;
  if (kind === 'person') return me;
  if (kind === 'timetable') {
    return timetableFor({
      method: 'GET',
      path: '',
      query: new URLSearchParams(),
      params: [id],
      body: {},
      me,
      headers: {},
    });
  }
  if (kind === 'hall') return rooms.hallFor(id, me);
  if (kind === 'talk') {
    const booking = world.bookings.find((one) => one.id === id);
    return booking ? rooms.talkFor(booking, me) : null;
  }
  if (kind === 'direct') {
    const place = rooms.places.get(id);
    return place && { messages: place.messages.slice(-50), head: place.channel.head, more: place.messages.length > 50 };
  }
  if (kind === 'session') return world.sessions.find((one) => one.id === id) ?? null;
  return null;
}

const people = [world.operator, world.host, world.hostColleague, world.buyer, world.foreigner];
const speaker = (id: string | null): PersonCard => people.find((one) => one.id === id) ?? world.buyer;

/** The message, and the topic of the channel it was sent to. The same client id twice is the same message. */
export function said(
  frame: Extract<ClientFrame, { t: 'message.send' }>,
  personId: string | null,
): { topic: string; message: Message } {
  const place = rooms.places.get(frame.channel) ?? rooms.hall;
  const known = place.messages.find((one) => one.client_id === frame.client_id);
  if (known) return { topic: place.topic, message: known };
  const file = frame.file_id
    ? {
        id: frame.file_id,
        name: '项目资料.pdf',
        media_type: 'application/pdf',
        bytes: 1_200_000,
        url: '/api/files/file-3',
      }
    : null;
  const message = rooms.say(place, speaker(personId), frame.text, { client_id: frame.client_id, file });
  return { topic: place.topic, message };
}

export function asked(frame: Extract<ClientFrame, { t: 'question.ask' }>, personId: string | null): HallQuestion {
  const question: HallQuestion = {
    ...rooms.questions[0]!,
    id: world.newId(),
    author: speaker(personId),
    text: frame.text,
    state: 'published',
    votes: 0,
    answer: null,
    owner: null,
    due_on: null,
    created_at: new Date().toISOString(),
  };
  rooms.questions.push(question);
  return question;
}

export function voted(frame: Extract<ClientFrame, { t: 'question.vote' }>): HallQuestion | undefined {
  const question = rooms.questions.find((one) => one.id === frame.question);
  if (question) question.votes += frame.on ? 1 : -1;
  return question;
}

/** How much is unread now that somebody has read a channel up to a number. */
export function heard(frame: Extract<ClientFrame, { t: 'read' }>, personId: string | null) {
  const head = rooms.places.get(frame.channel)?.channel.head ?? 0;
  if (frame.seq >= head) rooms.readUpTo.set(`${personId} ${frame.channel}`, head);
  const me = personId ? world.meOf(personId) : null;
  const total = me ? rooms.channelsFor(me).reduce((sum, one) => sum + one.unread, 0) : 0;
  return { channel_id: frame.channel, unread: frame.seq >= head ? 0 : 1, total };
}
