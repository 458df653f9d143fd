// Puts a letter's HTML into a frame without letting it do anything: no scripts run (the frame is sandboxed), and its style
// attributes, which our Content-Security-Policy refuses in markup, are handed over one by one.

/** Fills the document of a sandboxed frame; returns the height that the letter needs, in pixels. */
export function fillFrame(frame: HTMLIFrameElement, html: string): number {
  const inside = frame.contentDocument;
  if (!inside) return 0;
  // The policy watches a parsed document too, so styles are taken out of the text before it is parsed.
  const sheets: string[] = [];
  const text = html
    .replace(/<style[^>]*>([\s\S]*?)<\/style>/gi, (_, sheet: string) => {
      sheets.push(sheet);
      return '';
    })
    .replace(/(<[a-z][^>]*?\s)style(\s*=)/gi, '$1data-style$2');
  const letter = new DOMParser().parseFromString(text, 'text/html');
  for (const element of Array.from(letter.querySelectorAll('script, link, meta, iframe, object, embed, form, base'))) {
    element.remove();
  }
  for (const link of Array.from(letter.querySelectorAll('a[href]'))) {
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
  }
  inside.documentElement.lang = letter.documentElement.lang;
  inside.body.replaceWith(inside.adoptNode(letter.body));
  for (const element of Array.from(inside.querySelectorAll<HTMLElement>('[data-style]'))) {
    element.style.cssText = element.dataset.style ?? '';
  }
  adopt(inside, sheets);
  return inside.documentElement.scrollHeight;
}

/** Style sheets of the letter, where the browser can take them as objects (Chrome 73, Safari 16.4, Firefox 101). */
function adopt(inside: Document, sheets: string[]): void {
  const view = inside.defaultView as (Window & { CSSStyleSheet: typeof CSSStyleSheet }) | null;
  if (!view || !('adoptedStyleSheets' in inside)) return;
  try {
    inside.adoptedStyleSheets = sheets.map((text) => {
      const sheet = new view.CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
  } catch {
    // The letter is readable without them.
  }
}
