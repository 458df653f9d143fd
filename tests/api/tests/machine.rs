//! What machines ask for, and what stands before every route.

use axum::http::Method;
use serde_json::json;
use yunqia_tests_api::on_both;

on_both! {
    async fn a_fresh_server_is_alive_and_ready(app) {
        let browser = app.browser();
        assert_eq!(browser.get("/healthz").await.is(200).text(), "ok");
        browser.get("/readyz").await.is(200);
    }

    async fn an_unknown_address_is_a_problem_in_the_readers_language(app) {
        let problem = app.browser().in_language("zh-Hans").get("/api/nothing").await.refused(404, "not_found");
        assert_eq!(problem["title"], "未找到，或您无权查看。");
    }

    async fn what_the_framework_refuses_is_a_problem_too(app) {
        let browser = app.browser();
        let ann = app.sign_in("ann@acme.example").await;
        ann.get("/api/companies/lookup?kind=passport&value=1").await.refused(400, "malformed");
        browser.get("/api/opportunities/nonsense").await.refused(400, "malformed");
        browser.call(Method::PATCH, "/api/me").send().await.refused(405, "method_not_allowed");
        let large = "x".repeat(300 * 1024);
        let call = browser.call(Method::POST, "/api/sign-in").body("application/json", large);
        call.send().await.refused(413, "payload_too_large");
    }

    async fn what_could_not_be_read_is_named_in_the_readers_language(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let call = |body: &'static str| ann.in_language("zh-Hans").call(Method::POST, "/api/interests").body("application/json", body);
        let problem = call("{ \"company_id\": ").header("idempotency-key", "k").send().await.refused(400, "malformed");
        assert_eq!(problem["detail"], "请求正文第 1 行第 16 列：不是有效的 JSON。");
        assert_eq!(problem["errors"], json!([]));
        let body = "{ \"company_id\": \"0198c0de-0000-7000-8000-000000000001\", \"priority\": \"maybe\" }";
        let problem = call(body).header("idempotency-key", "k").send().await.refused(400, "malformed");
        assert_eq!(problem["errors"][0]["pointer"], "/priority");
        assert!(problem["detail"].as_str().unwrap().contains("maybe 不在可选值之中（must、would_like、watching）"), "{problem}");
        let problem = ann.in_language("zh-Hant").get("/api/organisations?limit=many").await.refused(400, "malformed");
        assert_eq!(problem["detail"], "網址中的查詢參數 limit：應為整數。");
        let problem = ann.in_language("zh-Hans").get("/api/opportunities?limit=1000").await.refused(400, "malformed");
        assert_eq!(problem["detail"], "地址中的查询参数 limit：应在 1 至 100 之间。");
        let problem = ann.get("/api/opportunities/nonsense").await.refused(400, "malformed");
        assert_eq!(problem["detail"], "The address /api/opportunities/nonsense: it cannot be understood.");
    }

    async fn a_problem_is_in_the_language_chosen_then_stored_then_of_the_browser(app) {
        let ann = app.sign_in("ann@acme.example").await;
        let me = json!({ "family_name": "陳", "given_name": "安", "honorific": null, "phone": null, "locale": "zh-Hant",
                         "zone": "Asia/Hong_Kong", "wants_digests": true });
        ann.put_at("/api/me", 1, me).await.ok();
        let title = async |browser: &yunqia_tests_api::Browser, path: &str, locale: &str| {
            let call = browser.call(Method::GET, path).header("x-locale", locale).header("accept-language", "en-GB, en;q=0.8");
            call.send().await.json()["title"].clone()
        };
        let missing = format!("/api/bookings/{}", app.act(None).id::<yunqia_domain::ids::BookingId>());
        // Found by a handler, by nobody, and before any handler was asked.
        for path in [&missing, "/api/nothing", "/api/bookings/nonsense"] {
            let hant = title(&ann, path, "").await;
            assert!(["未找到，或您無權查看。", "請求格式無法識別。"].iter().any(|known| hant == *known), "{path}: {hant}");
            let hans = title(&ann, path, "zh-Hans").await;
            assert!(["未找到，或您无权查看。", "请求格式无法识别。"].iter().any(|known| hans == *known), "{path}: {hans}");
        }
        assert_eq!(title(&app.browser(), "/api/nothing", "").await, "There is no such thing, or you may not see it.");
    }

    async fn requests_of_other_sites_are_refused(app) {
        let call = app.browser().call(Method::POST, "/api/sign-out");
        call.header("origin", "https://evil.example").json(&json!({})).send().await.refused(403, "foreign_origin");
    }
}
