// Generated from the program's types by `npm run types`: do not edit.
// The views that travel between server and browser, the frames of the socket and its events. What can be missing is null.

/** A UUID. */
export type Id = string;
/** RFC 3339, UTC. */
export type Instant = string;

/** One page of a list; `next` is the cursor of the page after it. */
export interface Page<T> {
  items: T[];
  next: string | null;
  /** The number of all items, only where counting is cheap. */
  total: number | null;
}

/** With what a command is acknowledged, by its `t`. */
export interface Acks {
  'message.send': Message;
  'question.ask': HallQuestion;
  'question.vote': HallQuestion;
  read: Unread;
  unsubscribe: Nothing;
}

export interface Agenda {
  items: AgendaItemDraft[];
}

/** The agenda moved on to this item, or off it. */
export interface AgendaCurrent {
  begun_at: Instant;
  item_id: AgendaItemId | null;
}

export interface AgendaItem {
  begun_at: Instant | null;
  id: AgendaItemId;
  kind: AgendaKind;
  minutes: number;
  position: number;
  speaker: string | null;
  /** By plan: the session's start and the lengths of the items before. */
  starts_at: Instant;
  title: LocalText;
}

export interface AgendaItemDraft {
  /** Null for a new item. */
  id: AgendaItemId | null;
  kind: AgendaKind;
  minutes: number;
  speaker: string | null;
  title: LocalText;
}

export type AgendaItemId = Id;

/** Parts of a session's programme. */
export type AgendaKind =
  | 'lobby'
  | 'host'
  | 'speech'
  | 'video'
  | 'pitch'
  | 'county_pitch'
  | 'projects'
  | 'policy'
  | 'company'
  | 'qa'
  | 'signing'
  | 'close'
  | 'talks'
  | 'other';

export interface Answer {
  accept: boolean;
}

export interface AnswerProposal {
  accept: boolean;
}

export interface AsDemoPerson {
  person_id: PersonId;
}

export interface Ask {
  note: string | null;
}

export interface AskLetter {
  email: string;
  /** Language of the letter, and of a new person's account. */
  locale: Locale;
  /** IANA zone of the browser. */
  zone: string;
}

/** Who sees to a question, and by when; both null: nobody. */
export interface Assignment {
  /** A date, YYYY-MM-DD. */
  due_on: string | null;
  owner_id: PersonId | null;
}

/** A person's time in the hall. */
export interface Attendance {
  joined_at: Instant;
  /** None: still there. */
  left_at: Instant | null;
  minutes: number;
  person: PersonCard;
  present: boolean;
}

export type Audience = 'public' | 'invited';

export type AuditId = Id;

/** A line of the audit log. */
export interface AuditRow {
  act: string;
  /** Null when the clock did it. */
  actor: PersonCard | null;
  after: unknown;
  at: Instant;
  before: unknown;
  id: AuditId;
  session_id: SessionId | null;
  subject_id: Id;
  subject_kind: string;
}

/** A stretch of one day: "2026-11-23" from "14:00" until "17:30"; "00:00" as end is midnight. */
export interface BlockDraft {
  breaks: BreakDraft[];
  date: string;
  from: string;
  until: string;
}

/** A booking: a company's request for a slot, or its talk. */
export interface Booking {
  centre: OrganisationCard;
  company: OrganisationCard;
  contact: PersonCard;
  created_at: Instant;
  desk_id: DeskId;
  ends_at: Instant;
  /** Of a request: until when it holds its slot. */
  expires_at: Instant | null;
  id: BookingId;
  /** What the reader may do with it now. */
  may: BookingAct[];
  moved_from_id: BookingId | null;
  /** Of a moved booking: the one that followed it. */
  moved_to_id: BookingId | null;
  origin: BookingOrigin;
  /** Another time the centre proposes, waiting for the company's word. */
  proposed: FreeSlot | null;
  room: string | null;
  room_opens_at: Instant;
  session_id: SessionId;
  slot_id: SlotId;
  staff: PersonCard;
  starts_at: Instant;
  state: BookingState;
  state_reason: string | null;
  subject: string;
  theme: LocalText;
  version: number;
  zone: Zone;
}

/** What can be done with a booking. */
export type BookingAct =
  'accept' | 'decline' | 'cancel' | 'move' | 'propose' | 'answer_proposal' | 'reassign' | 'enter';

/** Who may book: every approved company, only those that registered interest in the centre, or only the hosts. */
export type BookingBy = 'approved' | 'interested' | 'hosts';

export interface BookingDraft {
  company_id: OrganisationId;
  /** Who comes; null: the registration's contact. */
  contact_id: PersonId | null;
  slot_id: SlotId;
  subject: string;
}

export type BookingId = Id;

export type BookingMode = 'first_come' | 'request';

export type BookingOrigin = 'company' | 'centre' | 'waiting_list';

/** Life of a booking. `Requested` holds its slot softly until it expires. */
export type BookingState =
  | 'requested'
  | 'confirmed'
  | 'checked_in'
  | 'in_talk'
  | 'held_done'
  | 'no_show_company'
  | 'no_show_centre'
  | 'declined'
  | 'cancelled_by_company'
  | 'cancelled_by_centre'
  | 'cancelled_by_operator'
  | 'expired'
  | 'moved';

export interface BreakDraft {
  from: string;
  until: string;
}

export interface BulkRefusal {
  code: string;
  /** Of the registration, or of the company that was to be invited. */
  id: Id;
  reason: string;
}

/** What became of an act on many things. */
export interface BulkResult {
  done: RegistrationId[];
  refused: BulkRefusal[];
}

/** One slot of one desk. */
export interface Cell {
  desk_id: DeskId;
  ends_at: Instant;
  /** Requests that hold it softly, at most three. */
  holds: number;
  slot_id: SlotId;
  starts_at: Instant;
  state: CellState;
  waiting: number;
}

/** free: can be taken; requested: somebody asked; offered: on offer to the waiting list. */
export type CellState = 'free' | 'requested' | 'offered' | 'taken' | 'closed' | 'past';

