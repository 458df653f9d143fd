// Fake answers for a centre's people and the operator.
import { page, type Route } from '../answer.ts';
import * as world from '../world.ts';

export const centre: Route[] = [
  [
    'GET',
    /^\/operator\/letters$/,
    ({ query }) =>
      page(
        world.letters.map((one) => one.letter),
        query,
      ),
  ],
];
