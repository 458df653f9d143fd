// What holds for every form of the site, read from the sources.
import { expect, it } from 'vitest';

const sources = import.meta.glob<string>('./**/*.svelte', { query: '?raw', import: 'default', eager: true });

it('no form lets the browser complain in its own words and language', () => {
  const forms = Object.entries(sources).flatMap(([file, source]) =>
    [...source.replace(/<!--[^]*?-->/g, '').matchAll(/<form\b(?:=>|[^>])*>/g)].map(([tag]) => ({ file, tag })),
  );
  expect(forms.length).toBeGreaterThan(15);
  expect(forms.filter(({ tag }) => !/\bnovalidate\b/.test(tag))).toEqual([]);
});
