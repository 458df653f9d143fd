-- One text for SQLite and PostgreSQL.
--
-- The vocabulary that means the same to both engines:
--   UUID (v7, made by the application)   TIMESTAMPTZ (our Timestamp: fixed-width UTC text / timestamptz, microseconds)
--   BIGINT, BOOLEAN, TEXT                JSONB (objects and arrays only)
-- Ids and times are made by the application: no DEFAULT now(), no SERIAL.
-- `version` counts the changes of a row and guards against lost updates (HTTP: ETag / If-Match).
-- Text written for others exists in three languages: *_hans, *_hant, *_en, at least one of them.

-- ── People and organisations ────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE people (
    id            UUID        NOT NULL PRIMARY KEY,
    email         TEXT        NOT NULL,
    email_key     TEXT        NOT NULL CONSTRAINT people_email_key UNIQUE,
    family_name   TEXT        NOT NULL,
    given_name    TEXT        NOT NULL,
    honorific     TEXT,
    phone         TEXT,
    locale        TEXT        NOT NULL CONSTRAINT people_locale CHECK (locale IN ('zh-Hans', 'zh-Hant', 'en')),
    zone          TEXT        NOT NULL,
    operator      BOOLEAN     NOT NULL,
    -- Digests and nudges only; what concerns a person's own bookings is always sent.
    wants_digests BOOLEAN     NOT NULL,
    -- Secret part of the address of the private calendar feed.
    feed_token    TEXT        NOT NULL CONSTRAINT people_feed_token UNIQUE,
    state         TEXT        NOT NULL CONSTRAINT people_state CHECK (state IN ('active', 'suspended', 'closed')),
    created_at    TIMESTAMPTZ NOT NULL,
    version       BIGINT      NOT NULL
);

-- A letter with a six-digit code and a link. Only hashes are kept.
CREATE TABLE sign_in_letters (
    id          UUID        NOT NULL PRIMARY KEY,
    email       TEXT        NOT NULL,
    email_key   TEXT        NOT NULL,
    -- What a new person begins with.
    locale      TEXT        NOT NULL,
    zone        TEXT        NOT NULL,
    code_hash   TEXT        NOT NULL,
    token_hash  TEXT        NOT NULL CONSTRAINT sign_in_letters_token UNIQUE,
    tries_left  BIGINT      NOT NULL CONSTRAINT sign_in_letters_tries CHECK (tries_left >= 0),
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    used_at     TIMESTAMPTZ
);
CREATE INDEX sign_in_letters_by_email ON sign_in_letters (email_key, created_at);

CREATE TABLE sign_ins (
    id           UUID        NOT NULL PRIMARY KEY,
    person_id    UUID        NOT NULL REFERENCES people (id),
    token_hash   TEXT        NOT NULL CONSTRAINT sign_ins_token UNIQUE,
    device       TEXT        NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    ended_at     TIMESTAMPTZ
);
CREATE INDEX sign_ins_by_person ON sign_ins (person_id, created_at);

-- Bodies that promote (bureau, city bureau, office, centre) and companies: one kind of thing with people in it.
CREATE TABLE organisations (
    id         UUID        NOT NULL PRIMARY KEY,
    kind       TEXT        NOT NULL CONSTRAINT organisations_kind CHECK (kind IN ('bureau', 'city_bureau', 'office', 'centre', 'company')),
    parent_id  UUID        REFERENCES organisations (id),
    -- GB/T 2260 code of the home division; null for a company from abroad.
    division   TEXT,
    -- ISO 3166-1 alpha-2.
    country    TEXT        NOT NULL,
    name_hans  TEXT,
    name_hant  TEXT,
    name_en    TEXT,
    -- Names folded for search and order: lower case, NFKC, all languages in one.
    name_key   TEXT        NOT NULL,
    state      TEXT        NOT NULL CONSTRAINT organisations_state CHECK (state IN ('submitted', 'approved', 'returned', 'suspended', 'closed')),
    state_reason TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    version    BIGINT      NOT NULL,
    CONSTRAINT organisations_named CHECK (name_hans IS NOT NULL OR name_hant IS NOT NULL OR name_en IS NOT NULL)
);
CREATE INDEX organisations_by_kind ON organisations (kind, name_key, id);

CREATE TABLE companies (
    organisation_id UUID   NOT NULL PRIMARY KEY REFERENCES organisations (id),
    identifier_kind TEXT   NOT NULL CONSTRAINT companies_identifier_kind CHECK (identifier_kind IN ('uscc', 'hk_br', 'tw_ubn', 'lei', 'foreign_reg')),
    identifier      TEXT   NOT NULL,
    sectors         JSONB  NOT NULL,
    size            TEXT   NOT NULL CONSTRAINT companies_size CHECK (size IN ('micro', 'small', 'medium', 'large', 'group')),
    website         TEXT,
    contact_name    TEXT,
    contact_phone   TEXT,
    contact_email   TEXT,
    offers_hans     TEXT, offers_hant TEXT, offers_en TEXT,
    seeks_hans      TEXT, seeks_hant  TEXT, seeks_en  TEXT,
    CONSTRAINT companies_identifier UNIQUE (identifier_kind, identifier)
);

