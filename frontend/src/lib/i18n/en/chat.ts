// Conversations: the panel shared by the hall, talk rooms and messages.
import type { Catalogue } from '../zh-Hans';

export default {
  messages: (where: string) => `${where}: messages`,
  centre: 'Host',
  today: 'Today',
  newFromHere: 'New from here',
  newBelow: (n: number) => (n === 1 ? '1 new message' : `${n} new messages`),
  toEnd: 'Jump to the newest',
  older: 'Earlier messages',
  olderFailed: 'Earlier messages could not be read.',
  empty: 'No messages yet.',
  missed: (n: number) =>
    n === 1
      ? '1 message came while you were away; it is here now'
      : `${n} messages came while you were away; they are here now`,
  lineDown: 'The connection is down and being restored. What you write is kept and sent once.',
  heardMany: (n: number, last: string) => `${n} new messages, the latest from ${last}`,
  sending: 'Sending…',
  willBeSent: 'Will be sent when the connection is back',
  failed: 'Not sent',
  sendAgain: 'Send again',
  discard: 'Discard',
  heldOwn: 'Awaiting review; until then only you and the hosts see it',
  held: 'Awaiting review',
  rejected: 'Not published',
  withdraw: 'Withdraw',
  youWithdrew: 'You withdrew a message',
  withdrew: (name: string) => `${name} withdrew a message`,
  removed: (name: string) => `A message from ${name} was removed by the hosts`,
  moderate: (name: string) => `Moderate this message from ${name}`,
  keys: 'Enter sends, Shift+Enter starts a new line',
  lengthOf: (n: string, max: string) => `${n} of ${max} characters`,
  attach: 'Attach a file',
  takeFileOut: 'Take the file out',
  uploading: (name: string) => `Uploading “${name}”`,
  downloadFile: (name: string) => `Download the file “${name}”`,
  linkLeadsTo: (host: string) => `This link leads to ${host}`,
  writeHere: 'Write a message…',
} satisfies Catalogue['chat'];
