// Routes of the fake server. Reads answer from the world; acts answer as if they had been done and change little.
// Areas of other pages live in ./routes/*.ts and are listed in ROUTES below.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type * as V from '../../src/lib/api/types.ts';
import { anybody } from './routes/anybody.ts';
import { companies } from './routes/companies.ts';
import { company } from './routes/company.ts';
import { registering } from './routes/registering.ts';
import { centre } from './routes/centre.ts';
import { rooms } from './routes/rooms.ts';
import * as world from './world.ts';

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  /** What the route's pattern caught. */
  params: string[];
  body: Record<string, unknown>;
  /** Who is asking: the person of the cookie `fake`. */
  me: V.Me | null;
  /** Headers to send along. */
  headers: Record<string, string>;
}
export type Route = [method: string, pattern: RegExp, answer: (asked: Asked) => unknown];

/** Thrown by a route: a refusal. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly more: Partial<V.Problem> = {},
  ) {
    super(title);
  }
}

export const page = <T>(items: T[], query: URLSearchParams, count = true): V.Page<T> => {
  const from = Number(query.get('after') ?? 0);
  const limit = Number(query.get('limit') ?? 50);
  const next = from + limit < items.length ? String(from + limit) : null;
  return { items: items.slice(from, from + limit), next, total: count ? items.length : null };
};

export function must<T>(found: T | undefined | null): T {
  if (found === undefined || found === null) throw new Refusal(404, 'not_found', '没有找到');
  return found;
}

const ROUTES: Route[] = [...anybody, ...companies, ...registering, ...company, ...centre, ...rooms];

export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname.replace(/^\/api/, '');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks).toString('utf8');
  const headers: Record<string, string> = {};
  const isJson = /json/.test(request.headers['content-type'] ?? '');
  const cookie = /(?:^|; )fake=([^;]*)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  const asked: Asked = {
    method: request.method ?? 'GET',
    path,
    query: url.searchParams,
    params: [],
    body: isJson && raw ? (JSON.parse(raw) as Record<string, unknown>) : {},
    me: world.meOf(personOf(cookie)),
    headers,
  };
  const send = (status: number, body: unknown, type = 'application/json') => {
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (body === undefined) {
      response.statusCode = 204;
      response.end();
      return;
    }
    response.setHeader('content-type', type);
    response.end(JSON.stringify(body));
  };
  try {
    for (const [method, pattern, act] of ROUTES) {
      const match = method === asked.method ? pattern.exec(path) : null;
      if (!match) continue;
      asked.params = match.slice(1);
      send(method === 'POST' && /^\/(companies|sessions)$/.test(path) ? 201 : 200, await act(asked));
      return;
    }
    throw new Refusal(404, 'not_found', '没有找到');
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'fault', String(error));
    if (!(error instanceof Refusal)) console.error(error);
    const problem: V.Problem = {
      type: `https://yunqia.dev/problems/${refusal.code}`,
      title: refusal.title,
      status: refusal.status,
      detail: null,
      code: refusal.code,
      request_id: 'demo-7f3a',
      errors: [],
      impact: null,
      free_slots: null,
      organisation: null,
      ...refusal.more,
    };
    send(refusal.status, problem, 'application/problem+json');
  }
}

/** The cookie holds a person's id, or a short name for pictures: operator, host, company, foreign. */
export function personOf(cookie: string): string {
  const short: Record<string, V.PersonCard> = {
    operator: world.operator,
    host: world.host,
    company: world.buyer,
    foreign: world.foreigner,
  };
  return short[cookie]?.id ?? cookie;
}
