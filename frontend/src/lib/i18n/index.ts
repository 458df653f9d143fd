// What pages need to speak: `import { t, language } from '$lib/i18n'`.
export { t, language, remembered } from './state.svelte';
export { LANGUAGES, LOCALE, isLanguage, type Language } from './language';
export type { Catalogue } from './zh-Hans';
export { inLanguage, type LocalText } from './local-text';
export * as format from './format';
