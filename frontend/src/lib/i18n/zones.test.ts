// The names of zones are the server's: a letter and a page must not name one zone in two ways.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import en from './en/zones';
import hans from './zh-Hans/zones';
import hant from './zh-Hant/zones';

interface Zone {
  tz: string;
  hans: string;
  hant: string;
  en: string;
}
const read = (name: string) =>
  (JSON.parse(readFileSync(`../server/domain/data/${name}.json`, 'utf8')) as { zones: Zone[] }).zones;
const zones = [...read('time-zones'), ...read('zone-names')];

describe('names of zones', () => {
  it.each([
    ['zh-Hans', hans, 'hans'],
    ['zh-Hant', hant, 'hant'],
    ['en', en, 'en'],
  ] as const)('in %s are those of server/domain/data', (_, names, key) => {
    expect(names).toEqual(Object.fromEntries(zones.map((zone) => [zone.tz, zone[key]])));
  });
});
