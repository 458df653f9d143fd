// Steps that several tests take, and the small things they need to know: days, numbers of companies, calendar parts.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { words, type Language, type Stage } from './test';

/** The field of a text in several languages that stands open: the reader's own. */
export function textIn(where: Page | Locator, label: string): Locator {
  return where.getByRole('group', { name: label, exact: true }).getByRole('textbox');
}

/** Signs in on a page that shows the sign-in form, with the code of the letter. */
export async function signInByCode(stage: Stage, page: Page, language: Language, email: string, subject: RegExp) {
  const text = words[language].account.signIn;
  await page.getByLabel(text.email, { exact: true }).fill(email);
  await page.getByRole('button', { name: text.sendCode, exact: true }).click();
  const letter = await stage.letter(email, subject);
  // Six digits sign in by themselves, as pasted ones would.
  await page.getByLabel(text.code, { exact: true }).fill(codeIn(letter.text));
}

export function codeIn(text: string): string {
  const found = /(?<!\d)\d{6}(?!\d)/.exec(text);
  if (!found) throw new Error(`there is no code in the letter: ${text}`);
  return found[0];
}

/** The path that the first link of a letter leads to. */
export function linkIn(text: string): string {
  const found = /https?:\/\/\S+/.exec(text);
  if (!found) throw new Error(`there is no link in the letter: ${text}`);
  return new URL(found[0]).pathname;
}

/** The date in so many days, as a date field wants it. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** A registration number that no company has yet. */
export function companyNumber(kind: 'uscc' | 'hk_br' | 'foreign_reg'): string {
  const digits = String(Date.now()).slice(-8);
  if (kind === 'hk_br') return digits;
  if (kind === 'foreign_reg') return `DE-HRB${digits}`;
  // GB 32100-2015: the last character makes the weighted sum a multiple of 31.
  const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  const body = `91510100${digits}X`;
  const sum = [...body].reduce((all, one, at) => all + alphabet.indexOf(one) * (3 ** at % 31), 0);
  return body + alphabet[(31 - (sum % 31)) % 31];
}

/** SEQUENCE of a calendar part (RFC 5546: it grows with every change of the time). */
export function calendarNumber(calendar: string | null): number {
  const found = /^SEQUENCE:(\d+)\r?$/m.exec(calendar ?? '');
  if (!found) throw new Error(`no SEQUENCE in the calendar part: ${calendar}`);
  return Number(found[1]);
}

/** What was said in a conversation: one element for each time it is there. */
export const line = (page: Page, said: string) => page.getByRole('log').getByText(said, { exact: true });

/** Says something in the conversation of that name. */
export async function say(page: Page, language: Language, where: string, said: string): Promise<void> {
  const conversation = page.getByRole('region', { name: where, exact: true });
  await conversation.getByRole('textbox', { name: where, exact: true }).fill(said);
  await conversation.getByRole('button', { name: words[language].common.send, exact: true }).click();
}

/** Hands a file over in the talk room that is open. */
export async function handOver(page: Page, language: Language, name: string): Promise<void> {
  const chosen = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: words[language].chat.attach, exact: true }).click();
  await (await chosen).setFiles({ name, mimeType: 'application/pdf', buffer: PDF });
}

/** What pressing something saves on the reader's device. */
export async function saved(page: Page, what: Locator): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download');
  await what.click();
  const file = await download;
  return {
    name: file.suggestedFilename(),
    bytes: await readFile(await file.path()),
  };
}

/** The smallest file that is a PDF. */
const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);
