//! The description of the interface (OpenAPI 3.1), put in order.

use utoipa::{
    OpenApi,
    openapi::{
        OpenApi as Description, PathItem,
        path::Operation,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Yunqia 云洽",
        description = "Online promotion sessions: registration, one-to-one bookings, the hall, talks and letters.\n\n\
            Errors are problem documents (RFC 9457) with a stable `code`, in the language of `X-Locale` or \
            `Accept-Language`. Requests that change something carry an `Origin` of this server. What has a `version` is \
            changed with `If-Match`; what books or sends carries an `Idempotency-Key`.",
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

/// Gives every operation a name of its own, and says how one is signed in.
pub fn tidy(mut document: Description) -> Description {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(name(method, path));
        }
    }
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        crate::caller::COOKIE,
        "Set by signing in; cannot be read by scripts.",
    )));
    document.components.get_or_insert_default().add_security_scheme("signed_in", cookie);
    document
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
    use super::*;

    #[test]
    fn operations_are_named_by_what_they_do() {
        assert_eq!(name("get", "/api/companies/{id}/interests"), "getCompaniesByIdInterests");
        assert_eq!(name("post", "/api/operator/letters/{id}/send-again"), "postOperatorLettersByIdSendAgain");
        assert_eq!(name("get", "/feed/{token}.ics"), "getFeedByTokenIcs");
    }
}
