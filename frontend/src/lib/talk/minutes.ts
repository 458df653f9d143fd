// Minutes that two people may write at once: what each changed is put together, and where both changed the same field
// both versions are shown. Pure; MinutesDraft brings the server and the clock.
import type { TalkMinutes, TalkMinutesDraft } from '$lib/api/types';

export const FIELDS = ['text', 'next_step', 'owner_id', 'due_on'] as const;
export type MinutesField = (typeof FIELDS)[number];

export const draftOf = (minutes: TalkMinutes): TalkMinutesDraft => ({
  text: minutes.text,
  next_step: minutes.next_step,
  owner_id: minutes.owner?.id ?? null,
  due_on: minutes.due_on,
});

export const isSame = (one: TalkMinutesDraft, other: TalkMinutesDraft): boolean =>
  FIELDS.every((field) => one[field] === other[field]);

/**
 * Three versions of the minutes: the common one, ours, theirs. A field that only one side changed takes that side's value;
 * `conflicts` names the fields that both changed, differently: there ours stays, until somebody has chosen.
 */
export function together(
  base: TalkMinutesDraft,
  ours: TalkMinutesDraft,
  theirs: TalkMinutesDraft,
): { merged: TalkMinutesDraft; conflicts: MinutesField[] } {
  const merged = { ...ours };
  const conflicts: MinutesField[] = [];
  const take = <F extends MinutesField>(field: F) => (merged[field] = theirs[field]);
  for (const field of FIELDS) {
    if (ours[field] === theirs[field] || theirs[field] === base[field]) continue;
    if (ours[field] === base[field]) take(field);
    else conflicts.push(field);
  }
  return { merged, conflicts };
}

/** Both texts, one under the other, so that nothing is lost. */
export const both = (ours: string, theirs: string): string => `${theirs.trimEnd()}\n\n${ours.trimStart()}`;
