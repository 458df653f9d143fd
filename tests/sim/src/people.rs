//! Who takes part, and the seasons they go through: every season is two sessions on one day, and the clock goes from days
//! before to the evening after it.

use jiff::{SignedDuration, civil::Date};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use yunqia_actions::{
    registrations::{self, Decision, Ruling},
    sessions,
};
use yunqia_domain::{
    Timestamp,
    ids::{OrganisationId, PersonId, SessionId},
    locale::Locale,
    states::{Role, SessionState},
};
use yunqia_store::db::sql;
use yunqia_tests_api::TestApp;
use yunqia_views::sessions as views;

/// A centre or a company with its people; the first is a manager.
pub struct House {
    pub id: OrganisationId,
    pub people: Vec<PersonId>,
}

/// Days of sessions with the hosts' zone: the first like most, the others in weeks in which clocks change.
const DAYS: &[(&str, &str)] = &[
    ("2026-12-01", "Asia/Shanghai"),
    ("2027-03-14", "America/New_York"),
    ("2027-03-28", "Europe/London"),
    ("2027-10-31", "Europe/Paris"),
    ("2027-11-07", "America/New_York"),
];
/// Rounds of a season: in the days before, on the day, in the evening after it.
const BEFORE: usize = 40;
const DAY: usize = 60;
const AFTER: usize = 8;

/// Everybody and everything a step can be about.
pub struct World {
    /// Of this season.
    pub sessions: Vec<SessionId>,
    pub centres: Vec<House>,
    pub companies: Vec<House>,
    pub operator: PersonId,
    /// Number of the season, from 0, and of the round in it.
    season: usize,
    round: usize,
    /// When the season's first hall begins.
    begins: Timestamp,
}

impl World {
    /// Two centres and eight companies. One person belongs to two companies, one to both centres, and people live in zones
    /// that change their clocks at different times.
    pub async fn build(app: &TestApp, chance: &mut StdRng) -> World {
        let mut centres = Vec::new();
        for (name, division) in [("盐亭县投资促进中心", "510723"), ("三台县投资促进中心", "510722")] {
            let centre = app.centre(name, division).await;
            let colleague = app.sign_in(&format!("colleague{division}@centre.example")).await;
            app.join(centre.id, colleague.id(), Role::Member).await;
            centres.push(House { id: centre.id, people: vec![centre.host.id(), colleague.id()] });
        }
        let both = centres[0].people[1];
        app.join(centres[1].id, both, Role::Member).await;
        centres[1].people.push(both);
        let mut companies = Vec::new();
        for n in 0..8 {
            let company = app.company(&format!("Company {n}")).await;
            let colleague = app.sign_in(&format!("colleague{n}@company.example")).await;
            app.join(company.id, colleague.id(), Role::Member).await;
            companies.push(House { id: company.id, people: vec![company.manager.id(), colleague.id()] });
        }
        let two = companies[0].people[1];
        app.join(companies[1].id, two, Role::Member).await;
        companies[1].people.push(two);
        let operator = app.operator().await.id();
        let mut tx = app.write().await;
        for (person, zone) in [
            (companies[2].people[0], "America/New_York"),
            (companies[3].people[0], "Europe/London"),
            (companies[4].people[0], "Australia/Lord_Howe"),
        ] {
            sql("UPDATE people SET zone = $1 WHERE id = $2")
                .bind(zone)
                .bind(person)
                .execute(&mut tx)
                .await
                .expect("it runs");
        }
        tx.commit().await.expect("it is kept");
        let begins = app.now();
        let mut world = World { sessions: Vec::new(), centres, companies, operator, season: 0, round: 0, begins };
        world.begin_season(app, chance).await;
        world
    }

    pub fn season(&self) -> usize {
        self.season
    }

    /// Moves the clock to the next round. True when a season has ended and the next one has begun.
    pub async fn move_on(&mut self, app: &TestApp, chance: &mut StdRng) -> bool {
        self.round += 1;
        let day = self.begins.plus(SignedDuration::from_mins(-30));
        let seconds = match self.round {
            // From where the clock is to the morning of the day, in even steps with some chance.
            round if round < BEFORE => {
                let left = (BEFORE - round) as i64;
                day.since(app.now()).as_secs() * chance.random_range(50..150) / 100 / left
            }
            // Talks follow each other every 25 minutes until five and a half hours after the hall began.
            round if round < BEFORE + DAY => chance.random_range(60..720),
            round if round < BEFORE + DAY + AFTER => chance.random_range(600..5_400),
            _ => {
                self.season += 1;
                self.round = 0;
                self.begin_season(app, chance).await;
                return true;
            }
        };
        app.wait_seconds(seconds.max(1));
        false
    }

