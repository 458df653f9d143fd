//! How a person is reached: e-mail addresses and phone numbers.

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use crate::refusal::Refusal;
use crate::text::is_invisible;
use crate::text_value::text_value;

/// An e-mail address that can be written on an envelope: ASCII, the domain in lower case and Punycode, at most 254
/// characters (RFC 5321). The local part keeps its capitals for sending; [`Email::key`] compares without them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = "email", example = "contact1@company1.example")]
pub struct Email(String);

/// What is wrong with an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailProblem {
    #[error("nothing was entered")]
    Empty,
    #[error("longer than an address can be")]
    TooLong,
    #[error("an address has one @ with something before and after it")]
    NoAt,
    #[error("a character before the @ that cannot be written to")]
    LocalPart,
    #[error("the part after the @ is not a domain name")]
    Domain,
}

impl From<EmailProblem> for Refusal {
    fn from(problem: EmailProblem) -> Refusal {
        if problem == EmailProblem::Empty { Refusal::Required } else { Refusal::EmailWrong }
    }
}

impl Email {
    /// The address as it goes into a letter's envelope and header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one address have in common; people are found by it. No mail system in use tells
    /// capitals apart.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The address as people write it, with an international domain in its own script.
    pub fn display(&self) -> String {
        let (domain, _) = idna::domain_to_unicode(self.domain());
        format!("{}@{domain}", self.local_part())
    }

    /// The domain in lower case and ASCII; letters are rationed by it.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// For a list that others see: "c***1@company1.example".
    pub fn masked(&self) -> String {
        let local = self.local_part();
        let (first, last) = (&local[..1], if local.len() > 2 { &local[local.len() - 1..] } else { "" });
        format!("{first}***{last}@{}", self.domain())
    }

    /// Whether mail to it can never arrive (RFC 2606), as with all addresses of the demo.
    pub fn is_reserved(&self) -> bool {
        let domain = self.domain();
        let last = domain.rsplit('.').next().unwrap_or_default();
        matches!(last, "example" | "test" | "invalid" | "localhost")
            || ["example.com", "example.org", "example.net"]
                .iter()
                .any(|d| domain == *d || domain.ends_with(&format!(".{d}")))
    }
}

impl FromStr for Email {
    type Err = EmailProblem;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        if typed.len() > 2000 {
            return Err(EmailProblem::TooLong);
        }
        // Full-width letters and ＠ come from input methods.
        let typed: String = typed.nfkc().filter(|c| !is_invisible(*c)).collect();
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(EmailProblem::Empty);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(EmailProblem::NoAt)?;
        if local.is_empty() || domain.is_empty() || local.contains('@') {
            return Err(EmailProblem::NoAt);
        }
        if !is_local_part(local) {
            return Err(EmailProblem::LocalPart);
        }
        let domain = ascii_domain(domain).ok_or(EmailProblem::Domain)?;
        let whole = format!("{local}@{domain}");
        if local.len() > 64 || whole.len() > 254 {
            return Err(EmailProblem::TooLong);
        }
        Ok(Email(whole))
    }
}

text_value!(Email);

/// A dot-atom of RFC 5322. Quoted local parts are legal and never meant; they are refused.
fn is_local_part(local: &str) -> bool {
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
}

/// A host name with at least one dot and a last label that is no number, in lower-case ASCII.
fn ascii_domain(domain: &str) -> Option<String> {
    let domain = idna::domain_to_ascii_strict(domain).ok()?;
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = domain.rsplit('.').next()?;
    let fine = domain.contains('.') && domain.split('.').all(label) && !last.bytes().all(|c| c.is_ascii_digit());
    fine.then_some(domain)
}

/// A phone number in E.164, with an extension as RFC 3966 writes it: `+8613800000000`, `+868167220000;ext=12`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, example = "+8613800000000")]
pub struct Phone(String);

