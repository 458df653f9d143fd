//! The list of problems that strangers read is the list that the program has.
//!
//! `YUNQIA_WRITE_DOCS=1 cargo test -p yunqia-domain --test problems` writes the page anew.

use std::fmt::Write;

use yunqia_domain::{Refusal, locale::Locale, refusal::Kind};

const HEAD: &str = "# Problems

Errors are documents of type `application/problem+json` (RFC 9457). `type` is `https://yunqia.dev/problems/<code>`; the code
is stable, the title is in the language of `X-Locale`, else the one that the person signed in has chosen, else of
`Accept-Language`. With `malformed`, `detail` names the place that could not be read and the rule. With `values_wrong`, `errors` names each
wrong value by a pointer (RFC 6901) into the body and a code of the second table. `impact` comes with the bookings that a
change would hurt, a slot that was lost with times that are free, `company_exists` with the company that can be joined.

## The request itself

| code | status |
| --- | --- |
| `malformed` | 400 |
| `signed_out` | 401 |
| `foreign_origin` | 403 |
| `not_found` | 404 |
| `values_wrong` | 422 |
| `too_many_requests` | 429, with `Retry-After` |
| `busy` | 503, with `Retry-After` |
| `inside` | 500 |
| `unavailable` | 503, with `Retry-After`: send the same again |
| `full` | 507: the server has no room; reading goes on |

Other statuses carry their name as code: `method_not_allowed` (405), `payload_too_large` (413).

## What a rule says

| code | status | zh-Hans | zh-Hant | English |
| --- | --- | --- | --- | --- |
";

#[test]
fn every_refusal_is_documented_as_it_is_said() {
    let mut page = HEAD.to_owned();
    for &refusal in Refusal::ALL {
        let [hans, hant, en] = [Locale::ZhHans, Locale::ZhHant, Locale::En].map(|locale| refusal.text(locale));
        writeln!(page, "| `{}` | {} | {hans} | {hant} | {en} |", refusal.code(), status(refusal)).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/problems.md");
    if std::env::var_os("YUNQIA_WRITE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page, "docs/problems.md is old; see the head of this test for how it is written anew");
}

fn status(refusal: Refusal) -> u16 {
    match (refusal, refusal.kind()) {
        (Refusal::OldVersion, _) => 412,
        (Refusal::VersionNeeded, _) => 428,
        (Refusal::TooManyLetters, _) => 429,
        (_, Kind::Rule) => 409,
        (_, Kind::NotYours) => 403,
        (_, Kind::Value) => 422,
    }
}
