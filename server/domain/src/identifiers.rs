//! What a company and a person are known by: registration numbers with their check characters, e-mail addresses and
//! phone numbers. Each is made from what people type (full-width digits, spaces, hyphens) and keeps one spelling, so
//! that a duplicate is found by comparing text.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use crate::refusal::Refusal;
use crate::regions::is_country;
use crate::text::is_invisible;
use crate::text_value::text_value;

/// The alphabet of GB 32100-2015: no I, O, S, V, Z. Its order gives each character its value.
const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// The register in which a company has its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
pub enum CompanyIdKind {
    /// Unified social credit code 统一社会信用代码 (mainland companies and bodies), 18 characters.
    #[schema(rename = "uscc")]
    Uscc,
    /// Hong Kong business registration number 商業登記號碼, 8 digits.
    #[schema(rename = "hk_br")]
    HkBr,
    /// Taiwan unified business number 統一編號, 8 digits.
    #[schema(rename = "tw_ubn")]
    TwUbn,
    /// Legal entity identifier, ISO 17442, 20 characters.
    #[schema(rename = "lei")]
    Lei,
    /// Any other register: country (ISO 3166-1 alpha-2) and number, `DE-HRB12345`.
    #[schema(rename = "foreign_reg")]
    ForeignReg,
}

impl CompanyIdKind {
    pub const ALL: [CompanyIdKind; 5] =
        [CompanyIdKind::Uscc, CompanyIdKind::HkBr, CompanyIdKind::TwUbn, CompanyIdKind::Lei, CompanyIdKind::ForeignReg];

    pub const fn as_str(self) -> &'static str {
        match self {
            CompanyIdKind::Uscc => "uscc",
            CompanyIdKind::HkBr => "hk_br",
            CompanyIdKind::TwUbn => "tw_ubn",
            CompanyIdKind::Lei => "lei",
            CompanyIdKind::ForeignReg => "foreign_reg",
        }
    }
}

impl FromStr for CompanyIdKind {
    type Err = IdProblem;

    fn from_str(kind: &str) -> Result<Self, IdProblem> {
        CompanyIdKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or(IdProblem::Kind)
    }
}

text_value!(CompanyIdKind);

/// A company's number in a register, checked and in its one spelling. Two companies with equal ids are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "RawCompanyId")]
pub struct CompanyId {
    kind: CompanyIdKind,
    value: String,
}

#[derive(Deserialize)]
struct RawCompanyId {
    kind: CompanyIdKind,
    value: String,
}

impl TryFrom<RawCompanyId> for CompanyId {
    type Error = IdProblem;

    fn try_from(raw: RawCompanyId) -> Result<Self, IdProblem> {
        CompanyId::parse(raw.kind, &raw.value)
    }
}

/// What is wrong with an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdProblem {
    #[error("unknown kind of identifier")]
    Kind,
    #[error("nothing was entered")]
    Empty,
    #[error("{got} characters instead of {want}")]
    Length { want: usize, got: usize },
    #[error("a character that cannot occur here")]
    Charset,
    #[error("the check character does not fit: something was mistyped")]
    Checksum,
    #[error("does not begin with the two letters of a country or region")]
    Country,
}

impl From<IdProblem> for Refusal {
    fn from(problem: IdProblem) -> Refusal {
        match problem {
            IdProblem::Kind => Refusal::UnknownChoice,
            IdProblem::Empty => Refusal::Required,
            IdProblem::Length { .. } => Refusal::IdentifierLength,
            IdProblem::Charset => Refusal::IdentifierCharset,
            IdProblem::Checksum => Refusal::IdentifierChecksum,
            IdProblem::Country => Refusal::IdentifierForm,
        }
    }
}

impl CompanyId {
    /// Checks what a person typed. Full-width characters, lower case, spaces and hyphens are forgiven.
    pub fn parse(kind: CompanyIdKind, typed: &str) -> Result<CompanyId, IdProblem> {
        let value = normalise_id(typed);
        if value.is_empty() {
            return Err(IdProblem::Empty);
        }
        match kind {
            CompanyIdKind::Uscc => check_uscc(&value)?,
            CompanyIdKind::Lei => check_lei(&value)?,
            CompanyIdKind::HkBr | CompanyIdKind::TwUbn => check_digits(&value, 8)?,
            CompanyIdKind::ForeignReg => return foreign(&value).map(|value| CompanyId { kind, value }),
        }
        Ok(CompanyId { kind, value })
    }

    pub fn kind(&self) -> CompanyIdKind {
        self.kind
    }

    pub fn value(&self) -> &str {
        &self.value
    }
}

impl std::fmt::Display for CompanyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.value)
    }
}

/// NFKC (full-width to half-width), upper case, without spaces, hyphens, dots, slashes and invisible characters.
pub fn normalise_id(typed: &str) -> String {
    let separator =
        |c: char| c.is_whitespace() || is_invisible(c) || matches!(c, '-' | '.' | '/' | '_' | ':') || is_dash(c);
    // No register has numbers anywhere near this long; the rest would only cost time.
    typed.chars().take(200).nfkc().filter(|c| !separator(*c)).flat_map(char::to_uppercase).collect()
}