/// What is wrong with a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneProblem {
    #[error("nothing was entered")]
    Empty,
    #[error("a character that no phone number has")]
    Charset,
    #[error("not the number of digits a number there has")]
    Length,
    #[error("neither a mainland number nor one that begins with + and the country")]
    Form,
}

impl From<PhoneProblem> for Refusal {
    fn from(problem: PhoneProblem) -> Refusal {
        if problem == PhoneProblem::Empty { Refusal::Required } else { Refusal::PhoneWrong }
    }
}

impl Phone {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a mainland mobile (1[3-9] and nine digits), which is personal and masked for most readers.
    pub fn is_mainland_mobile(&self) -> bool {
        self.0.strip_prefix("+86").is_some_and(is_mobile)
    }

    /// Grouped for reading: "138 0000 0000", "+852 9123 4567". For the owner and those it was shared with.
    pub fn display(&self) -> String {
        let (number, extension) = self.parts();
        let shown = match number.strip_prefix("+86") {
            Some(mobile) if is_mobile(mobile) => format!("{} {} {}", &mobile[..3], &mobile[3..7], &mobile[7..]),
            Some(landline) => {
                let (area, rest) = landline.split_at(area_length(landline));
                format!("0{area}-{rest}")
            }
            None => match number.strip_prefix("+852") {
                Some(rest) if rest.len() == 8 => format!("+852 {} {}", &rest[..4], &rest[4..]),
                _ => number.to_owned(),
            },
        };
        extension.map_or(shown.clone(), |extension| format!("{shown}-{extension}"))
    }

    /// For everybody else: "138****0000"; other numbers keep their country and the last two digits.
    pub fn masked(&self) -> String {
        let (number, _) = self.parts();
        match number.strip_prefix("+86") {
            Some(mobile) if is_mobile(mobile) => format!("{}****{}", &mobile[..3], &mobile[7..]),
            Some(landline) => {
                let (area, rest) = landline.split_at(area_length(landline));
                format!("0{area}-{}{}", "*".repeat(rest.len() - 2), &rest[rest.len() - 2..])
            }
            None => {
                let known = if number.starts_with("+852") || number.starts_with("+886") { 4 } else { 3 };
                format!("{}{}{}", &number[..known], "*".repeat(number.len() - known - 2), &number[number.len() - 2..])
            }
        }
    }

    fn parts(&self) -> (&str, Option<&str>) {
        self.0.split_once(";ext=").map_or((&self.0, None), |(number, extension)| (number, Some(extension)))
    }
}

impl FromStr for Phone {
    type Err = PhoneProblem;

    /// Reads what people type; a number without country is a mainland number.
    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        if typed.len() > 200 {
            return Err(PhoneProblem::Length);
        }
        let typed: String = typed.nfkc().filter(|c| !is_invisible(*c)).collect();
        let (number, extension) = split_extension(typed.trim())?;
        let mut digits = String::new();
        for (index, c) in number.chars().enumerate() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if index == 0 => digits.push(c),
                ' ' | '-' | '(' | ')' | '.' | '/' | '\u{2010}'..='\u{2015}' => {}
                _ => return Err(PhoneProblem::Charset),
            }
        }
        if digits.is_empty() || digits == "+" {
            return Err(PhoneProblem::Empty);
        }
        let number = international(&digits)?;
        Ok(Phone(extension.map_or(number.clone(), |extension| format!("{number};ext={extension}"))))
    }
}

text_value!(Phone);

/// The number and its extension: "0816-7220000-12", "… ext 12", "… 转 12".
fn split_extension(typed: &str) -> Result<(&str, Option<&str>), PhoneProblem> {
    let markers = [";ext=", "ext.", "ext", "转", "轉", "x"];
    let marked = markers.iter().find_map(|marker| typed.split_once(marker));
    let third_group = || {
        let groups: Vec<&str> = typed.split('-').collect();
        (typed.starts_with('0') && groups.len() == 3 && (7..=8).contains(&groups[1].len()))
            .then(|| typed.rsplit_once('-'))
            .flatten()
    };
    match marked.or_else(third_group) {
        None => Ok((typed, None)),
        Some((number, extension)) => {
            let extension = extension.trim();
            let fine = (1..=6).contains(&extension.len()) && extension.bytes().all(|c| c.is_ascii_digit());
            if fine { Ok((number, Some(extension))) } else { Err(PhoneProblem::Charset) }
        }
    }
}

