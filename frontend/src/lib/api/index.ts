// What pages need to talk to the server: `import { api, session, type SessionPage } from '$lib/api'`.
export { Basis } from './basis';
export { api, everything, queryString, type CallOptions } from './client';
export { ApiProblem, NetworkProblem, isProblem } from './problem';
export { Paged } from './paged.svelte';
export { socket, type Command, type Listener, type SocketStatus, type TopicName } from './socket.svelte';
export { session } from './session.svelte';
export type * from './types';
