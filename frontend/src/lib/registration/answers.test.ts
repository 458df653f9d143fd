import { describe, expect, it } from 'vitest';
import type { SessionQuestion } from '$lib/api/types';
import { answerProblem, answerText, choices, optionKey, toAnswers, toTyped } from './answers';

const text = (hans: string) => ({ 'zh-Hans': hans, 'zh-Hant': null, en: null });
const ask = (id: string, kind: SessionQuestion['kind'], required = false): SessionQuestion => ({
  id,
  kind,
  text: text(id),
  options: kind === 'choice' ? [text('自建'), text('租赁')] : [],
  required,
  withdrawn: false,
});
const questions = [ask('a', 'text', true), ask('b', 'number'), ask('c', 'yes_no'), ask('d', 'choice')];
const words = { yes: '是', no: '否', text: (one?: { 'zh-Hans': string | null }) => one?.['zh-Hans'] ?? '' };

describe('answers to a session’s questions', () => {
  it('are sent as the kinds ask, and come back as they were typed', () => {
    const rented = optionKey(text('租赁'));
    const typed = { a: ' 想看厂房 ', b: '１,２００', c: 'no', d: rented };
    const answers = toAnswers(questions, typed);
    expect(answers).toEqual({ a: '想看厂房', b: 1200, c: false, d: text('租赁') });
    expect(toTyped(questions, answers)).toEqual({ a: '想看厂房', b: '1200', c: 'no', d: rented });
  });

  it('say what was chosen in its own words, and nothing where there is no answer', () => {
    expect(toAnswers(questions, { d: '' })).toEqual({});
    expect(answerText(text('自建'), words)).toBe('自建');
    expect(answerText(undefined, words)).toBeNull();
    expect(answerText(false, words)).toBe('否');
  });

  it('to a choice follow an option that was translated, and keep one that is offered no more', () => {
    const asked = { ...questions[3]!, options: [{ ...text('租赁'), en: 'Rented' }, text('合资')] };
    const typed = toTyped([asked], { d: text('租赁') });
    expect(toAnswers([asked], typed)).toEqual({ d: asked.options[0] });
    expect(choices(asked, typed.d).map((one) => one.gone)).toEqual([false, false]);
    const gone = toTyped([asked], { d: text('自建') });
    expect(toAnswers([asked], gone)).toEqual({ d: text('自建') });
    expect(choices(asked, gone.d)[2]).toEqual({ option: text('自建'), gone: true });
  });

  it('are refused when they are missing or no number', () => {
    expect(answerProblem(questions[0]!, '  ')).toBe('required');
    expect(answerProblem(questions[1]!, '')).toBeNull();
    expect(answerProblem(questions[1]!, '十')).toBe('number');
    expect(answerProblem(questions[1]!, '10.5')).toBeNull();
  });
});
