// Fake answers for the hall, the talk room, messages and the report.
import type * as V from '../../../src/lib/api/types.ts';
import { must, page, type Asked, type Route } from '../answer.ts';
import * as said from '../rooms.ts';
import { tell } from '../socket.ts';
import * as world from '../world.ts';
import { sessionFor, signedIn } from './anybody.ts';

const everybody = [world.operator, world.host, world.hostColleague, world.buyer, world.foreigner];
export const cardOf = (me: V.Me | null): V.PersonCard =>
  everybody.find((one) => one.id === me?.person.id) ?? world.buyer;

const place = ({ params }: Asked) => must(said.places.get(params[0]!));
const booking = ({ params }: Asked) => must(world.bookings.find((one) => one.id === params[0]));

function history(asked: Asked): V.MessagePage {
  const { messages, channel } = place(asked);
  const before = Number(asked.query.get('before') ?? Infinity);
  const limit = Number(asked.query.get('limit') ?? 50);
  const older = messages.filter((one) => one.seq < before);
  return { messages: older.slice(-limit), head: channel.head, more: older.length > limit };
}

function changeMessage(asked: Asked, change: Partial<V.Message>): V.Message {
  for (const { messages, topic } of said.places.values()) {
    const found = messages.find((one) => one.id === asked.params[0]);
    if (!found) continue;
    Object.assign(found, change);
    tell(topic, 'message.changed', found);
    return found;
  }
  const held = must(said.heldMessages.find((one) => one.id === asked.params[0]));
  said.heldMessages.splice(said.heldMessages.indexOf(held), 1);
  const published = { ...held, ...change };
  if (published.state === 'published') {
    published.seq = ++said.hall.channel.head;
    said.hall.messages.push(published);
    tell(said.hall.topic, 'message.published', published);
  }
  return published;
}

function changeQuestion(asked: Asked, change: Partial<V.HallQuestion>): V.HallQuestion {
  const held = said.heldQuestions.findIndex((one) => one.id === asked.params[0]);
  if (held >= 0) said.questions.push(...said.heldQuestions.splice(held, 1));
  const found = must(said.questions.find((one) => one.id === asked.params[0]));
  Object.assign(found, change);
  tell(said.hall.topic, 'question.changed', { ...found, my_vote: false });
  return found;
}

const decided = ({ body }: Asked) =>
  body['publish']
    ? ({ state: 'published', state_reason: null } as const)
    : ({ state: 'rejected', state_reason: String(body['reason']) } as const);

function moveOn(asked: Asked): V.SessionPage {
  const page = must(world.sessions.find((one) => one.id === asked.params[0]));
  page.current_item_id = String(asked.body['item_id']);
  const begun_at = new Date().toISOString();
  page.agenda = page.agenda.map((one) => (one.id === page.current_item_id ? { ...one, begun_at } : one));
  tell(`hall:${page.id}`, 'agenda.current', { item_id: page.current_item_id, begun_at });
  return page;
}

function sanction(asked: Asked): V.Sanction {
  const { body } = asked;
  const person = must(said.attendance().find((one) => one.person.id === body['person_id'])).person;
  const made: V.Sanction = {
    id: world.newId(),
    person,
    kind: body['kind'] as 'mute' | 'block',
    reason: String(body['reason']),
    until: body['minutes'] ? new Date(Date.now() + Number(body['minutes']) * 60_000).toISOString() : null,
    created_at: new Date().toISOString(),
  };
  said.sanctions.push(made);
  tell(said.hall.topic, 'sanction.changed', { person_id: person.id, kind: made.kind, active: true, until: made.until });
  return made;
}

function lift({ params }: Asked): void {
  const [gone] = said.sanctions.splice(
    said.sanctions.findIndex((one) => one.id === params[0]),
    1,
  );
  if (!gone) return;
  tell(said.hall.topic, 'sanction.changed', { person_id: gone.person.id, kind: gone.kind, active: false, until: null });
}

function saveMinutes(asked: Asked): V.TalkRoom {
  const of = booking(asked);
  const talk = said.talkOf(of);
  const { text, next_step, owner_id, due_on } = asked.body as unknown as V.TalkMinutesDraft;
  const owner = [of.staff, of.contact].find((one) => one.id === owner_id) ?? null;
  talk.minutes = { text, next_step, owner, due_on, by: cardOf(asked.me) };
  talk.version += 1;
  tell(`talk:${of.id}`, 'talk.changed', {});
  return said.talkFor(of, asked.me);
}

function sayWord(asked: Asked): V.TalkRoom {
  const of = booking(asked);
  const side = said.talkFor(of, asked.me).side === 'company' ? 'company' : 'centre';
  said.talkOf(of).words[side] = asked.body['word'] as V.Word;
  return said.talkFor(of, asked.me);
}

