// The fake server's rooms: what was said in halls, talks and conversations, who is there, questions, notices, reports.
import type * as V from '../../src/lib/api/types.ts';
import * as world from './world.ts';

const session = world.sessions[0]!;
const finished = world.sessions.find((one) => one.state === 'closed')!;
const speakers = world.companies.map(world.contactOf);

export interface Place {
  channel: V.Channel;
  topic: string;
  messages: V.Message[];
}
export const places = new Map<V.Id, Place>();

/** Web addresses in a text, as the server finds them. */
export function links(text: string): V.Message['links'] {
  return [...text.matchAll(/https?:\/\/[\w.-]+(?:\/[\w./?=&%-]*)?/g)].map((match) => ({
    from: match.index,
    to: match.index + match[0].length,
    url: match[0],
    host: new URL(match[0]).host,
  }));
}

export function say(
  place: Place,
  author: V.PersonCard,
  text: string,
  more: Partial<V.Message> & { minutes?: number } = {},
): V.Message {
  const { minutes = 0, ...rest } = more;
  const message: V.Message = {
    id: world.newId(),
    channel_id: place.channel.id,
    seq: ++place.channel.head,
    author,
    client_id: world.newId(),
    text,
    links: links(text),
    file: null,
    state: 'published',
    state_reason: null,
    created_at: new Date(Date.now() + minutes * 60_000).toISOString(),
    ...rest,
  };
  place.messages.push(message);
  place.channel.last = message;
  return message;
}

export function makePlace(channel: Omit<V.Channel, 'last' | 'unread' | 'head' | 'may_write'>, topic: string): Place {
  const place: Place = {
    channel: { ...channel, last: null, unread: 0, head: 0, may_write: { ok: true, code: null, reason: null } },
    topic,
    messages: [],
  };
  places.set(channel.id, place);
  return place;
}

// ── the hall of the session that is on

export const hall = makePlace(
  { id: 'hall-live', kind: 'hall', session_id: session.id, booking_id: null, company: null, centre: null },
  `hall:${session.id}`,
);
const SAID: [number, V.PersonCard, string][] = [
  [-48, world.host, '各位来宾下午好！“云上盐亭”食品饮料产业网络推介会现在开始签到，请大家先看右侧的议程和项目。'],
  [-46, speakers[4]!, '大家好，重庆兆丰酒业，主要看基酒和灌装项目。'],
  [-45, speakers[2]!, '各位好，恒裕食品，想了解肉制品深加工。'],
  [-44, world.foreigner, 'Good afternoon from Cologne. We make filling and packing lines.'],
  [-40, world.hostColleague, '盐亭县食品饮料产业园一期已建成标准化厂房 12 万平方米，水电气、污水处理全部到位。'],
  [
    -32,
    world.hostColleague,
    '项目清单和要素价格见县政府网站：https://www.yanting.gov.cn/zsyz/2026/list.html ，也可以在“项目”栏直接登记意向。',
  ],
  [-25, world.buyer, '请问污水处理厂现在的日处理能力是多少？预留了多少给二期？'],
  [-24, world.host, '一期日处理 1.5 万吨，二期预留 2 万吨，明年 6 月投运。详细参数稍后由生态环境局答复。'],
  [-18, speakers[9]!, '冷链物流这边有专线吗？'],
  [-17, speakers[9]!, '我们在绵阳有一个区域仓，距离大概 80 公里。'],
  [-9, world.foreigner, 'Is there an English version of the land price list?'],
  [-8, world.host, 'Yes, the English list is in the folder of each project. 英文版已上传到每个项目的资料里。'],
  [-3, speakers[7]!, '分布式光伏屋顶资源是否可以打包？我们可以出整体方案。'],
  [-1, world.buyer, '谢谢谢主任，我们约了今天下午的一对一洽谈。'],
];
for (const [minutes, author, text] of SAID) say(hall, author, text, { minutes });
hall.messages[8]!.state = 'removed';
hall.messages[8]!.text = '';
hall.messages[8]!.state_reason = '内容重复';