export interface Change {
  role: Role;
  title: string | null;
}

export interface ChangePerson {
  /** Talks that go to colleagues, or are cancelled, were looked at. */
  accept_impact: boolean;
  operator: boolean;
  state: PersonState;
}

export interface ChangeSettings {
  accept_impact: boolean;
  settings: SessionSettings;
}

/** A conversation: in a hall, in a talk, or between a company and a centre. */
export interface Channel {
  booking_id: BookingId | null;
  centre: OrganisationCard | null;
  company: OrganisationCard | null;
  /** Number of the newest message. */
  head: number;
  id: ChannelId;
  kind: ChannelKind;
  last: Message | null;
  /** Whether the reader may write here now; for halls and talks their rooms say. */
  may_write: Judgement;
  session_id: SessionId | null;
  /** Messages of others that the reader has not read. */
  unread: number;
}

/** The two sides of a conversation. */
export interface ChannelDraft {
  centre_id: OrganisationId;
  company_id: OrganisationId;
}

export type ChannelId = Id;

export type ChannelKind = 'hall' | 'talk' | 'direct';

/** What a client says. `id` is the client's own and comes back with the answer. */
export type ClientFrame =
  /** Listen to a topic. `after`: the last number seen, to go on from there; null: from a snapshot. */
  | { t: 'subscribe'; after: number | null; id: string; topic: string }
  | { t: 'unsubscribe'; id: string; topic: string }
  /** Say something in a channel. A repeat with the same `client_id` is the same message. Answer: Message. */
  | { t: 'message.send'; channel: ChannelId; client_id: Id; file_id: FileId | null; id: string; text: string }
  /** Ask the hosts in the hall. Answer: HallQuestion. */
  | { t: 'question.ask'; client_id: Id; id: string; session: SessionId; text: string }
  /** Vote for a question, or take the vote back. Answer: HallQuestion. */
  | { t: 'question.vote'; id: string; on: boolean; question: HallQuestionId }
  /** A channel was read up to this number. Answer: Unread. */
  | { t: 'read'; channel: ChannelId; id: string; seq: number }
  | { t: 'ping'; id: string };

export interface Close {
  accept_impact: boolean;
}

/** What closing one's account will do. */
export interface Closing {
  /** Companies that have nobody else: they are closed with the account. */
  companies: OrganisationCard[];
  /** Requests and talks ahead, each handed to a colleague who is free, or cancelled. */
  impact: ImpactItem[];
  /** Organisations that need another manager first. Not empty: the account cannot be closed yet. */
  needs_manager: OrganisationCard[];
  /** An operator gives that part to somebody else first. */
  operator: boolean;
}

/** A company in a session's list: what it tells everybody of itself, no person, no number. */
export interface ComingCompany {
  company: OrganisationCard;
  /** False: it did not agree to be listed, and only hosts see it here. */
  listed: boolean;
  offers: LocalText;
  sectors: string[];
  seeks: LocalText;
  size: CompanySize;
}

/** A company as its own people and those who work with it see it. */
export interface Company extends CompanyDraft {
  created_at: Instant;
  id: OrganisationId;
  state: OrganisationState;
  state_reason: string | null;
  version: number;
}

/** What a company's people tell of it. */
export interface CompanyDraft {
  contact_email: string | null;
  contact_name: string | null;
  contact_phone: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** GB/T 2260 code; null for a company from abroad. */
  division: string | null;
  identifier: Identifier;
  name: LocalText;
  offers: LocalText;
  sectors: string[];
  seeks: LocalText;
  size: CompanySize;
  website: string | null;
}

/** The register in which a company has its number. */
export type CompanyIdKind = 'uscc' | 'hk_br' | 'tw_ubn' | 'lei' | 'foreign_reg';

/** Who sees the list of registered companies. */
export type CompanyList = 'everyone' | 'registered' | 'hosts';

export type CompanySize = 'micro' | 'small' | 'medium' | 'large' | 'group';

/** Whether the company's details may be given to a centre. */
export interface Consent {
  centre: OrganisationCard;
  given_at: Instant | null;
  withdrawn_at: Instant | null;
}

export interface CurrentItem {
  item_id: AgendaItemId | null;
}

export interface Decide {
  /** Talks that the rejection of approved companies cancels were looked at. */
  accept_impact: boolean;
  decision: Decision;
  ids: RegistrationId[];
  /** Needed for a return. */
  reason: string | null;
}

export interface DecideAccount {
  /** Talks that a suspension or closing cancels were looked at. */
  accept_impact: boolean;
  decision: DecisionWord;
  /** Needed to return, suspend and close. */
  reason: string | null;
}

export type Decision = 'approve' | 'return' | 'reject';

export type DecisionWord = 'approve' | 'return' | 'suspend' | 'reopen' | 'close';

/** Somebody one can be in the demo. */
export interface DemoPerson {
  email: string;
  name: string;
  /** What this person does in the demo. */
  part: LocalText;
  person_id: PersonId;
}

export interface DeskCard {
  centre: OrganisationCard;
  id: DeskId;
  name: LocalText;
  position: number;
  room: string | null;
  /** Empty for readers who take no part in the session. */
  staff: PersonCard[];
  version: number;
}

export interface DeskDraft {
  centre_id: OrganisationId;
  name: LocalText;
  /** A room shared with other desks of the session that name the same one; null: the desk has its own. */
  room: string | null;
  /** In order: the first who is free takes a talk. */
  staff_ids: PersonId[];
}

export type DeskId = Id;

/** A division of Sichuan. */
export interface Division {
  /** GB/T 2260. */
  code: string;
  initials: string;
  level: Level;
  name: LocalText;
  parent: string | null;
  pinyin: string;
  short: LocalText;
}