export const rooms: Route[] = [
  ['GET', /^\/sessions\/([^/]+)\/hall$/, (asked) => said.hallFor(asked.params[0]!, signedIn(asked))],
  ['GET', /^\/sessions\/([^/]+)\/attendance$/, ({ query }) => page(said.attendance(), query)],
  ['GET', /^\/sessions\/([^/]+)\/report$/, (asked) => said.reportOf(sessionFor(asked))],
  ['POST', /^\/sessions\/([^/]+)\/agenda\/current$/, moveOn],
  [
    'POST',
    /^\/sessions\/([^/]+)\/notices$/,
    ({ body }) => {
      const notice: V.Notice = {
        id: world.newId(),
        text: body['text'] as V.LocalText,
        state: 'active',
        created_at: new Date().toISOString(),
      };
      said.notices.push(notice);
      tell(said.hall.topic, 'notice.changed', notice);
      return notice;
    },
  ],
  [
    'POST',
    /^\/notices\/([^/]+)\/archive$/,
    ({ params }) => {
      const notice = must(said.notices.find((one) => one.id === params[0]));
      notice.state = 'archived';
      tell(said.hall.topic, 'notice.changed', notice);
      return notice;
    },
  ],
  ['POST', /^\/sessions\/([^/]+)\/sanctions$/, sanction],
  ['POST', /^\/sanctions\/([^/]+)\/lift$/, lift],
  [
    'POST',
    /^\/messages\/([^/]+)\/withdraw$/,
    (asked) => changeMessage(asked, { state: 'withdrawn', text: '', file: null }),
  ],
  ['POST', /^\/messages\/([^/]+)\/decide$/, (asked) => changeMessage(asked, decided(asked))],
  [
    'POST',
    /^\/messages\/([^/]+)\/remove$/,
    (asked) => changeMessage(asked, { state: 'removed', text: '', state_reason: String(asked.body['reason']) }),
  ],
  ['POST', /^\/hall-questions\/([^/]+)\/decide$/, (asked) => changeQuestion(asked, decided(asked))],
  [
    'POST',
    /^\/hall-questions\/([^/]+)\/answer$/,
    (asked) =>
      changeQuestion(asked, {
        state: 'answered',
        answer: String(asked.body['answer']),
        answered_by: cardOf(asked.me),
        answered_at: new Date().toISOString(),
      }),
  ],
  [
    'POST',
    /^\/hall-questions\/([^/]+)\/assign$/,
    (asked) => changeQuestion(asked, { owner: world.host, due_on: String(asked.body['due_on']) }),
  ],
  [
    'POST',
    /^\/hall-questions\/([^/]+)\/remove$/,
    (asked) => changeQuestion(asked, { state: 'removed', state_reason: String(asked.body['reason']) }),
  ],
  ['GET', /^\/talks\/([^/]+)$/, (asked) => said.talkFor(booking(asked), signedIn(asked))],
  [
    'POST',
    /^\/talks\/([^/]+)\/call$/,
    (asked) => {
      const of = booking(asked);
      const by = cardOf(asked.me);
      const other = by.id === of.contact.id ? of.staff : of.contact;
      tell(`person:${other.id}`, 'talk.called', { booking_id: of.id, by, at: new Date().toISOString() });
      tell(`talk:${of.id}`, 'talk.called', { booking_id: of.id, by, at: new Date().toISOString() });
    },
  ],
  ['PUT', /^\/talks\/([^/]+)\/minutes$/, saveMinutes],
  ['POST', /^\/talks\/([^/]+)\/word$/, sayWord],
  [
    'PUT',
    /^\/talks\/([^/]+)\/outcome$/,
    (asked) => {
      said.talkOf(booking(asked)).outcome = asked.body as unknown as V.TalkOutcome;
      return said.talkFor(booking(asked), asked.me);
    },
  ],
  [
    'GET',
    /^\/channels$/,
    (asked) => {
      const is = (side: 'company' | 'centre', one: V.Channel) =>
        !asked.query.get(side) || one[side]?.id === asked.query.get(side);
      const all = said.channelsFor(signedIn(asked));
      return page(
        all.filter((one) => is('company', one) && is('centre', one)),
        asked.query,
        false,
      );
    },
  ],
  [
    'POST',
    /^\/channels$/,
    ({ body }) => must(said.directOf(String(body['company_id']), String(body['centre_id']))).channel,
  ],
  ['GET', /^\/channels\/([^/]+)$/, (asked) => place(asked).channel],
  ['GET', /^\/channels\/([^/]+)\/messages$/, history],
  [
    'POST',
    /^\/channels\/([^/]+)\/files$/,
    (): V.FileRef => ({
      id: world.newId(),
      name: '项目资料.pdf',
      media_type: 'application/pdf',
      bytes: 1_200_000,
      url: '/api/files/file-3',
    }),
  ],
];
