// The views that travel between server and browser. Names equal the Rust view structs (utoipa schema names).
// Ids are UUID strings. Instants are RFC 3339 UTC strings. Dates are YYYY-MM-DD. Amounts are integers in 万元.
export type Id = string; export type Instant = string; export type DateText = string;
export type Locale = 'zh-Hans' | 'zh-Hant' | 'en';
export interface LocalText { 'zh-Hans': string | null; 'zh-Hant': string | null; en: string | null }
export interface Page<T> { items: T[]; next: string | null; total: number | null } // total only where cheap
// RFC 9457
export interface Problem { type: string; title: string; status: number; detail: string | null; code: string; request_id: string | null;
  errors: { pointer: string; code: string; detail: string }[]; // /field pointers (RFC 6901)
  impact: ImpactItem[] | null;            // when code = 'impact'
  free_slots: FreeSlot[] | null;          // when a slot was lost: times that are free for you
  organisation: OrganisationCard | null } // when code = 'company_exists'
export interface ImpactItem { booking_id: Id; company: OrganisationCard; desk_id: Id; starts_at: Instant; ends_at: Instant; state: BookingState; what: 'cancelled' | 'slot_removed' | 'outside_window' | 'over_limit' | 'handed_on' }
export interface FreeSlot { slot_id: Id; desk_id: Id; starts_at: Instant; ends_at: Instant }

// ── instance and reference data
export interface Instance { name: LocalText; demo: boolean; version: string; now: Instant;
  footer: { sponsor: string | null; contact: string | null; icp: string | null; police: string | null; map_review: string | null };
  file_bytes_max: number; privacy_contact: string | null }
export interface Division { code: string; level: 'province' | 'city' | 'county'; parent: string | null; name: LocalText; short: LocalText; pinyin: string; initials: string }
export interface Sector { code: string; name: LocalText; colour: string; subsectors: { code: string; name: LocalText }[] }
export interface RunSheet { code: string; name: LocalText; items: { kind: AgendaKind; minutes: number; title: LocalText }[]; slots: number | null; slot_minutes: number | null; buffer_minutes: number | null }
export type AgendaKind = 'lobby' | 'host' | 'speech' | 'video' | 'pitch' | 'county_pitch' | 'projects' | 'policy' | 'company' | 'qa' | 'signing' | 'close' | 'talks' | 'other';

// ── people and organisations
export type OrganisationKind = 'bureau' | 'city_bureau' | 'office' | 'centre' | 'company';
export type OrganisationState = 'submitted' | 'approved' | 'returned' | 'suspended' | 'closed';
export interface OrganisationCard { id: Id; kind: OrganisationKind; name: LocalText; division: string | null; country: string }
export interface PersonCard { id: Id; family_name: string; given_name: string; honorific: Honorific | null; organisation: OrganisationCard | null; former: boolean } // former: closed their account, the name is erased
export type Honorific = 'zong' | 'zhuren' | 'juzhang' | 'jingli' | 'dongshizhang' | 'mr' | 'ms';
export interface Me { person: Person; operator: boolean; memberships: Membership[]; unread: number; feed_url: string }
export interface Person { id: Id; email: string; family_name: string; given_name: string; honorific: Honorific | null; phone: string | null; locale: Locale; zone: string; wants_digests: boolean; version: number }
export interface PersonChange { family_name: string; given_name: string; honorific: Honorific | null; phone: string | null; locale: Locale; zone: string; wants_digests: boolean }
export interface Membership { organisation: OrganisationCard; organisation_state: OrganisationState; role: 'manager' | 'member'; title: string | null }
/** What closing one's account will do. */
export interface Closing { impact: ImpactItem[]; companies: OrganisationCard[]; needs_manager: OrganisationCard[]; operator: boolean }
export interface SignIn { id: Id; device: string; created_at: Instant; last_seen_at: Instant; current: boolean }
export interface DemoPerson { person_id: Id; name: string; part: LocalText; email: string }
export type IdentifierKind = 'uscc' | 'hk_br' | 'tw_ubn' | 'lei' | 'foreign_reg';
export interface CompanyDraft { name: LocalText; identifier: { kind: IdentifierKind; value: string }; division: string | null; country: string; sectors: string[]; size: 'micro' | 'small' | 'medium' | 'large' | 'group';
  website: string | null; contact_name: string | null; contact_phone: string | null; contact_email: string | null; offers: LocalText; seeks: LocalText }
