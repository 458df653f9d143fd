//! Finds the web addresses in plain text, so that a view can show them as links and everything else as text.
//!
//! Only `http` and `https` become links, only what is an address by itself (no user names before an @, which make a
//! wrong host look right), and the host goes along in ASCII, so that a look-alike letter shows.

use serde::{Deserialize, Serialize};
use url::{Host, Url};
use utoipa::ToSchema;

/// Addresses per text that become links; more than that is text.
const MAX_LINKS: usize = 20;

/// A web address in a text. `from` and `to` count UTF-16 code units, as JavaScript cuts strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    pub from: usize,
    pub to: usize,
    /// The whole address in its normal form.
    pub url: String,
    /// Where it leads, in ASCII: shown beside the link.
    pub host: String,
}

/// The links of a text in order.
pub fn find_links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let (mut bytes, mut units) = (0, 0);
    while let Some(start) = next_scheme(text, bytes) {
        let candidate = trimmed(&text[start..]);
        let end = start + candidate.len();
        units += utf16_len(&text[bytes..start]);
        if let (true, Some((url, host))) = (begins_a_word(&text[..start]), read(candidate)) {
            links.push(Link { from: units, to: units + candidate.len(), url, host });
            if links.len() == MAX_LINKS {
                break;
            }
        }
        // An address is ASCII, so its bytes are its UTF-16 units.
        units += candidate.len();
        bytes = end;
    }
    links
}

/// Whether a value typed as a web address is one: absolute, http(s), with a host that has a dot.
pub fn is_web_address(typed: &str) -> bool {
    typed.len() <= 2000 && typed.is_ascii() && trimmed(typed).len() == typed.len() && read(typed).is_some()
}

/// Where `http://` or `https://` begins, from `from` on.
fn next_scheme(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let begins = |start: usize, scheme: &str| {
        bytes.get(start..start + scheme.len()).is_some_and(|part| part.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    (from..bytes.len()).find(|start| begins(*start, "http://") || begins(*start, "https://"))
}

/// The longest run of characters that addresses have, without the punctuation of the sentence around it.
fn trimmed(text: &str) -> &str {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    let mut run = &text[..text.find(|c| !allowed(c)).unwrap_or(text.len())];
    while let Some(last) = run.chars().last() {
        let open = |open: char, close: char| run.matches(open).count() >= run.matches(close).count();
        let stays = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '(' | '[' => false,
            ')' => open('(', ')'),
            ']' => open('[', ']'),
            _ => true,
        };
        if stays {
            break;
        }
        run = &run[..run.len() - 1];
    }
    run
}

fn read(candidate: &str) -> Option<(String, String)> {
    let url = Url::parse(candidate).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    let host = match url.host()? {
        Host::Domain(domain) if domain.trim_end_matches('.').contains('.') => domain.to_owned(),
        _ => return None,
    };
    (plain && candidate.len() <= 2000).then(|| (url.to_string(), host))
}

/// "xhttps://…" is no address.
fn begins_a_word(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The links of a text as JavaScript would cut them out of it.
    fn cut(text: &str) -> Vec<String> {
        let units: Vec<u16> = text.encode_utf16().collect();
        find_links(text).iter().map(|link| String::from_utf16(&units[link.from..link.to]).unwrap()).collect()
    }

    #[test]
    fn addresses_are_found_in_chinese_and_english_prose() {
        assert_eq!(cut("请看https://www.sc.gov.cn/a?b=1，谢谢"), ["https://www.sc.gov.cn/a?b=1"]);
        assert_eq!(
            cut("😀 See https://a.example/x. And (HTTP://b.example/y_(z))!"),
            ["https://a.example/x", "HTTP://b.example/y_(z)"]
        );
        assert_eq!(cut("https://a.example。https://b.example"), ["https://a.example", "https://b.example"]);
        assert!(cut("没有链接 http:// https:/x www.a.example").is_empty());
    }

    #[test]
    fn the_host_is_told_and_tricks_stay_text() {
        let link = &find_links("https://A.Example:8443/x")[0];
        assert_eq!((link.host.as_str(), link.url.as_str()), ("a.example", "https://a.example:8443/x"));
        for trick in [
            "https://bank.example@evil.example/",
            "https://user:pass@evil.example/",
            "javascript:alert(1)",
            "xhttps://a.example",
            "https://localhost/",
            "http://127.0.0.1/admin",
            "http://[::1]/",
            "data:text/html,https",
        ] {
            assert!(cut(trick).is_empty(), "{trick}");
        }
    }

    #[test]
    fn markup_around_an_address_stays_outside() {
        assert_eq!(cut(r#"<a href="https://a.example/">x</a>"#), ["https://a.example/"]);
        assert_eq!(cut("https://a.example/\u{202E}x"), ["https://a.example/"]);
    }

    #[test]
    fn only_so_many() {
        assert_eq!(find_links(&"https://a.example ".repeat(50)).len(), MAX_LINKS);
    }

    #[test]
    fn web_addresses_of_companies() {
        assert!(is_web_address("https://company1.example/zh"));
        for wrong in ["company1.example", "ftp://a.example", "https://a", "https://a.example/ x", "https://公司.cn", ""]
        {
            assert!(!is_web_address(wrong), "{wrong}");
        }
    }
}
