//! Setting a session up and filling it, by the acts that people use, each at its own time in the past.

use jiff::{SignedDuration, civil::Time};
use serde_json::{Map, Value, json};
use yunqia_actions::{
    Act, Error, bookings,
    registrations::{self, Decision},
    sessions,
};
use yunqia_domain::{
    Timestamp,
    ids::{BookingId, OpportunityId, OrganisationId, PersonId, RegistrationId, SessionId, SlotId},
    locale::{LocalText, Locale},
    slot_grid::{BlockDraft, GridDraft},
    states::{AgendaKind, BookingMode, CompanyList, QuestionKind, SessionState},
    zones::Zone,
};
use yunqia_store::{Tx, agenda, desks, people::Person};
use yunqia_views::{
    drafts::{AgendaItemDraft, BookingDraft, DeskDraft, RegistrationDraft, SessionDraft, SessionQuestionDraft},
    sessions::{SessionSettings, settings},
};

use super::cast::{Body, DemoCompany};

/// What a host enters before a session is published.
pub struct Plan<'a> {
    pub lead: &'a Body,
    /// All hosts, the lead among them.
    pub hosts: Vec<OrganisationId>,
    pub created_at: Timestamp,
    pub theme: LocalText,
    pub summary: LocalText,
    pub series: Option<&'a str>,
    pub run_sheet: &'a str,
    pub starts_at: Timestamp,
    pub booking_opens_at: Timestamp,
    pub mode: BookingMode,
    pub blocks: Vec<BlockDraft>,
    pub desks: Vec<DeskDraft>,
    pub projects: Vec<OpportunityId>,
    /// Speakers of the agenda's items, by their kind.
    pub speakers: &'a [(AgendaKind, &'a str)],
}

/// An act of a person at a time.
pub fn by(person: &Person, at: Timestamp) -> Act {
    Act::unpredictable(at, Some(person.id))
}

pub fn text(hans: &str, hant: &str, en: &str) -> LocalText {
    LocalText::new(hans, hant, en)
}

/// A wall time as a host would type it: `2026-11-23T15:34` is `2026-11-23T15:00`.
fn on_the_hour(wall: &str) -> String {
    let (hour, _) = wall.rsplit_once(':').unwrap_or((wall, ""));
    format!("{hour}:00")
}

/// Makes a session and publishes it an hour later.
pub async fn set_up(tx: &mut Tx, plan: Plan<'_>) -> anyhow::Result<SessionId> {
    let host = &plan.lead.people[0];
    let act = &mut by(host, plan.created_at);
    let zone = Zone::shanghai();
    let draft = SessionDraft {
        lead_centre_id: plan.lead.id,
        run_sheet: Some(plan.run_sheet.into()),
        copy_of: None,
        theme: plan.theme,
        summary: plan.summary,
        series: plan.series.map(str::to_owned),
        zone: zone.to_string(),
        starts_at: wall(plan.starts_at),
    };
    let id = sessions::create(tx, act, draft).await?;
    if plan.hosts.len() > 1 {
        sessions::set_hosts(tx, act, id, None, plan.hosts, false).await?;
    }
    let session = sessions::find(tx, id).await?;
    let grid =
        GridDraft { slot_minutes: session.slot_minutes, buffer_minutes: session.buffer_minutes, blocks: plan.blocks };
    sessions::set_grid(tx, act, id, None, grid, false).await?;
    for desk in plan.desks {
        sessions::add_desk(tx, act, id, desk).await?;
    }
    sessions::set_questions(tx, act, id, None, questions()).await?;
    sessions::set_projects(tx, act, id, None, plan.projects).await?;
    name_speakers(tx, act, id, plan.speakers).await?;
    let session = sessions::find(tx, id).await?;
    let last_slot = desks::slots_of_session(tx, id).await?.into_iter().map(|slot| slot.starts_at).max();
    let changed = SessionSettings {
        registration_opens_at: on_the_hour(&settings(&session).registration_opens_at),
        booking_opens_at: on_the_hour(&wall(plan.booking_opens_at)),
        booking_closes_at: wall(last_slot.unwrap_or(session.ends_at).max(session.ends_at)),
        booking_mode: plan.mode,
        request_minutes: 3 * 24 * 60,
        capacity: Some(160),
        company_list: if plan.mode == BookingMode::Request { CompanyList::Everyone } else { CompanyList::Registered },
        ..settings(&session)
    };
    sessions::change_settings(tx, act, id, session.version, changed, false).await?;
    let act = &mut by(host, plan.created_at.plus_minutes(60));
    sessions::move_session(tx, act, id, None, SessionState::Published, None, false).await?;
    Ok(id)
}

