//! How often one address and one person may ask. Counts live in memory: they guard the server, not a rule of the field.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DashMapStateStore,
};
use yunqia_domain::ids::PersonId;

use crate::{App, Limits, caller::COOKIE, problem::Fault};

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// People behind one address of an office share it, so those who are signed in get more from it.
const SIGNED_IN_FACTOR: u32 = 20;
/// Counts that are no longer needed are dropped every so many requests.
const TIDY_EVERY: u32 = 4096;

/// The counts of one server.
#[derive(Clone)]
pub struct Rates(Arc<Counts>);

struct Counts {
    anonymous: Keyed<IpAddr>,
    signed_in: Keyed<IpAddr>,
    letters: Keyed<IpAddr>,
    writes: Keyed<PersonId>,
    asked: AtomicU32,
    clock: DefaultClock,
}

impl Rates {
    pub fn new(limits: Limits) -> Rates {
        let many = |n: u32| NonZeroU32::new(n.max(1)).expect("at least one");
        let per_second = |n: u32, burst: u32| Quota::per_second(many(n)).allow_burst(many(burst));
        let factor = |n: u32| n.saturating_mul(SIGNED_IN_FACTOR);
        Rates(Arc::new(Counts {
            anonymous: RateLimiter::keyed(per_second(limits.anonymous_per_second, limits.anonymous_burst)),
            signed_in: RateLimiter::keyed(per_second(
                factor(limits.anonymous_per_second),
                factor(limits.anonymous_burst),
            )),
            letters: RateLimiter::keyed(Quota::per_hour(many(limits.sign_in_letters_per_hour))),
            writes: RateLimiter::keyed(per_second(limits.writes_per_second, limits.writes_burst)),
            asked: AtomicU32::new(0),
            clock: DefaultClock::default(),
        }))
    }

    /// Any request. `has_cookie` is only claimed, so it raises the limit and does not lift it.
    pub fn request(&self, ip: IpAddr, has_cookie: bool) -> Result<(), Fault> {
        if self.0.asked.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.0.anonymous.retain_recent();
            self.0.signed_in.retain_recent();
            self.0.letters.retain_recent();
            self.0.writes.retain_recent();
        }
        self.check(if has_cookie { &self.0.signed_in } else { &self.0.anonymous }, &ip)
    }

    /// A letter asked for, whoever it goes to.
    pub fn sign_in_letter(&self, ip: IpAddr) -> Result<(), Fault> {
        self.check(&self.0.letters, &ip)
    }

    /// A change by a signed-in person.
    pub fn write(&self, person: PersonId) -> Result<(), Fault> {
        self.check(&self.0.writes, &person)
    }

    fn check<K: Clone + Eq + std::hash::Hash>(&self, limiter: &Keyed<K>, key: &K) -> Result<(), Fault> {
        limiter
            .check_key(key)
            .map_err(|not_until| Fault::TooMany(not_until.wait_time_from(self.0.clock.now()).as_secs() + 1))
    }
}

/// Layer before every route. Files of the front end are not counted: they cost little, and many people share one address
/// of a provider.
pub async fn per_address(State(app): State<App>, Ip(ip): Ip, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !["/api/", "/ws", "/feed/", "/unsubscribe/"].iter().any(|counted| path.starts_with(counted)) {
        return next.run(request).await;
    }
    let cookies = request.headers().get_all(header::COOKIE);
    let has_cookie =
        cookies.iter().any(|cookie| cookie.to_str().is_ok_and(|text| text.contains(&format!("{COOKIE}="))));
    match app.rates.request(ip, has_cookie) {
        Ok(()) => next.run(request).await,
        Err(fault) => fault.into_response(),
    }
}

/// The address a request comes from. Behind a proxy it is the last one in `X-Forwarded-For`, which the proxy itself has
/// written; those before it are the client's own words.
pub struct Ip(pub IpAddr);

impl FromRequestParts<App> for Ip {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let forwarded = app.settings.behind_proxy.then(|| forwarded(&parts.headers)).flatten();
        let ip = forwarded.or(peer).unwrap_or(IpAddr::from([0, 0, 0, 0]));
        Ok(Ip(network(ip)))
    }
}

fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

/// One customer of a provider has a whole /64 of IPv6.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_told_to_wait() {
        let rates = Rates::new(Limits { anonymous_per_second: 1, anonymous_burst: 3, ..Limits::default() });
        let ip = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..3 {
            assert!(rates.request(ip, false).is_ok());
        }
        assert!(matches!(rates.request(ip, false), Err(Fault::TooMany(1..=2))));
        assert!(rates.request(IpAddr::from([192, 0, 2, 2]), false).is_ok());
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        let ip = |text: &str| network(text.parse().unwrap());
        assert_eq!(ip("2001:db8:1:2:3::4"), ip("2001:db8:1:2::9"));
        assert_eq!(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
    }

    #[test]
    fn the_proxys_word_counts_not_the_clients() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "10.0.0.1, 192.0.2.7".parse().unwrap());
        assert_eq!(forwarded(&headers), Some(IpAddr::from([192, 0, 2, 7])));
    }
}
