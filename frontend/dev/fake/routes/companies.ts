// Fake answers about companies and their people: details, members, invitations, interests.
import type * as V from '../../../src/lib/api/types.ts';
import { must, page, Refusal, type Route } from '../answer.ts';
import * as world from '../world.ts';

const [first, second] = world.companies as [V.OrganisationCard, V.OrganisationCard];
const details = new Map<string, V.Company>();
for (const card of world.companies) {
  const contact = world.contactOf(card);
  details.set(card.id, {
    id: card.id,
    name: card.name,
    identifier:
      card.country === 'CN'
        ? { kind: 'uscc', value: '91440106DEM000030G' }
        : { kind: 'foreign_reg', value: `${card.country}-HRB12345` },
    division: card.country === 'CN' ? '440000' : null,
    country: card.country,
    sectors: [world.sectors[0]!.code, world.sectors[1]!.code],
    size: 'large',
    website: 'https://zhihui.example',
    contact_name: `${contact.family_name}${contact.given_name}`,
    contact_phone: '+86 138 0000 0000',
    contact_email: 'zhao@zhihui.example',
    offers: world.text(
      '工业机器人整机与产线集成；愿意把西南总装线放在四川。',
      '工業機器人整機與產線集成；願意把西南總裝線放在四川。',
      'Industrial robots and line integration; we would put our south-western assembly in Sichuan.',
    ),
    seeks: world.text('100 亩左右工业用地，配套零部件企业。', null, null),
    state: card === second ? 'returned' : 'approved',
    state_reason: card === second ? '请上传注册证明的英文译本，并补充联系人的职务。' : null,
    created_at: world.at(-40_000),
    version: 2,
  });
}

const colleague = world.person('陈', '思远', 'jingli', first);
const newcomer = world.person('李', '晓东', 'jingli', null);
const members: V.Members = {
  members: [
    {
      person: world.buyer,
      email: 'zhao@zhihui.example',
      role: 'manager',
      title: '总经理',
      joined_at: world.at(-40_000),
      version: 1,
    },
    {
      person: colleague,
      email: 'chen@zhihui.example',
      role: 'member',
      title: '投资部经理',
      joined_at: world.at(-9000),
      version: 1,
    },
  ],
  invitations: [
    {
      id: world.newId(),
      email: 'liu@zhihui.example',
      role: 'member',
      created_at: world.at(-700),
      expires_at: world.at(9000),
      accepted_at: null,
    },
  ],
  join_requests: [
    {
      id: world.newId(),
      person: newcomer,
      email: 'li@zhihui.example',
      note: '我是华南销售部的李晓东，负责食品包装产线。',
      state: 'open',
      created_at: world.at(-90),
    },
  ],
};

const projects = world.opportunities;
const interests: V.Interest[] = [
  [projects[0]!, null, 'must', 12_000, 'within_1_year', '请介绍污水处理能力和天然气价格。', 'open'],
  [null, world.centres[4]!, 'would_like', null, 'exploring', '', 'open'],
  [projects[40]!, null, 'watching', 5000, 'within_2_years', '', 'withdrawn'],
].map(([opportunity, centre, priority, planned, horizon, note, state]) => ({
  id: world.newId(),
  company_id: first.id,
  centre_id: (centre as V.OrganisationCard | null)?.id ?? null,
  opportunity_id: (opportunity as V.Opportunity | null)?.id ?? null,
  session_id: null,
  priority: priority as V.Priority,
  planned_wan: planned as number | null,
  horizon: horizon as V.Horizon,
  note: note as string,
  state: state as 'open' | 'withdrawn',
  company: first,
  centre: centre as V.OrganisationCard | null,
  opportunity: opportunity as V.Opportunity | null,
  created_at: world.at(-4000),
  version: 1,
}));

