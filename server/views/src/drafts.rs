//! What people send to make or change a session, a registration or a booking.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use yunqia_domain::{
    ids::{AgendaItemId, OrganisationId, PersonId, RegistrationId, SessionId, SessionQuestionId, SlotId},
    locale::LocalText,
    states::{AgendaKind, QuestionKind},
};

use crate::common::ImpactItem;

/// A new session: from a run sheet, as a copy of an earlier one, or empty.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionDraft {
    pub lead_centre_id: OrganisationId,
    /// Code of a run sheet.
    pub run_sheet: Option<String>,
    pub copy_of: Option<SessionId>,
    pub theme: LocalText,
    pub summary: LocalText,
    pub series: Option<String>,
    /// IANA name.
    pub zone: String,
    /// Wall time of `zone`: `2026-11-23T15:00`.
    pub starts_at: String,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgendaItemDraft {
    /// Null for a new item.
    pub id: Option<AgendaItemId>,
    pub kind: AgendaKind,
    pub minutes: i64,
    pub title: LocalText,
    pub speaker: Option<String>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionQuestionDraft {
    /// Null for a new question.
    pub id: Option<SessionQuestionId>,
    pub kind: QuestionKind,
    pub text: LocalText,
    /// For a choice: at least two.
    pub options: Vec<LocalText>,
    pub required: bool,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeskDraft {
    pub centre_id: OrganisationId,
    pub name: LocalText,
    /// A room shared with other desks of the session that name the same one; null: the desk has its own.
    pub room: Option<String>,
    /// In order: the first who is free takes a talk.
    pub staff_ids: Vec<PersonId>,
}

/// What a company answers to one question of the registration, as the interface's document says it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum QuestionAnswer {
    Text(String),
    Number(f64),
    YesNo(bool),
    /// The option in its own words, as the question offers it.
    Choice(LocalText),
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationDraft {
    pub company_id: OrganisationId,
    /// The first is the contact.
    pub attendee_ids: Vec<PersonId>,
    /// By question id: a text, a number, true or false; for a choice the option as the question offers it.
    #[schema(value_type = HashMap<String, QuestionAnswer>)]
    pub answers: serde_json::Map<String, serde_json::Value>,
    pub consent_centre_ids: Vec<OrganisationId>,
    /// The company agrees to stand in the session's list of companies.
    #[serde(default)]
    pub listed: bool,
    /// A change that leaves out a consent cancels requests and talks with its centre; true: the impact was seen.
    #[serde(default)]
    pub accept_impact: bool,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingDraft {
    pub slot_id: SlotId,
    pub company_id: OrganisationId,
    /// Who comes; null: the registration's contact.
    pub contact_id: Option<PersonId>,
    pub subject: String,
}

/// What became of a change of slots.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GridChange {
    pub added: i64,
    pub removed: i64,
    pub kept: i64,
    /// Bookings that were cancelled with it.
    pub impact: Vec<ImpactItem>,
    /// Of the session, after it.
    pub version: i64,
}

/// What became of an act on many things.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct BulkResult {
    pub done: Vec<RegistrationId>,
    pub refused: Vec<BulkRefusal>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BulkRefusal {
    /// Of the registration, or of the company that was to be invited.
    #[schema(value_type = String, format = Uuid)]
    pub id: uuid::Uuid,
    pub code: String,
    pub reason: String,
}
