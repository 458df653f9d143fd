//! The cookie of a sign-in: unreadable for scripts, not sent with requests that other sites begin.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, SameSite};
use yunqia_actions::signing_in::SIGN_IN_MINUTES;

use crate::{App, caller::COOKIE};

/// The header that signs a browser in.
pub fn set(app: &App, secret: &str) -> [(header::HeaderName, HeaderValue); 1] {
    header(app, secret, SIGN_IN_MINUTES * 60)
}

/// The header that makes a browser forget its sign-in.
pub fn clear(app: &App) -> [(header::HeaderName, HeaderValue); 1] {
    header(app, "", 0)
}

fn header(app: &App, secret: &str, seconds: i64) -> [(header::HeaderName, HeaderValue); 1] {
    let mut cookie = Cookie::new(COOKIE, secret);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(app.is_https());
    let text = format!("{cookie}; Max-Age={seconds}");
    [(header::SET_COOKIE, HeaderValue::from_str(&text).expect("secrets are letters and digits"))]
}

/// Browser and system of a request, for the list of one's sign-ins: `Firefox · Windows`.
pub fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The first that fits: each browser names those it descends from after itself.
    let browser = [
        ("MicroMessenger", "WeChat"),
        ("wxwork", "WeCom"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("QQBrowser", "QQ Browser"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    let system = [
        ("Windows", "Windows"),
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let find =
        |words: &[(&str, &'static str)]| words.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    [find(&browser), find(&system)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_what_they_say() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
                "Edge · Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1 MicroMessenger/8.0",
                "WeChat · iPhone",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox · Linux"),
            ("curl/8.0", ""),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
            assert_eq!(device(&headers), name);
        }
    }
}