    /// Two sessions at the same hours, one first come, first served, one by request, led by different centres that both host
    /// both and share people and a room: talks can clash in every way there is.
    async fn begin_season(&mut self, app: &TestApp, chance: &mut StdRng) {
        let (day, zone) = match DAYS.get(self.season) {
            Some((day, zone)) => ((*day).to_owned(), *zone),
            // Fortnights after the last one named.
            None => {
                let weeks = 2 * (self.season - DAYS.len() + 1) as i64;
                let last: Date = DAYS[DAYS.len() - 1].0.parse().expect("a date");
                (last.saturating_add(jiff::Span::new().weeks(weeks)).to_string(), "Asia/Shanghai")
            }
        };
        let morning: Timestamp = format!("{day}T00:00:00Z").parse().expect("an instant");
        let start = morning.plus(SignedDuration::from_hours(-24 * chance.random_range(2..6)));
        app.set_time(&start.max(app.now()).to_string());
        self.sessions.clear();
        for (lead, mode) in ["first_come", "request"].into_iter().enumerate() {
            let id = self.hold(app, lead, mode, &day, zone, chance).await;
            self.sessions.push(id);
            self.everybody_registers(app, id, lead, chance).await;
        }
        let mut tx = app.read().await;
        self.begins = sessions::find(&mut tx, self.sessions[0]).await.expect("it was made").starts_at;
    }

    async fn hold(
        &self,
        app: &TestApp,
        lead: usize,
        mode: &str,
        day: &str,
        zone: &str,
        chance: &mut StdRng,
    ) -> SessionId {
        let mut act = app.act(Some(self.centres[lead].people[0]));
        let mut tx = app.write().await;
        let draft = json!({
            "lead_centre_id": self.centres[lead].id, "run_sheet": "county_online_90", "copy_of": null,
            "theme": { "en": format!("Session {mode} {day}") }, "summary": {}, "series": null,
            "zone": zone, "starts_at": format!("{day}T09:30"),
        });
        let draft = serde_json::from_value(draft).expect("a draft");
        let id = sessions::create(&mut tx, &mut act, draft).await.expect("a session is made");
        let hosts = self.centres.iter().map(|centre| centre.id).collect();
        sessions::set_hosts(&mut tx, &mut act, id, None, hosts, false).await.expect("hosts are set");
        for n in 0..3 {
            let centre = &self.centres[n % 2];
            // Who left a centre is not of its desks any more.
            let members: Vec<(PersonId,)> =
                sql("SELECT person_id FROM members WHERE organisation_id = $1 ORDER BY person_id")
                    .bind(centre.id)
                    .all(&mut tx)
                    .await
                    .expect("the query runs");
            let staff: Vec<PersonId> =
                centre.people.iter().copied().filter(|one| members.iter().any(|(member,)| member == one)).collect();
            let desk = json!({
                "centre_id": centre.id, "name": { "en": format!("Desk {n}") },
                // Two desks of different centres share a room.
                "room": (n < 2).then_some("Room 1"), "staff_ids": staff,
            });
            let desk = serde_json::from_value(desk).expect("a draft");
            sessions::add_desk(&mut tx, &mut act, id, desk).await.expect("a desk is added");
        }
        let session = sessions::find(&mut tx, id).await.expect("it was made");
        let mut settings = views::settings(&session);
        settings.booking_mode = serde_json::from_value(json!(mode)).expect("a mode");
        settings.auto_approve = chance.random_bool(0.5);
        settings.request_minutes = *[15, 600, 1_440].choose(chance).expect("three");
        settings.offer_minutes = *[5, 30, 240].choose(chance).expect("three");
        settings.talks_per_company_max = *[None, Some(2)].choose(chance).expect("two");
        settings.chat_review = chance.random_bool(0.3);
        sessions::change_settings(&mut tx, &mut act, id, session.version, settings, false)
            .await
            .expect("settings are set");
        sessions::move_session(&mut tx, &mut act, id, None, SessionState::Published, None, false)
            .await
            .expect("it is ready");
        tx.commit().await.expect("it is kept");
        id
    }

    /// Most come; the hosts look at most of them at once.
    async fn everybody_registers(&self, app: &TestApp, id: SessionId, lead: usize, chance: &mut StdRng) {
        let mut registered = Vec::new();
        for company in &self.companies {
            let mut act = app.act(Some(company.people[0]));
            let mut tx = app.write().await;
            let draft = self.registration(&mut tx, company).await;
            // A company that was suspended may not.
            if let Ok(part) = registrations::register(&mut tx, &mut act, id, draft).await {
                tx.commit().await.expect("it is kept");
                registered.push(part);
            }
        }
        registered.retain(|_| chance.random_bool(0.8));
        let mut act = app.act(Some(self.centres[lead].people[0]));
        let mut tx = app.write().await;
        let yes = Ruling { decision: Decision::Approve, why: None, accept_impact: false };
        registrations::decide(&mut tx, &mut act, id, registered, yes, Locale::En).await.expect("hosts decide");
        tx.commit().await.expect("it is kept");
    }

    /// What a company fills in: with everybody who belongs to it, for both centres.
    pub async fn registration(
        &self,
        tx: &mut yunqia_store::Tx,
        company: &House,
    ) -> yunqia_views::drafts::RegistrationDraft {
        let members: Vec<(PersonId,)> =
            sql("SELECT person_id FROM members WHERE organisation_id = $1 ORDER BY joined_at, person_id")
                .bind(company.id)
                .all(tx)
                .await
                .expect("the query runs");
        let people: Vec<PersonId> = members.into_iter().map(|(person,)| person).collect();
        let centres: Vec<_> = self.centres.iter().map(|centre| centre.id).collect();
        let draft =
            json!({ "company_id": company.id, "attendee_ids": people, "answers": {}, "consent_centre_ids": centres });
        serde_json::from_value(draft).expect("a draft")
    }
}