const question = (
  author: V.PersonCard,
  text: string,
  votes: number,
  more: Partial<V.HallQuestion> = {},
): V.HallQuestion => ({
  id: world.newId(),
  session_id: session.id,
  author,
  text,
  state: 'published',
  state_reason: null,
  votes,
  my_vote: false,
  answer: null,
  answered_by: null,
  answered_at: null,
  owner: null,
  due_on: null,
  created_at: world.at(-20),
  version: 1,
  ...more,
});
const today = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
export const questions: V.HallQuestion[] = [
  question(speakers[2]!, '标准化厂房的租金和起租面积是多少？有没有前两年减免？', 9),
  question(world.foreigner, 'Can a wholly foreign-owned company lease a plant first and buy the land later?', 6, {
    owner: world.hostColleague,
    due_on: today,
  }),
  question(speakers[4]!, '当地熟练工的月均用工成本大概是多少？', 4, {
    state: 'answered',
    answer:
      '园区普工综合成本每月 4,200 元至 5,000 元，技术工 6,000 元左右；县里可协助组织定向培训，培训费用由县财政补贴。',
    answered_by: world.host,
    answered_at: world.at(-6),
  }),
  question(world.buyer, '机器人产线用电是双回路吗？电价执行哪一档？', 2),
  question(speakers[5]!, '有没有适合电子元件包装的小面积厂房？', 1, {
    state: 'answered',
    answer: '有，500 至 1,500 平方米共 8 间，联系人见项目页。',
    answered_by: world.hostColleague,
    answered_at: world.at(-12),
  }),
];
export const heldQuestions: V.HallQuestion[] = [
  question(speakers[6]!, '兩岸企業的投資待遇是否相同？', 0, { state: 'held', state_reason: '本场提问经审核后公开。' }),
];
export const heldMessages: V.Message[] = [
  {
    ...hall.messages[12]!,
    id: world.newId(),
    seq: 900,
    author: speakers[11]!,
    text: '我司茶叶礼盒团购八折，加微信 cha-2026 咨询，https://tea.example/promo',
    links: links('我司茶叶礼盒团购八折，加微信 cha-2026 咨询，https://tea.example/promo'),
    state: 'held',
    state_reason: '含有联系方式和外部链接。',
    created_at: world.at(-2),
  },
];
export const notices: V.Notice[] = [
  {
    id: world.newId(),
    text: world.text(
      '一对一洽谈 15:30 开始，请提前五分钟进入各自的洽谈室。',
      '一對一洽談 15:30 開始，請提前五分鐘進入各自的洽談室。',
      'One-to-one talks begin at 15:30. Please enter your talk room five minutes early.',
    ),
    state: 'active',
    created_at: world.at(-15),
  },
];
export const sanctions: V.Sanction[] = [];

const present = [world.host, world.hostColleague, world.buyer, world.foreigner, ...speakers.slice(2, 11)];

export function hallFor(id: V.Id, me: V.Me | null): V.HallSnapshot {
  const page = world.sessions.find((one) => one.id === id) ?? session;
  const host = page.hosts.some((one) => me?.memberships.some((mine) => mine.organisation.id === one.id));
  return {
    session: { ...page, mine: null },
    seq: 1,
    channel_id: hall.channel.id,
    messages: hall.messages.slice(-50),
    questions,
    notices: notices.filter((one) => one.state === 'active'),
    present: { count: present.length + 4, people: present },
    me: { moderator: host, muted_until: null, muted: false },
    held: host ? { messages: heldMessages, questions: heldQuestions } : null,
    sanctions: host ? sanctions : [],
  };
}

export const attendance = (): V.Attendance[] =>
  present.map((person, index) => ({
    person,
    joined_at: world.at(-50 + index * 2),
    left_at: index % 6 === 5 ? world.at(-4) : null,
    minutes: 48 - index * 2,
    present: index % 6 !== 5,
  }));

// ── talks

interface Talk {
  minutes: V.TalkMinutes;
  outcome: V.TalkOutcome | null;
  words: { company: V.Word | null; centre: V.Word | null };
  version: number;
  place: Place;
}
const talks = new Map<V.Id, Talk>();

/** The room of a booking; the demo's own one has been talked in already. */
export function talkOf(booking: V.Booking): Talk {
  let talk = talks.get(booking.id);
  if (talk) return talk;
  const place = makePlace(
    {
      id: `talk-${booking.id}`,
      kind: 'talk',
      session_id: booking.session_id,
      booking_id: booking.id,
      company: booking.company,
      centre: booking.centre,
    },
    `talk:${booking.id}`,
  );
  talk = {
    minutes: { text: '', next_step: '', owner: null, due_on: null, by: null },
    outcome: null,
    words: { company: null, centre: null },
    version: 1,
    place,
  };
  talks.set(booking.id, talk);
  if (booking.company.id === world.companies[0]!.id && booking.state === 'confirmed') {
    talk.minutes = {
      text: '企业拟在盐亭建设机器人关节模组装配线，一期用地 60 亩，需双回路供电。\n县里可提供标准化厂房 8,000 平方米过渡。',
      next_step: '县中心提供园区控规图和电价测算表',
      owner: booking.staff,
      due_on: today,
      by: booking.staff,
    };
    say(
      place,
      booking.staff,
      `${booking.contact.family_name}总您好，我是盐亭县投资促进中心${booking.staff.family_name}${booking.staff.given_name}。`,
      { minutes: -6 },
    );
    say(place, booking.contact, '谢主任好！我们先介绍一下项目：关节模组装配线，一期投资 1.2 亿元。', { minutes: -5 });
    say(place, booking.contact, '', {
      minutes: -4,
      file: {
        id: 'file-1',
        name: '广东智汇_盐亭项目计划书.pdf',
        media_type: 'application/pdf',
        bytes: 2_480_000,
        url: '/api/files/file-1',
      },
    });
    say(place, booking.staff, '收到，我们马上看。供电方面园区是双回路，110 千伏变电站距地块 1.2 公里。', {
      minutes: -2,
    });
    say(place, booking.staff, '电价可参考 https://www.95598.cn/osgweb/price 的大工业两部制。', { minutes: -1 });
  }
  return talk;
}

