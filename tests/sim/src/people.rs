//! Who takes part in a simulated event, and what they begin with.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::json;
use yunqia_actions::{Act, registrations, sessions};
use yunqia_domain::{
    ids::{DeskId, OrganisationId, PersonId, SessionId},
    states::Role,
};
use yunqia_tests_api::TestApp;
use yunqia_views::sessions as views;

/// A centre or a company with its people; the first is a manager.
pub struct House {
    pub id: OrganisationId,
    pub people: Vec<PersonId>,
}

/// Everybody and everything a step can be about.
pub struct World {
    pub sessions: Vec<SessionId>,
    pub centres: Vec<House>,
    pub companies: Vec<House>,
    pub desks: Vec<DeskId>,
}

impl World {
    /// Two sessions at the same hours, one first come, first served, one by request; two centres host both and share people
    /// and a room, so that talks can clash in every way there is.
    pub async fn build(app: &TestApp, chance: &mut StdRng) -> World {
        let mut centres = Vec::new();
        for (name, division) in [("盐亭县投资促进中心", "510723"), ("三台县投资促进中心", "510722")] {
            let centre = app.centre(name, division).await;
            let colleague = app.sign_in(&format!("colleague{division}@centre.example")).await;
            app.join(centre.id, colleague.id(), Role::Member).await;
            centres.push(House { id: centre.id, people: vec![centre.host.id(), colleague.id()] });
        }
        let mut companies = Vec::new();
        for n in 0..8 {
            let company = app.company(&format!("Company {n}")).await;
            let colleague = app.sign_in(&format!("colleague{n}@company.example")).await;
            app.join(company.id, colleague.id(), Role::Member).await;
            companies.push(House { id: company.id, people: vec![company.manager.id(), colleague.id()] });
        }
        let mut world = World { sessions: Vec::new(), centres, companies, desks: Vec::new() };
        for mode in ["first_come", "request"] {
            world.hold(app, mode, chance).await;
        }
        world
    }

    async fn hold(&mut self, app: &TestApp, mode: &str, chance: &mut StdRng) {
        let lead = self.centres[0].people[0];
        let mut act = app.act(Some(lead));
        let mut tx = app.write().await;
        let draft = json!({
            "lead_centre_id": self.centres[0].id, "run_sheet": "county_online_90", "copy_of": null,
            "theme": { "en": format!("Session {mode}") }, "summary": {}, "series": null,
            "zone": "Asia/Shanghai", "starts_at": "2026-12-01T09:30",
        });
        let draft = serde_json::from_value(draft).expect("a draft");
        let id = sessions::create(&mut tx, &mut act, draft).await.expect("a session is made");
        let hosts = self.centres.iter().map(|centre| centre.id).collect();
        sessions::set_hosts(&mut tx, &mut act, id, None, hosts, false).await.expect("hosts are set");
        for n in 0..3 {
            let centre = &self.centres[n % 2];
            let desk = json!({
                "centre_id": centre.id, "name": { "en": format!("Desk {n}") },
                // Two desks of different centres share a room.
                "room": (n < 2).then_some("Room 1"), "staff_ids": centre.people,
            });
            let desk = serde_json::from_value(desk).expect("a draft");
            self.desks.push(sessions::add_desk(&mut tx, &mut act, id, desk).await.expect("a desk is added"));
        }
        let session = sessions::find(&mut tx, id).await.expect("it was made");
        let mut settings = views::settings(&session);
        settings.booking_mode = serde_json::from_value(json!(mode)).expect("a mode");
        settings.auto_approve = chance.random_bool(0.5);
        settings.request_minutes = *[15, 600, 1_440].choose(chance).expect("three");
        settings.talks_per_company_max = *[None, Some(2)].choose(chance).expect("two");
        sessions::change_settings(&mut tx, &mut act, id, session.version, settings, false)
            .await
            .expect("settings are set");
        let to = yunqia_domain::states::SessionState::Published;
        sessions::move_session(&mut tx, &mut act, id, None, to, None, false).await.expect("it is ready");
        tx.commit().await.expect("it is kept");
        self.sessions.push(id);
        self.everybody_registers(app, id).await;
    }

    async fn everybody_registers(&self, app: &TestApp, id: SessionId) {
        for company in &self.companies {
            let mut act: Act = app.act(Some(company.people[0]));
            let mut tx = app.write().await;
            let draft = json!({ "company_id": company.id, "attendee_ids": company.people, "answers": {},
                "consent_centre_ids": self.centres.iter().map(|centre| centre.id).collect::<Vec<_>>() });
            let draft = serde_json::from_value(draft).expect("a draft");
            registrations::register(&mut tx, &mut act, id, draft).await.expect("it is open");
            tx.commit().await.expect("it is kept");
        }
    }
}
