// The three languages of the product and how a first one is chosen.

export const LANGUAGES = ['zh-Hans', 'zh-Hant', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The name that Intl knows each language by. Hong Kong stands for Traditional script, Britain for a 24-hour clock. */
export const LOCALE: Record<Language, string> = { 'zh-Hans': 'zh-CN', 'zh-Hant': 'zh-HK', en: 'en-GB' };

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language);
}

/** The first of the browser's languages that we speak; regions of Traditional script read Traditional. */
export function preferredLanguage(accepted: readonly string[]): Language {
  for (const tag of accepted) {
    const lower = tag.toLowerCase();
    if (/^zh-(hant|hk|mo|tw)/.test(lower)) return 'zh-Hant';
    if (lower === 'zh' || lower.startsWith('zh-')) return 'zh-Hans';
    if (lower === 'en' || lower.startsWith('en-')) return 'en';
  }
  return accepted.length === 0 ? 'zh-Hans' : 'en';
}