/** Something that happened, as those who listen are told. Made for nobody in particular: see `crate::Reader::nobody`. */
export type Event =
  | { kind: 'session.changed'; body: SessionPage }
  | { kind: 'agenda.current'; body: AgendaCurrent }
  /** Desks or slots came or went: read the timetable again. */
  | { kind: 'grid.changed'; body: Record<string, never> }
  | { kind: 'cell.changed'; body: Cell }
  /** Numbers on the hosts' page changed: read them again. */
  | { kind: 'counts.changed'; body: Record<string, never> }
  | { kind: 'registration.changed'; body: Registration }
  | { kind: 'booking.changed'; body: Booking }
  | { kind: 'waiting.changed'; body: WaitingPlace }
  | { kind: 'message.published'; body: Message }
  | { kind: 'message.changed'; body: Message }
  /** A message waits for a moderator, or was decided: its state says which. */
  | { kind: 'message.held'; body: Message }
  | { kind: 'question.changed'; body: HallQuestion }
  | { kind: 'question.held'; body: HallQuestion }
  | { kind: 'notice.changed'; body: Notice }
  | { kind: 'sanction.changed'; body: SanctionChange }
  /** Read the talk again. */
  | { kind: 'talk.changed'; body: Record<string, never> }
  | { kind: 'talk.called'; body: TalkCall }
  | { kind: 'unread'; body: Unread }
  /**
   * The person left an organisation, was taken out, removed from a hall or let back in: what they may read and listen to
   * has changed.
   */
  | { kind: 'access.changed'; body: Record<string, never> }
  | { kind: 'sign_in.ended'; body: SignInsEnded };

export interface Facet {
  code: string;
  count: number;
}

export interface Feed {
  feed_url: string;
}

export type FileId = Id;

/** A file that was handed over: downloaded, never shown as a page. */
export interface FileRef {
  bytes: number;
  id: FileId;
  media_type: string;
  name: string;
  url: string;
}

/** Lines that a public body must show; empty ones are not shown. */
export interface Footer {
  contact: string | null;
  icp: string | null;
  map_review: string | null;
  police: string | null;
  sponsor: string | null;
}

/** A form with one file. */
export interface Form {
  file: Blob;
}

/** A slot that the reader could book. */
export interface FreeSlot {
  desk_id: DeskId;
  ends_at: Instant;
  slot_id: SlotId;
  starts_at: Instant;
}

/** What became of a change of slots. */
export interface GridChange {
  added: number;
  /** Bookings that were cancelled with it. */
  impact: ImpactItem[];
  kept: number;
  removed: number;
  /** Of the session, after it. */
  version: number;
}

/** A slot grid as a host enters it. Times are wall times of the session's zone. */
export interface GridDraft {
  blocks: BlockDraft[];
  /** Pause between two talks of a desk. */
  buffer_minutes: number;
  /** Length of a talk. */
  slot_minutes: number;
}

export interface HallAnswer {
  answer: string;
}

export interface HallHeld {
  messages: Message[];
  questions: HallQuestion[];
}

/** What the reader is in the hall. */
export interface HallMe {
  moderator: boolean;
  muted: boolean;
  muted_until: Instant | null;
}

/** Who is in the hall. In a full one only some are named. */
export interface HallPresence {
  count: number;
  people: PersonCard[];
}

/** A question to the hosts. */
export interface HallQuestion {
  answer: string | null;
  answered_at: Instant | null;
  answered_by: PersonCard | null;
  author: PersonCard;
  created_at: Instant;
  /** A date, YYYY-MM-DD. */
  due_on: string | null;
  id: HallQuestionId;
  my_vote: boolean;
  /** Who sees to it after the session. */
  owner: PersonCard | null;
  session_id: SessionId;
  state: QuestionState;
  state_reason: string | null;
  text: string;
  version: number;
  votes: number;
}

/** A question as it is asked. */
export interface HallQuestionDraft {
  /** Made by the client; the same one twice is the same question. */
  client_id: Id;
  text: string;
}

export type HallQuestionId = Id;

/** The state of a hall as of event `seq`. */
export interface HallSnapshot {
  channel_id: ChannelId;
  /** What waits for a decision; for moderators. */
  held: HallHeld | null;
  me: HallMe;
  /** The last 50, ascending. */
  messages: Message[];
  notices: Notice[];
  present: HallPresence;
  questions: HallQuestion[];
  /** What counts against people now; for moderators. */
  sanctions: Sanction[];
  seq: number;
  session: SessionPage;
}

/** How a person is addressed after (in Chinese) or before (in English) the family name. */
export type Honorific = 'zong' | 'zhuren' | 'juzhang' | 'jingli' | 'dongshizhang' | 'mr' | 'ms';

/** When a company means to invest. Written by hand because serde and sqlx disagree on digits in snake case. */
export type Horizon = 'within_6_months' | 'within_1_year' | 'within_2_years' | 'exploring';

export interface Hosts {
  accept_impact: boolean;
  centre_ids: OrganisationId[];
}

/** A registration number as it was typed; it is checked with the company. */
export interface Identifier {
  kind: CompanyIdKind;
  value: string;
}

/** A booking that a change would hurt. */
export interface ImpactItem {
  booking_id: BookingId;
  centre: OrganisationCard;
  company: OrganisationCard;
  desk_id: DeskId;
  ends_at: Instant;
  starts_at: Instant;
  state: BookingState;
  what: ImpactKind;
}

/** What a change would do to a booking. */
export type ImpactKind =
  'cancelled' | 'slot_removed' | 'outside_window' | 'over_limit' | 'handed_on' | 'hall_then' | 'kept';

/** This installation, for the frame of every page. */
export interface Instance {
  demo: boolean;
  file_bytes_max: number;
  footer: Footer;
  name: LocalText;
  /** The server's clock, so that a page can count down rightly on a computer whose clock is wrong. */
  now: Instant;
  privacy_contact: string | null;
  version: string;
}

/** A registered interest. */
export interface Interest extends InterestDraft {
  centre: OrganisationCard | null;
  company: OrganisationCard;
  created_at: Instant;
  id: InterestId;
  opportunity: Opportunity | null;
  state: InterestState;
  version: number;
}

