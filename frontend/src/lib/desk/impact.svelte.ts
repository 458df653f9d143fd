// A change that hurts bookings is shown with its list before it is made: `gate.try((accept) => api.put(…, { …, accept_impact: accept }))`.
import { isProblem } from '$lib/api/problem';
import type { ImpactItem } from '$lib/api/types';

export class ImpactGate {
  /** The list to be looked at; null while nothing waits for a word. */
  items = $state.raw<ImpactItem[] | null>(null);
  #answer: ((go: boolean) => void) | undefined;

  /** Does it; where bookings would be hurt, asks first. `undefined`: the person thought better of it. */
  async try<T>(act: (accept: boolean) => Promise<T>): Promise<T | undefined> {
    try {
      return await act(false);
    } catch (error) {
      if (!isProblem(error, 'impact')) throw error;
      const go = await this.#ask(error.problem.impact ?? []);
      return go ? await act(true) : undefined;
    }
  }

  answer(go: boolean): void {
    this.items = null;
    this.#answer?.(go);
    this.#answer = undefined;
  }

  #ask(items: ImpactItem[]): Promise<boolean> {
    this.#answer?.(false);
    this.items = items;
    return new Promise((resolve) => (this.#answer = resolve));
  }
}
