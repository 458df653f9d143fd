//! What every page needs and what does not change while the server runs.

use axum::http::Method;
use yunqia_tests_api::on_both;

on_both! {
    async fn reference_data_is_whole_and_named_in_three_languages(app) {
        let browser = app.browser();
        let divisions = browser.get("/api/divisions").await.ok();
        let divisions = divisions.as_array().unwrap();
        assert_eq!(divisions.len(), 1 + 21 + 183);
        let yanting = divisions.iter().find(|division| division["code"] == "510723").unwrap();
        assert_eq!((yanting["short"]["zh-Hant"].as_str(), yanting["initials"].as_str()), (Some("鹽亭"), Some("yt")));
        let sectors = browser.get("/api/sectors").await.ok();
        let sheets = browser.get("/api/run-sheets").await.ok();
        assert!(sheets.as_array().unwrap().iter().any(|sheet| sheet["slots"].as_i64().is_some()));
        for thing in divisions.iter().chain(sectors.as_array().unwrap()).chain(sheets.as_array().unwrap()) {
            for locale in ["zh-Hans", "zh-Hant", "en"] {
                assert!(thing["name"][locale].as_str().is_some_and(|name| !name.is_empty()), "{locale} of {thing}");
            }
        }
        let zones = browser.get("/api/zones").await.ok();
        for zone in ["Asia/Shanghai", "Europe/Berlin", "America/New_York"] {
            assert!(zones.as_array().unwrap().iter().any(|known| known == zone), "{zone}");
        }
    }

    async fn browsers_keep_it_and_ask_whether_it_is_still_true(app) {
        let browser = app.browser();
        for path in ["/api/divisions", "/api/sectors", "/api/run-sheets", "/api/zones"] {
            let first = browser.get(path).await;
            let tag = first.is(200).header("etag").unwrap().to_owned();
            assert!(first.header("cache-control").unwrap().contains("max-age"));
            let again = browser.call(Method::GET, path).header("if-none-match", &tag).send().await;
            assert!(again.is(304).body.is_empty());
            browser.call(Method::GET, path).header("if-none-match", "W/\"other\"").send().await.is(200);
        }
    }

    async fn the_installation_says_what_it_is(app) {
        let instance = app.browser().get("/api/instance").await.ok();
        assert_eq!(instance["now"], app.now().to_string());
        assert_eq!((&instance["demo"], &instance["name"]["zh-Hans"]), (&false.into(), &"云洽".into()));
    }

    async fn the_interface_is_described(app) {
        let browser = app.browser();
        let document = browser.get("/api/openapi.json").await.ok();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let paths = document["paths"].as_object().unwrap();
        for path in ["/api/me", "/api/companies", "/api/opportunities", "/api/operator/letters/{id}"] {
            assert!(paths.contains_key(path), "{path}");
        }
        // Every act of a path says what it is for and has a name of its own.
        let mut names = std::collections::HashSet::new();
        for (path, acts) in paths {
            for (method, act) in acts.as_object().unwrap() {
                assert!(act["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
                assert!(names.insert(act["operationId"].as_str().unwrap().to_owned()), "{method} {path}: operationId is taken");
            }
        }
        let page = browser.get("/api/docs/").await;
        assert!(page.is(200).text().contains("swagger-ui"));
        assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    }
}
