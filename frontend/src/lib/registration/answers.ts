// The answers to a session's questions while they are typed: ready to be sent, and read back.
import type { LocalText, QuestionAnswer, SessionQuestion } from '$lib/api/types';

/** What a field holds: text as typed (also for numbers), an option's own words as one text, or yes and no. */
export type Typed = Record<string, string>;
export type Answers = Record<string, QuestionAnswer>;

export type AnswerProblem = 'required' | 'number';

/** What is wrong with one answer before the server is asked. */
export function answerProblem(question: SessionQuestion, typed: string | undefined): AnswerProblem | null {
  const text = (typed ?? '').trim();
  if (text === '') return question.required ? 'required' : null;
  if (question.kind === 'number' && toNumber(text) === null) return 'number';
  return null;
}

/** As the server wants them: an option in its own words; what was left empty is left out. */
export function toAnswers(questions: readonly SessionQuestion[], typed: Typed): Answers {
  const answers: Answers = {};
  for (const question of questions) {
    const text = (typed[question.id] ?? '').trim();
    if (text === '') continue;
    switch (question.kind) {
      case 'text':
        answers[question.id] = text;
        break;
      case 'number': {
        const number = toNumber(text);
        if (number !== null) answers[question.id] = number;
        break;
      }
      case 'choice':
        answers[question.id] = fromKey(text);
        break;
      case 'yes_no':
        answers[question.id] = text === 'yes';
    }
  }
  return answers;
}

/** Back into fields, when a registration is changed. */
export function toTyped(questions: readonly SessionQuestion[], answers: Answers): Typed {
  const typed: Typed = {};
  for (const question of questions) {
    const answer = answers[question.id];
    if (answer === undefined) continue;
    if (answer === true || answer === false) typed[question.id] = answer ? 'yes' : 'no';
    else if (typeof answer === 'object') {
      // An option that was translated or corrected in one language meanwhile is still the one that was chosen.
      const option = question.options.find((one) => isSame(one, answer)) ?? answer;
      typed[question.id] = optionKey(option);
    } else typed[question.id] = String(answer);
  }
  return typed;
}

/** What there is to choose from, and at the end what was chosen once and is offered no more. */
export function choices(question: SessionQuestion, typed: string | undefined): { option: LocalText; gone: boolean }[] {
  const offered = question.options.map((option) => ({ option, gone: false }));
  const isKnown = !typed || question.options.some((option) => optionKey(option) === typed);
  return isKnown ? offered : [...offered, { option: fromKey(typed), gone: true }];
}

/** An option as the value of a field. */
export const optionKey = (option: LocalText): string =>
  JSON.stringify([option['zh-Hans'], option['zh-Hant'], option.en]);

function fromKey(key: string): LocalText {
  const [hans, hant, en] = JSON.parse(key) as (string | null)[];
  return { 'zh-Hans': hans ?? null, 'zh-Hant': hant ?? null, en: en ?? null };
}

const isSame = (one: LocalText, other: LocalText): boolean =>
  (['zh-Hans', 'zh-Hant', 'en'] as const).some((tag) => one[tag] !== null && one[tag] === other[tag]);

/** An answer for reading: an option and "yes" and "no" in the reader's words; null where there is none. */
export function answerText(
  answer: QuestionAnswer | undefined,
  words: { yes: string; no: string; text: (text: LocalText) => string },
): string | null {
  if (answer === undefined || answer === '') return null;
  if (typeof answer === 'boolean') return answer ? words.yes : words.no;
  if (typeof answer === 'object') return words.text(answer) || null;
  return String(answer);
}

function toNumber(text: string): number | null {
  const plain = text.normalize('NFKC').replace(/[\s,，]/g, '');
  const number = Number(plain);
  return plain !== '' && Number.isFinite(number) ? number : null;
}