/** What a company tells of its interest. Exactly one of centre and project is named. */
export interface InterestDraft {
  centre_id: OrganisationId | null;
  company_id: OrganisationId;
  horizon: Horizon;
  note: string;
  opportunity_id: OpportunityId | null;
  /** Planned investment in 万元. */
  planned_wan: number | null;
  priority: Priority;
  /** The session at which it came up. */
  session_id: SessionId | null;
}

export type InterestId = Id;

export type InterestState = 'open' | 'withdrawn';

/** What the holder of an invitation's link sees before accepting. */
export interface InvitationPreview {
  email: string;
  expires_at: Instant;
  /** Name of the person who invites. */
  invited_by: string;
  organisation: OrganisationCard;
  role: Role;
  /** False once it was accepted, taken back or too old. */
  usable: boolean;
}

export interface Invite {
  email: string;
  role: Role;
  title: string | null;
}

export interface JoinRequest {
  created_at: Instant;
  email: string;
  id: JoinRequestId;
  note: string | null;
  person: PersonCard;
  state: JoinRequestState;
}

export type JoinRequestId = Id;

export type JoinRequestState = 'open' | 'accepted' | 'declined';

/** A yes, or a no with its reason in the reader's language. */
export interface Judgement {
  code: string | null;
  ok: boolean;
  reason: string | null;
}

export interface LetterAsked {
  /** Code and link work until then. */
  expires_at: Instant;
}

export type LetterId = Id;

/** A letter as its reader gets it. The HTML is a whole page; show it in a frame without scripts. */
export interface LetterPage {
  calendar: string | null;
  html: string;
  letter: LetterRow;
  subject: string;
  text: string;
}

/** A letter in a list. */
export interface LetterRow {
  attempts: number;
  created_at: Instant;
  /** Not sent before. */
  due_at: Instant;
  id: LetterId;
  /** Stable name of the kind, e.g. `slot_confirmed`. */
  kind: string;
  last_error: string | null;
  locale: Locale;
  message_id: string;
  person: PersonCard | null;
  sent_at: Instant | null;
  state: LetterState;
  subject: string;
  to_email: string;
}

export type LetterState = 'queued' | 'sent' | 'undeliverable' | 'held' | 'dropped';

export type Level = 'province' | 'city' | 'county';

/** A web address in a text. `from` and `to` count UTF-16 code units, as JavaScript cuts strings. */
export interface Link {
  from: number;
  /** Where it leads, in ASCII: shown beside the link. */
  host: string;
  to: number;
  /** The whole address in its normal form. */
  url: string;
}

/**
 * A text that exists in one to three languages. Whoever shows it uses `LocalText::in_locale` and marks a text
 * that stands in for a missing one.
 */
export interface LocalText {
  en: string | null;
  'zh-Hans': string | null;
  'zh-Hant': string | null;
}

/** A language of the interface. Traditional script is written with mainland and Hong Kong wording. */
export type Locale = 'zh-Hans' | 'zh-Hant' | 'en';

/** The signed-in person with everything a page's frame needs. */
export interface Me {
  /** Address of the private calendar feed; whoever knows it reads the schedule. */
  feed_url: string;
  memberships: Membership[];
  operator: boolean;
  person: Person;
  /** Unread messages in all channels. */
  unread: number;
}

export interface Member {
  email: string;
  joined_at: Instant;
  person: PersonCard;
  role: Role;
  title: string | null;
  version: number;
}

export interface MemberInvitation {
  accepted_at: Instant | null;
  created_at: Instant;
  email: string;
  expires_at: Instant;
  id: MemberInvitationId;
  role: Role;
}

export type MemberInvitationId = Id;

/** People and invitations of an organisation, for its members. */
export interface Members {
  invitations: MemberInvitation[];
  join_requests: JoinRequest[];
  members: Member[];
}

/** A person's place in an organisation. */
export interface Membership {
  organisation: OrganisationCard;
  organisation_state: OrganisationState;
  role: Role;
  title: string | null;
}

/** One message. The text of one that was withdrawn or removed is empty. */
export interface Message {
  author: PersonCard;
  channel_id: ChannelId;
  client_id: Id;
  created_at: Instant;
  file: FileRef | null;
  id: MessageId;
  /** Web addresses in the text; offsets in UTF-16 code units. */
  links: Link[];
  /** Place in the channel. A held message gets its final one when it is published. */
  seq: number;
  state: MessageState;
  /** Why it was held, rejected or removed. */
  state_reason: string | null;
  text: string;
}

/** A message as it is sent. */
export interface MessageDraft {
  /** Made by the client; the same one twice is the same message. */
  client_id: Id;
  file_id: FileId | null;
  text: string;
}

export type MessageId = Id;

/** A window of a channel, ascending by number. */
export interface MessagePage {
  /** Number of the newest message of the channel. */
  head: number;
  messages: Message[];
  /** There are more beyond this window, in the direction in which it was read. */
  more: boolean;
}

/** Life of a message. A message that a rule or a reviewed hall holds back is seen by its author and the moderators. */
export type MessageState = 'published' | 'held' | 'rejected' | 'withdrawn' | 'removed';

export interface Move {
  accept_impact: boolean;
  reason: string | null;
  to: SessionState;
}

/** An object without fields. */
export type Nothing = Record<string, never>;

/** Pinned by the hosts. */
export interface Notice {
  created_at: Instant;
  id: NoticeId;
  state: NoticeState;
  text: LocalText;
}

export interface NoticeDraft {
  text: LocalText;
}

export type NoticeId = Id;

export type NoticeState = 'active' | 'archived';

export interface OpenSlots {
  accept_impact: boolean;
  open: boolean;
  slot_ids: SlotId[];
}

/** A project on offer. Amounts are in 万元 (10,000 CNY), land in 亩 (15 亩 are a hectare). */
export interface Opportunity {
  amount_wan: number;
  centre: OrganisationCard | null;
  city: string;
  code: string;
  /** GB/T 2260 codes of the place and of the city it lies in. */
  division: string;
  /** Class of GB/T 4754, the national classification of industries. */
  gbt4754: string;
  id: OpportunityId;
  land_mu: number;
  /** `sole`, `joint_venture`, `cooperation`. */
  mode: string;
  sector: string;
  /** `open`, `in_talks`, `signed`. */
  status: string;
  subsector: string;
  title: LocalText;
  version: number;
}

