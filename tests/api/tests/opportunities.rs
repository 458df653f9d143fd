//! Projects on offer: finding them, counting them.

use serde_json::Value;
use yunqia_domain::{
    ids::{OpportunityId, OrganisationId},
    locale::LocalText,
    search,
};
use yunqia_store::opportunities::{self, Opportunity};
use yunqia_tests_api::{Browser, TestApp, on_both};

/// Adds a project.
pub async fn project(
    app: &TestApp,
    (hans, hant, en): (&str, &str, &str),
    division: &str,
    sector: &str,
    amount_wan: i64,
    centre: Option<OrganisationId>,
) -> OpportunityId {
    let id: OpportunityId = app.act(None).id();
    let title = LocalText::new(hans, hant, en);
    let row = Opportunity {
        id,
        code: format!("OPP-{}", id.0.simple()),
        division: division.into(),
        city: format!("{}00", &division[..4]),
        centre_id: centre,
        sector: sector.into(),
        subsector: "platforms".into(),
        gbt4754: "I64".into(),
        title_key: search::key(&title, Some(division)),
        title_hans: title.hans,
        title_hant: title.hant,
        title_en: title.en,
        amount_wan,
        land_mu: 100,
        mode: "sole".into(),
        status: "open".into(),
        created_at: app.now(),
        version: 1,
    };
    let mut tx = app.write().await;
    assert_eq!(opportunities::insert_all(&mut tx, &[row]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    id
}

/// Five projects in three counties.
async fn catalogue(app: &TestApp) {
    let p = |title: (&'static str, &'static str, &'static str), division, sector, amount| {
        project(app, title, division, sector, amount, None)
    };
    p(
        ("盐亭县预制菜加工园", "鹽亭縣預製菜加工園", "Ready-meal park, Yanting County"),
        "510723",
        "food_beverage",
        30_000,
    )
    .await;
    p(("桑蚕丝绸产业园", "桑蠶絲綢產業園", "Silk park"), "510723", "digital", 50_000).await;
    p(("数据中心", "數據中心", "Data centre"), "510722", "digital", 80_000).await;
    p(("锦江区电商平台", "錦江區電商平臺", "E-commerce platform, Jinjiang"), "510104", "digital", 20_000).await;
    p(("食品 100% 天然", "食品 100% 天然", "Food, 100% natural"), "510104", "food_beverage", 10_000).await;
}

async fn titles(browser: &Browser, query: &str) -> Vec<String> {
    let list = browser.get(&format!("/api/opportunities?{query}")).await.ok();
    list["items"].as_array().unwrap().iter().map(|item| item["title"]["en"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn a_county_is_found_however_it_is_typed(app) {
        catalogue(&app).await;
        let browser = app.browser();
        // 盐亭 · 鹽亭 · yanting · YT · 510723
        for typed in ["%E7%9B%90%E4%BA%AD", "%E9%B9%BD%E4%BA%AD", "yanting", "Yan-Ting", "YT", "510723"] {
            let found = titles(&browser, &format!("q={typed}")).await;
            assert_eq!(found, ["Silk park", "Ready-meal park, Yanting County"], "{typed}");
        }
        // Several words must all be found, in any order and language: "silk 绵阳".
        assert_eq!(titles(&browser, "q=silk%20%E7%BB%B5%E9%98%B3").await, ["Silk park"]);
        assert_eq!(titles(&browser, "q=silk%20chengdu").await, Vec::<String>::new());
        assert_eq!(titles(&browser, "q=natural%25%20_%20").await, ["Food, 100% natural"], "signs of a pattern are only signs");
    }

    async fn filters_narrow_and_pages_follow(app) {
        catalogue(&app).await;
        let browser = app.browser();
        assert_eq!(titles(&browser, "sector=digital&city=510700").await, ["Data centre", "Silk park"]);
        assert_eq!(titles(&browser, "division=510722").await, ["Data centre"]);
        assert_eq!(titles(&browser, "division=510700").await.len(), 3, "a city's code means everything in it");
        assert_eq!(titles(&browser, "min_wan=20000&max_wan=50000").await.len(), 3);
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let list = browser.get(&format!("/api/opportunities?limit=2&after={after}")).await.ok();
            seen.extend(list["items"].as_array().unwrap().iter().map(|item| item["amount_wan"].as_i64().unwrap()));
            match list["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, [80_000, 50_000, 30_000, 20_000, 10_000]);
        browser.get("/api/opportunities?after=nonsense").await.refused(400, "malformed");
    }

    async fn facets_count_what_is_wanted(app) {
        catalogue(&app).await;
        let facets = app.browser().get("/api/opportunities/facets?min_wan=20000").await.ok();
        assert_eq!((&facets["total"], &facets["amount_wan"]), (&Value::from(4), &Value::from(180_000)));
        assert_eq!(facets["by_sector"][0], serde_json::json!({ "code": "digital", "count": 3 }));
        assert_eq!(facets["by_city"][0], serde_json::json!({ "code": "510700", "count": 3 }));
    }

    async fn one_project_is_read_with_its_centre(app) {
        let centre = app.centre("盐亭县投资促进中心", "510723").await;
        let id = project(&app, ("园", "園", "Park"), "510723", "digital", 1, Some(centre.id)).await;
        let found = app.browser().get(&format!("/api/opportunities/{id}")).await.ok();
        assert_eq!(found["centre"]["id"], centre.id.to_string());
        let nothing = uuid::Uuid::nil();
        app.browser().get(&format!("/api/opportunities/{nothing}")).await.refused(404, "not_found");
    }
}
