// Serves what `npm run build` made, as the real server does: index.html for every path that is no file, under the
// Content-Security-Policy, with the fake server behind /api and /ws.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { runnerImport } from 'vite';
import { policy } from './policy.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** Resolves with the address of the server and a way to stop it. */
export async function serveBuild(port = 0) {
  const { module: fake } = await runnerImport('./dev/fake/index.ts');
  const csp = policy('build/index.html');
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    if (path.startsWith('/api/')) {
      fake.answer(request, response);
      return;
    }
    const file = join('build', path);
    const found = existsSync(file) && statSync(file).isFile() ? file : 'build/index.html';
    response.setHeader('content-type', TYPES[extname(found)] ?? 'application/octet-stream');
    response.setHeader('content-security-policy', csp);
    response.end(readFileSync(found));
  });
  server.on('upgrade', (request, socket) => fake.upgrade(request, socket));
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return { base: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
