//! What machines ask for, and what stands before every route.

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
        browser.call(axum::http::Method::PATCH, "/api/me").send().await.refused(405, "method_not_allowed");
        let large = "x".repeat(300 * 1024);
        let call = browser.call(axum::http::Method::POST, "/api/sign-in").body("application/json", large);
        call.send().await.refused(413, "payload_too_large");
    }

    async fn requests_of_other_sites_are_refused(app) {
        let call = app.browser().call(axum::http::Method::POST, "/api/sign-out");
        call.header("origin", "https://evil.example").json(&json!({})).send().await.refused(403, "foreign_origin");
    }
}
