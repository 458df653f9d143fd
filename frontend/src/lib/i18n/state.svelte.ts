// The language of the page: `t.area.key` is a text, or a function that makes one, in the language chosen now.
//
// The catalogue of each language is one lazily loaded chunk. zh-Hans is the reference: its type is the type of all three,
// so a missing or superfluous key does not compile.
import type { Catalogue } from './zh-Hans';
import { isLanguage, preferredLanguage, type Language } from './language';

const STORAGE_KEY = 'yunqia.language';
const COOKIE = 'yunqia_lang';

const loaders: Record<Language, () => Promise<{ default: Catalogue }>> = {
  'zh-Hans': () => import('./zh-Hans'),
  'zh-Hant': () => import('./zh-Hant'),
  en: () => import('./en'),
};

class PageLanguage {
  #now = $state<Language>('zh-Hans');
  #texts = $state.raw<Catalogue>();

  /** The language of the page. */
  get now(): Language {
    return this.#now;
  }

  /** Every text in it. Reading this before a language was loaded is a mistake of ours. */
  get texts(): Catalogue {
    if (!this.#texts) throw new Error('no language has been loaded yet');
    return this.#texts;
  }

  /** Loads a language and turns the page to it; remembered for the next visit when the reader asked for it. */
  async turnTo(language: Language, { remember = true } = {}): Promise<void> {
    const { default: texts } = await loaders[language]();
    this.#texts = texts;
    this.#now = language;
    document.documentElement.lang = language;
    if (remember) keep(language);
  }

  /** Loads the language the reader chose before, or else the best one their browser names. */
  async start(): Promise<void> {
    if (this.#texts) return;
    await this.turnTo(remembered() ?? preferredLanguage(navigator.languages), { remember: false });
  }
}

export const language = new PageLanguage();

/** The texts by area: `t.common.save`. Reads are reactive. */
export const t: Catalogue = new Proxy({} as Catalogue, {
  get: (_, area: keyof Catalogue) => language.texts[area],
});

/** The language the reader chose on an earlier visit, if they did. */
export function remembered(): Language | undefined {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    if (isLanguage(stored)) return stored;
  } catch {
    // A browser that keeps nothing still gets a page; the cookie may have survived.
  }
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(document.cookie)?.[1];
  return isLanguage(cookie) ? cookie : undefined;
}

/** The cookie lets the server answer problems and letters in the same language. */
function keep(chosen: Language): void {
  try {
    localStorage.setItem(STORAGE_KEY, chosen);
  } catch {
    // See above.
  }
  const secure = location.protocol === 'https:' ? '; secure' : '';
  document.cookie = `${COOKIE}=${chosen}; path=/; max-age=31536000; samesite=lax${secure}`;
}
