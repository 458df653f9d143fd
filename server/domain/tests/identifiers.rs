//! The identifier vectors: numbers that are right, numbers that are wrong, and why.

use serde_json::Value;
use yunqia_domain::Refusal;
use yunqia_domain::contact::Phone;
use yunqia_domain::identifiers::{CompanyId, CompanyIdKind, IdProblem, is_project_code, normalise_id};

fn vectors() -> Value {
    serde_json::from_str(include_str!("fixtures/identifier-vectors.json")).unwrap()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn every_valid_credit_code_passes() {
    let vectors = vectors();
    let valid = texts(&vectors["uscc"]["valid"]);
    assert_eq!(valid.len(), 11);
    for code in valid {
        assert_eq!(CompanyId::parse(CompanyIdKind::Uscc, code).unwrap().value(), code);
    }
    for special in ["valid_with_check_0", "valid_with_check_letter"] {
        assert!(CompanyId::parse(CompanyIdKind::Uscc, vectors["uscc"][special].as_str().unwrap()).is_ok());
    }
}

#[test]
fn every_invalid_credit_code_is_refused_for_its_reason() {
    let vectors = vectors();
    let invalid = vectors["uscc"]["invalid"].as_array().unwrap();
    assert_eq!(invalid.len(), 8);
    for case in invalid {
        let (value, expected) = (case["value"].as_str().unwrap(), case["error"].as_str().unwrap());
        let parsed = CompanyId::parse(CompanyIdKind::Uscc, value);
        match expected {
            "normalise" => assert_ne!(parsed.unwrap().value(), value, "full-width digits become half-width"),
            // Z is outside the alphabet, which is the more exact of the two reasons the vector gives.
            "checksum" if value.ends_with('Z') => assert_eq!(parsed.unwrap_err(), IdProblem::Charset),
            _ => assert_eq!(Refusal::from(parsed.unwrap_err()).code(), format!("identifier_{expected}"), "{value}"),
        }
    }
}

/// One wrong character, or two neighbours exchanged, never passes: that is what the check character is for.
#[test]
fn a_slip_of_the_finger_is_always_noticed() {
    let alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    for code in texts(&vectors()["uscc"]["valid"]) {
        for place in 0..18 {
            for wrong in alphabet.chars().filter(|c| *c != code.as_bytes()[place] as char) {
                let typed = format!("{}{wrong}{}", &code[..place], &code[place + 1..]);
                assert!(CompanyId::parse(CompanyIdKind::Uscc, &typed).is_err(), "{typed}");
            }
        }
        for place in 0..17 {
            let mut typed: Vec<u8> = code.bytes().collect();
            typed.swap(place, place + 1);
            let typed = String::from_utf8(typed).unwrap();
            assert!(typed == code || CompanyId::parse(CompanyIdKind::Uscc, &typed).is_err(), "{typed}");
        }
    }
}

#[test]
fn legal_entity_identifiers() {
    let vectors = vectors();
    for valid in texts(&vectors["lei"]["fake_valid"]) {
        assert!(CompanyId::parse(CompanyIdKind::Lei, valid).is_ok(), "{valid}");
    }
    for invalid in texts(&vectors["lei"]["invalid"]) {
        assert_eq!(CompanyId::parse(CompanyIdKind::Lei, invalid).unwrap_err(), IdProblem::Checksum);
    }
}

#[test]
fn the_kinds_are_those_of_the_table() {
    let vectors = vectors();
    let kinds: Vec<&str> =
        vectors["company_id_kinds"].as_array().unwrap().iter().map(|k| k["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, CompanyIdKind::ALL.map(|kind| kind.as_str()));
}

#[test]
fn project_codes_have_the_form_of_the_standard() {
    let vectors = vectors();
    let pattern = regex::Regex::new(vectors["project_code"]["regex"].as_str().unwrap()).unwrap();
    let mut codes = texts(&vectors["project_code"]["examples_fake"]);
    codes.extend([
        "2209-510703-04-01-12345X",
        "2209-510703-04-01-12345x",
        "2209-510703-04-01-1234567",
        "",
        "a-b-c-d-e",
    ]);
    codes.extend(["2209-51070३-04-01-123456", "2209510703-04-01-123456", "2209-510703-04-01-12345-6"]);
    for code in codes {
        assert_eq!(is_project_code(code), pattern.is_match(code) && code.is_ascii(), "{code}");
    }
}

#[test]
fn phone_patterns_agree_with_the_table() {
    let vectors = vectors();
    let pattern = |name: &str| regex::Regex::new(vectors["phone"][name].as_str().unwrap()).unwrap();
    let (mobile, e164, hk) = (pattern("mainland_mobile"), pattern("e164_mainland"), pattern("hk"));
    for second in 0..=9 {
        let typed = format!("1{second}800000000");
        let parsed = typed.parse::<Phone>();
        assert_eq!(parsed.as_ref().is_ok_and(Phone::is_mainland_mobile), mobile.is_match(&typed), "{typed}");
        assert_eq!(parsed.is_ok_and(|phone| e164.is_match(phone.as_str())), mobile.is_match(&typed));
        let typed = format!("+852{second}1234567");
        assert_eq!(typed.parse::<Phone>().is_ok(), hk.is_match(&typed), "{typed}");
    }
    let landline = pattern("mainland_landline");
    for typed in
        ["0816-7220000", "08167220000", "010-12345678-123", "0816-7220000-1234567", "0816-722000", "816-7220000"]
    {
        assert_eq!(typed.parse::<Phone>().is_ok(), landline.is_match(typed), "{typed}");
    }
}

#[test]
fn normalising_twice_changes_nothing() {
    for typed in ["９１35 0100-m000100y43", "ｄｅ－ＨＲＢ．1", "ß", "ŉ1", "\u{200B}1"] {
        let once = normalise_id(typed);
        assert_eq!(normalise_id(&once), once, "{typed}");
    }
}
