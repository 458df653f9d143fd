import { describe, expect, it } from 'vitest';
import type { SessionQuestion } from '$lib/api/types';
import { answerProblem, answerText, toAnswers, toTyped } from './answers';

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
    const typed = { a: ' 想看厂房 ', b: '１,２００', c: 'no', d: '1' };
    const answers = toAnswers(questions, typed);
    expect(answers).toEqual({ a: '想看厂房', b: 1200, c: false, d: 1 });
    expect(toTyped(answers)).toEqual({ a: '想看厂房', b: '1200', c: 'no', d: '1' });
  });

  it('keep the first option apart from no answer', () => {
    expect(toAnswers(questions, { d: '0' })).toEqual({ d: 0 });
    expect(toAnswers(questions, { d: '' })).toEqual({});
    expect(answerText(questions[3]!, 0, words)).toBe('自建');
    expect(answerText(questions[3]!, undefined, words)).toBeNull();
    expect(answerText(questions[2]!, false, words)).toBe('否');
  });

  it('are refused when they are missing or no number', () => {
    expect(answerProblem(questions[0]!, '  ')).toBe('required');
    expect(answerProblem(questions[1]!, '')).toBeNull();
    expect(answerProblem(questions[1]!, '十')).toBe('number');
    expect(answerProblem(questions[1]!, '10.5')).toBeNull();
  });
});