export function talkFor(booking: V.Booking, me: V.Me | null): V.TalkRoom {
  const talk = talkOf(booking);
  const mine = new Set((me?.memberships ?? []).map((one) => one.organisation.id));
  const side = mine.has(booking.company.id) ? 'company' : mine.has(booking.centre.id) ? 'centre' : 'observer';
  const now = Date.now();
  const begun = Date.parse(booking.starts_at) <= now;
  return {
    booking: begun && booking.state === 'confirmed' ? { ...booking, state: 'in_talk' } : booking,
    channel_id: talk.place.channel.id,
    seq: 1,
    side,
    present: side === 'company' && !begun ? [booking.contact] : [booking.contact, booking.staff],
    opens_at: booking.room_opens_at,
    now: new Date(now).toISOString(),
    next:
      world.bookings.find(
        (one) => one.state === 'confirmed' && one.desk_id === booking.desk_id && one.starts_at > booking.starts_at,
      ) ?? null,
    company_word: talk.words.company,
    centre_word: talk.words.centre,
    minutes: talk.minutes,
    outcome: talk.outcome,
    messages: talk.place.messages.slice(-50),
    version: talk.version,
  };
}

// ── conversations

function conversation(company: V.OrganisationCard, centre: V.OrganisationCard): Place {
  const id = world.newId();
  return makePlace({ id, kind: 'direct', session_id: null, booking_id: null, company, centre }, `direct:${id}`);
}
export function directOf(companyId: V.Id, centreId: V.Id): Place | undefined {
  const found = [...places.values()].find(
    ({ channel }) => channel.kind === 'direct' && channel.company?.id === companyId && channel.centre?.id === centreId,
  );
  if (found) return found;
  const company = world.companies.find((one) => one.id === companyId);
  const centre = world.centres.find((one) => one.id === centreId);
  return company && centre ? conversation(company, centre) : undefined;
}
const first = conversation(world.companies[0]!, world.yanting);
for (let index = 0; index < 64; index += 1) {
  const author = index % 3 === 0 ? world.buyer : world.host;
  say(
    first,
    author,
    index % 3 === 0 ? `第 ${index + 1} 条：请问资料什么时候能给到？` : `第 ${index + 1} 条：资料已整理，稍后发您。`,
    {
      minutes: -3000 + index * 20,
    },
  );
}
say(first, world.buyer, '谢主任好，盐亭推介会的议程我们看到了，能否先发一份园区简介？', { minutes: -1500 });
say(first, world.host, '赵总好！园区简介请查收，有 6 处地块适合贵公司。', {
  minutes: -1490,
  file: {
    id: 'file-2',
    name: '盐亭县食品饮料产业园简介（2026）.pdf',
    media_type: 'application/pdf',
    bytes: 5_120_000,
    url: '/api/files/file-2',
  },
});
say(first, world.buyer, '收到，谢谢。我们约了周一下午的洽谈。', { minutes: -1400 });
say(first, world.host, '好的，洽谈前有任何问题随时联系。', { minutes: -60 });
say(first, world.host, '另外，供电方案已经和电力公司确认，双回路没有问题。', { minutes: -58 });
const others = [world.centres[4]!, world.centres[9]!, world.centres[12]!];
for (const [index, centre] of others.entries()) {
  const place = conversation(world.companies[0]!, centre);
  const desk = world.sessions.flatMap((one) => one.desks).find((one) => one.centre.id === centre.id)!;
  say(
    place,
    index === 1 ? world.buyer : desk.staff[0]!,
    [
      '您好，贵公司登记的意向我们已经收到。',
      '我们想了解装备制造园区的用地价格。',
      '感谢关注，相关政策文件已发送至您的邮箱。',
    ][index]!,
    { minutes: -2000 - index * 1500 },
  );
}
const fromAbroad = conversation(world.companies[1]!, world.yanting);
say(fromAbroad, world.foreigner, 'Could we move our talk to the morning in Berlin?', { minutes: -300 });

