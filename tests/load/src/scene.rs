//! A session to put load on, written past the interface: centres with desks and slots, companies that may book, people with
//! sign-ins.

use serde_json::json;
use yunqia_actions::{Act, act::hash};
use yunqia_domain::{
    Timestamp,
    ids::{ConsentId, DeskId, OrganisationId, PersonId, RegistrationId, SessionId},
};
use yunqia_store::{
    Db, Json, Tx,
    db::sql,
    desks::{self, Desk, Slot},
    people::{self, Person},
    registrations::{self, Registration},
    sign_ins::{self, SignIn},
};

/// The wished size of a scene.
pub struct Size {
    pub desks: usize,
    pub slots: usize,
    pub companies: usize,
    /// People of the companies, shared out evenly.
    pub people: usize,
    /// The hall is open now; otherwise booking is.
    pub live: bool,
}

/// A person who is signed in.
pub struct Guest {
    pub company: OrganisationId,
    pub cookie: String,
}

pub struct Scene {
    pub session: SessionId,
    pub guests: Vec<Guest>,
    /// Cookie of a host.
    pub host: String,
}

pub async fn build(db: &Db, size: &Size) -> anyhow::Result<Scene> {
    let now = Timestamp::from(now());
    let mut act = Act::new(now, None, 1);
    let mut tx = db.write().await?;
    let mut builder = Builder { tx: &mut tx, act: &mut act, now, people: 0 };
    let mut centres = Vec::new();
    for n in 0..size.desks {
        let centre = builder.organisation("centre", &format!("Centre {n}")).await?;
        let (host, cookie) = builder.person(centre).await?;
        centres.push((centre, host, cookie));
    }
    let session = builder.session(centres[0].0, centres[0].1, size.live).await?;
    for (position, (centre, host, _)) in (1..).zip(&centres) {
        builder.desk(session, *centre, *host, position, size.slots).await?;
    }
    let hosts: Vec<_> = centres.iter().map(|(centre, ..)| *centre).collect();
    yunqia_store::sessions::set_hosts(builder.tx, session, &hosts).await?;
    let mut guests = Vec::new();
    for n in 0..size.companies {
        let company = builder.organisation("company", &format!("Company {n}")).await?;
        let mut attendees = Vec::new();
        for _ in 0..(size.people / size.companies).max(1) {
            let (person, cookie) = builder.person(company).await?;
            attendees.push(person);
            guests.push(Guest { company, cookie });
        }
        builder.registration(session, company, &attendees, &hosts).await?;
    }
    let host = centres.swap_remove(0).2;
    if db.engine() == "postgres" {
        // As its autovacuum does some time after so many rows: without statistics the plans are a matter of luck.
        sql("ANALYZE").execute(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(Scene { session, guests, host })
}

/// The one place where this program reads the clock.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures the real time")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

struct Builder<'a> {
    tx: &'a mut Tx,
    act: &'a mut Act,
    now: Timestamp,
    people: usize,
}

impl Builder<'_> {
    async fn organisation(&mut self, kind: &'static str, name: &str) -> anyhow::Result<OrganisationId> {
        let id: OrganisationId = self.act.id();
        sql("INSERT INTO organisations (id, kind, division, country, name_en, name_key, state, created_at, version)
             VALUES ($1, $2, '510723', 'CN', $3, $3, 'approved', $4, 1)")
        .bind(id)
        .bind(kind)
        .bind(name)
        .bind(self.now)
        .execute(self.tx)
        .await?;
        Ok(id)
    }

    async fn person(&mut self, organisation: OrganisationId) -> anyhow::Result<(PersonId, String)> {
        self.people += 1;
        let email = format!("person{}@load.example", self.people);
        let person = Person {
            id: self.act.id(),
            email: email.clone(),
            email_key: email,
            family_name: "Zhao".into(),
            given_name: format!("No. {}", self.people),
            honorific: None,
            phone: None,
            locale: yunqia_domain::locale::Locale::En,
            zone: "Asia/Shanghai".into(),
            operator: false,
            wants_digests: true,
            feed_token: self.act.secret(),
            state: yunqia_domain::states::PersonState::Active,
            created_at: self.now,
            version: 1,
        };
        people::insert(self.tx, &person).await?;
        sql("INSERT INTO members (organisation_id, person_id, role, joined_at, version) VALUES ($1, $2, 'manager', $3, 1)")
            .bind(organisation)
            .bind(person.id)
            .bind(self.now)
            .execute(self.tx)
            .await?;
        let secret = self.act.secret();
        let sign_in = SignIn {
            id: self.act.id(),
            person_id: person.id,
            device: "benchmark".into(),
            created_at: self.now,
            last_seen_at: self.now,
            expires_at: self.now.plus_minutes(24 * 60),
        };
        sign_ins::insert(self.tx, &sign_in, &hash(&secret)).await?;
        Ok((person.id, format!("yunqia={secret}")))
    }

    async fn session(&mut self, lead: OrganisationId, host: PersonId, live: bool) -> anyhow::Result<SessionId> {
        let id: SessionId = self.act.id();
        let (state, starts_at) = if live {
            ("live", self.now.plus_minutes(-10))
        } else {
            ("booking_open", self.now.plus_minutes(60 * 24 * 7))
        };
        sql("INSERT INTO sessions (id, state, lead_centre_id, theme_en, theme_key, zone, starts_at, ends_at,
                 registration_opens_at, registration_closes_at, booking_opens_at, booking_closes_at, booking_mode,
                 slot_minutes, buffer_minutes, grid, request_minutes, offer_minutes, repeat_meetings, audience, company_list,
                 booking_by, auto_approve, chat_review, question_review, created_by, created_at, version)
             VALUES ($1, $2, $3, 'Load', 'load', 'Asia/Shanghai', $4, $5, $6, $7, $6, $7, 'first_come', 20, 5, $8, 1440, 30,
                 FALSE, 'public', 'everyone', 'approved', FALSE, FALSE, FALSE, $9, $6, 1)")
        .bind(id)
        .bind(state)
        .bind(lead)
        .bind(starts_at)
        .bind(starts_at.plus_minutes(180))
        .bind(self.now.plus_minutes(-60 * 24))
        .bind(self.now.plus_minutes(60 * 24 * 14))
        .bind(Json(json!({ "slot_minutes": 20, "buffer_minutes": 5, "blocks": [] })))
        .bind(host)
        .execute(self.tx)
        .await?;
        Ok(id)
    }

    async fn desk(
        &mut self,
        session: SessionId,
        centre: OrganisationId,
        host: PersonId,
        position: i64,
        slots: usize,
    ) -> anyhow::Result<()> {
        let id: DeskId = self.act.id();
        let desk = Desk {
            id,
            session_id: session,
            centre_id: centre,
            position,
            name_hans: None,
            name_hant: None,
            name_en: Some(format!("Desk {position}")),
            room: None,
            room_id: None,
            removed_at: None,
            version: 1,
        };
        desks::insert(self.tx, &desk).await?;
        desks::set_staff(self.tx, id, &[host]).await?;
        // Whole five minutes, a week ahead.
        let day = self.now.plus_minutes(60 * 24 * 7).unix_millis() / 300_000 * 300_000;
        let first = Timestamp::from(jiff::Timestamp::from_millisecond(day)?);
        let slots: Vec<Slot> = (0..slots as i64)
            .map(|n| {
                let starts_at = first.plus_minutes(25 * n);
                Slot {
                    id: self.act.id(),
                    session_id: session,
                    desk_id: id,
                    starts_at,
                    ends_at: starts_at.plus_minutes(20),
                    open: true,
                    removed_at: None,
                }
            })
            .collect();
        desks::insert_slots(self.tx, &slots).await?;
        Ok(())
    }

    async fn registration(
        &mut self,
        session: SessionId,
        company: OrganisationId,
        attendees: &[PersonId],
        centres: &[OrganisationId],
    ) -> anyhow::Result<()> {
        let id: RegistrationId = self.act.id();
        let registration = Registration {
            id,
            session_id: session,
            company_id: company,
            state: yunqia_domain::states::RegistrationState::Approved,
            state_reason: None,
            answers: Json(serde_json::Map::new()),
            listed: true,
            registered_by: attendees.first().copied(),
            created_at: self.now,
            decided_by: None,
            decided_at: Some(self.now),
            version: 1,
        };
        registrations::insert(self.tx, &registration).await?;
        registrations::set_attendees(self.tx, id, attendees).await?;
        let consents: Vec<ConsentId> = centres.iter().map(|_| self.act.id()).collect();
        sql("INSERT INTO consents (id, session_id, company_id, centre_id, wording, given_by, given_at) VALUES (..)")
            .rows(consents.into_iter().zip(centres), |query, (id, centre)| {
                query.bind(id).bind(session).bind(company).bind(*centre).bind("load").bind(attendees[0]).bind(self.now)
            })
            .execute(self.tx)
            .await?;
        Ok(())
    }
}
