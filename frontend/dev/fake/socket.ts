// The fake server's end of /ws: greets, answers subscriptions with snapshots and commands with acknowledgements, and says
// a message back to everybody on its channel. Just enough of RFC 6455 for short text frames.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClientFrame, Event, ServerFrame, TopicEvent } from '../../src/lib/api/types.ts';
import { asked, heard, snapshotOf, said, voted } from './topics.ts';
import * as world from './world.ts';
import { personOf } from './answer.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

interface Member {
  send: (frame: ServerFrame) => void;
  topics: Set<string>;
}
const members = new Set<Member>();
let seq = 1000;

/** Tells everybody who listens to a topic. */
export function tell<K extends Event['kind']>(topic: string, kind: K, body: Extract<Event, { kind: K }>['body']): void {
  seq += 1;
  const event = { seq, kind, body } as TopicEvent;
  for (const one of members) if (one.topics.has(topic)) one.send({ t: 'events', topic, events: [event] });
}

export function upgrade(request: IncomingMessage, socket: Duplex): void {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: yunqia.v1\r\n\r\n`,
  );
  const cookie = /(?:^|; )fake=([^;]*)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  const me = world.meOf(personOf(cookie));
  const member: Member = { topics: new Set(), send: (frame) => socket.write(encode(JSON.stringify(frame))) };
  members.add(member);
  member.send({ t: 'hello', person_id: me?.person.id ?? null, now: new Date().toISOString(), retry_ms: 1000 });

  let buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (let frame = decode(buffer); frame; frame = decode(buffer)) {
      buffer = buffer.subarray(frame.length);
      if (frame.opcode === 8) socket.end();
      if (frame.opcode === 1) take(member, JSON.parse(frame.text) as ClientFrame, me?.person.id ?? null);
    }
  });
  socket.on('close', () => members.delete(member));
  socket.on('error', () => members.delete(member));
}

function take(member: Member, frame: ClientFrame, personId: string | null): void {
  switch (frame.t) {
    case 'subscribe':
      member.topics.add(frame.topic);
      member.send({
        t: 'subscribed',
        id: frame.id,
        topic: frame.topic,
        seq,
        recovered: frame.after !== null,
        snapshot: frame.after === null ? snapshotOf(frame.topic, personId) : null,
      });
      return;
    case 'unsubscribe':
      member.topics.delete(frame.topic);
      member.send({ t: 'ack', id: frame.id, body: {} });
      return;
    case 'ping':
      member.send({ t: 'pong', id: frame.id, now: new Date().toISOString() });
      return;
    case 'message.send': {
      const { topic, message } = said(frame, personId);
      member.send({ t: 'ack', id: frame.id, body: message });
      tell(topic, 'message.published', message);
      return;
    }
    case 'question.ask': {
      const question = asked(frame, personId);
      member.send({ t: 'ack', id: frame.id, body: question });
      tell(`hall:${frame.session}`, 'question.changed', question);
      return;
    }
    case 'question.vote': {
      const question = voted(frame);
      member.send({ t: 'ack', id: frame.id, body: question ?? {} });
      if (question) tell(`hall:${question.session_id}`, 'question.changed', { ...question, my_vote: false });
      return;
    }
    case 'read': {
      const unread = heard(frame, personId);
      member.send({ t: 'ack', id: frame.id, body: unread });
      if (personId) tell(`person:${personId}`, 'unread', unread);
      return;
    }
  }
}

function encode(text: string): Buffer {
  const body = Buffer.from(text, 'utf8');
  const { length } = body;
  if (length < 126) return Buffer.concat([Buffer.from([0x81, length]), body]);
  if (length < 65_536) return Buffer.concat([Buffer.from([0x81, 126, length >> 8, length & 255]), body]);
  const head = Buffer.alloc(10);
  head[0] = 0x81;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, body]);
}

function decode(buffer: Buffer): { opcode: number; text: string; length: number } | null {
  if (buffer.length < 6) return null;
  let length = buffer[1]! & 127;
  let offset = 2;
  if (length === 126) {
    length = buffer.readUInt16BE(2);
    offset = 4;
  }
  if (buffer.length < offset + 4 + length) return null;
  const mask = buffer.subarray(offset, offset + 4);
  const body = Buffer.from(buffer.subarray(offset + 4, offset + 4 + length));
  for (let index = 0; index < length; index += 1) body[index]! ^= mask[index % 4]!;
  return { opcode: buffer[0]! & 15, text: body.toString('utf8'), length: offset + 4 + length };
}
