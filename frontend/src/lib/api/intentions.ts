// Keys of what a person wants done, sent as Idempotency-Key: whoever asks again before an answer came means the same act,
// and the server does it once. Another content, or the same after an answer, is another act.
import { newId } from './id';

/** How long asking again still means the act that was never answered, in milliseconds. */
const KEPT_MS = 10 * 60_000;

const unanswered = new Map<string, { key: string; since: number }>();

/** The key of what is asked for: that of the same request where no answer to it has come yet, else a new one. */
export function keyOf(request: string): string {
  const now = Date.now();
  for (const [one, { since }] of unanswered) if (now - since > KEPT_MS) unanswered.delete(one);
  const key = unanswered.get(request)?.key ?? newId();
  unanswered.set(request, { key, since: now });
  return key;
}

/** The server has said what became of it. */
export function answered(request: string): void {
  unanswered.delete(request);
}
