// Talks to the server over HTTP: JSON in and out, refusals as ApiProblem, safe reads tried again.
//
//   const page = await api.get<SessionPage>(`/sessions/${id}`);
//   await api.post<Booking>('/bookings', draft);
//   await api.put<Me>('/me', change, { version: person.version });
import { language } from '$lib/i18n';
import { ApiProblem, NetworkProblem, plainProblem } from './problem';
import type { Page, Problem } from './types';
import { answered, keyOf } from './intentions';

export interface CallOptions {
  /** The version that the change was made on; sent as If-Match. */
  version?: number;
  signal?: AbortSignal | undefined;
  /** The `fetch` of a load function, so that SvelteKit can watch what a page depends on. */
  fetch?: typeof fetch;
}

type Query = Record<string, string | number | boolean | null | undefined>;

/** Waits between the tries of a safe read, in milliseconds; each is drawn between half of it and all of it. */
const READ_WAITS = [300, 1200];
const READ_TIMEOUT_MS = 20_000;

export const api = {
  get: <T>(path: string, query?: Query, options: CallOptions = {}) => read<T>(path + queryString(query), options),
  /** Carries a key: pressed again because no answer came, it is done once. */
  post: <T = void>(path: string, body?: unknown, options: CallOptions = {}) => act<T>(path, body, options),
  put: <T = void>(path: string, body?: unknown, options: CallOptions = {}) => once<T>('PUT', path, body, options),
  delete: <T = void>(path: string, options: CallOptions = {}) => once<T>('DELETE', path, undefined, options),
  /** A file goes over HTTP, never over the socket. */
  upload: <T>(path: string, file: File, options: CallOptions = {}) => {
    const form = new FormData();
    form.append('file', file, file.name);
    return once<T>('POST', path, form, options);
  },
};

/** Pages that are read one after the other before something must be wrong. */
const PAGES_MAX = 200;

/** All of a list that the server hands out in pages; for lists that are sorted, filtered or counted here. */
export async function everything<T>(path: string, query: Query = {}, options: CallOptions = {}): Promise<T[]> {
  const items: T[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page: Page<T> = await api.get<Page<T>>(path, { limit: 100, ...query, after }, options);
    items.push(...page.items);
    after = page.next;
    if (after === null) return items;
  }
  throw new Error(`${path} has no end`);
}

export function queryString(query: Query = {}): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') pairs.set(name, String(value));
  }
  const text = pairs.toString();
  return text && `?${text}`;
}

async function read<T>(path: string, options: CallOptions): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await once<T>('GET', path, undefined, options);
    } catch (error) {
      const wait = READ_WAITS[tries];
      if (wait === undefined || !worthAnotherTry(error) || options.signal?.aborted) throw error;
      await new Promise((done) => setTimeout(done, wait * (0.5 + Math.random() / 2)));
    }
  }
}

/** A fault of the way or of the server may pass; a refusal will not. */
const worthAnotherTry = (error: unknown) =>
  error instanceof NetworkProblem || (error instanceof ApiProblem && [502, 503, 504].includes(error.status));

async function act<T>(path: string, body: unknown, options: CallOptions): Promise<T> {
  const request = `${path} ${JSON.stringify(body)}`;
  try {
    const done = await once<T>('POST', path, body, options, keyOf(request));
    answered(request);
    return done;
  } catch (error) {
    // A refusal is an answer. After a fault of the way or of the server nobody knows what became of it.
    if (error instanceof ApiProblem && error.status < 500) answered(request);
    throw error;
  }
}

async function once<T>(method: string, path: string, body: unknown, options: CallOptions, key?: string): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', 'x-locale': language.now };
  if (key) headers['idempotency-key'] = key;
  if (options.version !== undefined) headers['if-match'] = `"${options.version}"`;
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';

  const stop = new AbortController();
  options.signal?.addEventListener('abort', () => stop.abort(), { once: true });
  const timer = isForm ? undefined : setTimeout(() => stop.abort(), READ_TIMEOUT_MS);
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(`/api${path}`, {
      method,
      headers,
      body: body === undefined ? null : isForm ? body : JSON.stringify(body),
      credentials: 'same-origin',
      signal: stop.signal,
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new NetworkProblem('network', { cause });
  } finally {
    clearTimeout(timer);
  }
  return answer<T>(response);
}

async function answer<T>(response: Response): Promise<T> {
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  if (response.ok) {
    if (!isJson) return undefined as T;
    return (await response.json()) as T;
  }
  const fallback = plainProblem(response.status, response.statusText, response.headers.get('x-request-id'));
  let problem = fallback;
  if (isJson) {
    const sent = (await response.json().catch(() => ({}))) as Partial<Problem>;
    problem = { ...fallback, ...sent, errors: sent.errors ?? [] };
  }
  throw new ApiProblem(problem);
}

export type { Page };