/// Wall time in Sichuan, as people type it.
fn wall(instant: Timestamp) -> String {
    Zone::shanghai().wall_at(instant.jiff()).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Blocks with room for so many slots of 20 minutes and pauses of 5 from an instant on; midnight divides them.
pub fn blocks(from: Timestamp, slots: i64) -> Vec<BlockDraft> {
    let zone = Zone::shanghai();
    let until = from.plus_minutes(slots * 25 - 5);
    let (start, end) = (zone.wall_at(from.jiff()), zone.wall_at(until.jiff()));
    let clock = |time: Time| time.strftime("%H:%M").to_string();
    let block = |date: String, from: String, until: String| BlockDraft { date, from, until, breaks: Vec::new() };
    if start.date() == end.date() {
        return vec![block(start.date().to_string(), clock(start.time()), clock(end.time()))];
    }
    let midnight = zone.day_start(end.date()).into();
    let mut blocks = Vec::new();
    // A rest in which no talk fits is left out.
    if from.plus_minutes(20) <= midnight {
        blocks.push(block(start.date().to_string(), clock(start.time()), "00:00".into()));
    }
    if midnight.plus_minutes(25) <= until {
        blocks.push(block(end.date().to_string(), "00:05".into(), clock(end.time())));
    }
    blocks
}

fn questions() -> Vec<SessionQuestionDraft> {
    let question = |kind, text, options, required| SessionQuestionDraft { id: None, kind, text, options, required };
    vec![
        question(
            QuestionKind::Text,
            text(
                "希望重点了解的项目或产业环节",
                "希望重點了解的項目或產業環節",
                "Projects or parts of the industry you want to hear about",
            ),
            Vec::new(),
            true,
        ),
        question(
            QuestionKind::Choice,
            text("拟合作方式", "擬合作方式", "How you would invest"),
            vec![
                text("新建工厂", "新建工廠", "A new plant"),
                text("并购或合资", "併購或合資", "Acquisition or joint venture"),
                text("租用标准化厂房", "租用標準化廠房", "A rented ready-built workshop"),
                text("尚未确定", "尚未確定", "Not decided"),
            ],
            true,
        ),
        question(
            QuestionKind::YesNo,
            text("近期是否计划实地考察", "近期是否計劃實地考察", "Do you plan a visit soon?"),
            Vec::new(),
            false,
        ),
    ]
}

async fn name_speakers(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    speakers: &[(AgendaKind, &str)],
) -> anyhow::Result<()> {
    let speaker = |kind| speakers.iter().find(|(of, _)| *of == kind).map(|(_, name)| (*name).to_owned());
    let items = agenda::items(tx, id).await?.into_iter().map(|item| AgendaItemDraft {
        id: Some(item.id),
        speaker: speaker(item.kind),
        kind: item.kind,
        minutes: item.minutes,
        title: LocalText::from_columns(item.title_hans, item.title_hant, item.title_en),
    });
    let items = items.collect();
    Ok(sessions::set_agenda(tx, act, id, None, items).await?)
}

/// Registers a company with both its people.
pub async fn register(
    tx: &mut Tx,
    session: SessionId,
    company: &DemoCompany,
    at: Timestamp,
    consents: Vec<OrganisationId>,
) -> anyhow::Result<RegistrationId> {
    let asked = agenda::questions(tx, session).await?;
    let mut answers = Map::new();
    for question in asked {
        let answer = match question.kind {
            QuestionKind::Text => Value::from(wish(company)),
            QuestionKind::Choice => json!(question.options.0[company.sector.len() % question.options.0.len()]),
            _ => Value::from(company.sector.len().is_multiple_of(2)),
        };
        answers.insert(question.id.to_string(), answer);
    }
    let draft = RegistrationDraft {
        company_id: company.id,
        attendee_ids: company.people.iter().map(|person| person.id).collect(),
        answers,
        consent_centre_ids: consents,
        // Most like to be found; some would rather not.
        listed: !company.sector.len().is_multiple_of(5),
        accept_impact: false,
    };
    Ok(registrations::register(tx, &mut by(&company.people[0], at), session, draft).await?)
}

/// What a company writes when it is asked what it wants to hear about, in its own language.
fn wish(company: &DemoCompany) -> String {
    let sector = yunqia_domain::sectors::find(&company.sector).map(|sector| sector.name.clone()).unwrap_or_default();
    let locale = company.people[0].locale;
    let name = sector.text(locale);
    match locale {
        Locale::ZhHans => format!("{name}方向的项目用地、要素保障和产业配套"),
        Locale::ZhHant => format!("{name}方向的項目用地、要素保障和產業配套"),
        Locale::En => format!("Sites, utilities and suppliers for {}", name.to_lowercase()),
    }
}

/// What a company wants to talk about at a desk.
pub fn subject(company: &DemoCompany) -> String {
    let locale = company.people[0].locale;
    let sector = yunqia_domain::sectors::find(&company.sector).map(|sector| sector.name.clone()).unwrap_or_default();
    let name = sector.text(locale);
    match locale {
        Locale::ZhHans => format!("洽谈{name}项目的选址条件与合作方式"),
        Locale::ZhHant => format!("洽談{name}項目的選址條件與合作方式"),
        Locale::En => format!("Sites and ways to work together in {}", name.to_lowercase()),
    }
}

pub async fn decide(
    tx: &mut Tx,
    session: SessionId,
    host: &Person,
    at: Timestamp,
    ids: Vec<RegistrationId>,
    decision: Decision,
    why: Option<&str>,
) -> anyhow::Result<()> {
    let act = &mut by(host, at);
    let ruling = registrations::Ruling { decision, why, accept_impact: false };
    let result = registrations::decide(tx, act, session, ids, ruling, Locale::ZhHans).await?;
    match result.refused.first() {
        Some(refused) => Err(anyhow::anyhow!("a registration of the demo was refused: {}", refused.reason)),
        None => Ok(()),
    }
}

/// Books a slot; None when a rule says no, as it does to people.
pub async fn book(
    tx: &mut Tx,
    company: &DemoCompany,
    contact: PersonId,
    slot: SlotId,
    at: Timestamp,
) -> anyhow::Result<Option<BookingId>> {
    let draft =
        BookingDraft { slot_id: slot, company_id: company.id, contact_id: Some(contact), subject: subject(company) };
    match bookings::book(tx, &mut by(&company.people[0], at), draft).await {
        Ok(id) => Ok(Some(id)),
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Slots of a session by desk and time, in order.
pub async fn slots_by_desk(tx: &mut Tx, session: SessionId) -> anyhow::Result<Vec<Vec<SlotId>>> {
    let desks = desks::of_session(tx, session).await?;
    let mut rows = desks::slots_of_session(tx, session).await?;
    rows.sort_by_key(|slot| slot.starts_at);
    let of = |desk: &desks::Desk| rows.iter().filter(|slot| slot.desk_id == desk.id).map(|slot| slot.id).collect();
    Ok(desks.iter().map(of).collect())
}

/// A desk of a body with the people named.
pub fn desk(body: &Body, name: LocalText, staff: &[&Person]) -> DeskDraft {
    DeskDraft { centre_id: body.id, name, room: None, staff_ids: staff.iter().map(|person| person.id).collect() }
}

/// So long before an instant.
pub fn days_before(instant: Timestamp, days: i64, minutes: i64) -> Timestamp {
    instant.plus(SignedDuration::from_hours(-24 * days)).plus_minutes(minutes)
}

/// SplitMix64: the same demo every day.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let z = z ^ (z >> 31);
        usize::try_from(z % n.max(1) as u64).expect("a remainder is below its divisor")
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
