// Parts with behaviour of their own, driven as a person drives them: by keyboard, and read as a screen reader reads them.
import { createRawSnippet, flushSync, mount, unmount, type Component } from 'svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { language, t } from '$lib/i18n';
import { unsaved } from '$lib/unsaved.svelte';
import type { Cell, DeskCard, LocalText, Timetable as Table } from '$lib/api/types';
import Timetable from '$lib/timetable/Timetable.svelte';
import Combobox from './Combobox.svelte';
import Dialog from './Dialog.svelte';
import { phrases } from './phrases';
import LocalTextInput from './LocalTextInput.svelte';
import Tabs from './Tabs.svelte';

let mounted: Record<string, unknown> | undefined;
const show = <P extends Record<string, unknown>>(component: Component<P, object, string>, props: P) => {
  mounted = mount(component as Component<Record<string, unknown>>, { target: document.body, props });
  flushSync();
};
const one = <E extends HTMLElement>(selector: string) => {
  const found = document.querySelector<E>(selector);
  if (!found) throw new Error(`nothing matches ${selector}: ${document.body.innerHTML}`);
  return found;
};
const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const press = (element: Element, key: string, more: KeyboardEventInit = {}) => {
  element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
  flushSync();
};
const type = (input: HTMLInputElement | HTMLTextAreaElement, text: string) => {
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
};

beforeAll(async () => {
  await language.turnTo('zh-Hans', { remember: false });
  // jsdom lays nothing out.
  Element.prototype.scrollIntoView = () => undefined;
  window.matchMedia = ((query: string) => ({
    matches: query.includes('min-width'),
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  })) as unknown as typeof window.matchMedia;
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no server here')));
});
afterEach(() => {
  if (mounted) void unmount(mounted);
  mounted = undefined;
  document.body.innerHTML = '';
});

describe('Combobox', () => {
  const options = [
    { value: '510311', label: '沿滩区', hint: '自贡市', words: 'yantan yt' },
    { value: '510723', label: '盐亭县', hint: '绵阳市', words: '鹽亭縣 yanting yt' },
    { value: '510722', label: '三台县', hint: '绵阳市', words: 'santai st' },
  ];
  const shown = () => all('[role=option]').map((option) => option.firstElementChild?.textContent);

  it.each([
    ['yt', ['沿滩区', '盐亭县']],
    ['YANTING', ['盐亭县']],
    ['ｙａｎｔｉｎｇ', ['盐亭县']],
    ['鹽亭', ['盐亭县']],
    ['绵阳', ['盐亭县', '三台县']],
    ['nowhere', []],
  ])('finds by what is typed: %s', (typed, wanted) => {
    show(Combobox, { label: '县', options });
    type(one('input'), typed);
    expect(shown()).toEqual(wanted);
  });

  it('is chosen from by keyboard and says which option is meant', () => {
    const onchange = vi.fn();
    show(Combobox, { label: '县', options, onchange });
    const input = one<HTMLInputElement>('input');
    type(input, 'yt');
    expect(input.getAttribute('aria-expanded')).toBe('true');
    press(input, 'ArrowDown');
    const meant = document.getElementById(input.getAttribute('aria-activedescendant') ?? '');
    expect(meant?.textContent).toContain('盐亭县');
    press(input, 'Enter');
    expect(onchange).toHaveBeenCalledWith('510723', options[1]);
    expect(input.value).toBe('盐亭县');
    expect(input.getAttribute('aria-expanded')).toBe('false');
  });

  it('keeps the choice when Escape is pressed', () => {
    const onchange = vi.fn();
    show(Combobox, { label: '县', options, value: '510722', onchange });
    const input = one<HTMLInputElement>('input');
    type(input, 'yan');
    press(input, 'Escape');
    expect(input.value).toBe('三台县');
    expect(onchange).not.toHaveBeenCalled();
  });
});

describe('Tabs', () => {
  it('moves with the arrows, around the ends', () => {
    const children = createRawSnippet<[string]>((value) => ({ render: () => `<p>${value()}</p>` }));
    const tabs = ['a', 'b', 'c'].map((value) => ({ value, label: value }));
    show(Tabs, { label: 'x', tabs, value: 'a', children });
    press(one('[aria-selected=true]'), 'ArrowLeft');
    expect(one('[aria-selected=true]').textContent?.trim()).toBe('c');
    expect(document.activeElement).toBe(one('[aria-selected=true]'));
    press(one('[aria-selected=true]'), 'ArrowRight');
    expect(one('[aria-selected=true]').textContent?.trim()).toBe('a');
    expect(all('[role=tab][tabindex="0"]')).toHaveLength(1);
  });
});

describe('LocalTextInput', () => {
  it('turns to the language that is wrong', () => {
    const value: LocalText = { 'zh-Hans': '盐亭', 'zh-Hant': null, en: 'x'.repeat(300) };
    show(LocalTextInput, { label: '主题', value, errors: { en: '太长' } });
    const input = one<HTMLInputElement>('input');
    expect(input.lang).toBe('en');
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent).toContain('太长');
  });
});