/** How many of the wanted projects there are, in all and per sector and city; the largest groups first. */
export interface OpportunityFacets {
  amount_wan: number;
  by_city: Facet[];
  by_sector: Facet[];
  total: number;
}

export type OpportunityId = Id;

/** An organisation in the operator's list. */
export interface Organisation {
  country: string;
  created_at: Instant;
  division: string | null;
  id: OrganisationId;
  kind: OrganisationKind;
  /** How many people belong to it. */
  members: number;
  name: LocalText;
  /** The body above it. */
  parent_id: OrganisationId | null;
  state: OrganisationState;
  state_reason: string | null;
  version: number;
}

/** An organisation in one line. */
export interface OrganisationCard {
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** GB/T 2260 code; null for a company from abroad. */
  division: string | null;
  id: OrganisationId;
  kind: OrganisationKind;
  name: LocalText;
}

/** What the operator tells of a body. */
export interface OrganisationDraft {
  division: string | null;
  kind: OrganisationKind;
  name: LocalText;
  parent_id: OrganisationId | null;
}

/** A body that promotes (bureau, city bureau, office, centre) or a company. */
export type OrganisationId = Id;

export type OrganisationKind = 'bureau' | 'city_bureau' | 'office' | 'centre' | 'company';

/** Life of an organisation's account. */
export type OrganisationState = 'submitted' | 'approved' | 'returned' | 'suspended' | 'closed';

export type Outcome = 'no_intent' | 'intent' | 'follow_up';

export interface OwnAct {
  act: string;
  at: Instant;
  subject: string;
}

export interface OwnBooking {
  centre: string;
  company: string;
  ends_at: Instant;
  /** Only where the person wrote them. */
  minutes: string | null;
  next_step: string | null;
  session: string;
  starts_at: Instant;
  state: BookingState;
  subject: string;
}

export interface OwnConsent {
  centre: string;
  company: string;
  given_at: Instant;
  session: string;
  withdrawn_at: Instant | null;
  /** The version of the text that was agreed to. */
  wording: string;
}

export interface OwnInterest {
  company: string;
  created_at: Instant;
  note: string;
  planned_wan: number | null;
  priority: Priority;
  state: InterestState;
  /** A centre's name, or the code of a project on offer. */
  target: string;
}

export interface OwnLetter {
  created_at: Instant;
  kind: string;
  sent_at: Instant | null;
  state: LetterState;
  to_email: string;
}

export interface OwnMessage {
  centre: string | null;
  company: string | null;
  created_at: Instant;
  /** Name of the file it carries. */
  file: string | null;
  kind: ChannelKind;
  session: string | null;
  state: MessageState;
  text: string;
}

export interface OwnQuestion {
  answer: string | null;
  created_at: Instant;
  session: string;
  state: QuestionState;
  text: string;
}

export interface OwnRegistration {
  company: string;
  created_at: Instant;
  session: string;
  state: RegistrationState;
}

export interface OwnSanction {
  created_at: Instant;
  kind: SanctionKind;
  lifted_at: Instant | null;
  reason: string;
  session: string;
  until: Instant | null;
}

export interface OwnSignIn {
  created_at: Instant;
  device: string;
  ended_at: Instant | null;
  last_seen_at: Instant;
}

/** A stay in a hall or a talk room. */
export interface OwnStay {
  in_talk: boolean;
  joined_at: Instant;
  left_at: Instant | null;
  session: string;
}

/** A person, as they see themselves. */
export interface Person {
  email: string;
  /** Empty until the person has told their name. */
  family_name: string;
  given_name: string;
  honorific: Honorific | null;
  id: PersonId;
  locale: Locale;
  phone: string | null;
  version: number;
  wants_digests: boolean;
  zone: string;
}

/** A person in one line, with the organisation for which they speak here. */
export interface PersonCard {
  family_name: string;
  /** Closed their account: the name is erased, what they said and did is kept. */
  former: boolean;
  given_name: string;
  honorific: Honorific | null;
  id: PersonId;
  organisation: OrganisationCard | null;
}

/** What a person may change of themselves. */
export interface PersonChange {
  family_name: string;
  given_name: string;
  honorific: Honorific | null;
  locale: Locale;
  phone: string | null;
  wants_digests: boolean;
  /** IANA name, e.g. `Asia/Shanghai`. */
  zone: string;
}

export type PersonId = Id;

/** A person in the operator's list. */
export interface PersonRow {
  created_at: Instant;
  memberships: Membership[];
  operator: boolean;
  person: Person;
  state: PersonState;
}

export type PersonState = 'active' | 'suspended' | 'closed';

/** Everything kept about a person, with names instead of ids, in their language. */
export interface PersonalData {
  /** Lines of the audit log about what the person did. */
  acts: OwnAct[];
  bookings: OwnBooking[];
  consents: OwnConsent[];
  created_at: Instant;
  interests: OwnInterest[];
  letters: OwnLetter[];
  made_at: Instant;
  memberships: Membership[];
  messages: OwnMessage[];
  person: Person;
  questions: OwnQuestion[];
  registrations: OwnRegistration[];
  sanctions: OwnSanction[];
  sign_ins: OwnSignIn[];
  state: PersonState;
  stays: OwnStay[];
}

export type Priority = 'must' | 'would_like' | 'watching';

/** Problem document (RFC 9457) with what helps a person go on. */
export interface Problem {
  /** The last part of `type`: stable, for programs. */
  code: string;
  detail: string | null;
  /** Wrong values, each with its place. */
  errors: ProblemField[];
  /** Where a slot could not be had: times that can. */
  free_slots: FreeSlot[] | null;
  /** With `code` = `impact`: what the change would do. */
  impact: ImpactItem[] | null;
  /** With `code` = `company_exists`: the company that can be joined. */
  organisation: OrganisationCard | null;
  request_id: string | null;
  status: number;
  title: string;
  type: string;
}

