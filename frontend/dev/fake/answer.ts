// Answers a request of the fake server.
import type { IncomingMessage, ServerResponse } from 'node:http';

export async function answer(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.statusCode = 404;
  response.setHeader('content-type', 'application/problem+json');
  response.end(JSON.stringify({ type: 'about:blank', title: 'Not found', status: 404 }));
}
