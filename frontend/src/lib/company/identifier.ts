// Registration numbers as people type them: one spelling, and what is wrong with one before the server is asked.
// The rules are those of server/domain/src/identifiers.rs; the server judges again.
import type { CompanyIdKind } from '$lib/api/types';
import { isCountry } from './homes';

export const IDENTIFIER_KINDS: readonly CompanyIdKind[] = ['uscc', 'hk_br', 'tw_ubn', 'lei', 'foreign_reg'];

/** Where a register's companies are at home; the others are not bound to a place. */
export const HOME_OF: Partial<Record<CompanyIdKind, string>> = { uscc: 'CN', hk_br: 'HK', tw_ubn: 'TW' };

export type IdentifierProblem =
  { code: 'empty' | 'charset' | 'checksum' | 'country' } | { code: 'length'; want: number; got: number };

/** GB 32100-2015: no I, O, S, V, Z; the order gives each character its value. */
const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/** Full-width to half-width, upper case, without spaces, dashes, dots, slashes and invisible characters. */
export function normalise(typed: string): string {
  return typed
    .slice(0, 200)
    .normalize('NFKC')
    .replace(/[\s\p{Cf}\-./_:\u2010-\u2015\u2212]/gu, '')
    .toUpperCase();
}

/** What is wrong with a number, or null. */
export function identifierProblem(kind: CompanyIdKind, typed: string): IdentifierProblem | null {
  const value = normalise(typed);
  if (value === '') return { code: 'empty' };
  switch (kind) {
    case 'uscc':
      return characters(value, 18, /^[0-9A-HJ-NPQRTUWXY]+$/) ?? (usccFits(value) ? null : { code: 'checksum' });
    case 'lei':
      return characters(value, 20, /^[0-9A-Z]{18}[0-9]{2}$/) ?? (leiFits(value) ? null : { code: 'checksum' });
    case 'hk_br':
    case 'tw_ubn':
      return characters(value, 8, /^[0-9]+$/);
    case 'foreign_reg':
      return foreign(value);
  }
}

function characters(value: string, want: number, known: RegExp): IdentifierProblem | null {
  const got = [...value].length;
  if (got !== want) return { code: 'length', want, got };
  return known.test(value) ? null : { code: 'charset' };
}

/** The last character is alphabet[(31 - Σ value·weight mod 31) mod 31]. */
function usccFits(value: string): boolean {
  const sum = USCC_WEIGHTS.reduce((all, weight, at) => all + weight * USCC_ALPHABET.indexOf(value[at] ?? ''), 0);
  return USCC_ALPHABET[(31 - (sum % 31)) % 31] === value[17];
}

/** ISO 7064 MOD 97-10: letters count 10 to 35, the whole number leaves 1. */
function leiFits(value: string): boolean {
  let rest = 0;
  for (const character of value) {
    const digit = parseInt(character, 36);
    rest = (rest * (digit > 9 ? 100 : 10) + digit) % 97;
  }
  return rest === 1;
}

/** Two letters of a country or region, then 1 to 30 letters and digits. */
function foreign(value: string): IdentifierProblem | null {
  if (!/^[0-9A-Z]+$/.test(value)) return { code: 'charset' };
  if (!isCountry(value.slice(0, 2))) return { code: 'country' };
  const got = value.length - 2;
  return got >= 1 && got <= 30 ? null : { code: 'length', want: got < 1 ? 1 : 30, got };
}