export interface Company extends CompanyDraft { id: Id; state: OrganisationState; state_reason: string | null; created_at: Instant; version: number }
export interface Members { members: Member[]; invitations: MemberInvitation[]; join_requests: JoinRequest[] }
export interface Member { person: PersonCard; email: string; role: 'manager' | 'member'; title: string | null; joined_at: Instant }
export interface MemberInvitation { id: Id; email: string; role: 'manager' | 'member'; created_at: Instant; expires_at: Instant; accepted_at: Instant | null }
export interface JoinRequest { id: Id; person: PersonCard; email: string; note: string | null; state: 'open' | 'accepted' | 'declined'; created_at: Instant }
export interface InvitationPreview { organisation: OrganisationCard; email: string; role: 'manager' | 'member'; invited_by: string; expires_at: Instant; usable: boolean }
export interface Organisation { id: Id; kind: OrganisationKind; parent_id: Id | null; name: LocalText; division: string | null; country: string; state: OrganisationState; state_reason: string | null; members: number; created_at: Instant; version: number }
export interface OrganisationDraft { kind: OrganisationKind; parent_id: Id | null; name: LocalText; division: string | null }

// ── opportunities and interests
export interface Opportunity { id: Id; code: string; title: LocalText; division: string; city: string; centre: OrganisationCard | null; sector: string; subsector: string; gbt4754: string; amount_wan: number; land_mu: number; mode: string; status: string; version: number }
export interface OpportunityFacets { total: number; amount_wan: number; by_sector: { code: string; count: number }[]; by_city: { code: string; count: number }[] }
export type Priority = 'must' | 'would_like' | 'watching';
export type Horizon = 'within_6_months' | 'within_1_year' | 'within_2_years' | 'exploring';
export interface InterestDraft { company_id: Id; centre_id: Id | null; opportunity_id: Id | null; session_id: Id | null; priority: Priority; planned_wan: number | null; horizon: Horizon; note: string }
export interface Interest extends InterestDraft { id: Id; state: 'open' | 'withdrawn'; company: OrganisationCard; centre: OrganisationCard | null; opportunity: Opportunity | null; created_at: Instant; version: number }

// ── promotion sessions
export type SessionState = 'draft' | 'submitted' | 'published' | 'registration_open' | 'booking_open' | 'live' | 'talks' | 'closed' | 'archived' | 'cancelled';
export type BookingMode = 'first_come' | 'request';
export interface SessionCard { id: Id; state: SessionState; theme: LocalText; lead: OrganisationCard; hosts: number; starts_at: Instant; ends_at: Instant; zone: string; series: string | null; registrations: number; desks: number; slots_free: number }
export type CompanyList = 'everyone' | 'registered' | 'hosts';
/** Public page, and the base of every other page of a session. */
export interface SessionPage { id: Id; state: SessionState; state_reason: string | null; theme: LocalText; summary: LocalText; series: string | null; zone: string; starts_at: Instant; ends_at: Instant;
  registration_opens_at: Instant; registration_closes_at: Instant; booking_opens_at: Instant; booking_closes_at: Instant; booking_mode: BookingMode; slot_minutes: number; buffer_minutes: number; talks_per_company_max: number | null; capacity: number | null;
  audience: 'public' | 'invited'; lead: OrganisationCard; hosts: OrganisationCard[]; agenda: AgendaItem[]; current_item_id: Id | null; desks: DeskCard[]; projects: number; registrations: number;
  company_list: CompanyList; can_see_companies: Judgement; can_register: Judgement; can_book: Judgement;
  mine: SessionMine | null; version: number }
