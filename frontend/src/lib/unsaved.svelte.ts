// What somebody has written and not sent: asked about once before it is lost, by leaving the page or closing a dialog.
//
//   const form = watchTyped(() => draft);          // in a component with a form
//   const sent = form.sending(); await api.put(…, draft); sent();
import { untrack } from 'svelte';

class Unsaved {
  #held = new Set<() => boolean>();
  /** The question that stands open: the frame of the pages shows it and answers. */
  asked = $state.raw<((leave: boolean) => void) | null>(null);

  /** Counts among what may be lost, until the returned function is called. */
  hold(isUnsaved: () => boolean): () => void {
    this.#held.add(isUnsaved);
    return () => this.#held.delete(isUnsaved);
  }

  /** Whether leaving would lose something now. */
  get any(): boolean {
    return [...this.#held].some((isUnsaved) => isUnsaved());
  }

  /** Asks whether it may be lost, when there is something; who says so is not asked again. */
  async mayLeave(): Promise<boolean> {
    if (!this.any) return true;
    this.asked?.(false);
    const leave = await new Promise<boolean>((answer) => (this.asked = answer));
    this.asked = null;
    if (leave) this.#held.clear();
    return leave;
  }
}

/** Everything on this page that would be lost. */
export const unsaved = new Unsaved();

export interface WatchedForm {
  /** Takes what stands in the form now for saved: after it was filled from the server. */
  settle(): void;
  /** Called when the form is sent; what it returns is called when the server has it. What is written meanwhile is not lost. */
  sending(): () => void;
}

/** Watches a form while its component is there. `written` gives what it holds as plain data, null while nothing is written in it. */
export function watchTyped(written: () => unknown): WatchedForm {
  const text = () => untrack(() => JSON.stringify(written()));
  let saved = text();
  $effect(() => unsaved.hold(() => text() !== 'null' && text() !== saved));
  return {
    settle: () => (saved = text()),
    sending: () => {
      const sent = text();
      return () => (saved = sent);
    },
  };
}

const TEXT = 'textarea, input[type=text], input[type=email], input[type=tel], input[type=url], input:not([type])';

/** A field somebody writes in; what finds something in a list is none. */
const isText = (target: EventTarget | null): target is HTMLInputElement =>
  target instanceof HTMLElement && target.matches(TEXT) && target.getAttribute('role') !== 'combobox';

/** Which text fields somebody has typed into, by the events of the element around them. A choice is quickly made again: it does not count. */
export class TypedFields {
  /** By field and language, as the fields of several languages are one: the words before, and whether they are other ones now. */
  #fields = new Map<Element, Map<string, { before: string; changed: boolean }>>();

  readonly onfocusin = (event: FocusEvent): void => {
    if (isText(event.target)) this.#at(event.target, event.target.value);
  };

  readonly oninput = (event: Event): void => {
    const field = event.target;
    if (!isText(field)) return;
    const at = this.#at(field, '');
    at.changed = field.value.trim() !== at.before;
  };

  get any(): boolean {
    return [...this.#fields].some(
      ([field, languages]) => field.isConnected && [...languages.values()].some((one) => one.changed),
    );
  }

  clear(): void {
    this.#fields.clear();
  }

  #at(field: HTMLInputElement, before: string): { before: string; changed: boolean } {
    const languages = this.#fields.get(field) ?? new Map<string, { before: string; changed: boolean }>();
    this.#fields.set(field, languages);
    const at = languages.get(field.lang) ?? { before: before.trim(), changed: false };
    languages.set(field.lang, at);
    return at;
  }
}