/// `+` and digits in E.164 from digits as dialled on the mainland or with a country code.
fn international(digits: &str) -> Result<String, PhoneProblem> {
    let (country_and_number, whole) = match digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
        Some(rest) => (rest.to_owned(), true),
        None if is_mobile(digits) => (format!("86{digits}"), false),
        None if digits.starts_with('0') => (format!("86{}", &digits[1..]), false),
        None if digits.starts_with("86") && is_mobile(&digits[2..]) => (digits.to_owned(), true),
        None if digits.starts_with('1') => return Err(PhoneProblem::Length),
        None => return Err(PhoneProblem::Form),
    };
    if let Some(national) = country_and_number.strip_prefix("86") {
        // "+86 (0)816 …" is often written with the zero of a call within the country.
        let national = if whole { national.strip_prefix('0').unwrap_or(national) } else { national };
        return if is_mobile(national) || is_landline(national) {
            Ok(format!("+86{national}"))
        } else {
            Err(PhoneProblem::Length)
        };
    }
    if let Some(national) = country_and_number.strip_prefix("852") {
        let fine = national.len() == 8 && national.starts_with(|c: char| ('2'..='9').contains(&c));
        return if fine { Ok(format!("+852{national}")) } else { Err(PhoneProblem::Length) };
    }
    match country_and_number.len() {
        7..=15 if !country_and_number.starts_with('0') => Ok(format!("+{country_and_number}")),
        _ => Err(PhoneProblem::Length),
    }
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11
        && digits.bytes().all(|c| c.is_ascii_digit())
        && digits.starts_with('1')
        && (b'3'..=b'9').contains(&digits.as_bytes()[1])
}

/// A landline without its leading zero: area code of two (10, 2x) or three digits, then seven or eight.
fn is_landline(digits: &str) -> bool {
    digits.len() >= 9
        && digits.bytes().all(|c| c.is_ascii_digit())
        && !digits.starts_with('0')
        && (!digits.starts_with('1') || digits.starts_with("10"))
        && (7..=8).contains(&(digits.len() - area_length(digits)))
}

