// Where a Chinese line may break: between words, never before closing punctuation or after opening punctuation.

interface Segmenter {
  segment(text: string): Iterable<{ segment: string }>;
}

/** Parts of a text that should stay whole; one part where there is nothing to find. */
export function phrases(text: string, lang: string): string[] {
  const make = (Intl as unknown as { Segmenter?: new (locale: string, options: { granularity: 'word' }) => Segmenter })
    .Segmenter;
  if (!lang.startsWith('zh') || !make) return [text];
  const parts: string[] = [];
  for (const { segment } of new make('zh', { granularity: 'word' }).segment(text)) {
    const last = parts[parts.length - 1];
    const clings =
      /^[\p{Pe}\p{Pf}\p{Po}\p{Pd}]/u.test(segment) || (last !== undefined && /[\p{Ps}\p{Pi}\p{Pd}]$/u.test(last));
    // A single ideograph (“县”, “与”) belongs to the word before it.
    const short = /^\p{Script=Han}$/u.test(segment) && last !== undefined && /\p{Script=Han}$/u.test(last);
    if (last !== undefined && (clings || short)) parts[parts.length - 1] = last + segment;
    else parts.push(segment);
  }
  return parts;
}
