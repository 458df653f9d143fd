// The length of bars.
import { expect, it } from 'vitest';
import { lengths } from './bars';

it('measures against the longest, shows little as something and nothing as nothing', () => {
  expect(lengths([10, 5, 0])).toEqual([1, 0.5, 0]);
  expect(lengths([10_000, 1])[1]).toBe(0.01);
  expect(lengths([0, 0])).toEqual([0, 0]);
  expect(lengths([])).toEqual([]);
});