CREATE TABLE members (
    organisation_id UUID        NOT NULL REFERENCES organisations (id),
    person_id       UUID        NOT NULL REFERENCES people (id),
    role            TEXT        NOT NULL CONSTRAINT members_role CHECK (role IN ('manager', 'member')),
    title           TEXT,
    joined_at       TIMESTAMPTZ NOT NULL,
    version         BIGINT      NOT NULL,
    CONSTRAINT members_key PRIMARY KEY (organisation_id, person_id)
);
CREATE INDEX members_by_person ON members (person_id);

CREATE TABLE member_invitations (
    id              UUID        NOT NULL PRIMARY KEY,
    organisation_id UUID        NOT NULL REFERENCES organisations (id),
    email           TEXT        NOT NULL,
    email_key       TEXT        NOT NULL,
    role            TEXT        NOT NULL CONSTRAINT member_invitations_role CHECK (role IN ('manager', 'member')),
    title           TEXT,
    token_hash      TEXT        NOT NULL CONSTRAINT member_invitations_token UNIQUE,
    invited_by      UUID        NOT NULL REFERENCES people (id),
    created_at      TIMESTAMPTZ NOT NULL,
    expires_at      TIMESTAMPTZ NOT NULL,
    accepted_at     TIMESTAMPTZ,
    revoked_at      TIMESTAMPTZ
);
CREATE INDEX member_invitations_by_organisation ON member_invitations (organisation_id, created_at);
CREATE INDEX member_invitations_by_email ON member_invitations (email_key);

CREATE TABLE join_requests (
    id              UUID        NOT NULL PRIMARY KEY,
    organisation_id UUID        NOT NULL REFERENCES organisations (id),
    person_id       UUID        NOT NULL REFERENCES people (id),
    state           TEXT        NOT NULL CONSTRAINT join_requests_state CHECK (state IN ('open', 'accepted', 'declined')),
    note            TEXT,
    created_at      TIMESTAMPTZ NOT NULL,
    decided_by      UUID        REFERENCES people (id),
    decided_at      TIMESTAMPTZ
);
CREATE UNIQUE INDEX join_requests_once ON join_requests (organisation_id, person_id) WHERE state = 'open';

-- ── Opportunities and interests ─────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE opportunities (
    id         UUID        NOT NULL PRIMARY KEY,
    code       TEXT        NOT NULL CONSTRAINT opportunities_code UNIQUE,
    division   TEXT        NOT NULL,
    -- Code of the city the division lies in, for filters.
    city       TEXT        NOT NULL,
    centre_id  UUID        REFERENCES organisations (id),
    sector     TEXT        NOT NULL,
    subsector  TEXT        NOT NULL,
    gbt4754    TEXT        NOT NULL,
    title_hans TEXT, title_hant TEXT, title_en TEXT,
    title_key  TEXT        NOT NULL,
    amount_wan BIGINT      NOT NULL CONSTRAINT opportunities_amount CHECK (amount_wan > 0),
    land_mu    BIGINT      NOT NULL,
    mode       TEXT        NOT NULL,
    status     TEXT        NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    version    BIGINT      NOT NULL
);
CREATE INDEX opportunities_by_sector ON opportunities (sector, amount_wan, id);
CREATE INDEX opportunities_by_city ON opportunities (city, division, amount_wan, id);
CREATE INDEX opportunities_by_amount ON opportunities (amount_wan, id);

CREATE TABLE interests (
    id             UUID        NOT NULL PRIMARY KEY,
    company_id     UUID        NOT NULL REFERENCES organisations (id),
    -- Exactly one of the two targets.
    centre_id      UUID        REFERENCES organisations (id),
    opportunity_id UUID        REFERENCES opportunities (id),
    session_id     UUID,
    priority       TEXT        NOT NULL CONSTRAINT interests_priority CHECK (priority IN ('must', 'would_like', 'watching')),
    planned_wan    BIGINT      CONSTRAINT interests_planned CHECK (planned_wan > 0),
    horizon        TEXT        NOT NULL CONSTRAINT interests_horizon CHECK (horizon IN ('within_6_months', 'within_1_year', 'within_2_years', 'exploring')),
    note           TEXT        NOT NULL,
    state          TEXT        NOT NULL CONSTRAINT interests_state CHECK (state IN ('open', 'withdrawn')),
    created_by     UUID        NOT NULL REFERENCES people (id),
    created_at     TIMESTAMPTZ NOT NULL,
    version        BIGINT      NOT NULL,
    CONSTRAINT interests_target CHECK ((centre_id IS NULL) <> (opportunity_id IS NULL))
);
CREATE UNIQUE INDEX interests_centre_once ON interests (company_id, centre_id) WHERE state = 'open' AND centre_id IS NOT NULL;
CREATE UNIQUE INDEX interests_opportunity_once ON interests (company_id, opportunity_id) WHERE state = 'open' AND opportunity_id IS NOT NULL;
CREATE INDEX interests_by_centre ON interests (centre_id, created_at);
CREATE INDEX interests_by_opportunity ON interests (opportunity_id, created_at);