/** What the signed-in reader is in this session. */
export interface SessionMine { host: boolean; moderator: boolean; registration: Registration | null; may_enter_hall: Judgement }
/** A yes or a no with its reason (code + text in the reader's language). */
export interface Judgement { ok: boolean; code: string | null; reason: string | null }
export interface AgendaItem { id: Id; position: number; kind: AgendaKind; minutes: number; title: LocalText; speaker: string | null; starts_at: Instant; begun_at: Instant | null }
export interface AgendaItemDraft { id: Id | null; kind: AgendaKind; minutes: number; title: LocalText; speaker: string | null }
export interface DeskCard { id: Id; centre: OrganisationCard; name: LocalText; room: string | null; position: number; staff: PersonCard[]; version: number }
export interface DeskDraft { centre_id: Id; name: LocalText; room: string | null; staff_ids: Id[] }
export interface SessionQuestion { id: Id; kind: 'text' | 'number' | 'yes_no' | 'choice'; text: LocalText; options: LocalText[]; required: boolean }
export interface SessionQuestionDraft { id: Id | null; kind: SessionQuestion['kind']; text: LocalText; options: LocalText[]; required: boolean }
/** Wall times are local to `zone` ("2026-11-23T15:00"); the server turns them into instants. */
export interface SessionDraft { lead_centre_id: Id; run_sheet: string | null; copy_of: Id | null; theme: LocalText; summary: LocalText; series: string | null; zone: string; starts_at: string }
export interface SessionSettings { theme: LocalText; summary: LocalText; series: string | null; zone: string; starts_at: string; ends_at: string; registration_opens_at: string; registration_closes_at: string; booking_opens_at: string; booking_closes_at: string;
  booking_mode: BookingMode; request_minutes: number; offer_minutes: number; talks_per_company_max: number | null; talks_per_desk_max: number | null; open_requests_max: number | null; capacity: number | null; repeat_meetings: boolean;
  audience: 'public' | 'invited'; company_list: CompanyList; booking_by: 'approved' | 'interested' | 'hosts'; auto_approve: boolean; chat_review: boolean; question_review: boolean }
/** For hosts: settings as stored (wall times in the session's zone), questions, grid, next legal moves. */
export interface SessionDesk { session: SessionPage; settings: SessionSettings; questions: SessionQuestion[]; grid: GridDraft; moves: { to: SessionState; ok: boolean; reason: string | null }[]; counts: SessionCounts }
export interface SessionCounts { invited: number; registered: number; approved: number; returned: number; rejected: number; requested: number; confirmed: number; held: number; slots: number; slots_taken: number; held_messages: number; open_questions: number }
export interface GridDraft { slot_minutes: number; buffer_minutes: number; blocks: { date: DateText; from: string; until: string; breaks: { from: string; until: string }[] }[] }
export interface GridChange { added: number; removed: number; kept: number; impact: ImpactItem[] }

// ── registrations
export type RegistrationState = 'invited' | 'registered' | 'approved' | 'returned' | 'rejected' | 'withdrawn' | 'checked_in' | 'attended' | 'absent';
export interface RegistrationDraft { company_id: Id; attendee_ids: Id[]; answers: Record<Id, string | number | boolean>; consent_centre_ids: Id[]; listed: boolean }
/** A company that comes, in the session's list. */
export interface ComingCompany { company: OrganisationCard; sectors: string[]; size: CompanyDraft['size']; offers: LocalText; seeks: LocalText; listed: boolean }
export interface Registration { id: Id; session_id: Id; company: OrganisationCard; state: RegistrationState; state_reason: string | null; answers: Record<Id, string | number | boolean>; attendees: PersonCard[]; consents: Consent[]; listed: boolean; created_at: Instant; decided_at: Instant | null; version: number }
export interface Consent { centre: OrganisationCard; given_at: Instant | null; withdrawn_at: Instant | null } // one row per host centre
export interface RegistrationRow { registration: Registration; session: SessionCard } // "my registrations"
export interface BulkResult { done: Id[]; refused: { id: Id; code: string; reason: string }[] }

