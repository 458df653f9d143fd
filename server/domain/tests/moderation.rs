//! The 24 samples of the moderation table, each with the decision it calls for.

use serde_json::Value;
use yunqia_domain::moderation::{Reason, Verdict, review};
use yunqia_domain::text::TextProblem;

/// The limit of a chat message; the table has a text of one character more.
const MAX: usize = 2000;

#[test]
fn every_sample_gets_its_decision() {
    let table: Value = serde_json::from_str(include_str!("fixtures/moderation-samples.json")).unwrap();
    let samples = table["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 24);
    for sample in samples {
        let text = sample["text"].as_str().unwrap();
        let (label, action) = (sample["label"].as_str().unwrap(), sample["action"].as_str().unwrap());
        // Promises are made by hosts; everything else is written by a company.
        let verdict = review(text, MAX, label == "policy_promise");
        let short: String = text.chars().take(40).collect();
        match (action, &verdict) {
            ("publish", Verdict::Publish(shown)) => assert_eq!(shown, text),
            // Markup is text: it is kept as written, and every view shows it as text.
            ("publish_escaped", Verdict::Publish(shown)) => assert_eq!(shown, text),
            ("publish_cleaned", Verdict::Publish(shown)) => {
                assert!(shown.starts_with("盐亭县") && shown.chars().count() < text.chars().count(), "{shown}");
            }
            ("hold", Verdict::Hold(_, reason)) => assert_eq!(*reason, expected(label), "{short}"),
            ("reject", Verdict::Reject(_, reason)) => assert_eq!(*reason, expected(label), "{short}"),
            ("refuse", Verdict::Refuse(TextProblem::Empty)) => assert_eq!(label, "empty"),
            ("refuse", Verdict::Refuse(TextProblem::TooLong { max, got })) => {
                assert_eq!((label, *max, *got), ("too_long", MAX, MAX + 1));
            }
            _ => panic!("{short}: {verdict:?} instead of {action} ({label})"),
        }
    }
}

fn expected(label: &str) -> Reason {
    match label {
        "policy_promise" => Reason::PolicyPromise,
        "contact_leak" => Reason::ContactDetails,
        "flood" => Reason::Flood,
        "spam" => Reason::Spam,
        "abuse" => Reason::Abuse,
        other => panic!("no reason for {other}"),
    }
}

/// Every red-flag term holds a host's message in every language of the table, and no company's question.
#[test]
fn every_policy_term_is_seen_in_three_languages() {
    let table: Value = serde_json::from_str(include_str!("fixtures/moderation-samples.json")).unwrap();
    for term in table["policy_redflag_terms"].as_array().unwrap() {
        for language in ["hans", "hant", "en"] {
            let text = format!("… {} …", term[language].as_str().unwrap());
            assert!(matches!(review(&text, MAX, true), Verdict::Hold(_, Reason::PolicyPromise)), "{text}");
            assert!(matches!(review(&text, MAX, false), Verdict::Publish(_)), "{text}");
        }
    }
}