export const companies: Route[] = [
  [
    'GET',
    /^\/companies\/lookup$/,
    ({ query }) => {
      const asked = query.get('value') ?? '';
      const found = [...details.values()].find((one) => one.identifier.value.replace('-', '') === asked);
      return must(found && world.companies.find((one) => one.id === found.id));
    },
  ],
  [
    'POST',
    /^\/companies$/,
    ({ body }) => {
      const id = (body['identifier'] as { value: string }).value;
      if (id.endsWith('G')) throw new Refusal(409, 'company_exists', '这家企业已经登记', { organisation: first });
      return { ...details.get(first.id), ...body };
    },
  ],
  ['GET', /^\/companies\/([^/]+)$/, ({ params }) => must(details.get(params[0]!))],
  [
    'PUT',
    /^\/companies\/([^/]+)$/,
    ({ params, body }) => {
      const before = must(details.get(params[0]!));
      // Whoever writes "conflict" as the website meets a colleague who was faster.
      if (String(body['website']).includes('conflict')) {
        details.set(before.id, { ...before, size: 'group', version: before.version + 1 });
        throw new Refusal(412, 'version_old', '内容已被他人修改');
      }
      const after = { ...before, ...body, version: before.version + 1 } as V.Company;
      details.set(before.id, after);
      return after;
    },
  ],
  [
    'GET',
    /^\/organisations\/([^/]+)\/members$/,
    ({ params }) => {
      if (params[0] === first.id) return members;
      const card = world.companies.find((one) => one.id === params[0]) ?? first;
      const person = world.contactOf(card);
      return {
        members: [
          {
            person,
            email: 'anna.weber@rheintal.example',
            role: 'manager',
            title: 'CEO',
            joined_at: world.at(-9000),
            version: 1,
          },
        ],
        invitations: [],
        join_requests: [],
      } satisfies V.Members;
    },
  ],
  ['POST', /^\/organisations\/([^/]+)\/(invitations|join-requests)$/, () => undefined],
  ['DELETE', /^\/organisations\/([^/]+)\/(invitations|members)\/[^/]+$/, () => undefined],
  ['PUT', /^\/organisations\/([^/]+)\/members\/[^/]+$/, () => undefined],
  ['POST', /^\/join-requests\/([^/]+)\/answer$/, () => undefined],
  [
    'POST',
    /^\/invitations\/preview$/,
    ({ body }): V.InvitationPreview => ({
      organisation: first,
      email: 'liu@zhihui.example',
      role: 'member',
      invited_by: '赵敏',
      expires_at: world.at(9000),
      usable: body['token'] !== 'used',
    }),
  ],
  ['POST', /^\/invitations\/accept$/, ({ me }) => must(me)],
  ['POST', /^\/unsubscribe$/, () => undefined],
  [
    'GET',
    /^\/companies\/([^/]+)\/interests$/,
    ({ params, query }) =>
      page(
        interests.filter((one) => one.company_id === params[0]),
        query,
        false,
      ),
  ],
  [
    'POST',
    /^\/interests$/,
    ({ body }) => {
      const made = {
        ...(body as unknown as V.InterestDraft),
        id: world.newId(),
        state: 'open',
        company: must(world.companies.find((one) => one.id === body['company_id'])),
        centre: world.centres.find((one) => one.id === body['centre_id']) ?? null,
        opportunity: projects.find((one) => one.id === body['opportunity_id']) ?? null,
        created_at: world.at(0),
        version: 1,
      } satisfies V.Interest;
      interests.unshift(made);
      return made;
    },
  ],
  [
    'PUT',
    /^\/interests\/([^/]+)$/,
    ({ params, body }) => Object.assign(must(interests.find((one) => one.id === params[0])), body),
  ],
  [
    'POST',
    /^\/interests\/([^/]+)\/withdraw$/,
    ({ params }) => Object.assign(must(interests.find((one) => one.id === params[0])), { state: 'withdrawn' }),
  ],
  [
    'POST',
    /^\/channels$/,
    ({ body }): V.Channel => ({
      id: world.newId(),
      kind: 'direct',
      session_id: null,
      booking_id: null,
      company: first,
      centre: world.centres.find((one) => one.id === body['centre_id']) ?? null,
      last: null,
      unread: 0,
      head: 0,
      may_write: { ok: true, code: null, reason: null },
    }),
  ],
];
