import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { amountIn, amountTyped } from './amount';
import { changedFields, draftOf, emptyDraft, sendable } from './draft';
import { identifierProblem, normalise } from './identifier';
import type { Company } from '$lib/api/types';

describe('a registration number as people type it', () => {
  const code = (kind: Parameters<typeof identifierProblem>[0], typed: string) =>
    identifierProblem(kind, typed)?.code ?? null;

  it('is forgiven full-width characters, spaces, dashes and lower case', () => {
    expect(normalise(' ９1350100—m0001 00y43 ')).toBe('91350100M000100Y43');
    expect(code('uscc', ' ９1350100-m000100y43 ')).toBeNull();
    expect(code('hk_br', '１２３４ 5678')).toBeNull();
  });

  it('is told apart by what is wrong with it', () => {
    expect(code('uscc', '')).toBe('empty');
    expect(identifierProblem('uscc', '91350100M000100Y4')).toEqual({ code: 'length', want: 18, got: 17 });
    expect(code('uscc', '91350100I000100Y43')).toBe('charset');
    expect(code('uscc', '91350100M000100Y4Z')).toBe('charset');
    expect(code('uscc', '19350100M000100Y43')).toBe('checksum');
    expect(code('uscc', '91510723DEM0000140')).toBe('checksum');
    expect(code('lei', 'DEM00000000000000108')).toBe('checksum');
    expect(code('foreign_reg', 'XX-1')).toBe('country');
    expect(code('foreign_reg', 'DE')).toBe('length');
  });

  it.each(['91510723DEM000014P', '91510100DEM0001610', '91510100DEM00033XY', '91440106DEM000030G'])(
    '%s is right',
    (value) => expect(code('uscc', value)).toBeNull(),
  );

  it('of another register is right too', () => {
    expect(code('lei', 'DEM0 0000 0000 0000 0204')).toBeNull();
    expect(code('foreign_reg', 'de hrb 12345 b')).toBeNull();
    expect(code('tw_ubn', '04595257')).toBeNull();
  });

  it('comes from one of the countries that the server knows', () => {
    const source = readFileSync('../server/domain/src/regions.rs', 'utf8');
    const list = /COUNTRIES: &str = "([^"]*)"/.exec(source)?.[1]?.replace(/\\\n/g, '').trim().split(/\s+/) ?? [];
    expect(list.length).toBeGreaterThan(200);
    for (const country of list) expect([country, code('foreign_reg', `${country}1`)]).toEqual([country, null]);
  });
});

describe('an amount as people type it', () => {
  it('is kept in 万元', () => {
    expect(amountIn('1.5', 'yi')).toBe(15_000);
    expect(amountIn('８,５００', 'wan')).toBe(8500);
    expect(amountIn('  ', 'wan')).toBeNull();
  });

  it('is refused where it is none', () => {
    for (const typed of ['0', '-3', '十', '1e9', '1.2.3', '0.00001']) expect(amountIn(typed, 'wan')).toBeUndefined();
  });

  it('comes back as it would be typed', () => {
    expect(amountTyped(15_000)).toEqual({ text: '1.5', unit: 'yi' });
    expect(amountTyped(8500)).toEqual({ text: '8500', unit: 'wan' });
    expect(amountTyped(12_345)).toEqual({ text: '12345', unit: 'wan' });
    expect(amountTyped(null)).toEqual({ text: '', unit: 'wan' });
    for (const wan of [1, 9999, 10_000, 12_345, 15_000, 1_000_000]) {
      const { text, unit } = amountTyped(wan);
      expect(amountIn(text, unit)).toBe(wan);
    }
  });
});

describe('a company’s details', () => {
  it('are sent without empty texts, and without a division abroad', () => {
    const draft = { ...emptyDraft(), country: 'DE', division: '510723', website: ' example.com ', contact_name: ' ' };
    expect(sendable(draft)).toMatchObject({ division: null, website: 'https://example.com', contact_name: null });
  });

  it('tell which fields a colleague has changed', () => {
    const company = { ...emptyDraft(), id: 'c', state: 'approved', state_reason: null, version: 3 } as Company;
    const before = draftOf(company);
    expect(Object.keys(before)).not.toContain('version');
    expect(changedFields(before, draftOf({ ...company, size: 'large', sectors: ['food'] }))).toEqual([
      'sectors',
      'size',
    ]);
  });
});