/** A wrong value: its place as a pointer (RFC 6901) into the request's body, and the rule. */
export interface ProblemField {
  code: string;
  detail: string;
  pointer: string;
}

export interface Projects {
  opportunity_ids: OpportunityId[];
}

export interface Propose {
  note: string | null;
  slot_id: SlotId;
}

/** What a company answers to one question of the registration, as the interface's document says it. */
export type QuestionAnswer =
  | string
  | number
  | boolean
  /** The option in its own words, as the question offers it. */
  | LocalText;

export type QuestionKind = 'text' | 'number' | 'yes_no' | 'choice';

/** Life of a question to the hosts in the hall. */
export type QuestionState = 'held' | 'published' | 'answered' | 'rejected' | 'withdrawn' | 'removed';

export interface Questions {
  questions: SessionQuestionDraft[];
}

/** How far a conversation was read. */
export interface ReadMark {
  seq: number;
}

export interface Reason {
  reason: string | null;
}

export interface Reassign {
  staff_id: PersonId;
}

/** A company's registration for a session. */
export interface Registration {
  /** By question id: a text, a number, true or false; for a choice the option in the words that were chosen. */
  answers: Record<string, QuestionAnswer>;
  /** The first is the contact. */
  attendees: PersonCard[];
  company: OrganisationCard;
  /** One for each host of the session. */
  consents: Consent[];
  created_at: Instant;
  decided_at: Instant | null;
  id: RegistrationId;
  /** The company agreed to stand in the session's list of companies. */
  listed: boolean;
  session_id: SessionId;
  state: RegistrationState;
  state_reason: string | null;
  version: number;
}

export interface RegistrationDraft {
  /** A change that leaves out a consent cancels requests and talks with its centre; true: the impact was seen. */
  accept_impact: boolean;
  /** By question id: a text, a number, true or false; for a choice the option as the question offers it. */
  answers: Record<string, QuestionAnswer>;
  /** The first is the contact. */
  attendee_ids: PersonId[];
  company_id: OrganisationId;
  consent_centre_ids: OrganisationId[];
  /** The company agrees to stand in the session's list of companies. */
  listed: boolean;
}

export type RegistrationId = Id;

/** A line of "my registrations". */
export interface RegistrationRow {
  registration: Registration;
  session: SessionCard;
}

/** Life of a company's part in a session. */
export type RegistrationState =
  'invited' | 'registered' | 'approved' | 'returned' | 'rejected' | 'withdrawn' | 'checked_in' | 'attended' | 'absent';

/** Why something is taken down. */
export interface Removal {
  reason: string;
}

/** A company's answer to a question of the registration, as words. */
export interface ReportAnswer {
  answer: LocalText;
  company: OrganisationCard;
  question: LocalText;
}

export interface ReportCentre {
  centre: OrganisationCard;
  confirmed: number;
  held: number;
  intent_wan: number;
  intents: number;
  slots: number;
}

export interface ReportCompany {
  company: OrganisationCard;
  held: number;
  intents: number;
  interests: number;
  /** In the hall, with at least one person. */
  minutes: number;
  state: RegistrationState;
  talks: number;
}

export interface ReportTalk {
  booking: Booking;
  centre_word: Word | null;
  company_word: Word | null;
  minutes: TalkMinutes;
  outcome: TalkOutcome | null;
  /** Both sides were in the room. */
  together_minutes: number;
}

/** Amounts are in 万元. */
export interface ReportTotals {
  answered: number;
  approved: number;
  /** Of the companies' people in the hall; overlapping stays of one person count once. */
  attendance_minutes: number;
  cancelled: number;
  companies_attended: number;
  /** Of those, how many were agreed. */
  confirmed: number;
  declined: number;
  expired: number;
  follow_ups: number;
  held: number;
  intent_wan: number;
  intents: number;
  interests: number;
  messages: number;
  no_show_centre: number;
  no_show_company: number;
  people_attended: number;
  planned_wan: number;
  questions: number;
  registrations: number;
  /** All that was asked for or booked; a booking that moved counts once. */
  requested: number;
  slots: number;
  unowned: number;
  /** Not answered, but somebody sees to it. */
  with_owner: number;
}

export interface Reschedule {
  reason: string | null;
  slot_id: SlotId;
}

export type Role = 'manager' | 'member';

/** A programme from which a session can be made. */
export interface RunSheet {
  buffer_minutes: number | null;
  code: string;
  items: RunSheetItem[];
  name: LocalText;
  slot_minutes: number | null;
  /** One-to-one talks after the programme; null where it has none. */
  slots: number | null;
}

export interface RunSheetItem {
  kind: AgendaKind;
  minutes: number;
  title: LocalText;
}

/** What a moderator did to a person. */
export interface Sanction {
  created_at: Instant;
  id: SanctionId;
  kind: SanctionKind;
  person: PersonCard;
  reason: string;
  until: Instant | null;
}

/** Somebody was muted in a hall or shown out of it, or may speak or come again. Why is not told to everybody. */
export interface SanctionChange {
  active: boolean;
  kind: SanctionKind;
  person_id: PersonId;
  /** Null: until it is lifted. */
  until: Instant | null;
}

export interface SanctionDraft {
  kind: SanctionKind;
  /** Null: until it is lifted. */
  minutes: number | null;
  person_id: PersonId;
  reason: string;
}

export type SanctionId = Id;

export type SanctionKind = 'mute' | 'block';

/** A line of a person's schedule. */
export interface ScheduleEntry {
  booking: Booking | null;
  ends_at: Instant;
  kind: ScheduleKind;
  session_id: SessionId;
  starts_at: Instant;
  title: LocalText;
  zone: Zone;
}

export type ScheduleKind = 'session' | 'talk';

export interface Sector {
  code: string;
  /** `#rrggbb`, for charts and marks beside the name, never alone. */
  colour: string;
  name: LocalText;
  subsectors: Subsector[];
}