fn area_length(landline: &str) -> usize {
    if landline.starts_with("10") || landline.starts_with('2') { 2 } else { 3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(typed: &str) -> Result<Email, EmailProblem> {
        typed.parse()
    }

    fn phone(typed: &str) -> Result<Phone, PhoneProblem> {
        typed.parse()
    }

    #[test]
    fn one_address_in_several_spellings() {
        let address = email(" Wei.Zhao＠Company1.EXAMPLE ").unwrap();
        assert_eq!(address.as_str(), "Wei.Zhao@company1.example");
        assert_eq!(address.key(), email("wei.zhao@company1.example").unwrap().key());
        assert_eq!(address.masked(), "W***o@company1.example");
        assert_eq!(email("a@b.cn").unwrap().masked(), "a***@b.cn");
        assert!(address.is_reserved() && !email("a@b.cn").unwrap().is_reserved());
    }

    #[test]
    fn international_domains_travel_in_ascii() {
        let address = email("info@公司.中国").unwrap();
        assert_eq!(address.as_str(), "info@xn--55qx5d.xn--fiqs8s");
        assert_eq!(address.display(), "info@公司.中国");
        assert_eq!(email(address.as_str()).unwrap(), address);
        assert_eq!(email("a@bücher.example").unwrap().domain(), "xn--bcher-kva.example");
    }

    #[test]
    fn what_cannot_be_written_to_is_refused() {
        for (typed, problem) in [
            ("", EmailProblem::Empty),
            ("zhao", EmailProblem::NoAt),
            ("@b.cn", EmailProblem::NoAt),
            ("a@@b.cn", EmailProblem::NoAt),
            ("a@b", EmailProblem::Domain),
            ("a@127.0.0.1", EmailProblem::Domain),
            ("a@-b.cn", EmailProblem::Domain),
            ("a@b..cn", EmailProblem::Domain),
            ("a@[::1]", EmailProblem::Domain),
            ("a b@c.cn", EmailProblem::LocalPart),
            ("a..b@c.cn", EmailProblem::LocalPart),
            ("\"a b\"@c.cn", EmailProblem::LocalPart),
            ("a\r\nBcc:x@c.cn", EmailProblem::LocalPart),
            ("赵@c.cn", EmailProblem::LocalPart),
        ] {
            assert_eq!(email(typed), Err(problem), "{typed:?}");
        }
        assert_eq!(email(&format!("{}@c.cn", "a".repeat(65))), Err(EmailProblem::TooLong));
        let domain = ["b".repeat(60), "b".repeat(60), "b".repeat(60), "b".repeat(60), "cn".into()].join(".");
        assert_eq!(email(&format!("{}@{domain}", "a".repeat(20))), Err(EmailProblem::TooLong));
        assert!(email("a\u{0}b@c.cn").is_err());
    }

    #[test]
    fn mainland_numbers_are_understood_as_dialled() {
        for typed in
            ["13800000000", "138 0000 0000", "+86 138-0000-0000", "0086 13800000000", "８６１３８００００００００"]
        {
            assert_eq!(phone(typed).unwrap().as_str(), "+8613800000000", "{typed}");
        }
        for typed in ["0816-7220000", "(0816) 722 0000", "+86 816 7220000", "+86 (0)816 7220000"] {
            assert_eq!(phone(typed).unwrap().as_str(), "+868167220000", "{typed}");
        }
        assert_eq!(phone("010-12345678").unwrap().as_str(), "+861012345678");
        assert_eq!(phone("0816-7220000-12").unwrap().as_str(), "+868167220000;ext=12");
        assert_eq!(phone("0816-7220000转12").unwrap(), phone("+868167220000;ext=12").unwrap());
    }

    #[test]
    fn numbers_elsewhere_need_their_country() {
        assert_eq!(phone("+852 9123 4567").unwrap().as_str(), "+85291234567");
        assert_eq!(phone("+49 (30) 901820").unwrap().as_str(), "+4930901820");
        assert_eq!(phone("9123 4567"), Err(PhoneProblem::Form));
        assert_eq!(phone("+852 1123 4567"), Err(PhoneProblem::Length));
        assert_eq!(phone("+86 100 0000 0001"), Err(PhoneProblem::Length));
        assert_eq!(phone("1380000000"), Err(PhoneProblem::Length));
        assert_eq!(phone("12800000000"), Err(PhoneProblem::Length));
        assert_eq!(phone("call me"), Err(PhoneProblem::Charset));
        assert_eq!(phone(" "), Err(PhoneProblem::Empty));
    }

    #[test]
    fn shown_to_the_owner_and_masked_for_others() {
        for (typed, shown, masked) in [
            ("13800000000", "138 0000 0000", "138****0000"),
            ("0816-7220000-12", "0816-7220000-12", "0816-*****00"),
            ("010-12345678", "010-12345678", "010-******78"),
            ("+85291234567", "+852 9123 4567", "+852******67"),
            ("+4930901820", "+4930901820", "+49******20"),
        ] {
            let phone = phone(typed).unwrap();
            assert_eq!((phone.display().as_str(), phone.masked().as_str()), (shown, masked));
            assert_eq!(phone.as_str().parse::<Phone>().unwrap(), phone);
        }
        assert!(phone("13800000000").unwrap().is_mainland_mobile());
        assert!(!phone("010-12345678").unwrap().is_mainland_mobile());
    }
}
