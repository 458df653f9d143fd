//! Registering a company, finding it, changing it.

use serde_json::{Value, json};
use yunqia_domain::states::{OrganisationKind, Role};
use yunqia_tests_api::on_both;

/// A company with a number that its check character fits.
pub fn draft(number: &str) -> Value {
    json!({
        "name": { "zh-Hans": "绵州食品有限公司", "zh-Hant": null, "en": "Mianzhou Foods" },
        "identifier": { "kind": "uscc", "value": number }, "division": "510723", "country": "CN",
        "sectors": ["food_beverage"], "size": "medium", "website": "www.mianzhou.example", "contact_name": "赵伟",
        "contact_phone": "0816-7220000", "contact_email": "zhao@mianzhou.example",
        "offers": { "zh-Hans": "预制菜", "zh-Hant": null, "en": null }, "seeks": { "zh-Hans": null, "zh-Hant": null, "en": null }
    })
}

pub const NUMBER: &str = "91350100M000100Y43";

on_both! {
    async fn whoever_registers_a_company_manages_it(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let company = ann.post("/api/companies", draft(" ９1350100m000100y43 ")).await.created();
        assert_eq!(company["identifier"], json!({ "kind": "uscc", "value": NUMBER }));
        assert_eq!(company["state"], "submitted");
        assert_eq!(company["website"], "https://www.mianzhou.example");
        assert_eq!(company["contact_phone"], "+868167220000");
        let me = ann.get("/api/me").await.ok();
        assert_eq!(me["memberships"][0]["role"], "manager");
        assert_eq!(me["memberships"][0]["organisation"]["id"], company["id"]);
        let path = format!("/api/companies/{}", company["id"].as_str().unwrap());
        assert_eq!(ann.get(&path).await.ok(), company);
    }

    async fn a_company_is_registered_once_and_can_be_joined(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let company = ann.post("/api/companies", draft(NUMBER)).await.created();
        let bob = app.sign_in("bob@acme.example").await;
        let found = bob.get(&format!("/api/companies/lookup?kind=uscc&value={NUMBER}")).await.ok();
        assert_eq!(found["id"], company["id"]);
        bob.get("/api/companies/lookup?kind=hk_br&value=12345678").await.refused(404, "not_found");
        bob.get("/api/companies/lookup?kind=uscc&value=91350100M000100Y44").await.wrong_field("/value", "identifier_checksum");
        let problem = bob.post("/api/companies", draft(NUMBER)).await.refused(409, "company_exists");
        assert_eq!(problem["organisation"]["id"], company["id"]);
        assert_eq!(bob.get("/api/me").await.ok()["memberships"], json!([]));
    }

    async fn two_who_register_it_at_the_same_moment_get_one_company(app) {
        let mut tasks = Vec::new();
        for n in 0..6 {
            let browser = app.sign_in(&format!("p{n}@acme.example")).await;
            tasks.push(tokio::spawn(async move { browser.post("/api/companies", draft(NUMBER)).await.status.as_u16() }));
        }
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        statuses.sort();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    }

    async fn every_wrong_value_is_named(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let mut wrong = draft("91350100M000100Y44");
        wrong["name"] = json!({ "zh-Hans": " ", "zh-Hant": null, "en": null });
        wrong["division"] = json!("510799");
        wrong["sectors"] = json!(["food_beverage", "alchemy", "food_beverage"]);
        wrong["website"] = json!("javascript:alert(1)");
        wrong["contact_email"] = json!("nobody");
        let answer = ann.post("/api/companies", wrong).await;
        answer.wrong_field("/identifier/value", "identifier_checksum");
        answer.wrong_field("/name", "language_needed");
        answer.wrong_field("/division", "division_unknown");
        answer.wrong_field("/sectors/1", "sector_unknown");
        answer.wrong_field("/sectors/2", "twice");
        answer.wrong_field("/website", "url_wrong");
        answer.wrong_field("/contact_email", "email_wrong");
        let mut abroad = draft(NUMBER);
        abroad["country"] = json!("DE");
        let answer = ann.post("/api/companies", abroad).await;
        answer.wrong_field("/identifier/kind", "unknown_choice");
        answer.wrong_field("/division", "division_unknown");
        app.browser().post("/api/companies", draft(NUMBER)).await.refused(401, "signed_out");
    }

    async fn managers_change_their_company_and_nobody_else_does(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let company = ann.post("/api/companies", draft(NUMBER)).await.created();
        let id = company["id"].as_str().unwrap().to_owned();
        let path = format!("/api/companies/{id}");
        let mut change = draft(NUMBER);
        change["size"] = json!("large");
        let changed = ann.put_at(&path, 1, change.clone()).await.ok();
        assert_eq!((&changed["size"], &changed["version"]), (&json!("large"), &json!(2)));
        ann.put_at(&path, 1, change.clone()).await.refused(412, "old_version");
        ann.put(&path, change.clone()).await.refused(428, "version_needed");
        let member = app.sign_in("bob@acme.example").await;
        app.join(id.parse().unwrap(), member.id(), Role::Member).await;
        member.put_at(&path, 2, change.clone()).await.refused(403, "not_allowed");
        app.sign_in("eve@other.example").await.put_at(&path, 2, change).await.refused(403, "not_allowed");
    }

    async fn strangers_do_not_read_a_company(app) {
        let acme = app.company("Acme").await;
        let other = app.company("Other").await;
        let path = format!("/api/companies/{}", acme.id);
        other.manager.get(&path).await.refused(404, "not_found");
        app.browser().get(&path).await.refused(401, "signed_out");
        acme.manager.get(&path).await.ok();
        app.operator().await.get(&path).await.ok();
    }

    async fn a_centre_sees_the_contact_only_with_consent(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let company = ann.post("/api/companies", draft(NUMBER)).await.created();
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let seen = centre.host.get(&format!("/api/companies/{}", company["id"].as_str().unwrap())).await.ok();
        assert_eq!(seen["name"], company["name"]);
        for field in ["contact_name", "contact_phone", "contact_email"] {
            assert_eq!(seen[field], Value::Null, "{field}");
        }
    }

    async fn hosts_search_companies_and_companies_do_not(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        for n in 0..5 {
            app.company(&format!("Acme {n}")).await;
        }
        let other = app.company("100% Foods_").await;
        let list = centre.host.get("/api/companies?q=ACME&limit=3").await.ok();
        assert_eq!(list["items"].as_array().unwrap().len(), 3);
        let next = list["next"].as_str().unwrap();
        let rest = centre.host.get(&format!("/api/companies?q=acme&limit=3&after={next}")).await.ok();
        let names: Vec<&str> = list["items"].as_array().unwrap().iter().chain(rest["items"].as_array().unwrap())
            .map(|card| card["name"]["en"].as_str().unwrap()).collect();
        assert_eq!(names, ["Acme 0", "Acme 1", "Acme 2", "Acme 3", "Acme 4"]);
        assert_eq!(rest["next"], Value::Null);
        let found = centre.host.get("/api/companies?q=100%25").await.ok();
        assert_eq!(found["items"][0]["id"], other.id.to_string());
        other.manager.get("/api/companies").await.refused(403, "not_allowed");
    }

    async fn centres_are_found_in_every_script(app) {
        let yanting = app.centre("盐亭县投资促进中心", "510723").await;
        app.centre("三台县投资促进中心", "510722").await;
        let bureau = yunqia_domain::locale::LocalText::new("省局", "省局", "Bureau");
        app.organisation(OrganisationKind::Bureau, &bureau, Some("510000")).await;
        let browser = app.browser();
        for typed in ["%E7%9B%90%E4%BA%AD", "%E9%B9%BD%E4%BA%AD", "Yanting", "yan%20ting", "yt", "510723"] {
            let found = browser.get(&format!("/api/centres?q={typed}")).await.ok()["items"].clone();
            assert_eq!(found.as_array().unwrap().len(), 1, "{typed}");
            assert_eq!(found[0]["id"], yanting.id.to_string(), "{typed}");
        }
        assert_eq!(browser.get("/api/centres").await.ok()["items"].as_array().unwrap().len(), 2);
        assert_eq!(browser.get("/api/centres?division=510722").await.ok()["items"].as_array().unwrap().len(), 1);
        assert_eq!(browser.get("/api/centres?q=mianyang").await.ok()["items"].as_array().unwrap().len(), 2, "both are in Mianyang");
    }
}