/** What the server says. */
export type ServerFrame =
  /** First of all. `retry_ms`: over what time to spread a reconnect after close code 1012. */
  | { t: 'hello'; now: Instant; person_id: PersonId | null; retry_ms: number }
  /**
   * Answer to `subscribe`. `recovered`: the events after the client's number follow, and there is no snapshot.
   * Otherwise `snapshot` is the topic's state as of `seq`.
   */
  | { t: 'subscribed'; id: string; recovered: boolean; seq: number; snapshot: unknown; topic: string }
  /** What happened on a topic, numbered without gaps. Numbers the client knows are to be dropped. */
  | { t: 'events'; events: TopicEvent[]; topic: string }
  /** Who came and went since the last such frame; not numbered. In a rush `joined` names some of them only. */
  | { t: 'presence'; count: number; joined: PersonCard[]; left: PersonId[]; topic: string }
  /** The command was done, durably. */
  | { t: 'ack'; body: unknown; id: string }
  /** The command was not done. Without an id: something that was not asked for, such as being removed from a hall. */
  | { t: 'problem'; id: string | null; problem: Problem }
  | { t: 'pong'; id: string; now: Instant };

/** A session in a list. */
export interface SessionCard {
  desks: number;
  ends_at: Instant;
  hosts: number;
  id: SessionId;
  lead: OrganisationCard;
  registrations: number;
  series: string | null;
  slots_free: number;
  starts_at: Instant;
  state: SessionState;
  theme: LocalText;
  zone: Zone;
}

export interface SessionCounts {
  approved: number;
  confirmed: number;
  held: number;
  held_messages: number;
  invited: number;
  open_questions: number;
  registered: number;
  rejected: number;
  requested: number;
  returned: number;
  slots: number;
  slots_taken: number;
}

/** For hosts: the settings as stored, and what can be done next. */
export interface SessionDesk {
  counts: SessionCounts;
  grid: GridDraft;
  moves: SessionMove[];
  questions: SessionQuestion[];
  session: SessionPage;
  settings: SessionSettings;
}

/** A new session: from a run sheet, as a copy of an earlier one, or empty. */
export interface SessionDraft {
  copy_of: SessionId | null;
  lead_centre_id: OrganisationId;
  /** Code of a run sheet. */
  run_sheet: string | null;
  series: string | null;
  /** Wall time of `zone`: `2026-11-23T15:00`. */
  starts_at: string;
  summary: LocalText;
  theme: LocalText;
  /** IANA name. */
  zone: string;
}

export type SessionId = Id;

/** What the signed-in reader is in this session. */
export interface SessionMine {
  /** Belongs to a host, or is the operator. */
  host: boolean;
  may_enter_hall: Judgement;
  /** May manage the session: belongs to the lead centre, manages a host, or is the operator. */
  moderator: boolean;
  registration: Registration | null;
}

/** A state the session may take next. */
export interface SessionMove {
  ok: boolean;
  reason: string | null;
  to: SessionState;
}

/** Public page of a session, and the base of every other page of it. */
export interface SessionPage {
  agenda: AgendaItem[];
  audience: Audience;
  booking_closes_at: Instant;
  booking_mode: BookingMode;
  booking_opens_at: Instant;
  buffer_minutes: number;
  can_book: Judgement;
  can_register: Judgement;
  can_see_companies: Judgement;
  capacity: number | null;
  /** Who sees the companies that come. */
  company_list: CompanyList;
  current_item_id: AgendaItemId | null;
  desks: DeskCard[];
  ends_at: Instant;
  hosts: OrganisationCard[];
  id: SessionId;
  lead: OrganisationCard;
  mine: SessionMine | null;
  projects: number;
  registration_closes_at: Instant;
  registration_opens_at: Instant;
  registrations: number;
  series: string | null;
  slot_minutes: number;
  starts_at: Instant;
  state: SessionState;
  state_reason: string | null;
  summary: LocalText;
  talks_per_company_max: number | null;
  theme: LocalText;
  version: number;
  zone: Zone;
}

export interface SessionQuestion {
  id: SessionQuestionId;
  kind: QuestionKind;
  options: LocalText[];
  required: boolean;
  text: LocalText;
  /** It is asked no more; only hosts see it, with the answers that were given. */
  withdrawn: boolean;
}

export interface SessionQuestionDraft {
  /** Null for a new question. */
  id: SessionQuestionId | null;
  kind: QuestionKind;
  /** For a choice: at least two. */
  options: LocalText[];
  required: boolean;
  text: LocalText;
}

export type SessionQuestionId = Id;

/** What a session was, in numbers and lists. */
export interface SessionReport {
  /** What companies answered when they registered, where the reader may see it; also to questions that were withdrawn. */
  answers: ReportAnswer[];
  centres: ReportCentre[];
  companies: ReportCompany[];
  generated_at: Instant;
  interests: Interest[];
  questions: HallQuestion[];
  session: SessionPage;
  /** Talks that were agreed, in order of time. */
  talks: ReportTalk[];
  totals: ReportTotals;
}

/** What a host may set. Wall times (`2026-11-23T15:00`) are of `zone`. */
export interface SessionSettings {
  audience: Audience;
  auto_approve: boolean;
  booking_by: BookingBy;
  booking_closes_at: string;
  booking_mode: BookingMode;
  booking_opens_at: string;
  capacity: number | null;
  chat_review: boolean;
  company_list: CompanyList;
  ends_at: string;
  /** How long an offer to the waiting list stands. */
  offer_minutes: number;
  open_requests_max: number | null;
  question_review: boolean;
  registration_closes_at: string;
  registration_opens_at: string;
  repeat_meetings: boolean;
  /** How long a request holds its slot. */
  request_minutes: number;
  series: string | null;
  starts_at: string;
  summary: LocalText;
  /** No limit is null. */
  talks_per_company_max: number | null;
  talks_per_desk_max: number | null;
  theme: LocalText;
  zone: string;
}

/** Life of a promotion session. */
export type SessionState =
  | 'draft'
  | 'submitted'
  | 'published'
  | 'registration_open'
  | 'booking_open'
  | 'live'
  | 'talks'
  | 'closed'
  | 'archived'
  | 'cancelled';