-- ── Promotion sessions ──────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE sessions (
    id                     UUID        NOT NULL PRIMARY KEY,
    state                  TEXT        NOT NULL CONSTRAINT sessions_state CHECK (state IN ('draft', 'submitted', 'published', 'registration_open', 'booking_open', 'live', 'talks', 'closed', 'archived', 'cancelled')),
    state_reason           TEXT,
    -- The centre that leads; all hosts are in session_hosts.
    lead_centre_id         UUID        NOT NULL REFERENCES organisations (id),
    theme_hans TEXT, theme_hant TEXT, theme_en TEXT,
    -- The theme folded for search: lower case, NFKC, all languages in one.
    theme_key              TEXT        NOT NULL,
    summary_hans TEXT, summary_hant TEXT, summary_en TEXT,
    series                 TEXT,
    zone                   TEXT        NOT NULL,
    -- The hall; talks may lie before or after it.
    starts_at              TIMESTAMPTZ NOT NULL,
    ends_at                TIMESTAMPTZ NOT NULL,
    registration_opens_at  TIMESTAMPTZ NOT NULL,
    registration_closes_at TIMESTAMPTZ NOT NULL,
    booking_opens_at       TIMESTAMPTZ NOT NULL,
    booking_closes_at      TIMESTAMPTZ NOT NULL,
    booking_mode           TEXT        NOT NULL CONSTRAINT sessions_booking_mode CHECK (booking_mode IN ('first_come', 'request')),
    slot_minutes           BIGINT      NOT NULL CONSTRAINT sessions_slot_minutes CHECK (slot_minutes BETWEEN 5 AND 240),
    buffer_minutes         BIGINT      NOT NULL CONSTRAINT sessions_buffer_minutes CHECK (buffer_minutes BETWEEN 0 AND 120),
    -- Blocks and breaks as the host entered them (`domain::slot_grid::GridDraft`); a new desk gets its slots from it.
    grid                   JSONB       NOT NULL,
    -- How long a request holds its slot: 15 minutes to 10 days.
    request_minutes        BIGINT      NOT NULL CONSTRAINT sessions_request_minutes CHECK (request_minutes BETWEEN 15 AND 14400),
    offer_minutes          BIGINT      NOT NULL CONSTRAINT sessions_offer_minutes CHECK (offer_minutes BETWEEN 5 AND 1440),
    -- No limit is null, never 0.
    talks_per_company_max  BIGINT      CONSTRAINT sessions_talks_per_company CHECK (talks_per_company_max > 0),
    talks_per_desk_max     BIGINT      CONSTRAINT sessions_talks_per_desk CHECK (talks_per_desk_max > 0),
    open_requests_max      BIGINT      CONSTRAINT sessions_open_requests CHECK (open_requests_max > 0),
    capacity               BIGINT      CONSTRAINT sessions_capacity CHECK (capacity > 0),
    repeat_meetings        BOOLEAN     NOT NULL,
    -- Who may register at all, who sees whom, and who may book whom (`domain::access`).
    audience               TEXT        NOT NULL CONSTRAINT sessions_audience CHECK (audience IN ('public', 'invited')),
    company_list           TEXT        NOT NULL CONSTRAINT sessions_company_list CHECK (company_list IN ('everyone', 'registered', 'hosts')),
    booking_by             TEXT        NOT NULL CONSTRAINT sessions_booking_by CHECK (booking_by IN ('approved', 'interested', 'hosts')),
    auto_approve           BOOLEAN     NOT NULL,
    chat_review            BOOLEAN     NOT NULL,
    question_review        BOOLEAN     NOT NULL,
    current_item_id        UUID,
    copied_from            UUID        REFERENCES sessions (id),
    created_by             UUID        NOT NULL REFERENCES people (id),
    created_at             TIMESTAMPTZ NOT NULL,
    hall_opened_at         TIMESTAMPTZ,
    closed_at              TIMESTAMPTZ,
    version                BIGINT      NOT NULL,
    CONSTRAINT sessions_hall CHECK (starts_at < ends_at),
    CONSTRAINT sessions_registration_window CHECK (registration_opens_at < registration_closes_at),
    CONSTRAINT sessions_booking_window CHECK (booking_opens_at < booking_closes_at),
    CONSTRAINT sessions_themed CHECK (theme_hans IS NOT NULL OR theme_hant IS NOT NULL OR theme_en IS NOT NULL)
);
CREATE INDEX sessions_by_start ON sessions (starts_at, id);
CREATE INDEX sessions_by_state ON sessions (state, starts_at);

CREATE TABLE session_hosts (
    session_id UUID   NOT NULL REFERENCES sessions (id),
    centre_id  UUID   NOT NULL REFERENCES organisations (id),
    position   BIGINT NOT NULL,
    CONSTRAINT session_hosts_key PRIMARY KEY (session_id, centre_id)
);
CREATE INDEX session_hosts_by_centre ON session_hosts (centre_id);

