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

/// The path with this id in all its places.
pub fn with_ids(path: &str, id: &str) -> String {
    let mut parts = path.split('/').map(|part| if part.starts_with('{') { id } else { part });
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| whole + "/" + part)
}
