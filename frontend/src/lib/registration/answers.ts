// The answers to a session's questions while they are typed: ready to be sent, and read back.
import type { LocalText, QuestionAnswer, SessionQuestion } from '$lib/api/types';

/** What a field holds: text as typed (also for numbers), the number of an option as text, or yes and no. */
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

/** As the server wants them: an option by its number from 0; what was left empty is left out. */
export function toAnswers(questions: readonly SessionQuestion[], typed: Typed): Answers {
  const answers: Answers = {};
  for (const question of questions) {
    const text = (typed[question.id] ?? '').trim();
    if (text === '') continue;
    switch (question.kind) {
      case 'text':
        answers[question.id] = text;
        break;
      case 'number':
      case 'choice': {
        const number = toNumber(text);
        if (number !== null) answers[question.id] = number;
        break;
      }
      case 'yes_no':
        answers[question.id] = text === 'yes';
    }
  }
  return answers;
}

/** Back into fields, when a registration is changed. */
export function toTyped(answers: Answers): Typed {
  return Object.fromEntries(
    Object.entries(answers).map(([id, answer]) => [
      id,
      answer === true ? 'yes' : answer === false ? 'no' : String(answer),
    ]),
  );
}

/** An answer for reading: the text of an option, "yes" and "no" in the reader's words; null where there is none. */
export function answerText(
  question: SessionQuestion,
  answer: string | number | boolean | undefined,
  words: { yes: string; no: string; text: (text: LocalText | undefined) => string },
): string | null {
  if (answer === undefined || answer === '') return null;
  if (typeof answer === 'boolean') return answer ? words.yes : words.no;
  if (question.kind === 'choice') return words.text(question.options[Number(answer)]) || null;
  return String(answer);
}

function toNumber(text: string): number | null {
  const plain = text.normalize('NFKC').replace(/[\s,，]/g, '');
  const number = Number(plain);
  return plain !== '' && Number.isFinite(number) ? number : null;
}
