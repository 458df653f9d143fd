// The measures of bar charts: how long each bar is. Pure.

export interface Bar {
  key: string;
  label: string;
  value: number;
  /** What stands beside the bar. */
  shown: string;
  tone?: 'accent' | 'good' | 'wait' | 'bad' | 'calm';
}

/** The share of the longest bar, between 0 and 1; what is more than nothing is never invisible. */
export function lengths(values: readonly number[]): number[] {
  const most = Math.max(0, ...values);
  return values.map((value) => (value <= 0 || most === 0 ? 0 : Math.max(0.01, value / most)));
}
