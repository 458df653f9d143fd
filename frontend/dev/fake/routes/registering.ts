// Fake answers about registrations: questions, sending, changing, withdrawing, consents.
import type * as V from '../../../src/lib/api/types.ts';
import { must, page, Refusal, type Asked, type Route } from '../answer.ts';
import * as world from '../world.ts';

const card = (session: V.SessionPage) => world.sessionCard(session);
const isMine = (asked: Asked, company: string) =>
  asked.me?.memberships.some((one) => one.organisation.id === company) ?? false;

const [text, choice, yesNo, number] = [world.newId(), world.newId(), world.newId(), world.newId()];
const questions: V.SessionQuestion[] = [
  {
    id: text,
    kind: 'text',
    text: world.text('主要产品与年产值', '主要產品與年產值', 'Main products and yearly output'),
    options: [],
    required: true,
    withdrawn: false,
  },
  {
    id: choice,
    kind: 'choice',
    text: world.text('希望的用地方式', '希望的用地方式', 'How would you use land?'),
    options: [
      world.text('标准化厂房租赁', '標準化廠房租賃', 'Rent a standard plant'),
      world.text('购地自建', '購地自建', 'Buy land and build'),
      world.text('尚未确定', '尚未確定', 'Not decided yet'),
    ],
    required: true,
    withdrawn: false,
  },
  {
    id: number,
    kind: 'number',
    text: world.text('预计用工人数', '預計用工人數', 'Staff expected'),
    options: [],
    required: false,
    withdrawn: false,
  },
  {
    id: yesNo,
    kind: 'yes_no',
    text: world.text('是否需要翻译', '是否需要翻譯', 'Do you need an interpreter?'),
    options: [],
    required: true,
    withdrawn: false,
  },
];

function make(
  session: V.SessionPage,
  company: V.OrganisationCard,
  state: V.RegistrationState,
  reason: string | null = null,
): V.Registration {
  return {
    id: world.newId(),
    session_id: session.id,
    company,
    state,
    state_reason: reason,
    answers: { [text]: '工业机器人与自动化生产线，年产值 3 亿元', [choice]: 1, [yesNo]: false },
    attendees: [world.contactOf(company)],
    listed: true,
    consents: session.hosts.map((centre, index) => ({
      centre,
      given_at: index === 1 ? null : world.at(-2000),
      withdrawn_at: index === 2 ? world.at(-300) : null,
    })),
    created_at: world.at(-2000),
    decided_at: state === 'registered' ? null : world.at(-1500),
    version: 1,
  };
}

const [live, booking, , , closed] = world.sessions as [
  V.SessionPage,
  V.SessionPage,
  V.SessionPage,
  V.SessionPage,
  V.SessionPage,
];
const [first, second] = world.companies as [V.OrganisationCard, V.OrganisationCard];
export const registrations: V.Registration[] = [
  make(live, first, 'approved'),
  make(booking, first, 'approved'),
  make(closed, first, 'attended'),
  make(live, second, 'approved'),
  make(booking, second, 'returned', '请补充贵公司在四川的投资计划，以及能否安排中文或英文翻译。补充后我们会尽快审核。'),
];

/** The registration of the asker's company in a session. */
export const registrationIn = (asked: Asked, session: string) =>
  registrations.find((one) => one.session_id === session && isMine(asked, one.company.id)) ?? null;

const byId = (id: string | undefined) => must(registrations.find((one) => one.id === id));

function write(session: V.SessionPage, into: V.Registration, body: Record<string, unknown>): V.Registration {
  const given = body['consent_centre_ids'] as string[];
  into.answers = body['answers'] as V.Registration['answers'];
  into.consents = session.hosts.map((centre) => ({
    centre,
    given_at: given.includes(centre.id) ? world.at(0) : null,
    withdrawn_at: null,
  }));
  into.listed = body['listed'] === true;
  into.state = 'registered';
  into.state_reason = null;
  into.version += 1;
  return into;
}

export const registering: Route[] = [
  ['GET', /^\/sessions\/([^/]+)\/questions$/, () => questions],
  [
    'GET',
    /^\/me\/registrations$/,
    (asked): V.Page<V.RegistrationRow> =>
      page(
        registrations
          .filter((one) => isMine(asked, one.company.id))
          .filter((one) => !asked.query.get('session') || one.session_id === asked.query.get('session'))
          .map((registration) => ({
            registration,
            session: card(must(world.sessions.find((one) => one.id === registration.session_id))),
          })),
        asked.query,
        false,
      ),
  ],
  [
    'POST',
    /^\/sessions\/([^/]+)\/registrations$/,
    ({ params, body }) => {
      const session = must(world.sessions.find((one) => one.id === params[0]));
      const company = must(world.companies.find((one) => one.id === body['company_id']));
      const made = write(session, make(session, company, 'registered'), body);
      registrations.push(made);
      return made;
    },
  ],
  [
    'PUT',
    /^\/registrations\/([^/]+)$/,
    ({ params, body }) => {
      const found = byId(params[0]);
      return write(must(world.sessions.find((one) => one.id === found.session_id)), found, body);
    },
  ],
  [
    'POST',
    /^\/registrations\/([^/]+)\/withdraw$/,
    ({ params, body }) => Object.assign(byId(params[0]), { state: 'withdrawn', state_reason: body['reason'] }),
  ],
  [
    'PUT',
    /^\/registrations\/([^/]+)\/consents\/([^/]+)$/,
    ({ params }) => {
      const found = byId(params[0]);
      const consent = must(found.consents.find((one) => one.centre.id === params[1]));
      Object.assign(consent, { given_at: world.at(0), withdrawn_at: null });
      return found;
    },
  ],
  [
    'DELETE',
    /^\/registrations\/([^/]+)\/consents\/([^/]+)$/,
    ({ params, query }) => {
      const found = byId(params[0]);
      const talks = world.bookings.filter(
        (one) =>
          one.session_id === found.session_id &&
          one.company.id === found.company.id &&
          one.centre.id === params[1] &&
          one.state === 'confirmed',
      );
      if (talks.length > 0 && query.get('accept_impact') !== 'true') {
        throw new Refusal(409, 'impact', '这样做会影响已有的预约', {
          impact: talks.map((one) => ({
            booking_id: one.id,
            company: one.company,
            centre: one.centre,
            desk_id: one.desk_id,
            starts_at: one.starts_at,
            ends_at: one.ends_at,
            state: one.state,
            what: 'cancelled',
          })),
        });
      }
      const consent = must(found.consents.find((one) => one.centre.id === params[1]));
      consent.withdrawn_at = world.at(0);
      return found;
    },
  ],
];
