// The fake server's world: organisations, people, sessions, bookings … in the shapes of the interface. Seeded, so that pictures
// of pages can be compared; all times stand relative to the moment it was started.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as V from '../../src/lib/api/types.ts';

type Named = { hans: string; hant: string; en: string };
const data = <T>(name: string): T =>
  JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../../server/domain/data/${name}.json`, import.meta.url)), 'utf8'),
  ) as T;

export const text = (hans: string | null, hant: string | null, en: string | null): V.LocalText => ({
  'zh-Hans': hans,
  'zh-Hant': hant,
  en,
});
const named = (one: Named) => text(one.hans, one.hant, one.en);

let seed = 20221;
/** SplitMix-like: the same numbers in every run. */
export function random(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
let ids = 0;
export const newId = (): string => `01900000-0000-7000-8000-${(++ids).toString(16).padStart(12, '0')}`;

// ── reference data

interface RawDivision {
  code: string;
  level: 'province' | 'city' | 'county';
  parent: string | null;
  name_hans: string;
  name_hant: string;
  short_hans: string;
  short_hant: string;
  name_en: string;
  short_en: string;
  pinyin: string;
  initials: string;
}
export const divisions: V.Division[] = data<{ divisions: RawDivision[] }>('sichuan-divisions').divisions.map((one) => ({
  code: one.code,
  level: one.level,
  parent: one.parent,
  name: text(one.name_hans, one.name_hant, one.name_en),
  short: text(one.short_hans, one.short_hant, one.short_en),
  pinyin: one.pinyin,
  initials: one.initials,
}));
export const counties = divisions.filter((one) => one.level === 'county');

interface RawSector extends Named {
  code: string;
  colour: string;
  subsectors: (Named & { code: string })[];
}
export const sectors: V.Sector[] = data<{ taxonomy: { sectors: RawSector[] }[] }>('sectors').taxonomy[0]!.sectors.map(
  (one) => ({
    code: one.code,
    name: named(one),
    colour: one.colour,
    subsectors: one.subsectors.map((sub) => ({ code: sub.code, name: named(sub) })),
  }),
);

interface RawSheet extends Named {
  code: string;
  items: (Named & { kind: V.AgendaKind; minutes: number })[];
  followed_by?: { slots: number; slot_minutes: number; buffer_minutes: number };
}
export const runSheets: V.RunSheet[] = data<{ templates: RawSheet[] }>('run-sheets')
  .templates.filter((one) => one.items)
  .map((one) => ({
    code: one.code,
    name: named(one),
    items: one.items.map((item) => ({ kind: item.kind, minutes: item.minutes, title: named(item) })),
    slots: one.followed_by?.slots ?? null,
    slot_minutes: one.followed_by?.slot_minutes ?? null,
    buffer_minutes: one.followed_by?.buffer_minutes ?? null,
  }));

export const zones: string[] = [
  ...data<{ zones: { tz: string }[] }>('time-zones').zones,
  ...data<{ zones: { tz: string }[] }>('zone-names').zones,
].map((one) => one.tz);

const started = Date.now();
/** An instant some minutes from now, on a full five minutes. */
export const at = (minutes: number): string =>
  new Date(Math.floor(started / 300_000) * 300_000 + minutes * 60_000).toISOString().replace('Z', '000Z');

export const instance: V.Instance = {
  name: text('云洽', '雲洽', 'Yunqia'),
  demo: true,
  version: '0.1.0',
  now: at(0),
  footer: {
    sponsor: '（演示）某省投资促进局',
    contact: 'service@yunqia.example',
    icp: null,
    police: null,
    map_review: null,
  },
  file_bytes_max: 10_000_000,
  privacy_contact: 'privacy@yunqia.example',
};

// ── organisations and people

const card = (
  kind: V.OrganisationKind,
  name: V.LocalText,
  division: string | null,
  country = 'CN',
): V.OrganisationCard => ({
  id: newId(),
  kind,
  name,
  division,
  country,
});

function centreOf(division: V.Division): V.OrganisationCard {
  const { name } = division;
  return card(
    'centre',
    text(`${name['zh-Hans']}投资促进中心`, `${name['zh-Hant']}投資促進中心`, `${name.en} Investment Promotion Centre`),
    division.code,
  );
}

const yantingDivision = counties.find((one) => one.code === '510723')!;
export const yanting = centreOf(yantingDivision);
export const centres: V.OrganisationCard[] = [
  yanting,
  ...counties
    .filter((one, index) => one !== yantingDivision && index % 5 === 2)
    .slice(0, 38)
    .map(centreOf),
];
export const bureau = card(
  'bureau',
  text('（演示）省投资促进局', '（演示）省投資促進局', '(Demo) Provincial Bureau'),
  '510000',
);

const COMPANIES: [string, string, string, string][] = [
  [
    '广东智汇机器人有限公司（演示）',
    '廣東智匯機器人有限公司（演示）',
    'Guangdong Zhihui Robotics Co., Ltd. (demo)',
    'CN',
  ],
  ['Rheintal Maschinenbau GmbH (demo)', 'Rheintal Maschinenbau GmbH (demo)', 'Rheintal Maschinenbau GmbH (demo)', 'DE'],
  ['香港恒裕食品集团有限公司（演示）', '香港恒裕食品集團有限公司（演示）', 'Hang Yu Foods Group Ltd. (demo)', 'HK'],
  [
    '浙江云帆新材料股份有限公司（演示）',
    '浙江雲帆新材料股份有限公司（演示）',
    'Zhejiang Yunfan New Materials Co., Ltd. (demo)',
    'CN',
  ],
  ['重庆兆丰酒业有限公司（演示）', '重慶兆豐酒業有限公司（演示）', 'Chongqing Zhaofeng Liquor Co., Ltd. (demo)', 'CN'],
  [
    '深圳微芯电子有限公司（演示）',
    '深圳微芯電子有限公司（演示）',
    'Shenzhen Weixin Electronics Co., Ltd. (demo)',
    'CN',
  ],
  ['台湾和泰精密股份有限公司（演示）', '台灣和泰精密股份有限公司（演示）', 'Hotai Precision Co., Ltd. (demo)', 'TW'],
  [
    '上海绿源能源科技有限公司（演示）',
    '上海綠源能源科技有限公司（演示）',
    'Shanghai Lvyuan Energy Technology Co., Ltd. (demo)',
    'CN',
  ],
  ['Kansai Packaging K.K. (demo)', 'Kansai Packaging K.K. (demo)', 'Kansai Packaging K.K. (demo)', 'JP'],
  [
    '北京凌峰冷链物流有限公司（演示）',
    '北京凌峰冷鏈物流有限公司（演示）',
    'Beijing Lingfeng Cold Chain Co., Ltd. (demo)',
    'CN',
  ],
  [
    '江苏博远轨道装备有限公司（演示）',
    '江蘇博遠軌道裝備有限公司（演示）',
    'Jiangsu Boyuan Rail Equipment Co., Ltd. (demo)',
    'CN',
  ],
  ['福建茗山茶业有限公司（演示）', '福建茗山茶業有限公司（演示）', 'Fujian Mingshan Tea Co., Ltd. (demo)', 'CN'],
];
export const companies = COMPANIES.map(([hans, hant, en, country]) =>
  card('company', text(hans, hant, en), null, country),
);

export function person(
  family: string,
  given: string,
  honorific: V.Honorific | null,
  organisation: V.OrganisationCard | null,
): V.PersonCard {
  return { id: newId(), family_name: family, given_name: given, honorific, organisation, former: false };
}
export const host = person('谢', '婷', 'zhuren', yanting);
export const hostColleague = person('罗', '建国', 'juzhang', yanting);
export const buyer = person('赵', '敏', 'zong', companies[0]!);
export const foreigner = person('Weber', 'Anna', 'ms', companies[1]!);
export const operator = person('王', '海', 'juzhang', bureau);
const FAMILY = '陈李刘张黄周吴徐孙马'.split('');
const GIVEN = ['志强', '丽娟', '晓东', '雅雯', '国华', '思远', '慧', '明', '子涵', '文博'];
const contacts = companies.map((one, index) =>
  index === 0 ? buyer : index === 1 ? foreigner : person(FAMILY[index % 10]!, GIVEN[index % 10]!, 'zong', one),
);
const staffOf = new Map(
  centres.map((one, index) => [
    one.id,
    index === 0 ? host : person(FAMILY[(index * 3) % 10]!, GIVEN[(index * 7) % 10]!, 'zhuren', one),
  ]),
);
export const contactOf = (company: V.OrganisationCard) => contacts[companies.indexOf(company)] ?? buyer;

// ── opportunities

const SHAPES: [string, string, string][] = [
  ['产业园建设项目', '產業園建設項目', 'industrial park'],
  ['精深加工基地项目', '精深加工基地項目', 'deep-processing base'],
  ['生产线项目', '生產線項目', 'production line'],
  ['研发与检测中心项目', '研發與檢測中心項目', 'R&D and testing centre'],
];
export const opportunities: V.Opportunity[] = Array.from({ length: 420 }, (_, index) => {
  const county = index < 8 ? yantingDivision : pick(counties);
  const sector = pick(sectors);
  const sub = pick(sector.subsectors);
  const [hans, hant, en] = pick(SHAPES);
  return {
    id: `p${index + 1}`,
    code: `OPP-2022-${String(index + 1).padStart(4, '0')}`,
    title: text(
      `${county.short['zh-Hans']}${sub.name['zh-Hans']}${hans}`,
      `${county.short['zh-Hant']}${sub.name['zh-Hant']}${hant}`,
      `${sub.name.en} ${en}, ${county.name.en}`,
    ),
    division: county.code,
    city: county.parent ?? county.code,
    centre: centres.find((one) => one.division === county.code) ?? null,
    sector: sector.code,
    subsector: sub.code,
    gbt4754: 'C39',
    amount_wan: Math.round(Math.exp(8.2 + random() * 4.6) / 500) * 500 + 3000,
    land_mu: Math.round(20 + random() * random() * 1800),
    mode: pick(['sole', 'sole', 'joint_venture', 'cooperation']),
    status: pick(['open', 'open', 'open', 'in_talks', 'signed']),
    version: 1,
  };
});

// ── sessions

const yes: V.Judgement = { ok: true, code: null, reason: null };
const no = (code: string, reason: string): V.Judgement => ({ ok: false, code, reason });

interface Plan {
  /** Readable in an address: /sessions/live */
  id: string;
  state: V.SessionState;
  theme: V.LocalText;
  summary: V.LocalText;
  series: string | null;
  hosts: V.OrganisationCard[];
  startsIn: number;
  sheet: number;
  slots: number;
  mode: V.BookingMode;
  register: V.Judgement;
  book: V.Judgement;
}

const PLANS: Plan[] = [
  {
    id: 'live',
    state: 'live',
    theme: text(
      '“云上盐亭”食品饮料产业网络推介会',
      '「雲上鹽亭」食品飲料產業網絡推介會',
      'Yanting in the Cloud: food and beverage session',
    ),
    summary: text(
      '介绍盐亭县食品饮料产业的用地、厂房、用工与物流条件，发布重点合作项目，并为每家企业安排一对一洽谈。',
      '介紹鹽亭縣食品飲料產業的用地、廠房、用工與物流條件，發佈重點合作項目，並為每家企業安排一對一洽談。',
      'Land, plants, staff and logistics for food and beverage makers in Yanting; key projects on offer; a one-to-one talk for every company.',
    ),
    series: null,
    hosts: [yanting],
    startsIn: -50,
    sheet: 0,
    slots: 8,
    mode: 'first_come',
    register: no('registration_closed', '报名已经截止'),
    book: yes,
  },
  {
    id: 'asked',
    state: 'booking_open',
    theme: text('四川—广东先进制造业投资合作网络推介会', '四川—廣東先進製造業投資合作網絡推介會', null),
    summary: text(
      '面向广东先进制造业企业，三个县（区）共同推介装备制造与电子信息配套项目。',
      '面向廣東先進製造業企業，三個縣（區）共同推介裝備製造與電子信息配套項目。',
      null,
    ),
    series: '粤港澳大湾区系列',
    hosts: [yanting, centres[4]!, centres[9]!],
    startsIn: 3 * 1440 + 300,
    sheet: 0,
    slots: 8,
    mode: 'request',
    register: yes,
    book: yes,
  },
  {
    id: 'series',
    state: 'registration_open',
    theme: text(
      '四川省三十九县线上一对一对接会',
      '四川省三十九縣線上一對一對接會',
      'Sichuan 39 counties: online one-to-one meeting',
    ),
    summary: text(
      '三十九个县的投资促进中心同时在线，每县一个洽谈席位、九个时段。企业可在一张时段表上安排全天洽谈。',
      '三十九個縣的投資促進中心同時在線，每縣一個洽談席位、九個時段。企業可在一張時段表上安排全天洽談。',
      'Thirty-nine county centres online at once, one desk and nine slots each. A company plans its whole day on one timetable.',
    ),
    series: '进千企',
    hosts: centres,
    startsIn: 9 * 1440 - 120,
    sheet: 1,
    slots: 9,
    mode: 'first_come',
    register: yes,
    book: no('booking_not_open', '预约尚未开放'),
  },
  {
    id: 'soon',
    state: 'published',
    theme: text(
      '川茶出海：精制川茶产业对接会',
      '川茶出海：精製川茶產業對接會',
      'Sichuan tea abroad: matchmaking meeting',
    ),
    summary: text(
      '精制川茶加工、包装与出口项目对接。',
      '精製川茶加工、包裝與出口項目對接。',
      'Processing, packaging and export of refined Sichuan tea.',
    ),
    series: null,
    hosts: [centres[12]!, centres[13]!],
    startsIn: 16 * 1440 + 60,
    sheet: 0,
    slots: 6,
    mode: 'first_come',
    register: no('registration_not_open', '报名尚未开始'),
    book: no('booking_not_open', '预约尚未开放'),
  },
  {
    id: 'closed',
    state: 'closed',
    theme: text('盐亭县现代农业网络沟通会', '鹽亭縣現代農業網絡溝通會', 'Yanting modern agriculture online meeting'),
    summary: text(
      '盐亭县现代农业项目介绍与政策解读。',
      '鹽亭縣現代農業項目介紹與政策解讀。',
      'Modern agriculture projects and policies of Yanting.',
    ),
    series: null,
    hosts: [yanting],
    startsIn: -20 * 1440,
    sheet: 0,
    slots: 6,
    mode: 'first_come',
    register: no('registration_closed', '报名已经截止'),
    book: no('booking_closed', '预约已经截止'),
  },
];

function makeSession(plan: Plan): V.SessionPage {
  const sheet = runSheets[plan.sheet] ?? runSheets[0]!;
  let minute = plan.startsIn;
  const agenda: V.AgendaItem[] = sheet.items.map((item, position) => {
    const starts = minute;
    minute += item.minutes;
    return {
      id: newId(),
      position,
      kind: item.kind,
      minutes: item.minutes,
      title: item.title,
      speaker: item.kind === 'speech' ? '罗建国' : null,
      starts_at: at(starts),
      begun_at: plan.state === 'live' && starts <= 0 ? at(starts) : null,
    };
  });
  const begun = agenda.filter((item) => item.begun_at);
  return {
    id: plan.id,
    state: plan.state,
    state_reason: null,
    theme: plan.theme,
    summary: plan.summary,
    series: plan.series,
    zone: 'Asia/Shanghai',
    starts_at: at(plan.startsIn),
    ends_at: at(minute + 25 * plan.slots),
    registration_opens_at: at(plan.startsIn - 20 * 1440),
    registration_closes_at: at(plan.startsIn - 120),
    booking_opens_at: at(plan.startsIn - 7 * 1440),
    booking_closes_at: at(minute + 25 * plan.slots - 60),
    booking_mode: plan.mode,
    slot_minutes: 20,
    buffer_minutes: 5,
    talks_per_company_max: plan.hosts.length > 3 ? 6 : 2,
    capacity: plan.hosts.length > 3 ? 160 : 22,
    audience: 'public',
    lead: plan.hosts[0]!,
    hosts: plan.hosts,
    agenda,
    current_item_id: begun[begun.length - 1]?.id ?? null,
    desks: plan.hosts.map((centre, position) => ({
      id: newId(),
      centre,
      name: text(null, null, null),
      room: null,
      position,
      staff: [staffOf.get(centre.id)!],
      version: 1,
    })),
    projects: plan.hosts.length > 3 ? 240 : 8,
    registrations: plan.state === 'published' ? 0 : plan.hosts.length > 3 ? 96 : 12,
    company_list: 'registered',
    can_see_companies: { ok: false, code: 'not_registered', reason: '贵企业尚未报名本场次。' },
    can_register: plan.register,
    can_book: plan.book,
    mine: null,
    version: 3,
  };
}

export const sessions = PLANS.map(makeSession);
const slotsOf = new Map(sessions.map((session, index) => [session.id, PLANS[index]!.slots]));

export const sessionCard = (session: V.SessionPage): V.SessionCard => ({
  id: session.id,
  state: session.state,
  theme: session.theme,
  lead: session.lead,
  hosts: session.hosts.length,
  starts_at: session.starts_at,
  ends_at: session.ends_at,
  zone: session.zone,
  series: session.series,
  registrations: session.registrations,
  desks: session.desks.length,
  slots_free: timetables.get(session.id)!.cells.filter((cell) => cell.state === 'free').length,
});

// ── timetables and bookings

export function makeBooking(
  session: V.SessionPage,
  cell: V.Cell,
  company: V.OrganisationCard,
  state: V.BookingState,
): V.Booking {
  const desk = session.desks.find((one) => one.id === cell.desk_id)!;
  return {
    id: `b${bookings.length + 1}`,
    session_id: session.id,
    desk_id: desk.id,
    slot_id: cell.slot_id,
    starts_at: cell.starts_at,
    ends_at: cell.ends_at,
    zone: session.zone,
    centre: desk.centre,
    company,
    contact: contactOf(company),
    staff: desk.staff[0]!,
    state,
    state_reason: null,
    origin: 'company',
    subject: '想了解标准化厂房租金、用工和污水处理配套。',
    expires_at: state === 'requested' ? at(600) : null,
    proposed: null,
    room: null,
    room_opens_at: new Date(Date.parse(cell.starts_at) - 300_000).toISOString(),
    moved_from_id: null,
    moved_to_id: null,
    theme: session.theme,
    may: state === 'requested' ? ['cancel'] : ['cancel', 'move', 'enter'],
    created_at: at(-3000),
    version: 1,
  };
}

export const bookings: V.Booking[] = [];
export const timetables = new Map<string, V.Timetable>();
for (const session of sessions) {
  const last = session.agenda[session.agenda.length - 1]!;
  // The live session's talks have begun some time ago, so that past, running and coming slots are all to be seen.
  const begin =
    session.state === 'live'
      ? at(-45)
      : new Date(Date.parse(last.starts_at) + last.minutes * 60_000).toISOString().replace('Z', '000Z');
  const times = Array.from({ length: slotsOf.get(session.id)! }, (_, index) => {
    const from = Date.parse(begin) + index * 25 * 60_000;
    const iso = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');
    return { starts_at: iso(from), ends_at: iso(from + 20 * 60_000) };
  });
  const cells: V.Cell[] = [];
  const open = ['live', 'booking_open', 'closed'].includes(session.state);
  for (const desk of session.desks) {
    for (const time of times) {
      const draw = random();
      let state: V.CellState = 'free';
      if (Date.parse(time.ends_at) < started) state = 'past';
      else if (open && draw < 0.35) state = 'taken';
      else if (open && draw < 0.47 && session.booking_mode === 'request') state = 'requested';
      else if (draw > 0.94) state = 'closed';
      cells.push({
        slot_id: newId(),
        desk_id: desk.id,
        ...time,
        state,
        holds: state === 'requested' ? 2 : 0,
        waiting: 0,
      });
    }
  }
  const table: V.Timetable = {
    session_id: session.id,
    seq: 40,
    desks: session.desks,
    times,
    cells,
    mine: [],
    waiting: [],
    hosted: [],
  };
  cells.forEach((cell, index) => {
    if (cell.state !== 'taken' && !(session.state === 'closed') && cell.state !== 'past') return;
    const company = companies[(index % (companies.length - 2)) + 2]!;
    const state = cell.state === 'past' ? (index % 5 === 0 ? 'no_show_company' : 'held_done') : 'confirmed';
    bookings.push(makeBooking(session, cell, company, state));
  });
  timetables.set(session.id, table);
}
/** The two companies of the demo have something in their books. */
for (const [index, session] of sessions.slice(0, 2).entries()) {
  const table = timetables.get(session.id)!;
  const now = table.cells.find((cell) => cell.desk_id === session.desks[0]!.id && Date.parse(cell.ends_at) > started)!;
  now.state = 'taken';
  bookings.push(makeBooking(session, now, companies[0]!, 'confirmed'));
  const later = table.cells.filter((cell) => cell.state === 'free')[index + 1]!;
  later.state = 'requested';
  later.holds = 1;
  bookings.push(makeBooking(session, later, companies[0]!, 'requested'));
}

// ── letters of the demo mailbox

const SUBJECTS: [string, string, V.PersonCard, string][] = [
  ['sign_in_code', '您的登录验证码', buyer, 'zhao@zhihui.example'],
  ['booking_confirmed', '洽谈预约已确认：盐亭县投资促进中心', buyer, 'zhao@zhihui.example'],
  ['registration_approved', '您的报名已通过审核', buyer, 'zhao@zhihui.example'],
  ['booking_requested', '新的预约申请：广东智汇机器人有限公司（演示）', host, 'xie@yanting.example'],
  ['registration_received', '收到一份报名', host, 'xie@yanting.example'],
  [
    'reminder_day',
    'Tomorrow: your talk with Yanting County Investment Promotion Centre',
    foreigner,
    'anna.weber@rheintal.example',
  ],
];
export const letters: V.LetterPage[] = SUBJECTS.map(([kind, subject, to, email], index) => ({
  letter: {
    id: newId(),
    kind,
    to_email: email,
    person: to,
    locale: to === foreigner ? 'en' : 'zh-Hans',
    subject,
    state: index === 4 ? 'queued' : 'sent',
    due_at: at(-60 * index),
    attempts: 1,
    last_error: null,
    message_id: `<${newId()}@yunqia.example>`,
    created_at: at(-60 * index - 1),
    sent_at: index === 4 ? null : at(-60 * index),
  },
  subject,
  text:
    to === foreigner
      ? 'Dear Ms Weber,\n\nYour talk begins tomorrow at 15:00 Beijing time, 08:00 Berlin time.\n\nYunqia'
      : '尊敬的赵总：\n\n您与盐亭县投资促进中心的一对一洽谈已经确认。\n\n时间：2026年11月24日 周二 15:00–15:20（北京时间）\n\n云洽',
  html: '<!doctype html><html><head><style>.card{border:1px solid #dedad0}</style></head><body style="margin:0;background:#f2f0ea"><div class="card" style="max-width:600px;margin:24px auto;padding:32px;background:#fff;font:16px/1.7 sans-serif;color:#1a232b"><p>尊敬的赵总：</p><p>您与<strong>盐亭县投资促进中心</strong>的一对一洽谈已经确认。</p><p style="padding:12px 16px;background:#e3eef3">2026年11月24日 周二 15:00–15:20（北京时间）</p><p><a href="https://yunqia.example/schedule" style="color:#17506a">打开我的日程</a></p></div></body></html>',
  calendar: kind === 'booking_confirmed' ? 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR' : null,
}));

// ── who one can be

export const demoPeople: V.DemoPerson[] = [
  {
    person_id: operator.id,
    name: '王海',
    part: text('平台运营（省级）', '平台營運（省級）', 'Operator (province)'),
    email: 'wang@bureau.example',
  },
  {
    person_id: host.id,
    name: '谢婷',
    part: text('盐亭县投资促进中心', '鹽亭縣投資促進中心', 'Yanting promotion centre'),
    email: 'xie@yanting.example',
  },
  {
    person_id: buyer.id,
    name: '赵敏',
    part: text('企业：广东智汇机器人', '企業：廣東智匯機器人', 'Company: Zhihui Robotics, Guangdong'),
    email: 'zhao@zhihui.example',
  },
  {
    person_id: foreigner.id,
    name: 'Anna Weber',
    part: text(
      '企业：Rheintal Maschinenbau（德国）',
      '企業：Rheintal Maschinenbau（德國）',
      'Company: Rheintal Maschinenbau, Germany',
    ),
    email: 'anna.weber@rheintal.example',
  },
];

export function meOf(personId: string): V.Me | null {
  const who = [operator, host, buyer, foreigner].find((one) => one.id === personId);
  if (!who) return null;
  const email = demoPeople.find((one) => one.person_id === personId)!.email;
  return {
    person: {
      id: who.id,
      email,
      family_name: who.family_name,
      given_name: who.given_name,
      honorific: who.honorific,
      phone: who === foreigner ? '+49 7000 000000' : '+86 13800000000',
      locale: who === foreigner ? 'en' : 'zh-Hans',
      zone: who === foreigner ? 'Europe/Berlin' : 'Asia/Shanghai',
      wants_digests: true,
      version: 1,
    },
    operator: who === operator,
    memberships: who.organisation
      ? [{ organisation: who.organisation, organisation_state: 'approved', role: 'manager', title: null }]
      : [],
    unread: who === buyer ? 3 : 0,
    feed_url: 'https://yunqia.example/feed/demo.ics',
  };
}
