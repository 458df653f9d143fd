//! The description of the interface (OpenAPI 3.1), put in order.

use axum::http::StatusCode;
use utoipa::{
    OpenApi,
    openapi::{
        Content, OpenApi as Description, PathItem, RefOr, Response,
        path::Operation,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use crate::problem::MEDIA_TYPE;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Yunqia 云洽",
        description = "Online promotion sessions: registration, one-to-one bookings, the hall, talks and letters.\n\n\
            Errors are problem documents (RFC 9457) with a stable `code`, in the language of `X-Locale` or \
            `Accept-Language`. Requests that change something carry an `Origin` of this server. A PUT names the \
            version it was made on in `If-Match` (412: somebody was faster), and an act may. A POST that makes, sends or \
            decides something carries an `Idempotency-Key`: sent again with the same key, it is done once, and gets the \
            first answer.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "signing in", description = "By a letter with a code and a link."),
        (name = "me", description = "One's own account."),
        (name = "companies", description = "Companies, and the centres that promote."),
        (name = "members", description = "Who belongs to an organisation."),
        (name = "opportunities", description = "Projects on offer."),
        (name = "interests", description = "What companies are interested in."),
        (name = "sessions", description = "Promotion sessions, as anybody sees them."),
        (name = "hosting", description = "For those who host a session."),
        (name = "registrations", description = "A company's part in a session, and its consents."),
        (name = "bookings", description = "The timetable, slots, bookings, waiting lists."),
        (name = "hall", description = "The hall of a session: questions, notices, order."),
        (name = "talks", description = "The room of a confirmed booking."),
        (name = "messages", description = "Conversations and their files."),
        (name = "operator", description = "For the operator of the platform."),
        (name = "reference", description = "What does not change while the server runs."),
        (name = "demo", description = "Only where the demo is served; 404 elsewhere."),
    )
)]
pub struct Document;

/// Gives every operation a name of its own and every answer its description, and says how one is signed in.
pub fn tidy(mut document: Description) -> Description {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(name(method, path));
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    complete(status, response);
                }
            }
        }
    }
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        crate::caller::COOKIE,
        "Set by signing in; cannot be read by scripts.",
    )));
    document.components.get_or_insert_default().add_security_scheme("signed_in", cookie);
    document
}

/// OpenAPI 3.1 wants a description of every answer: where none is written it is the status in words. Problems travel
/// under a media type of their own (RFC 9457 §3).
fn complete(status: &str, response: &mut Response) {
    if response.description.is_empty() {
        let known = StatusCode::from_bytes(status.as_bytes()).ok().and_then(|status| status.canonical_reason());
        response.description = known.unwrap_or(status).to_owned();
    }
    let content = std::mem::take(&mut response.content);
    let typed = content.into_iter().map(|(kind, content)| match is_problem(&content) {
        true => (MEDIA_TYPE.to_owned(), content),
        false => (kind, content),
    });
    response.content = typed.collect();
}

fn is_problem(content: &RefOr<Content>) -> bool {
    let RefOr::T(content) = content else { return false };
    matches!(&content.schema, Some(RefOr::Ref(schema)) if schema.ref_location == "#/components/schemas/Problem")
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("delete", &mut item.delete),
        ("patch", &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// `GET /api/companies/{id}/interests` is `getCompaniesByIdInterests`.
fn name(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api").split(['/', '-', '.', '_']).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |name, word| match word.strip_prefix('{') {
        Some(parameter) => name + "By" + &capital(parameter.trim_end_matches('}')),
        None => name + &capital(word.trim_end_matches('}')),
    })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn operations_are_named_by_what_they_do() {
        assert_eq!(name("get", "/api/companies/{id}/interests"), "getCompaniesByIdInterests");
        assert_eq!(name("post", "/api/operator/letters/{id}/send-again"), "postOperatorLettersByIdSendAgain");
        assert_eq!(name("get", "/feed/{token}.ics"), "getFeedByTokenIcs");
    }

    /// The acts of the document as a reader of its JSON has them: method and path, and what is said of them.
    fn acts() -> Vec<(String, String, Value)> {
        let document = serde_json::to_value(crate::routes::description()).expect("plain data");
        let paths = document["paths"].as_object().expect("paths");
        let acts = paths.iter().flat_map(|(path, acts)| {
            let acts = acts.as_object().expect("acts by method");
            acts.iter().map(|(method, act)| (method.clone(), path.clone(), act.clone()))
        });
        acts.collect()
    }

    #[test]
    fn every_answer_is_described_and_problems_have_their_media_type() {
        let (mut answers, mut problems) = (0, 0);
        for (method, path, act) in acts() {
            for (status, answer) in act["responses"].as_object().expect("answers by status") {
                let place = format!("{method} {path} {status}");
                assert!(answer["description"].as_str().is_some_and(|text| !text.is_empty()), "{place}: no description");
                answers += 1;
                for (kind, content) in answer["content"].as_object().into_iter().flatten() {
                    let problem = content["schema"]["$ref"] == "#/components/schemas/Problem";
                    assert_eq!(problem, kind == "application/problem+json", "{place}: {kind}");
                    problems += u32::from(problem);
                }
            }
        }
        assert!(answers > 200 && problems > 100, "{answers} answers, {problems} problems: something is not looked at");
    }

    #[test]
    fn parameters_of_the_path_are_those_of_its_template() {
        let mut in_query = 0;
        for (method, path, act) in acts() {
            let template = path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
            let wanted: BTreeSet<&str> = template.collect();
            let parameters = act["parameters"].as_array().map_or(&[][..], Vec::as_slice);
            let told = parameters.iter().filter(|parameter| parameter["in"] == "path");
            let told: BTreeSet<&str> = told.filter_map(|parameter| parameter["name"].as_str()).collect();
            assert_eq!(told, wanted, "{method} {path}");
            in_query += parameters.iter().filter(|parameter| parameter["in"] == "query").count();
        }
        assert!(in_query > 20, "only {in_query} parameters in queries");
    }
}
