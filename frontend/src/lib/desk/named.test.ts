// Saving twice keeps what was saved once.
import { describe, expect, it } from 'vitest';
import { named } from './named';

describe('rows that were saved', () => {
  it('have the id of the row in their place', () => {
    const sent = [{ id: 'a' }, { id: null }, {}];
    named(sent, [{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    expect(sent).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
  });

  it('are found again when the list has changed in the meantime', () => {
    const rows: { id: string | null; text: string }[] = [
      { id: null, text: 'first' },
      { id: null, text: 'second' },
    ];
    const sent = [...rows];
    rows.reverse();
    rows.push({ id: null, text: 'third' });
    named(sent, [{ id: 'a' }, { id: 'b' }]);
    expect(rows.map((row) => row.id)).toEqual(['b', 'a', null]);
  });
});
