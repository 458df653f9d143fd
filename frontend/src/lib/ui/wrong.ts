// A form that was refused shows where: the first wrong field comes into sight and gets the focus.

const WRITING = 'textarea, select, input:not([type=radio]):not([type=checkbox])';

/** Called by a field that has just become wrong; the first wrong one of its form is meant, and nobody is torn from what they write. */
export function showFirstWrong(field: HTMLElement | undefined): void {
  const form = field?.closest('form');
  if (!form) return;
  requestAnimationFrame(() => {
    if (document.activeElement?.matches(WRITING)) return;
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });
}
