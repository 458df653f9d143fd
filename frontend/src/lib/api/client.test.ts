// The HTTP client against a fetch of our own: headers, refusals, and which calls are tried again.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { language } from '$lib/i18n';
import { api, queryString } from './client';
import { ApiProblem, NetworkProblem } from './problem';

const asked = vi.fn<typeof fetch>();
const json = (status: number, body: unknown, type = 'application/json') =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });
const headers = (call = 0) => asked.mock.calls[call]![1]!.headers as Record<string, string>;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', asked);
  asked.mockReset();
  await language.turnTo('zh-Hant', { remember: false });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what is sent', () => {
  it('names the reader language, the key and the version', async () => {
    asked.mockImplementation(async () => json(200, {}));
    await api.post('/bookings', { slot_id: 's' });
    expect(headers()).toMatchObject({ 'x-locale': 'zh-Hant', 'content-type': 'application/json' });
    expect(headers()['idempotency-key']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    await api.put('/me', {}, { version: 7 });
    expect(headers(1)).toMatchObject({ 'if-match': '"7"' });
    expect(headers(1)['idempotency-key']).toBeUndefined();
  });

  it('leaves empty filters out of the address', () => {
    expect(queryString({ q: '', sector: null, city: undefined, division: '510723', min_wan: 0 })).toBe(
      '?division=510723&min_wan=0',
    );
    expect(queryString({})).toBe('');
  });
});

describe('the key of an act', () => {
  const key = (call: number) => headers(call)['idempotency-key'];
  const press = async (body: unknown, answer: () => Promise<Response>) => {
    asked.mockImplementationOnce(answer);
    await api.post('/bookings', body).catch(() => undefined);
  };
  const lost = () => Promise.reject(new TypeError('failed to fetch'));
  const done = async () => json(201, {});

  it('stays while no answer came, and two presses at once are one act', async () => {
    await press({ slot: 1 }, lost);
    await press({ slot: 1 }, async () => json(502, {}));
    await Promise.all([press({ slot: 1 }, done), press({ slot: 1 }, done)]);
    expect(new Set([0, 1, 2, 3].map(key)).size).toBe(1);
  });

  it('is another one after an answer, yes or no', async () => {
    await press({ slot: 2 }, done);
    await press({ slot: 2 }, async () => json(409, { code: 'slot_taken', title: 'No', status: 409 }));
    await press({ slot: 2 }, done);
    expect(new Set([0, 1, 2].map(key)).size).toBe(3);
  });

  it('is another one for other content, and long after', async () => {
    await press({ slot: 3 }, lost);
    await press({ slot: 4 }, lost);
    vi.advanceTimersByTime(11 * 60_000);
    await press({ slot: 3 }, lost);
    expect(new Set([0, 1, 2].map(key)).size).toBe(3);
  });
});

describe('what comes back', () => {
  it('is nothing for 204', async () => {
    asked.mockResolvedValue(new Response(null, { status: 204 }));
    await expect(api.delete('/me/sign-ins')).resolves.toBeUndefined();
  });

  it('is a problem with its fields', async () => {
    asked.mockResolvedValue(
      json(
        422,
        {
          code: 'invalid',
          title: 'Wrong',
          status: 422,
          detail: null,
          errors: [{ pointer: '/name/en', code: 'long', detail: 'too long' }],
        },
        'application/problem+json',
      ),
    );
    const problem = (await api.post('/companies', {}).catch((error: unknown) => error)) as ApiProblem;
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem.field('/name/en')).toBe('too long');
    expect(problem.under('/name')).toBe('too long');
    expect(problem.field('/name')).toBeUndefined();
    expect(problem.message).toBe('Wrong');
  });

  it('is a problem of ours where a proxy answers with a page', async () => {
    asked.mockImplementation(
      async () => new Response('<h1>Bad gateway</h1>', { status: 413, statusText: 'Too large' }),
    );
    const problem = (await api.post('/x', {}).catch((error: unknown) => error)) as ApiProblem;
    expect(problem.status).toBe(413);
    expect(problem.problem.errors).toEqual([]);
  });
});

describe('trying again', () => {
  const settled = async (call: Promise<unknown>) => {
    const result = call.catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    return result;
  };

  it('reads are, when the way or the server fails, at most three times', async () => {
    asked.mockRejectedValue(new TypeError('failed to fetch'));
    expect(await settled(api.get('/sessions'))).toBeInstanceOf(NetworkProblem);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('reads succeed the second time', async () => {
    asked.mockResolvedValueOnce(json(503, {})).mockResolvedValueOnce(json(200, [1]));
    expect(await settled(api.get('/sessions'))).toEqual([1]);
  });

  it('refusals are not', async () => {
    asked.mockImplementation(async () =>
      json(403, { code: 'not_yours', title: 'No', status: 403 }, 'application/problem+json'),
    );
    await settled(api.get('/sessions'));
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('acts are not', async () => {
    asked.mockRejectedValue(new TypeError('failed to fetch'));
    expect(await settled(api.post('/bookings', {}))).toBeInstanceOf(NetworkProblem);
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
