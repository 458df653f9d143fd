// The Content-Security-Policy under which the pages must work, as the server sends it: nothing from outside, no inline style,
// and one inline script, SvelteKit's start, by its hash.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export function policy(indexPath) {
  const page = readFileSync(indexPath, 'utf8');
  const script = /<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