// ── timetable and bookings
/** free: can be taken · requested: someone asked (soft holds, `holds` of 3) · offered: on offer to the waiting list · taken · closed · past */
export type CellState = 'free' | 'requested' | 'offered' | 'taken' | 'closed' | 'past';
export interface Timetable { session_id: Id; seq: number; desks: DeskCard[]; times: { starts_at: Instant; ends_at: Instant }[]; cells: Cell[]; mine: Booking[]; waiting: WaitingPlace[]; hosted: Booking[] } // hosted: bookings at my desks (hosts only)
export interface Cell { slot_id: Id; desk_id: Id; starts_at: Instant; ends_at: Instant; state: CellState; holds: number; waiting: number }
export interface SlotWhy { slot_id: Id; book: Judgement; wait: Judgement; reasons: { code: string; text: string }[]; free_slots: FreeSlot[] }
export type BookingState = 'requested' | 'confirmed' | 'checked_in' | 'in_talk' | 'held_done' | 'no_show_company' | 'no_show_centre' | 'declined' | 'cancelled_by_company' | 'cancelled_by_centre' | 'cancelled_by_operator' | 'expired' | 'moved';
export interface BookingDraft { slot_id: Id; company_id: Id; contact_id: Id | null; subject: string }
export interface Booking { id: Id; session_id: Id; desk_id: Id; slot_id: Id; starts_at: Instant; ends_at: Instant; zone: string; centre: OrganisationCard; company: OrganisationCard; contact: PersonCard; staff: PersonCard; state: BookingState; state_reason: string | null;
  origin: 'company' | 'centre' | 'waiting_list'; subject: string; expires_at: Instant | null; proposed: FreeSlot | null; room: string | null; room_opens_at: Instant; moved_from_id: Id | null; theme: LocalText;
  may: BookingAct[]; created_at: Instant; version: number } // may: acts the reader may do now
export type BookingAct = 'accept' | 'decline' | 'cancel' | 'move' | 'propose' | 'answer_proposal' | 'reassign' | 'enter';
export interface WaitingPlace { id: Id; slot_id: Id; desk_id: Id; session_id: Id; company: OrganisationCard; starts_at: Instant; ends_at: Instant; state: 'waiting' | 'offered' | 'taken' | 'lapsed' | 'left'; place: number; lapses_at: Instant | null }
export interface ScheduleEntry { kind: 'session' | 'talk'; session_id: Id; booking: Booking | null; title: LocalText; starts_at: Instant; ends_at: Instant; zone: string }

// ── talk room
export type Word = 'held' | 'did_not_happen' | 'problem';
export interface TalkRoom { booking: Booking; channel_id: Id; seq: number; side: 'company' | 'centre' | 'observer'; present: PersonCard[]; opens_at: Instant; now: Instant; next: Booking | null;
  company_word: Word | null; centre_word: Word | null; minutes: TalkMinutes; outcome: TalkOutcome | null; messages: Message[]; version: number }
export interface TalkMinutes { text: string; next_step: string; owner: PersonCard | null; due_on: DateText | null; by: PersonCard | null }
export interface TalkMinutesDraft { text: string; next_step: string; owner_id: Id | null; due_on: DateText | null }
export interface TalkOutcome { outcome: 'no_intent' | 'intent' | 'follow_up'; sector: string | null; amount_wan: number | null; follow_up_by: DateText | null; note: string }

// ── channels and messages
export interface Channel { id: Id; kind: 'hall' | 'talk' | 'direct'; session_id: Id | null; booking_id: Id | null; company: OrganisationCard | null; centre: OrganisationCard | null; last: Message | null; unread: number; head: number; may_write: Judgement }
export interface Message { id: Id; channel_id: Id; seq: number; author: PersonCard; client_id: Id; text: string; links: { from: number; to: number; url: string; host: string }[]; file: FileRef | null; state: 'published' | 'held' | 'rejected' | 'withdrawn' | 'removed'; state_reason: string | null; created_at: Instant }
export interface MessageDraft { client_id: Id; text: string; file_id: Id | null }
export interface FileRef { id: Id; name: string; media_type: string; bytes: number; url: string }
export interface MessagePage { messages: Message[]; head: number; more: boolean } // ascending by seq

