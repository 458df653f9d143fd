// A fake server for `npm run dev:fake`: believable data behind the same paths as the real one.
import type { Plugin } from 'vite';
import { answer } from './answer.ts';

export function fakeApi(): Plugin {
  return {
    name: 'yunqia:fake-api',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (!request.url?.startsWith('/api/')) return next();
        answer(request, response).catch(next);
      });
    },
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        if (!request.url?.startsWith('/api/')) return next();
        answer(request, response).catch(next);
      });
    },
  };
}