/// GB 32100-2015: the last character is `alphabet[(31 - Σ value·weight mod 31) mod 31]`.
fn check_uscc(value: &str) -> Result<(), IdProblem> {
    let values = characters(value, 18, |c| USCC_ALPHABET.iter().position(|known| *known == c))?;
    let sum: u32 = values.iter().zip(USCC_WEIGHTS).map(|(value, weight)| *value as u32 * weight).sum();
    let check = (31 - sum % 31) % 31;
    if values[17] as u32 == check { Ok(()) } else { Err(IdProblem::Checksum) }
}

/// ISO 17442 with ISO 7064 MOD 97-10: letters count 10 to 35, the whole number leaves 1.
fn check_lei(value: &str) -> Result<(), IdProblem> {
    let values = characters(value, 20, |c| (c as char).to_digit(36).map(|digit| digit as usize))?;
    if values[18] > 9 || values[19] > 9 {
        return Err(IdProblem::Charset);
    }
    let rest = values.iter().fold(0, |rest, value| (rest * if *value > 9 { 100 } else { 10 } + value) % 97);
    if rest == 1 { Ok(()) } else { Err(IdProblem::Checksum) }
}

fn check_digits(value: &str, length: usize) -> Result<(), IdProblem> {
    characters(value, length, |c| (c as char).to_digit(10).map(|digit| digit as usize)).map(drop)
}

/// The values of `length` characters; a wrong character is named before a wrong length only when the length is right.
fn characters(value: &str, length: usize, read: impl Fn(u8) -> Option<usize>) -> Result<Vec<usize>, IdProblem> {
    let got = value.chars().count();
    if got != length {
        return Err(IdProblem::Length { want: length, got });
    }
    value.bytes().map(read).collect::<Option<Vec<_>>>().ok_or(IdProblem::Charset)
}

/// Country and number with one hyphen between; the number has 1 to 30 letters and digits.
fn foreign(value: &str) -> Result<String, IdProblem> {
    if !value.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return Err(IdProblem::Charset);
    }
    let (country, number) = value.split_at_checked(2).ok_or(IdProblem::Country)?;
    match number.len() {
        _ if !is_country(country) => Err(IdProblem::Country),
        1..=30 => Ok(format!("{country}-{number}")),
        got => Err(IdProblem::Length { want: if got == 0 { 1 } else { 30 }, got }),
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}')
}

/// The code a project gets at filing (GB/T 40058-2021): `YYMM-division-dd-kk-rrrrrc`. Its check rule is not public,
/// so only the form is checked and the code is otherwise opaque.
pub fn is_project_code(code: &str) -> bool {
    let groups: Vec<&str> = code.split('-').collect();
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    groups.iter().map(|group| group.len()).eq([4, 6, 2, 2, 6])
        && groups[..4].iter().all(|group| digits(group))
        && digits(&groups[4][..5])
        && groups[4].bytes().last().is_some_and(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_forgiven() {
        let id = CompanyId::parse(CompanyIdKind::Uscc, " ９1350100-m000100y43 ").unwrap();
        assert_eq!(id.value(), "91350100M000100Y43");
        assert_eq!(CompanyId::parse(CompanyIdKind::HkBr, "1234 5678").unwrap().value(), "12345678");
    }

    #[test]
    fn a_foreign_number_carries_its_country() {
        let parse = |typed| CompanyId::parse(CompanyIdKind::ForeignReg, typed);
        assert_eq!(parse("DE-DEMO-00002").unwrap().value(), "DE-DEMO00002");
        assert_eq!(parse("de hrb 12345 b"), parse("DE-HRB12345B"));
        assert_eq!(parse("XX-1"), Err(IdProblem::Country));
        assert_eq!(parse("D"), Err(IdProblem::Country));
        assert_eq!(parse("DE"), Err(IdProblem::Length { want: 1, got: 0 }));
        assert_eq!(parse("DE-株12"), Err(IdProblem::Charset));
        assert_eq!(parse(" - "), Err(IdProblem::Empty));
    }

    #[test]
    fn checking_again_changes_nothing() {
        for (kind, typed) in [(CompanyIdKind::ForeignReg, "DE DEMO 2"), (CompanyIdKind::Lei, "DEM0 0000000000000107")] {
            let id = CompanyId::parse(kind, typed).unwrap();
            assert_eq!(CompanyId::parse(kind, id.value()).unwrap(), id);
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(serde_json::from_str::<CompanyId>(&json).unwrap(), id);
        }
        assert!(serde_json::from_str::<CompanyId>(r#"{"kind":"uscc","value":"91350100M000100Y4Z"}"#).is_err());
    }

    #[test]
    fn long_and_foreign_input_is_harmless() {
        assert!(matches!(
            CompanyId::parse(CompanyIdKind::Uscc, &"盐".repeat(100_000)),
            Err(IdProblem::Length { want: 18, .. })
        ));
        assert_eq!(
            CompanyId::parse(CompanyIdKind::Uscc, "盐亭县盐亭县盐亭县盐亭县盐亭县盐亭县"),
            Err(IdProblem::Charset)
        );
    }
}
