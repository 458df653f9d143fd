// Fake answers for the hall, the talk room and messages.
import type * as V from '../../../src/lib/api/types.ts';
import type { Route } from '../answer.ts';

export const rooms: Route[] = [['GET', /^\/channels$/, (): V.Channel[] => []]];