export interface SetGrid {
  accept_impact: boolean;
  grid: GridDraft;
}

/** A browser on which the person is signed in. */
export interface SignIn {
  created_at: Instant;
  /** The one that asks. */
  current: boolean;
  /** Browser and system, e.g. `Firefox · Windows`; empty where they do not tell. */
  device: string;
  id: SignInId;
  last_seen_at: Instant;
}

export type SignInId = Id;

/** These sign-ins of the person ended; sockets opened with them are closed. */
export interface SignInsEnded {
  sign_ins: SignInId[];
}

export type SlotId = Id;

/** Why a slot is or is not available to a company. */
export interface SlotWhy {
  book: Judgement;
  /** Other times the company could have. */
  free_slots: FreeSlot[];
  /** Everything that stands in the way of booking it. */
  reasons: WhyReason[];
  slot_id: SlotId;
  wait: Judgement;
}

export interface Subsector {
  code: string;
  name: LocalText;
}

/** One side of a talk waits in its room for the other. */
export interface TalkCall {
  at: Instant;
  booking_id: BookingId;
  by: PersonCard;
}

/** What was agreed, and who does what next. */
export interface TalkMinutes {
  /** Who wrote last. */
  by: PersonCard | null;
  /** A date, YYYY-MM-DD. */
  due_on: string | null;
  next_step: string;
  owner: PersonCard | null;
  text: string;
}

/** Minutes as they are typed. */
export interface TalkMinutesDraft {
  /** A date, YYYY-MM-DD. */
  due_on: string | null;
  next_step: string;
  owner_id: PersonId | null;
  text: string;
}

/** What came of a talk, as the centre records it. */
export interface TalkOutcome {
  /** In 万元. */
  amount_wan: number | null;
  /** A date, YYYY-MM-DD. */
  follow_up_by: string | null;
  note: string;
  outcome: Outcome;
  sector: string | null;
}

/** The state of a talk room as of event `seq`. */
export interface TalkRoom {
  booking: Booking;
  centre_word: Word | null;
  channel_id: ChannelId;
  company_word: Word | null;
  messages: Message[];
  minutes: TalkMinutes;
  /** The reader's next talk. */
  next: Booking | null;
  now: Instant;
  opens_at: Instant;
  /** What the centre recorded; the company does not see it. */
  outcome: TalkOutcome | null;
  present: PersonCard[];
  seq: number;
  side: TalkSide;
  /** Of minutes, words and outcome: the `If-Match` of their changes. */
  version: number;
}

/** On which side of a talk somebody is. */
export type TalkSide = 'company' | 'centre' | 'observer';

/** The timetable of a session. */
export interface Timetable {
  cells: Cell[];
  desks: DeskCard[];
  /** For hosts: bookings at their desks. */
  hosted: Booking[];
  /** Bookings of the reader's companies. */
  mine: Booking[];
  /** Number of the topic's newest event that this timetable already shows. */
  seq: number;
  session_id: SessionId;
  times: TimetableTime[];
  waiting: WaitingPlace[];
}

export interface TimetableTime {
  ends_at: Instant;
  starts_at: Instant;
}

export interface Token {
  token: string;
}

/** One event of a topic. */
export type TopicEvent = Event & { seq: number };

/** What there is to hear: by the part of a topic's name before the colon its state, and the kinds of its events. */
export interface Topics {
  direct: { event: 'message.published' | 'message.changed'; snapshot: MessagePage };
  hall: {
    event:
      | 'message.published'
      | 'message.changed'
      | 'question.changed'
      | 'notice.changed'
      | 'agenda.current'
      | 'session.changed'
      | 'sanction.changed';
    snapshot: HallSnapshot;
  };
  host: {
    event: 'registration.changed' | 'booking.changed' | 'message.held' | 'question.held' | 'counts.changed';
    snapshot: SessionDesk;
  };
  person: {
    event:
      | 'booking.changed'
      | 'registration.changed'
      | 'waiting.changed'
      | 'unread'
      | 'talk.called'
      | 'access.changed'
      | 'sign_in.ended';
    snapshot: Me;
  };
  session: { event: 'session.changed' | 'agenda.current'; snapshot: SessionPage };
  talk: { event: 'message.published' | 'message.changed' | 'talk.changed' | 'talk.called'; snapshot: TalkRoom };
  timetable: { event: 'cell.changed' | 'grid.changed'; snapshot: Timetable };
}

/** What a change of unread counts tells all devices of a person. */
export interface Unread {
  channel_id: ChannelId;
  /** In all channels. */
  total: number;
  unread: number;
}

export interface Unsubscribe {
  token: string;
}

/** What a moderator decides about something that was held. */
export interface Verdict {
  publish: boolean;
  /** Needed to reject. */
  reason: string | null;
}

export interface Vote {
  on: boolean;
}

export interface Wait {
  company_id: OrganisationId;
}

/** A place on the waiting list of a slot. */
export interface WaitingPlace {
  company: OrganisationCard;
  desk_id: DeskId;
  ends_at: Instant;
  id: WaitingPlaceId;
  lapses_at: Instant | null;
  /** 1 is the next to be offered the slot; 0 when the place is no longer in the list. */
  place: number;
  session_id: SessionId;
  slot_id: SlotId;
  starts_at: Instant;
  state: WaitingState;
}

export type WaitingPlaceId = Id;

export type WaitingState = 'waiting' | 'offered' | 'taken' | 'lapsed' | 'left';

export interface WhyReason {
  code: string;
  text: string;
}

export interface WithCode {
  /** Six digits. */
  code: string;
  email: string;
}

export interface WithLink {
  token: string;
}

export interface Withdraw {
  reason: string;
}

/** What one side says of a talk afterwards. */
export type Word = 'held' | 'did_not_happen' | 'problem';

/** What one side says of the talk. */
export interface WordDraft {
  note: string | null;
  word: Word;
}

/** A time zone by its IANA name, for example `Asia/Shanghai`. */
export type Zone = string;