CREATE TABLE session_projects (
    session_id     UUID   NOT NULL REFERENCES sessions (id),
    opportunity_id UUID   NOT NULL REFERENCES opportunities (id),
    position       BIGINT NOT NULL,
    CONSTRAINT session_projects_key PRIMARY KEY (session_id, opportunity_id)
);

CREATE TABLE agenda_items (
    id         UUID   NOT NULL PRIMARY KEY,
    session_id UUID   NOT NULL REFERENCES sessions (id),
    position   BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    minutes    BIGINT NOT NULL CONSTRAINT agenda_items_minutes CHECK (minutes BETWEEN 1 AND 600),
    title_hans TEXT, title_hant TEXT, title_en TEXT,
    speaker    TEXT,
    begun_at   TIMESTAMPTZ,
    CONSTRAINT agenda_items_position UNIQUE (session_id, position)
);

-- What a company is asked when it registers.
CREATE TABLE session_questions (
    id         UUID    NOT NULL PRIMARY KEY,
    session_id UUID    NOT NULL REFERENCES sessions (id),
    position   BIGINT  NOT NULL,
    kind       TEXT    NOT NULL CONSTRAINT session_questions_kind CHECK (kind IN ('text', 'number', 'yes_no', 'choice')),
    text_hans  TEXT, text_hant TEXT, text_en TEXT,
    -- For `choice`: an array of texts in three languages.
    options    JSONB   NOT NULL,
    required   BOOLEAN NOT NULL,
    -- It is asked no more; the answers that were given stay with it.
    withdrawn_at TIMESTAMPTZ
);
CREATE INDEX session_questions_by_session ON session_questions (session_id, position);

CREATE TABLE registrations (
    id            UUID        NOT NULL PRIMARY KEY,
    session_id    UUID        NOT NULL REFERENCES sessions (id),
    company_id    UUID        NOT NULL REFERENCES organisations (id),
    state         TEXT        NOT NULL CONSTRAINT registrations_state CHECK (state IN ('invited', 'registered', 'approved', 'returned', 'rejected', 'withdrawn', 'checked_in', 'attended', 'absent')),
    state_reason  TEXT,
    -- Answers by question id.
    answers       JSONB       NOT NULL,
    -- The company agreed to stand in the session's list of companies.
    listed        BOOLEAN     NOT NULL,
    registered_by UUID        REFERENCES people (id),
    created_at    TIMESTAMPTZ NOT NULL,
    decided_by    UUID        REFERENCES people (id),
    decided_at    TIMESTAMPTZ,
    version       BIGINT      NOT NULL,
    CONSTRAINT registrations_once UNIQUE (session_id, company_id)
);
CREATE INDEX registrations_by_company ON registrations (company_id, created_at);

-- The people of the company who take part; the first is the contact.
CREATE TABLE attendees (
    registration_id UUID   NOT NULL REFERENCES registrations (id),
    person_id       UUID   NOT NULL REFERENCES people (id),
    position        BIGINT NOT NULL,
    CONSTRAINT attendees_key PRIMARY KEY (registration_id, person_id)
);
CREATE INDEX attendees_by_person ON attendees (person_id);

