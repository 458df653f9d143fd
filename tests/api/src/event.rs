//! A promotion session to try things on: made through the interface, as its hosts would.

use serde_json::{Value, json};
use yunqia_domain::ids::OrganisationId;

use crate::{Answer, Browser, Centre, Company, TestApp};

/// A session with the browser of the centre that leads it.
pub struct Event {
    pub id: String,
    pub host: Browser,
    pub centre: OrganisationId,
    pub desks: Vec<String>,
}

impl TestApp {
    /// A draft from the county run sheet, for 1 December 2026 at 09:30 in Sichuan: a hall of 105 minutes, then six slots.
    pub async fn draft(&self, centre: &Centre) -> Event {
        let draft = json!({
            "lead_centre_id": centre.id, "run_sheet": "county_online_90", "copy_of": null,
            "theme": { "zh-Hans": "盐亭线上推介会", "zh-Hant": null, "en": "Yanting online" },
            "summary": { "zh-Hans": null, "zh-Hant": null, "en": null },
            "series": null, "zone": "Asia/Shanghai", "starts_at": "2026-12-01T09:30",
        });
        let page = centre.host.post("/api/sessions", draft).await.created();
        let id = page["id"].as_str().expect("an id").to_owned();
        Event { id, host: centre.host.clone(), centre: centre.id, desks: Vec::new() }
    }

    /// The same, published, with one desk of the centre's manager; booking is open.
    pub async fn event(&self, centre: &Centre) -> Event {
        let mut event = self.draft(centre).await;
        event.add_desk(centre).await;
        event.publish().await;
        event
    }

    /// The same, where desks are asked first.
    pub async fn event_by_request(&self, centre: &Centre) -> Event {
        let mut event = self.draft(centre).await;
        event.add_desk(centre).await;
        event.set(|settings| settings["booking_mode"] = json!("request")).await;
        event.publish().await;
        event
    }
}

impl Event {
    pub fn path(&self, rest: &str) -> String {
        format!("/api/sessions/{}{rest}", self.id)
    }

    /// Adds a desk with the centre's manager; the centre hosts already.
    pub async fn add_desk(&mut self, centre: &Centre) -> String {
        let number = self.desks.len() + 1;
        let desk = json!({
            "centre_id": centre.id, "name": { "zh-Hans": format!("{number} 号席"), "en": format!("Desk {number}") },
            "room": null, "staff_ids": [centre.host.id()],
        });
        let desk = self.host.post(&self.path("/desks"), desk).await.created();
        let id = desk["id"].as_str().expect("an id").to_owned();
        self.desks.push(id.clone());
        id
    }

    /// Changes settings; the change is what the host would type.
    pub async fn set(&self, change: impl FnOnce(&mut Value)) -> Answer {
        let mut settings = self.host.get(&self.path("/desk")).await.ok()["settings"].clone();
        change(&mut settings);
        self.put("", json!({ "settings": settings, "accept_impact": false })).await
    }

    /// Changes a part of the session (`/agenda`, `/grid` …) as its lead does, at the version it has now.
    pub async fn put(&self, part: &str, body: Value) -> Answer {
        self.host.put_at(&self.path(part), self.version().await, body).await
    }

    pub async fn version(&self) -> i64 {
        let desk = self.host.get(&self.path("/desk")).await.ok();
        desk["session"]["version"].as_i64().expect("a version")
    }

    pub async fn publish(&self) {
        self.host.post(&self.path("/move"), json!({ "to": "published", "reason": null })).await.ok();
    }

    /// Registers a company with its manager, with consent for these centres.
    pub async fn register(&self, company: &Company, consents: &[OrganisationId]) -> Value {
        let draft = json!({
            "company_id": company.id, "attendee_ids": [company.manager.id()], "answers": {}, "consent_centre_ids": consents,
        });
        company.manager.post(&self.path("/registrations"), draft).await.created()
    }

    /// A company that takes part and agreed to the lead centre.
    pub async fn takes_part(&self, company: &Company) -> String {
        let registration = self.register(company, &[self.centre]).await;
        let id = registration["id"].as_str().expect("an id").to_owned();
        let decision = json!({ "ids": [id], "decision": "approve", "reason": null });
        let result = self.host.post(&self.path("/registrations/decide"), decision).await.ok();
        assert_eq!(result["done"], json!([id]), "{result}");
        id
    }

    /// The id of a company's registration.
    pub async fn registration_of(&self, company: &Company) -> String {
        let page = company.manager.get(&format!("/api/me/registrations?session={}", self.id)).await.ok();
        let rows = page["items"].as_array().expect("registrations").clone();
        let row = rows.into_iter().find(|row| row["session"]["id"] == self.id.as_str());
        id(&row.expect("the company has registered")["registration"])
    }

    /// The cells of the timetable in order of time, then desk.
    pub async fn cells(&self) -> Vec<Value> {
        let timetable = self.host.get(&self.path("/timetable")).await.ok();
        timetable["cells"].as_array().expect("cells").clone()
    }

    /// Ids of the slots of a desk in order of time.
    pub async fn slots(&self, desk: &str) -> Vec<String> {
        let cells = self.cells().await;
        let of_desk = cells.iter().filter(|cell| cell["desk_id"] == desk);
        of_desk.map(|cell| cell["slot_id"].as_str().expect("an id").to_owned()).collect()
    }

    pub async fn cell(&self, slot: &str) -> Value {
        self.cells().await.into_iter().find(|cell| cell["slot_id"] == slot).expect("a slot of this session")
    }

    /// Asks for a slot, or books it, by the company's manager.
    pub async fn book(&self, company: &Company, slot: &str) -> Answer {
        company.manager.post("/api/bookings", booking(company, slot)).await
    }
}

/// The body of a booking.
pub fn booking(company: &Company, slot: &str) -> Value {
    json!({ "slot_id": slot, "company_id": company.id, "contact_id": null, "subject": "Solar glass" })
}

/// The id of what was answered.
pub fn id(view: &Value) -> String {
    view["id"].as_str().expect("an id").to_owned()
}
