// Messages between a company and a centre.
import type { Catalogue } from '../zh-Hans';

export default {
  title: 'Messages',
  conversations: 'Conversations',
  conversation: 'Conversation',
  with: (other: string) => `Conversation with ${other}`,
  begin: 'New conversation',
  none: 'No conversations yet',
  noneText: 'Companies and centres write to each other here, before and after a talk.',
  nothingYet: 'No messages yet',
  choose: 'Choose a conversation',
  chooseText: 'Choose one on the left, or begin a new one.',
  empty: 'No messages yet. Write the first one.',
  notBegun: 'No conversation yet',
  notBegunText: (other: string) => `You and ${other} have not written to each other.`,
  toList: 'Back to the conversations',
  talkKind: 'Talk',
  toTalk: 'To the talk room',
  aboutCentre: 'About this centre',
  findCentre: 'Find a centre',
  findCompany: 'Find a company',
  onlyRegistered: 'Only companies registered on the platform can be written to.',
  speakFor: 'On behalf of',
  noOrganisation: 'You belong to no organisation yet',
  noOrganisationText: 'Join a company or centre to begin a conversation.',
} satisfies Catalogue['messages'];
