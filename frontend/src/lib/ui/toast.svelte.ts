// Short notices at the edge of the page: `toast.good(t.common.saved)`, `toast.problem(error)`.
import { t } from '$lib/i18n';
import { ApiProblem } from '$lib/api/problem';

export interface Notice {
  id: number;
  kind: 'good' | 'info' | 'problem';
  text: string;
  /** Something to press in the notice. */
  action: { label: string; act: () => void } | undefined;
}

const SHOWN_MS = 6000;
const SHOWN_MAX = 4;

class Toasts {
  notices = $state<Notice[]>([]);
  #last = 0;

  good(text: string, action?: Notice['action']): void {
    this.#show('good', text, action);
  }

  info(text: string, action?: Notice['action']): void {
    this.#show('info', text, action);
  }

  /** Says what went wrong in the server's words, or that the network is gone. Stays until it is closed. */
  problem(error: unknown): void {
    this.#show('problem', error instanceof ApiProblem ? error.message : t.ui.errorNetwork, undefined);
  }

  close(id: number): void {
    this.notices = this.notices.filter((one) => one.id !== id);
  }

  #show(kind: Notice['kind'], text: string, action: Notice['action']): void {
    const id = ++this.#last;
    this.notices = [...this.notices.filter((one) => one.text !== text), { id, kind, text, action }].slice(-SHOWN_MAX);
    if (kind !== 'problem' && !action) setTimeout(() => this.close(id), SHOWN_MS);
  }
}

export const toast = new Toasts();
