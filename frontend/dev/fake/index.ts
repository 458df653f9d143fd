// Both ends of the fake server. answer.ts comes first: its routes lean on it.
export { answer } from './answer.ts';
export { upgrade } from './socket.ts';
