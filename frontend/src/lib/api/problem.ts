// What the server refused and why, as an error that a page can show (RFC 9457).
import type { Problem } from './types';

/** A refusal or a fault. `code` is stable; `message` is already in the reader's language. */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;

  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
    this.status = problem.status;
    this.code = problem.code;
    this.requestId = problem.request_id;
  }

  /** What is wrong with one field, by its JSON pointer ("/identifier/value"). */
  field(pointer: string): string | undefined {
    return this.problem.errors.find((error) => error.pointer === pointer)?.detail;
  }

  /** Wrong fields below a pointer: `fields('/name')` finds "/name/en" too. */
  under(pointer: string): string | undefined {
    return this.problem.errors.find((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`))
      ?.detail;
  }
}

/** The server could not be reached or gave no usable answer. */
export class NetworkProblem extends Error {
  override name = 'NetworkProblem';
}

export const isProblem = (error: unknown, code?: string): error is ApiProblem =>
  error instanceof ApiProblem && (code === undefined || error.code === code);

/** A problem for an answer that is none of ours: a proxy's page, an empty 502. */
export function plainProblem(status: number, title: string, requestId: string | null): Problem {
  const code = status === 429 ? 'too_many' : status >= 500 ? 'unavailable' : 'unreadable';
  return {
    type: 'about:blank',
    title,
    status,
    detail: null,
    code,
    request_id: requestId,
    errors: [],
    impact: null,
    free_slots: null,
    organisation: null,
  };
}
