// Fake answers for pages that anybody opens, for signing in and for the account.
import type * as V from '../../../src/lib/api/types.ts';
import { must, page, Refusal, type Asked, type Route } from '../answer.ts';
import * as world from '../world.ts';
import { registrationIn } from './registering.ts';

const LIVE: V.SessionState[] = ['live', 'talks'];
const PAST: V.SessionState[] = ['closed', 'archived', 'cancelled'];

function sessionsAsked({ query }: Asked): V.Page<V.SessionCard> {
  const when = query.get('when') ?? 'upcoming';
  const q = query.get('q') ?? '';
  const list = world.sessions.filter((one) => {
    const isPast = PAST.includes(one.state);
    const isLive = LIVE.includes(one.state);
    if (when === 'past' && !isPast) return false;
    if (when === 'live' && !isLive) return false;
    if (when === 'upcoming' && (isPast || isLive)) return false;
    return !q || JSON.stringify(one.theme).includes(q);
  });
  return page(list.map(world.sessionCard), query);
}

function matching({ query }: Asked): V.Opportunity[] {
  const has = (name: string, value: string) => !query.get(name) || query.get(name) === value;
  const q = query.get('q') ?? '';
  return world.opportunities.filter(
    (one) =>
      has('sector', one.sector) &&
      has('city', one.city) &&
      has('division', one.division) &&
      one.amount_wan >= Number(query.get('min_wan') ?? 0) &&
      one.amount_wan <= Number(query.get('max_wan') ?? Infinity) &&
      (!q || JSON.stringify(one.title).toLowerCase().includes(q.toLowerCase())),
  );
}

function facets(asked: Asked): V.OpportunityFacets {
  const list = matching(asked);
  const by = (key: 'sector' | 'city') =>
    [...new Set(list.map((one) => one[key]))].map((code) => ({
      code,
      count: list.filter((one) => one[key] === code).length,
    }));
  return {
    total: list.length,
    amount_wan: list.reduce((sum, one) => sum + one.amount_wan, 0),
    by_sector: by('sector'),
    by_city: by('city'),
  };
}

function enter(asked: Asked, personId: string): V.Me {
  const me = world.meOf(personId);
  if (!me)
    throw new Refusal(422, 'code_wrong', '验证码不正确或已过期', { detail: '验证码不正确或已过期，请重新获取。' });
  asked.headers['set-cookie'] = `fake=${personId}; Path=/; SameSite=Lax`;
  return me;
}

export const signedIn = (asked: Asked): V.Me => {
  if (!asked.me) throw new Refusal(401, 'not_signed_in', '请先登录');
  return asked.me;
};

export const sessionFor = (asked: Asked): V.SessionPage => {
  const session = must(world.sessions.find((one) => one.id === asked.params[0]));
  if (!asked.me) return session;
  const host = session.hosts.some((one) => asked.me!.memberships.some((mine) => mine.organisation.id === one.id));
  return {
    ...session,
    mine: {
      host,
      moderator: host,
      registration: registrationIn(asked, session.id),
      may_enter_hall: LIVE.includes(session.state)
        ? { ok: true, code: null, reason: null }
        : { ok: false, code: 'hall_closed', reason: '会场将在开始前 15 分钟开放' },
    },
  };
};

const signIns: V.SignIn[] = [
  {
    id: world.newId(),
    device: 'Chrome 109 · Windows 7',
    created_at: world.at(-40),
    last_seen_at: world.at(0),
    current: true,
  },
  {
    id: world.newId(),
    device: 'WeChat · Android',
    created_at: world.at(-9000),
    last_seen_at: world.at(-1500),
    current: false,
  },
];

export const anybody: Route[] = [
  ['GET', /^\/instance$/, () => world.instance],
  ['GET', /^\/divisions$/, () => world.divisions],
  ['GET', /^\/sectors$/, () => world.sectors],
  ['GET', /^\/run-sheets$/, () => world.runSheets],
  ['GET', /^\/zones$/, () => world.zones],
  ['GET', /^\/sessions$/, sessionsAsked],
  ['GET', /^\/sessions\/([^/]+)$/, sessionFor],
  [
    'GET',
    /^\/sessions\/([^/]+)\/projects$/,
    (asked) => world.opportunities.slice(0, Math.min(12, sessionFor(asked).projects)),
  ],
  ['GET', /^\/opportunities$/, (asked) => page(matching(asked), asked.query)],
  ['GET', /^\/opportunities\/facets$/, facets],
  ['GET', /^\/opportunities\/([^/]+)$/, ({ params }) => must(world.opportunities.find((one) => one.id === params[0]))],
  [
    'GET',
    /^\/centres$/,
    ({ query }) =>
      page(
        world.centres.filter((one) => !query.get('division') || one.division === query.get('division')),
        query,
        false,
      ),
  ],
  ['GET', /^\/centres\/([^/]+)$/, ({ params }) => must(world.centres.find((one) => one.id === params[0]))],
  ['POST', /^\/sign-in$/, () => ({ expires_at: world.at(10) })],
  ['POST', /^\/sign-in\/code$/, (asked) => enter(asked, asked.body['code'] === '000000' ? '' : world.buyer.id)],
  ['POST', /^\/sign-in\/link$/, (asked) => enter(asked, asked.body['token'] === 'old' ? '' : world.buyer.id)],
  ['POST', /^\/sign-out$/, (asked) => void (asked.headers['set-cookie'] = 'fake=; Path=/; Max-Age=0')],
  ['GET', /^\/demo\/people$/, () => world.demoPeople],
  ['POST', /^\/demo\/sign-in$/, (asked) => enter(asked, String(asked.body['person_id']))],
  [
    'GET',
    /^\/demo\/letters$/,
    ({ query }) =>
      page(
        world.letters
          .map((one) => one.letter)
          .filter((one) => !query.get('email') || one.to_email.includes(query.get('email')!)),
        query,
      ),
  ],
  ['GET', /^\/demo\/letters\/([^/]+)$/, ({ params }) => must(world.letters.find((one) => one.letter.id === params[0]))],
  ['GET', /^\/me$/, signedIn],
  ['PUT', /^\/me$/, (asked) => ({ ...signedIn(asked), person: { ...signedIn(asked).person, ...asked.body } })],
  ['GET', /^\/me\/sign-ins$/, () => signIns],
  ['DELETE', /^\/me\/sign-ins(\/[^/]+)?$/, () => undefined],
  ['POST', /^\/me\/feed$/, () => ({ feed_url: 'https://yunqia.example/feed/new.ics' })],
];