-- Separate consent per receiving centre (PIPL art. 23). Withdrawing keeps the row.
CREATE TABLE consents (
    id           UUID        NOT NULL PRIMARY KEY,
    session_id   UUID        NOT NULL REFERENCES sessions (id),
    company_id   UUID        NOT NULL REFERENCES organisations (id),
    centre_id    UUID        NOT NULL REFERENCES organisations (id),
    wording      TEXT        NOT NULL,
    given_by     UUID        NOT NULL REFERENCES people (id),
    given_at     TIMESTAMPTZ NOT NULL,
    withdrawn_by UUID        REFERENCES people (id),
    withdrawn_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX consents_live ON consents (session_id, company_id, centre_id) WHERE withdrawn_at IS NULL;
CREATE INDEX consents_by_company ON consents (company_id, given_at);

-- ── Desks, slots, bookings ──────────────────────────────────────────────────────────────────────────────────────────

-- A room that talks share, of the centre that owns it: one and the same in all sessions, so that its claims meet.
CREATE TABLE rooms (
    id        UUID NOT NULL PRIMARY KEY,
    centre_id UUID NOT NULL REFERENCES organisations (id),
    -- The name made comparable (`domain::text::room_key`).
    name_key  TEXT NOT NULL,
    CONSTRAINT rooms_once UNIQUE (centre_id, name_key)
);

CREATE TABLE desks (
    id         UUID    NOT NULL PRIMARY KEY,
    session_id UUID    NOT NULL REFERENCES sessions (id),
    centre_id  UUID    NOT NULL REFERENCES organisations (id),
    position   BIGINT  NOT NULL,
    name_hans TEXT, name_hant TEXT, name_en TEXT,
    -- A shared physical or virtual room as the desk calls it; talks in one room never overlap. Null: the desk has its own.
    room       TEXT,
    -- That room, which owns claims; null exactly when `room` is.
    room_id    UUID    REFERENCES rooms (id),
    -- Set when the host takes the desk away; its bookings stay as history.
    removed_at TIMESTAMPTZ,
    version    BIGINT  NOT NULL,
    CONSTRAINT desks_room CHECK ((room IS NULL) = (room_id IS NULL))
);
CREATE UNIQUE INDEX desks_position ON desks (session_id, position) WHERE removed_at IS NULL;
CREATE INDEX desks_by_centre ON desks (centre_id);

CREATE TABLE desk_staff (
    desk_id   UUID   NOT NULL REFERENCES desks (id),
    person_id UUID   NOT NULL REFERENCES people (id),
    position  BIGINT NOT NULL,
    CONSTRAINT desk_staff_key PRIMARY KEY (desk_id, person_id)
);
CREATE INDEX desk_staff_by_person ON desk_staff (person_id);

CREATE TABLE slots (
    id         UUID        NOT NULL PRIMARY KEY,
    session_id UUID        NOT NULL REFERENCES sessions (id),
    desk_id    UUID        NOT NULL REFERENCES desks (id),
    starts_at  TIMESTAMPTZ NOT NULL,
    ends_at    TIMESTAMPTZ NOT NULL,
    open       BOOLEAN     NOT NULL,
    -- Set when a new grid has no such slot any more; its bookings stay as history.
    removed_at TIMESTAMPTZ,
    CONSTRAINT slots_order CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX slots_once ON slots (desk_id, starts_at) WHERE removed_at IS NULL;
CREATE INDEX slots_by_session ON slots (session_id, starts_at, desk_id);

-- States that occupy a place: requested (softly), confirmed, checked_in, in_talk and, for the once-per-session rule, held_done.
CREATE TABLE bookings (
    id                UUID        NOT NULL PRIMARY KEY,
    session_id        UUID        NOT NULL REFERENCES sessions (id),
    desk_id           UUID        NOT NULL REFERENCES desks (id),
    slot_id           UUID        NOT NULL REFERENCES slots (id),
    centre_id         UUID        NOT NULL REFERENCES organisations (id),
    company_id        UUID        NOT NULL REFERENCES organisations (id),
    -- The company's person and the centre's person who will talk.
    contact_id        UUID        NOT NULL REFERENCES people (id),
    staff_id          UUID        NOT NULL REFERENCES people (id),
    state             TEXT        NOT NULL CONSTRAINT bookings_state CHECK (state IN ('requested', 'confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre', 'declined', 'cancelled_by_company', 'cancelled_by_centre', 'cancelled_by_operator', 'expired', 'moved')),
    state_reason      TEXT,
    origin            TEXT        NOT NULL CONSTRAINT bookings_origin CHECK (origin IN ('company', 'centre', 'waiting_list')),
    subject           TEXT        NOT NULL,
    -- A request's place among the at most three soft holds of its slot.
    hold_place        BIGINT      CONSTRAINT bookings_hold_place CHECK (hold_place BETWEEN 1 AND 3),
    expires_at        TIMESTAMPTZ,
    -- Another time proposed by the centre, waiting for the company's word.
    proposed_slot_id  UUID        REFERENCES slots (id),
    -- Copied from the session when booked: whether this pair may meet only once.
    exclusive         BOOLEAN     NOT NULL,
    moved_from_id     UUID        REFERENCES bookings (id),
    -- Of the calendar entry; both are carried on when a booking moves (RFC 5545 §3.8.4.7, §3.8.7.4).
    calendar_uid      TEXT        NOT NULL,
    calendar_sequence BIGINT      NOT NULL,
    created_by        UUID        NOT NULL REFERENCES people (id),
    created_at        TIMESTAMPTZ NOT NULL,
    decided_at        TIMESTAMPTZ,
    version           BIGINT      NOT NULL,
    CONSTRAINT bookings_soft_hold CHECK ((state = 'requested') = (hold_place IS NOT NULL)),
    CONSTRAINT bookings_expiry CHECK (state <> 'requested' OR expires_at IS NOT NULL)
);
CREATE UNIQUE INDEX bookings_slot_sold_once ON bookings (slot_id) WHERE state IN ('confirmed', 'checked_in', 'in_talk', 'held_done', 'no_show_company', 'no_show_centre');
CREATE UNIQUE INDEX bookings_soft_holds ON bookings (slot_id, hold_place) WHERE state = 'requested';
CREATE UNIQUE INDEX bookings_one_request ON bookings (slot_id, company_id) WHERE state = 'requested';
CREATE UNIQUE INDEX bookings_pair_once ON bookings (session_id, company_id, centre_id) WHERE exclusive AND state IN ('requested', 'confirmed', 'checked_in', 'in_talk', 'held_done');
CREATE INDEX bookings_by_session ON bookings (session_id, state);
CREATE INDEX bookings_by_company ON bookings (company_id, session_id);
CREATE INDEX bookings_by_desk ON bookings (desk_id, state);
CREATE INDEX bookings_by_contact ON bookings (contact_id);
CREATE INDEX bookings_by_staff ON bookings (staff_id);
CREATE INDEX bookings_by_origin ON bookings (moved_from_id) WHERE moved_from_id IS NOT NULL;
CREATE INDEX bookings_expiring ON bookings (expires_at) WHERE state = 'requested';

-- Nobody and nothing is in two talks at once: a confirmed booking owns one row per claimant (company, its person, desk,
-- staff member, room) and five-minute tick of its slot. Two slots that overlap share ticks, in one session or in two.
CREATE TABLE claims (
    claimant_id UUID   NOT NULL,
    -- Seconds since 1970 divided by 300.
    tick        BIGINT NOT NULL,
    booking_id  UUID   NOT NULL REFERENCES bookings (id),
    CONSTRAINT claims_key PRIMARY KEY (claimant_id, tick)
);
CREATE INDEX claims_by_booking ON claims (booking_id);

CREATE TABLE waiting_places (
    id         UUID        NOT NULL PRIMARY KEY,
    slot_id    UUID        NOT NULL REFERENCES slots (id),
    session_id UUID        NOT NULL REFERENCES sessions (id),
    company_id UUID        NOT NULL REFERENCES organisations (id),
    person_id  UUID        NOT NULL REFERENCES people (id),
    state      TEXT        NOT NULL CONSTRAINT waiting_places_state CHECK (state IN ('waiting', 'offered', 'taken', 'lapsed', 'left')),
    created_at TIMESTAMPTZ NOT NULL,
    offered_at TIMESTAMPTZ,
    lapses_at  TIMESTAMPTZ,
    CONSTRAINT waiting_places_offer CHECK (state <> 'offered' OR lapses_at IS NOT NULL)
);
CREATE UNIQUE INDEX waiting_places_once ON waiting_places (slot_id, company_id) WHERE state IN ('waiting', 'offered');
-- While a slot is on offer to one, it is nobody else's.
CREATE UNIQUE INDEX waiting_places_one_offer ON waiting_places (slot_id) WHERE state = 'offered';
CREATE INDEX waiting_places_by_company ON waiting_places (company_id, session_id);
CREATE INDEX waiting_places_lapsing ON waiting_places (lapses_at) WHERE state = 'offered';

-- ── Talks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

-- One per booking that was ever confirmed; made with the confirmation.
CREATE TABLE talks (
    booking_id         UUID        NOT NULL PRIMARY KEY REFERENCES bookings (id),
    company_word       TEXT        CONSTRAINT talks_company_word CHECK (company_word IN ('held', 'did_not_happen', 'problem')),
    company_word_note  TEXT,
    company_word_at    TIMESTAMPTZ,
    centre_word        TEXT        CONSTRAINT talks_centre_word CHECK (centre_word IN ('held', 'did_not_happen', 'problem')),
    centre_word_note   TEXT,
    centre_word_at     TIMESTAMPTZ,
    minutes            TEXT        NOT NULL,
    next_step          TEXT        NOT NULL,
    next_step_owner_id UUID        REFERENCES people (id),
    next_step_due      TEXT,
    minutes_by         UUID        REFERENCES people (id),
    outcome            TEXT        CONSTRAINT talks_outcome CHECK (outcome IN ('no_intent', 'intent', 'follow_up')),
    outcome_sector     TEXT,
    outcome_wan        BIGINT      CONSTRAINT talks_outcome_amount CHECK (outcome_wan > 0),
    follow_up_by       TEXT,
    outcome_note       TEXT        NOT NULL,
    outcome_by         UUID        REFERENCES people (id),
    outcome_at         TIMESTAMPTZ,
    version            BIGINT      NOT NULL,
    CONSTRAINT talks_intent CHECK (outcome IS NULL OR outcome <> 'intent' OR outcome_sector IS NOT NULL),
    CONSTRAINT talks_follow_up CHECK (outcome IS NULL OR outcome <> 'follow_up' OR follow_up_by IS NOT NULL)
);

-- Evidence: one row per stay of a person in the hall (booking null) or in a talk room.
CREATE TABLE stays (
    id              UUID        NOT NULL PRIMARY KEY,
    session_id      UUID        NOT NULL REFERENCES sessions (id),
    booking_id      UUID        REFERENCES bookings (id),
    person_id       UUID        NOT NULL REFERENCES people (id),
    organisation_id UUID        REFERENCES organisations (id),
    joined_at       TIMESTAMPTZ NOT NULL,
    -- Renewed while the person is connected, so that a killed server loses a minute at most.
    seen_at         TIMESTAMPTZ NOT NULL,
    left_at         TIMESTAMPTZ
);
CREATE INDEX stays_by_session ON stays (session_id, booking_id, person_id);
CREATE INDEX stays_open ON stays (seen_at) WHERE left_at IS NULL;

-- The servers that run on this database, while they confirm that they do; and whom each has on a topic, so that every one can
-- show everybody. Not evidence: that is in stays.
CREATE TABLE nodes (
    id      UUID        NOT NULL PRIMARY KEY,
    -- By which nodes with different keys are noticed; says nothing of the key.
    key     TEXT        NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE presences (
    topic     TEXT  NOT NULL,
    node_id   UUID  NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    person_id UUID  NOT NULL REFERENCES people (id),
    card      JSONB NOT NULL,
    CONSTRAINT presences_key PRIMARY KEY (topic, node_id, person_id)
);
CREATE INDEX presences_by_node ON presences (node_id);

-- ── Channels and messages ───────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE channels (
    id         UUID   NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL CONSTRAINT channels_kind CHECK (kind IN ('hall', 'talk', 'direct')),
    -- hall: the session; talk: session and booking; direct: company and centre.
    session_id UUID   REFERENCES sessions (id),
    booking_id UUID   REFERENCES bookings (id),
    company_id UUID   REFERENCES organisations (id),
    centre_id  UUID   REFERENCES organisations (id),
    -- Number of the newest message; the next one gets head + 1.
    head       BIGINT NOT NULL,
    CONSTRAINT channels_shape CHECK (
        (kind = 'hall' AND session_id IS NOT NULL AND booking_id IS NULL) OR
        (kind = 'talk' AND booking_id IS NOT NULL) OR
        (kind = 'direct' AND company_id IS NOT NULL AND centre_id IS NOT NULL AND session_id IS NULL AND booking_id IS NULL))
);
CREATE UNIQUE INDEX channels_hall ON channels (session_id) WHERE kind = 'hall';
CREATE UNIQUE INDEX channels_talk ON channels (booking_id) WHERE kind = 'talk';
CREATE UNIQUE INDEX channels_direct ON channels (company_id, centre_id) WHERE kind = 'direct';

CREATE TABLE files (
    id          UUID        NOT NULL PRIMARY KEY,
    channel_id  UUID        NOT NULL REFERENCES channels (id),
    uploaded_by UUID        NOT NULL REFERENCES people (id),
    name        TEXT        NOT NULL,
    media_type  TEXT        NOT NULL,
    bytes       BIGINT      NOT NULL,
    sha256      TEXT        NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE messages (
    id              UUID        NOT NULL PRIMARY KEY,
    channel_id      UUID        NOT NULL REFERENCES channels (id),
    seq             BIGINT      NOT NULL,
    author_id       UUID        NOT NULL REFERENCES people (id),
    organisation_id UUID        REFERENCES organisations (id),
    -- Made by the client; a repeat of the same one is the same message.
    client_id       UUID        NOT NULL,
    text            TEXT        NOT NULL,
    file_id         UUID        REFERENCES files (id),
    state           TEXT        NOT NULL CONSTRAINT messages_state CHECK (state IN ('published', 'held', 'rejected', 'withdrawn', 'removed')),
    state_reason    TEXT,
    created_at      TIMESTAMPTZ NOT NULL,
    decided_by      UUID        REFERENCES people (id),
    decided_at      TIMESTAMPTZ,
    CONSTRAINT messages_order UNIQUE (channel_id, seq),
    CONSTRAINT messages_sent_once UNIQUE (author_id, client_id)
);

CREATE TABLE read_marks (
    channel_id UUID   NOT NULL REFERENCES channels (id),
    person_id  UUID   NOT NULL REFERENCES people (id),
    seq        BIGINT NOT NULL,
    CONSTRAINT read_marks_key PRIMARY KEY (channel_id, person_id)
);

-- Questions to the hosts in the hall.
CREATE TABLE hall_questions (
    id              UUID        NOT NULL PRIMARY KEY,
    session_id      UUID        NOT NULL REFERENCES sessions (id),
    author_id       UUID        NOT NULL REFERENCES people (id),
    organisation_id UUID        REFERENCES organisations (id),
    client_id       UUID        NOT NULL,
    text            TEXT        NOT NULL,
    state           TEXT        NOT NULL CONSTRAINT hall_questions_state CHECK (state IN ('held', 'published', 'answered', 'rejected', 'withdrawn', 'removed')),
    state_reason    TEXT,
    answer          TEXT,
    answered_by     UUID        REFERENCES people (id),
    answered_at     TIMESTAMPTZ,
    owner_id        UUID        REFERENCES people (id),
    due_on          TEXT,
    created_at      TIMESTAMPTZ NOT NULL,
    version         BIGINT      NOT NULL,
    CONSTRAINT hall_questions_asked_once UNIQUE (author_id, client_id),
    CONSTRAINT hall_questions_answer CHECK (state <> 'answered' OR answer IS NOT NULL)
);
CREATE INDEX hall_questions_by_session ON hall_questions (session_id, created_at);

CREATE TABLE question_votes (
    question_id UUID NOT NULL REFERENCES hall_questions (id),
    person_id   UUID NOT NULL REFERENCES people (id),
    CONSTRAINT question_votes_key PRIMARY KEY (question_id, person_id)
);
CREATE INDEX question_votes_by_person ON question_votes (person_id);

CREATE TABLE notices (
    id         UUID        NOT NULL PRIMARY KEY,
    session_id UUID        NOT NULL REFERENCES sessions (id),
    text_hans TEXT, text_hant TEXT, text_en TEXT,
    state      TEXT        NOT NULL CONSTRAINT notices_state CHECK (state IN ('active', 'archived')),
    created_by UUID        NOT NULL REFERENCES people (id),
    created_at TIMESTAMPTZ NOT NULL,
    archived_at TIMESTAMPTZ
);
CREATE INDEX notices_by_session ON notices (session_id, created_at);

-- What a moderator did to a person in a session's hall.
CREATE TABLE sanctions (
    id         UUID        NOT NULL PRIMARY KEY,
    session_id UUID        NOT NULL REFERENCES sessions (id),
    person_id  UUID        NOT NULL REFERENCES people (id),
    -- mute: may read, not write; block: may not enter the hall.
    kind       TEXT        NOT NULL CONSTRAINT sanctions_kind CHECK (kind IN ('mute', 'block')),
    reason     TEXT        NOT NULL,
    until      TIMESTAMPTZ,
    created_by UUID        NOT NULL REFERENCES people (id),
    created_at TIMESTAMPTZ NOT NULL,
    lifted_at  TIMESTAMPTZ
);
CREATE UNIQUE INDEX sanctions_live ON sanctions (session_id, person_id, kind) WHERE lifted_at IS NULL;

-- ── What happened, for those who listen ─────────────────────────────────────────────────────────────────────────────

-- A topic's newest number. Locked by the update that raises it, so numbers follow the order of commits.
CREATE TABLE topics (
    topic TEXT   NOT NULL PRIMARY KEY,
    head  BIGINT NOT NULL
);

-- The events of a topic, kept long enough that a client that was away resumes without a gap (`jobs::prune_events`).
CREATE TABLE events (
    topic TEXT        NOT NULL,
    seq   BIGINT      NOT NULL,
    kind  TEXT        NOT NULL,
    body  JSONB       NOT NULL,
    at    TIMESTAMPTZ NOT NULL,
    CONSTRAINT events_key PRIMARY KEY (topic, seq)
);
CREATE INDEX events_by_age ON events (at);

-- ── Letters ─────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE letters (
    id           UUID        NOT NULL PRIMARY KEY,
    -- One letter per recipient, cause and version, whatever is retried.
    dedup_key    TEXT        NOT NULL CONSTRAINT letters_once UNIQUE,
    kind         TEXT        NOT NULL,
    person_id    UUID        REFERENCES people (id),
    to_email     TEXT        NOT NULL,
    -- Receiving domain, for the rate.
    to_domain    TEXT        NOT NULL,
    locale       TEXT        NOT NULL,
    facts        JSONB       NOT NULL,
    -- What it is about, so that letters of a booking or session can be found and stopped.
    session_id   UUID,
    booking_id   UUID,
    state        TEXT        NOT NULL CONSTRAINT letters_state CHECK (state IN ('queued', 'sent', 'undeliverable', 'held', 'dropped')),
    due_at       TIMESTAMPTZ NOT NULL,
    attempts     BIGINT      NOT NULL,
    leased_until TIMESTAMPTZ,
    message_id   TEXT        NOT NULL,
    last_error   TEXT,
    created_at   TIMESTAMPTZ NOT NULL,
    sent_at      TIMESTAMPTZ
);
CREATE INDEX letters_due ON letters (due_at, id) WHERE state = 'queued';
CREATE INDEX letters_by_age ON letters (created_at, id);
CREATE INDEX letters_by_booking ON letters (booking_id);
CREATE INDEX letters_by_person ON letters (person_id, created_at);

-- ── Keeping order ───────────────────────────────────────────────────────────────────────────────────────────────────

-- The answer to a POST, kept so that its repeat gets the same answer and does nothing.
CREATE TABLE idempotent_answers (
    person_id    UUID        NOT NULL,
    key          TEXT        NOT NULL,
    request_hash TEXT        NOT NULL,
    status       BIGINT      NOT NULL,
    body         TEXT        NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    CONSTRAINT idempotent_answers_key PRIMARY KEY (person_id, key)
);
CREATE INDEX idempotent_answers_by_age ON idempotent_answers (created_at);

CREATE TABLE audit (
    id           UUID        NOT NULL PRIMARY KEY,
    at           TIMESTAMPTZ NOT NULL,
    -- Null when the clock did it (a request expired, a window opened).
    actor_id     UUID,
    act          TEXT        NOT NULL,
    subject_kind TEXT        NOT NULL,
    subject_id   UUID        NOT NULL,
    session_id   UUID,
    before       JSONB,
    after        JSONB
);
CREATE INDEX audit_by_subject ON audit (subject_id, at);
CREATE INDEX audit_by_session ON audit (session_id, at);
CREATE INDEX audit_by_age ON audit (at, id);

-- Small facts of this installation, such as whether the demo was loaded.
CREATE TABLE facts (
    name  TEXT  NOT NULL PRIMARY KEY,
    value JSONB NOT NULL
);
