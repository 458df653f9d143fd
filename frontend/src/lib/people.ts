// How a person and an organisation are named in the reader's language.
import { inLanguage, language, t } from '$lib/i18n';
import type { LocalText, PersonCard } from '$lib/api/types';

type Named = Pick<PersonCard, 'family_name' | 'given_name' | 'honorific'> & { former?: boolean };

const isHan = (text: string) => /\p{Script=Han}/u.test(text);

/** "赵敏", "Anna Weber": Chinese names begin with the family, also where the page is English. */
export function personName(person: Named): string {
  if (person.former) return t.words.formerMember;
  const { family_name: family, given_name: given } = person;
  if (!given) return family;
  return isHan(family + given) ? `${family}${given}` : `${given} ${family}`;
}

/** "赵总", "王局长", "Mr Zhao": how the person is spoken to. */
export function salutation(person: Named): string {
  if (!person.honorific) return personName(person);
  // Where a language has no form of address for an office, the person is named.
  return t.words.salutation(person.family_name, person.honorific, personName(person));
}

/** Name of an organisation, session or project as one plain text (where a language tag cannot stand). */
export function plain(text: LocalText | null | undefined): string {
  return inLanguage(text, language.now).text;
}
