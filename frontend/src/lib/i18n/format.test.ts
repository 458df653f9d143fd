// Money, dates and two clocks, against examples worked out by hand (and the zone cases of the field notes).
import { describe, expect, it } from 'vitest';
import * as format from './format';
import { inLanguage } from './local-text';
import { preferredLanguage } from './language';

describe('money kept in 万元', () => {
  it.each([
    [8500, '8,500 万元', '8,500 萬元', 'CNY 85 million'],
    [10_000, '1 亿元', '1 億元', 'CNY 100 million'],
    [12_500, '1.25 亿元', '1.25 億元', 'CNY 125 million'],
    [100_000, '10 亿元', '10 億元', 'CNY 1 billion'],
    [370_000_000, '3.7 万亿元', '3.7 萬億元', 'CNY 3.7 trillion'],
    [0, '0 万元', '0 萬元', 'CNY 0 million'],
  ])('%i', (wan, hans, hant, en) => {
    expect(format.money(wan, 'zh-Hans')).toBe(hans);
    expect(format.money(wan, 'zh-Hant')).toBe(hant);
    expect(format.money(wan, 'en')).toBe(en);
  });
});

describe('clocks', () => {
  it.each([
    // A week apart, the same hour in Shanghai, another in Berlin: summer time began between them.
    ['2025-03-27T07:00:00Z', 'Europe/Berlin', '15:00', '08:00', 0],
    ['2025-04-03T07:00:00Z', 'Europe/Berlin', '15:00', '09:00', 0],
    ['2025-03-12T01:00:00Z', 'America/Los_Angeles', '09:00', '18:00', -1],
    ['2025-07-01T16:30:00Z', 'Asia/Kolkata', '00:30', '22:00', -1],
  ])('%s in Shanghai and in %s', (instant, zone, shanghai, there, shift) => {
    expect(format.clock(instant, 'Asia/Shanghai', 'en')).toBe(shanghai);
    expect(format.clock(instant, zone, 'en')).toBe(there);
    expect(format.dayShift(instant, 'Asia/Shanghai', zone)).toBe(shift);
    expect(format.sameWallTime(instant, 'Asia/Shanghai', zone)).toBe(false);
  });

  it('midnight is 00:00, never 24:00', () => {
    for (const language of ['zh-Hans', 'zh-Hant', 'en'] as const) {
      expect(format.clock('2026-01-01T16:00:00Z', 'Asia/Shanghai', language)).toBe('00:00');
    }
  });

  it('two zones with one clock are told apart only by name', () => {
    expect(format.sameWallTime('2026-06-01T00:00:00Z', 'Asia/Shanghai', 'Asia/Hong_Kong')).toBe(true);
  });

  it('reads instants with microseconds', () => {
    expect(format.dayKey('2026-11-23T16:00:00.000001Z', 'Asia/Shanghai')).toBe('2026-11-24');
  });
});

describe('days', () => {
  it('as each language writes them', () => {
    const at = '2026-11-24T07:00:00Z';
    expect(format.day(at, 'Asia/Shanghai', 'zh-Hans')).toBe('2026年11月24日 周二');
    expect(format.day(at, 'Asia/Shanghai', 'zh-Hant')).toMatch(/^2026年11月24日 (週|周)二$/);
    expect(format.day(at, 'Asia/Shanghai', 'en')).toMatch(/^Tue,? 24 November 2026$/);
    expect(format.dayAndClock(at, 'Europe/Berlin', 'zh-Hans')).toBe('2026年11月24日 周二 08:00');
  });
});

describe('time left', () => {
  it.each([
    [0, '00:00'],
    [-5000, '00:00'],
    [309_000, '05:09'],
    [3_723_000, '1:02:03'],
    [400, '00:01'],
    [900_120, '15:00'],
    [899_900, '15:00'],
  ])('%i ms', (milliseconds, text) => expect(format.timeLeft(milliseconds)).toBe(text));
});

describe('relative time', () => {
  it('takes the largest whole unit', () => {
    const now = '2026-11-24T12:00:00Z';
    expect(format.relative('2026-11-24T11:57:10Z', now, 'en')).toBe('2 minutes ago');
    expect(format.relative('2026-11-24T14:30:00Z', now, 'en')).toBe('in 2 hours');
    expect(format.relative('2026-11-23T11:00:00Z', now, 'en')).toBe('yesterday');
    expect(format.relative('2026-11-24T11:57:00Z', now, 'zh-Hans')).toBe('3分钟前');
  });
});

describe('text in up to three languages', () => {
  it('reads the other Chinese script before English, and marks it', () => {
    const text = { 'zh-Hans': '盐亭', 'zh-Hant': ' ', en: 'Yanting' };
    expect(inLanguage(text, 'zh-Hant')).toEqual({ text: '盐亭', language: 'zh-Hans', fallback: true });
    expect(inLanguage(text, 'en')).toEqual({ text: 'Yanting', language: 'en', fallback: false });
  });

  it('has nothing to say about nothing', () => {
    expect(inLanguage({ 'zh-Hans': null, 'zh-Hant': null, en: null }, 'en').text).toBe('');
    expect(inLanguage(null, 'en').text).toBe('');
  });
});

describe('the first language', () => {
  it.each([
    [['zh-CN', 'en'], 'zh-Hans'],
    [['zh-HK'], 'zh-Hant'],
    [['zh-Hant-TW'], 'zh-Hant'],
    [['de-DE', 'en-US'], 'en'],
    [['fr'], 'en'],
    [[], 'zh-Hans'],
  ])('%s', (accepted, wanted) => expect(preferredLanguage(accepted)).toBe(wanted));
});
