// Filters of a list live in the address, so that they can be sent to a colleague and the back button undoes them.
import { goto } from '$app/navigation';

/** Puts filters into the address of the page; an empty one is taken out. The page's load function reads them from `url`. */
export async function filterBy(url: URL, change: Record<string, string | null | undefined>): Promise<void> {
  const next = new URL(url);
  for (const [name, value] of Object.entries(change)) {
    if (value) next.searchParams.set(name, value);
    else next.searchParams.delete(name);
  }
  await goto(next.pathname + next.search, { keepFocus: true, noScroll: true, replaceState: true });
}

/** Calls the last of many calls in a row, for a search field. */
export function settle<A extends unknown[]>(act: (...given: A) => void, wait = 300): (...given: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), wait);
  };
}
