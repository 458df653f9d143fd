// Two small Vite plugins: one keeps the page free of style attributes, one keeps scoped CSS readable for Chrome 87.
import type { Plugin } from 'vite';

/**
 * SvelteKit's root component carries one style attribute (on its route announcer), which a strict
 * Content-Security-Policy would refuse with an error in the console. The look of the announcer is in base.css instead.
 */
export function withoutInlineStyles(): Plugin {
  return {
    name: 'yunqia:without-inline-styles',
    enforce: 'pre',
    transform(code, id) {
      if (!/generated[\\/]root\.svelte$/.test(id)) return undefined;
      return code.replace(/ style="[^"]*"/g, '');
    },
  };
}

/** Svelte scopes the second and later parts of a selector with `:where(.svelte-…)`, which Chrome learnt in 88 only. */
export function oldBrowsers(): Plugin {
  return {
    name: 'yunqia:old-browsers',
    transform: {
      filter: { id: /type=style/ },
      handler(code) {
        return code.replace(/:where\((\.svelte-[\w-]+)\)/g, '$1');
      },
    },
  };
}
