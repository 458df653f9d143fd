// An amount of money as a person types it: a figure and a unit, kept as a whole number of 万元.

export type AmountUnit = 'wan' | 'yi';

/** 1 亿元 is 10,000 万元. */
const WAN: Record<AmountUnit, number> = { wan: 1, yi: 10_000 };

/** The amount in 万元; null for nothing typed, undefined for something that is not an amount. */
export function amountIn(typed: string, unit: AmountUnit): number | null | undefined {
  const text = typed.normalize('NFKC').replace(/[\s,，]/g, '');
  if (text === '') return null;
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(text)) return undefined;
  const wan = Math.round(Number(text) * WAN[unit]);
  return wan > 0 && Number.isSafeInteger(wan) ? wan : undefined;
}

/** How a kept amount is typed: whole 亿 and tenths of them in 亿元, the rest in 万元. */
export function amountTyped(wan: number | null): { text: string; unit: AmountUnit } {
  if (wan === null) return { text: '', unit: 'wan' };
  if (wan >= WAN.yi && wan % 1000 === 0) return { text: String(wan / WAN.yi), unit: 'yi' };
  return { text: String(wan), unit: 'wan' };
}
