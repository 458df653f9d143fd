//! What the interface's description says of its acts, for tests that go through all of them.

use serde_json::Value;
use yunqia_tests_api::TestApp;

/// The acts with this method: their paths, and what is said of them.
pub async fn acts(app: &TestApp, method: &str) -> Vec<(String, Value)> {
    let document = app.browser().get("/api/openapi.json").await.ok();
    let paths = document["paths"].as_object().unwrap();
    let acts = paths.iter().filter_map(|(path, acts)| Some((path.clone(), acts.get(method)?.clone())));
    acts.collect()
}

/// Whether a header must be sent; None where it is not named.
pub fn header(act: &Value, name: &str) -> Option<bool> {
    let parameters = act["parameters"].as_array()?;
    let named = parameters.iter().find(|one| one["in"] == "header" && one["name"] == name)?;
    Some(named["required"] == true)
}

/// The path with these ids in its places, in order; the last one stands for all that follow.
pub fn with(path: &str, ids: &[&str]) -> String {
    let mut ids = ids.iter().copied();
    let mut last = "";
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => {
            last = ids.next().unwrap_or(last);
            last
        }
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}
