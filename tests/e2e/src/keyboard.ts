// A person who has a keyboard and nothing else: Tab, Enter, Space, arrows, Escape, and letters.
import { expect, type Locator, type Page } from '@playwright/test';

/** So many stops a page may have; who walks further walks in circles. */
const STOPS_MAX = 250;

export class Keyboard {
  constructor(readonly page: Page) {}

  /** Goes on with Tab until it stands on something, which shows that it does. */
  async to(what: Locator): Promise<void> {
    const wanted = what.first();
    await expect(wanted).toBeVisible();
    for (let stops = 0; stops < STOPS_MAX; stops++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) {
        return this.expectVisibleFocus();
      }
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${what}`);
  }

  async press(what: Locator, key = 'Enter'): Promise<void> {
    await this.to(what);
    await this.page.keyboard.press(key);
  }

  /** Types into a field, in place of what stands there. */
  async fill(what: Locator, text: string): Promise<void> {
    await this.to(what);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  /** A day and a clock time in a field of the browser's own, part by part: month, day, year. */
  async fillDateTime(what: Locator, [date, clock]: [date: string, clock: string]): Promise<void> {
    const [year, month, day] = date.split('-');
    await this.to(what);
    await this.page.keyboard.type(`${month}${day}${year}`);
    await this.page.keyboard.press('Tab');
    await this.page.keyboard.type(clock.replace(':', ''));
    await expect(what).toHaveValue(`${date}T${clock}`);
  }

  /** Chooses in a list of the browser's own by its first letters. */
  async choose(what: Locator, value: string): Promise<void> {
    await this.to(what);
    for (let steps = 0; steps < 60 && (await what.inputValue()) !== value; steps++) {
      await this.page.keyboard.press('ArrowDown');
    }
    await expect(what).toHaveValue(value);
  }

  /** An outline or a ring around what has the focus, or around the label it belongs to. */
  async expectVisibleFocus(): Promise<void> {
    const seen = await this.page.evaluate(() => {
      const isMarked = (element: Element): boolean => {
        const style = getComputedStyle(element);
        const hasOutline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
        return hasOutline || style.boxShadow !== 'none';
      };
      const active = document.activeElement;
      return active !== null && (isMarked(active) || isMarked(active.closest('label') ?? active));
    });
    const on = await this.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120));
    expect(seen, `the focus is not to be seen on ${on}`).toBe(true);
  }

  /** The dialog that stands open keeps the focus: Tab never leads out of it, in either direction. */
  async expectTrap(dialog: Locator): Promise<void> {
    await expect(dialog).toBeVisible();
    const stops = await dialog
      .locator('a[href], button:enabled, input:enabled, select:enabled, textarea:enabled')
      .count();
    for (const key of ['Tab', 'Shift+Tab']) {
      for (let stop = 0; stop <= stops + 1; stop++) {
        await this.page.keyboard.press(key);
        const isInside = await dialog.evaluate((element) => {
          const active = document.activeElement;
          // The browser's own frame may have it in between; the page behind may not.
          return active === document.body || active === null || element.contains(active);
        });
        expect(isInside, `${key} leads out of the dialog`).toBe(true);
      }
    }
  }

  /** Escape closes the dialog, and the focus is where it was before. */
  async escape(dialog: Locator, back: Locator): Promise<void> {
    await this.page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(back).toBeFocused();
  }
}
