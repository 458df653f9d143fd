// SvelteKit as a single-page app: every path is answered with build/index.html, which the server carries.
import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
  compilerOptions: { runes: true },
  kit: {
    adapter: adapter({ fallback: 'index.html', precompress: false }),
    // No hash of the policy here: the server reads index.html at start and puts the hash of its one inline script
    // into the Content-Security-Policy header.
    alias: { $ui: 'src/lib/ui', '$ui/*': 'src/lib/ui/*' },
    version: { pollInterval: 0 },
  },
};
