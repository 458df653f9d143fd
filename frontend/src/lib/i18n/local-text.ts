// Text that a person wrote for others, in up to three languages, and which of them a reader gets.
import type { Language } from './language';

/** Title, description, agenda item … as its author gave it. A missing language is absent, null or empty. */
export type LocalText = Partial<Record<Language, string | null>>;

/** Readers of one Chinese script read the other before English; readers of English get Simplified first. */
const ORDER: Record<Language, Language[]> = {
  'zh-Hans': ['zh-Hans', 'zh-Hant', 'en'],
  'zh-Hant': ['zh-Hant', 'zh-Hans', 'en'],
  en: ['en', 'zh-Hans', 'zh-Hant'],
};

/** The text for a reader and the language it is really in (to be marked when that is not the reader's own). */
export function inLanguage(
  text: LocalText | null | undefined,
  reader: Language,
): { text: string; language: Language; fallback: boolean } {
  for (const language of ORDER[reader]) {
    const found = text?.[language]?.trim();
    if (found) return { text: found, language, fallback: language !== reader };
  }
  return { text: '', language: reader, fallback: false };
}