/** What somebody has not read: a fixed picture. */
export function channelsFor(me: V.Me): V.Channel[] {
  const mine = new Set(me.memberships.map((one) => one.organisation.id));
  return [...places.values()]
    .map((one) => one.channel)
    .filter(
      (one) =>
        one.kind !== 'hall' && one.head > 0 && (mine.has(one.company?.id ?? '') || mine.has(one.centre?.id ?? '')),
    )
    .map((one) => ({ ...one, unread: readUpTo.get(`${me.person.id} ${one.id}`) === one.head ? 0 : unreadOf(one, me) }));
}
export const readUpTo = new Map<string, number>();
function unreadOf(channel: V.Channel, me: V.Me): number {
  if (channel.id === first.channel.id) return me.person.id === world.buyer.id ? 2 : 0;
  return channel.last && channel.last.author.id !== me.person.id && channel.kind === 'direct' ? 1 : 0;
}

// ── the report of the finished session

export function reportOf(page: V.SessionPage): V.SessionReport {
  const bookings = world.bookings.filter((one) => one.session_id === page.id);
  const talksOf = (company: V.OrganisationCard) => bookings.filter((one) => one.company.id === company.id);
  const outcomes: (V.TalkOutcome | null)[] = [
    { outcome: 'intent', sector: world.sectors[0]!.code, amount_wan: 12_000, follow_up_by: null, note: '' },
    { outcome: 'follow_up', sector: null, amount_wan: null, follow_up_by: today, note: '' },
    { outcome: 'no_intent', sector: null, amount_wan: null, follow_up_by: null, note: '' },
    null,
  ];
  const rows = bookings.map((booking, index) => ({
    booking,
    company_word: (booking.state === 'held_done' ? 'held' : null) as V.Word | null,
    centre_word: (booking.state === 'held_done' ? 'held' : 'did_not_happen') as V.Word | null,
    outcome: booking.state === 'held_done' ? outcomes[index % 4]! : null,
    minutes: {
      text: '双方就用地和用工进行了交流。',
      next_step: index % 3 === 0 ? '安排实地考察' : '',
      owner: index % 3 === 0 ? booking.staff : null,
      due_on: index % 3 === 0 ? today : null,
      by: booking.staff,
    },
    together_minutes: booking.state === 'held_done' ? 17 + index : 0,
  }));
  const held = rows.filter((one) => one.booking.state === 'held_done').length;
  const interests: V.Interest[] = world.companies.slice(0, 5).map((company, index) => ({
    id: world.newId(),
    company_id: company.id,
    centre_id: null,
    opportunity_id: world.opportunities[index]!.id,
    session_id: page.id,
    priority: (['must', 'would_like', 'watching'] as const)[index % 3]!,
    planned_wan: index === 4 ? null : 5000 * (index + 1),
    horizon: 'within_1_year',
    note: '',
    state: 'open',
    company,
    centre: null,
    opportunity: world.opportunities[index]!,
    created_at: world.at(-28_000),
    version: 1,
  }));
  return {
    session: page,
    answers: [],
    generated_at: new Date().toISOString(),
    totals: {
      registrations: 14,
      approved: 12,
      companies_attended: 11,
      people_attended: 26,
      attendance_minutes: 1934,
      questions: questions.length,
      answered: 2,
      with_owner: 1,
      unowned: 2,
      interests: interests.length,
      planned_wan: 50_000,
      slots: bookings.length + 2,
      requested: 0,
      confirmed: bookings.length,
      held,
      no_show_company: bookings.length - held,
      no_show_centre: 0,
      cancelled: 1,
      declined: 1,
      expired: 0,
      intents: 2,
      intent_wan: 24_000,
      follow_ups: 1,
      messages: 148,
    },
    companies: world.companies.map((company, index) => ({
      company,
      state: index === 11 ? 'absent' : 'attended',
      minutes: index === 11 ? 0 : 210 - index * 14,
      talks: talksOf(company).length,
      held: talksOf(company).filter((one) => one.state === 'held_done').length,
      interests: index < 5 ? 1 : 0,
      intents: index < 2 ? 1 : 0,
    })),
    talks: rows,
    questions,
    interests,
    centres: page.hosts.map((centre) => ({
      centre,
      slots: bookings.length + 2,
      confirmed: bookings.length,
      held,
      intents: 2,
      intent_wan: 24_000,
    })),
  };
}
export const finishedSession = finished;
