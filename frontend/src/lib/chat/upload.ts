// Sends a file to a channel and tells how far it is; `fetch` cannot tell that, so this is the one XMLHttpRequest.
import { language } from '$lib/i18n';
import { ApiProblem, NetworkProblem, plainProblem } from '$lib/api/problem';
import type { FileRef, Id, Problem } from '$lib/api/types';

/** What the server takes, as the attribute of a file input. It judges by content; this only sorts the dialogue. */
export const FILE_TYPES = '.pdf,.png,.jpg,.jpeg,.webp,.gif,.docx,.xlsx,.pptx,.txt,.csv';

export interface Upload {
  done: Promise<FileRef>;
  cancel: () => void;
}

/** `progress` is called with a share between 0 and 1. */
export function upload(channel: Id, file: File, progress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<FileRef>((resolve, reject) => {
    request.open('POST', `/api/channels/${channel}/files`);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('x-locale', language.now);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300 && body) resolve(body as FileRef);
      else reject(refusal(request, body));
    };
    request.onerror = () => reject(new NetworkProblem('network'));
    request.onabort = () => reject(new NetworkProblem('stopped'));
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function refusal(request: XMLHttpRequest, body: unknown): ApiProblem {
  const plain = plainProblem(request.status, request.statusText, request.getResponseHeader('x-request-id'));
  const sent = (body ?? {}) as Partial<Problem>;
  return new ApiProblem({ ...plain, ...sent, errors: sent.errors ?? [] });
}
