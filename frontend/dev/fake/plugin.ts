// A fake server for `npm run dev:fake`: believable data behind the same paths as the real one.
import type { Connect, Plugin } from 'vite';
import { answer, upgrade } from './index.ts';

const middleware: Connect.NextHandleFunction = (request, response, next) => {
  if (!request.url?.startsWith('/api/')) return next();
  answer(request, response).catch(next);
};

export function fakeApi(): Plugin {
  const onServer = (server: {
    middlewares: Connect.Server;
    httpServer: { on(event: 'upgrade', listener: typeof upgrade): unknown } | null;
  }) => {
    server.middlewares.use(middleware);
    server.httpServer?.on('upgrade', (request, socket) => {
      if (request.url?.startsWith('/ws')) upgrade(request, socket);
    });
  };
  return {
    name: 'yunqia:fake-api',
    configureServer: onServer as Plugin['configureServer'] & object,
    configurePreviewServer: onServer as Plugin['configurePreviewServer'] & object,
  };
}
