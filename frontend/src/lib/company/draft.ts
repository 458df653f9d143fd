// A company's details while they are being filled in, and what changed between two versions of them.
import type { Company, CompanyDraft, LocalText, Person } from '$lib/api/types';
import { personName } from '$lib/people';

const nothing = (): LocalText => ({ 'zh-Hans': null, 'zh-Hant': null, en: null });

/** A new company's details; whoever creates it is its contact until they say otherwise. */
export const emptyDraft = (contact?: Person): CompanyDraft => ({
  name: nothing(),
  identifier: { kind: 'uscc', value: '' },
  division: null,
  country: 'CN',
  sectors: [],
  size: 'medium',
  website: null,
  contact_name: contact ? personName({ ...contact, honorific: null }) || null : null,
  contact_phone: contact?.phone ?? null,
  contact_email: contact?.email ?? null,
  offers: nothing(),
  seeks: nothing(),
});

/** What of a company can be changed, as a copy. */
export function draftOf(company: Company): CompanyDraft {
  const { id: _id, state: _state, state_reason: _reason, created_at: _at, version: _version, ...draft } = company;
  return JSON.parse(JSON.stringify(draft)) as CompanyDraft;
}

/** Ready to be sent: empty fields are null, an address has its scheme. */
export function sendable(draft: CompanyDraft): CompanyDraft {
  const clean = (text: string | null) => text?.trim() || null;
  const website = clean(draft.website);
  return {
    ...draft,
    division: draft.country === 'CN' ? draft.division : null,
    website: website && !/^https?:\/\//i.test(website) ? `https://${website}` : website,
    contact_name: clean(draft.contact_name),
    contact_phone: clean(draft.contact_phone),
    contact_email: clean(draft.contact_email),
  };
}

/** The fields in which two versions differ. */
export function changedFields(before: CompanyDraft, after: CompanyDraft): (keyof CompanyDraft)[] {
  return (Object.keys(before) as (keyof CompanyDraft)[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
}