describe('Timetable', () => {
  const name = (text: string): LocalText => ({ 'zh-Hans': text, 'zh-Hant': null, en: null });
  const desks = ['甲', '乙'].map(
    (text, index) =>
      ({
        id: `d${index}`,
        name: name(text),
        centre: { id: 'c', name: name(text), division: null },
      }) as unknown as DeskCard,
  );
  const times = [1, 2, 3].map((hour) => ({
    starts_at: `2026-11-24T0${hour}:00:00.000000Z`,
    ends_at: `2026-11-24T0${hour}:20:00.000000Z`,
  }));
  const cells: Cell[] = desks.flatMap((desk) =>
    times.map((time) => ({
      slot_id: `${desk.id}-${time.starts_at[12]}`,
      desk_id: desk.id,
      ...time,
      state: 'free',
      holds: 0,
      waiting: 0,
    })),
  );
  const table = { session_id: 's', seq: 1, desks, times, cells, mine: [], waiting: [], hosted: [] } as Table;
  const label = () => document.activeElement?.getAttribute('aria-label');

  it('is one stop for the Tab key and is walked with arrows, without falling off its edges', () => {
    show(Timetable, { table, zone: 'Asia/Shanghai', onchoose: () => undefined });
    expect(all('[role=grid] button[tabindex="0"]')).toHaveLength(1);
    const first = one('[role=grid] button[tabindex="0"]');
    first.focus();
    flushSync();
    expect(label()).toBe('甲，11月24日 周二 09:00–09:20，可约');
    press(document.activeElement!, 'ArrowDown');
    expect(label()).toContain('甲，11月24日 周二 10:00');
    press(document.activeElement!, 'ArrowRight');
    expect(label()).toContain('乙，11月24日 周二 10:00');
    press(document.activeElement!, 'ArrowRight');
    expect(label()).toContain('乙，11月24日 周二 10:00');
    press(document.activeElement!, 'End', { ctrlKey: true });
    expect(label()).toContain('乙，11月24日 周二 11:00');
    press(document.activeElement!, 'Home', { ctrlKey: true });
    expect(label()).toContain('甲，11月24日 周二 09:00');
    expect(all('[role=grid] button[tabindex="0"]')).toHaveLength(1);
  });

  it('hands over the cell that was pressed', () => {
    const onchoose = vi.fn();
    show(Timetable, { table, zone: 'Asia/Shanghai', onchoose });
    all('[role=grid] button')[3]!.click();
    expect(onchoose).toHaveBeenCalledTimes(1);
    expect(onchoose.mock.calls[0]![0].cell.slot_id).toBe('d1-2');
  });

  it('groups by the days of the session zone', () => {
    const late = { starts_at: '2026-11-24T16:30:00.000000Z', ends_at: '2026-11-24T16:50:00.000000Z' };
    show(Timetable, { table: { ...table, times: [...times, late] }, zone: 'Asia/Shanghai', onchoose: () => undefined });
    expect(all('[role=group] button').map((button) => button.textContent?.trim())).toEqual([
      '11月24日 周二',
      '11月25日 周三',
    ]);
  });
});

describe('phrases of a heading', () => {
  it('keep punctuation with the word it belongs to, and lose nothing', () => {
    for (const text of [
      '“云上盐亭”食品饮料产业网络推介会',
      '四川—广东先进制造业投资合作（2026）',
      '川茶出海：精制川茶产业对接会',
    ]) {
      const parts = phrases(text, 'zh-Hans');
      expect(parts.join('')).toBe(text);
      expect(parts.filter((part) => /^[”）：，。]/.test(part))).toEqual([]);
      expect(parts.filter((part) => /[“（]$/.test(part))).toEqual([]);
    }
    expect(phrases('One meeting', 'en')).toEqual(['One meeting']);
  });
});

describe('Dialog', () => {
  const field = createRawSnippet(() => ({ render: () => `<div><textarea></textarea><input type="checkbox"></div>` }));
  const open = (onclose: () => void, keeps = false) =>
    show(Dialog, { open: true, title: 'x', children: field, onclose, keeps });
  const write = (text: string) => {
    const area = one<HTMLTextAreaElement>('textarea');
    area.focus();
    type(area, text);
  };

  it('asks once before it throws away what was typed, and forgets nothing of it', () => {
    const onclose = vi.fn();
    open(onclose);
    write('三年来的合作');
    expect(unsaved.any).toBe(true);
    press(one('textarea'), 'Escape');
    expect(one('[role=alertdialog]').textContent).toContain(t.ui.unsaved.dialog);
    expect(onclose).not.toHaveBeenCalled();
    // A second Escape goes back to writing.
    press(one('textarea'), 'Escape');
    expect(all('[role=alertdialog]')).toHaveLength(0);
    expect(one<HTMLTextAreaElement>('textarea').value).toBe('三年来的合作');
    press(one('textarea'), 'Escape');
    all('[role=alertdialog] button')
      .find((button) => button.textContent?.includes(t.ui.unsaved.drop))!
      .click();
    flushSync();
    expect(onclose).toHaveBeenCalledTimes(1);
    expect(unsaved.any).toBe(false);
  });

  it('closes at once when nothing is typed, when it was taken back, and when it is kept elsewhere', () => {
    const onclose = vi.fn();
    open(onclose);
    write('x');
    write('');
    one('input').click();
    press(one('input'), 'Escape');
    expect(onclose).toHaveBeenCalledTimes(1);
    if (mounted) void unmount(mounted);
    open(onclose, true);
    write('x');
    expect(unsaved.any).toBe(false);
    press(one('textarea'), 'Escape');
    expect(onclose).toHaveBeenCalledTimes(2);
  });

  it('leaves Escape to the input method', () => {
    const onclose = vi.fn();
    open(onclose);
    press(one('textarea'), 'Escape', { isComposing: true });
    expect(onclose).not.toHaveBeenCalled();
  });
});
