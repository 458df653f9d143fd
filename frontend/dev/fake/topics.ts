// What the fake server says on a topic: its snapshot, and a message that was sent to a channel.
import type { ClientFrame, Message } from '../../src/lib/api/types.ts';
import { timetableFor } from './routes/company.ts';
import * as world from './world.ts';

export function snapshotOf(topic: string, personId: string | null): unknown {
  const [kind, id = ''] = topic.split(':');
  const me = personId ? world.meOf(personId) : null;
  if (kind === 'person') return me;
  if (kind === 'timetable') {
    return timetableFor({
      method: 'GET',
      path: '',
      query: new URLSearchParams(),
      params: [id],
      body: {},
      me,
      headers: {},
    });
  }
  if (kind === 'session') return world.sessions.find((one) => one.id === id) ?? null;
  return null;
}

/** The message, and the topic of the channel it was sent to. */
export function said(
  frame: Extract<ClientFrame, { t: 'message.send' }>,
  personId: string | null,
  seq: number,
): { topic: string; message: Message } {
  const people = [world.operator, world.host, world.buyer, world.foreigner];
  const message: Message = {
    id: world.newId(),
    channel_id: frame.channel,
    seq,
    author: people.find((one) => one.id === personId) ?? world.buyer,
    client_id: frame.client_id,
    text: frame.text,
    links: [],
    file: null,
    state: 'published',
    state_reason: null,
    created_at: new Date().toISOString(),
  };
  return { topic: `direct:${frame.channel}`, message };
}