// ── hall
export interface HallSnapshot { session: SessionPage; seq: number; channel_id: Id; messages: Message[]; questions: HallQuestion[]; notices: Notice[]; present: { count: number; people: PersonCard[] }; me: { moderator: boolean; muted_until: Instant | null; muted: boolean }; held: { messages: Message[]; questions: HallQuestion[] } | null; sanctions: Sanction[] }
export interface HallQuestion { id: Id; session_id: Id; author: PersonCard; text: string; state: 'held' | 'published' | 'answered' | 'rejected' | 'withdrawn' | 'removed'; state_reason: string | null; votes: number; my_vote: boolean; answer: string | null; answered_by: PersonCard | null; answered_at: Instant | null; owner: PersonCard | null; due_on: DateText | null; created_at: Instant; version: number }
export interface Notice { id: Id; text: LocalText; state: 'active' | 'archived'; created_at: Instant }
export interface Sanction { id: Id; person: PersonCard; kind: 'mute' | 'block'; reason: string; until: Instant | null; created_at: Instant }
export interface Attendance { person: PersonCard; joined_at: Instant; left_at: Instant | null; minutes: number; present: boolean }

// ── report
export interface SessionReport { session: SessionPage; generated_at: Instant; totals: { registrations: number; approved: number; companies_attended: number; people_attended: number; attendance_minutes: number; questions: number; answered: number; with_owner: number; unowned: number; interests: number; planned_wan: number; slots: number; requested: number; confirmed: number; held: number; no_show_company: number; no_show_centre: number; cancelled: number; declined: number; expired: number; intents: number; intent_wan: number; follow_ups: number; messages: number };
  companies: { company: OrganisationCard; state: RegistrationState; minutes: number; talks: number; held: number; interests: number; intents: number }[];
  talks: { booking: Booking; company_word: Word | null; centre_word: Word | null; outcome: TalkOutcome | null; minutes: TalkMinutes; together_minutes: number }[];
  questions: HallQuestion[]; interests: Interest[]; centres: { centre: OrganisationCard; slots: number; confirmed: number; held: number; intents: number; intent_wan: number }[] }

// ── operator
export interface LetterRow { id: Id; kind: string; to_email: string; person: PersonCard | null; locale: Locale; subject: string; state: 'queued' | 'sent' | 'undeliverable' | 'held' | 'dropped'; due_at: Instant; attempts: number; last_error: string | null; message_id: string; created_at: Instant; sent_at: Instant | null }
export interface LetterPage { letter: LetterRow; subject: string; text: string; html: string; calendar: string | null }
export interface AuditRow { id: Id; at: Instant; actor: PersonCard | null; act: string; subject_kind: string; subject_id: Id; session_id: Id | null; before: unknown; after: unknown }
export interface PersonRow { person: Person; operator: boolean; state: 'active' | 'suspended' | 'closed'; memberships: Membership[]; created_at: Instant }

// ── socket (`/ws?locale=…`, subprotocol yunqia.v1), one JSON object per text frame
export type ClientFrame =
  | { t: 'subscribe'; id: string; topic: string; after: number | null }
  | { t: 'unsubscribe'; id: string; topic: string }
  | { t: 'message.send'; id: string; channel: Id; client_id: Id; text: string; file_id: Id | null }
  | { t: 'question.ask'; id: string; session: Id; client_id: Id; text: string }
  | { t: 'question.vote'; id: string; question: Id; on: boolean }
  | { t: 'read'; id: string; channel: Id; seq: number }
  | { t: 'ping'; id: string };
export type ServerFrame =
  | { t: 'hello'; person_id: Id | null; now: Instant; retry_ms: number }
  | { t: 'subscribed'; id: string; topic: string; seq: number; recovered: boolean; snapshot: unknown | null } // recovered: events after yours follow, no snapshot
  | { t: 'events'; topic: string; events: { seq: number; kind: string; body: unknown }[] }
  | { t: 'presence'; topic: string; count: number; joined: PersonCard[]; left: Id[] } // not numbered
  | { t: 'ack'; id: string; body: unknown }
  | { t: 'problem'; id: string | null; problem: Problem }
  | { t: 'pong'; id: string; now: Instant };
