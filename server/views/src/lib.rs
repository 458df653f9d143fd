//! What a reader is shown: the structs that travel as JSON, and how each is read from the store.
//!
//! A view is made for a [`Reader`]: what one person may see of a booking another may not. Views that go out as events to
//! many are made for [`Reader::nobody`].

pub mod board;
pub mod bookings;
pub mod cards;
pub mod common;
pub mod drafts;
pub mod events;
pub mod hall;
pub mod messages;
pub mod operator;
pub mod opportunities;
pub mod organisations;
pub mod people;
pub mod personal;
pub mod reason;
pub mod reference;
pub mod registrations;
pub mod report;
pub mod schedule;
pub mod sessions;
pub mod talks;
pub mod timetable;

use yunqia_domain::{
    Timestamp,
    ids::{OrganisationId, PersonId},
    locale::Locale,
};

/// For whom a view is made, and when.
#[derive(Clone, Debug)]
pub struct Reader {
    pub person: Option<PersonId>,
    pub operator: bool,
    /// Organisations the person is a member of.
    pub organisations: Vec<OrganisationId>,
    pub locale: Locale,
    pub now: Timestamp,
}

impl Reader {
    /// A view for events that everybody on a topic receives: nothing personal in it.
    pub fn nobody(now: Timestamp) -> Reader {
        Reader { person: None, operator: false, organisations: Vec::new(), locale: Locale::ZhHans, now }
    }

    pub fn is_member_of(&self, organisation: OrganisationId) -> bool {
        self.organisations.contains(&organisation)
    }
}
