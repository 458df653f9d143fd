//! When to try a letter again, and how fast letters may leave for one receiving domain.
//!
//! Both are arithmetic on arguments: the caller brings the time and the chance. Large providers limit senders by
//! domain and by day, and the answer to a limit is to slow down, so every domain has its own bucket and a domain
//! that defers us can be rested as a whole.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

/// The waits between the attempts of one letter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The wait after the first failed attempt.
    pub first: SignedDuration,
    /// Each further wait is this many times the one before.
    pub factor: f64,
    /// No wait is longer than this, before jitter.
    pub longest: SignedDuration,
    /// After this many failed attempts a letter is kept as undeliverable.
    pub attempts_max: u32,
}

impl Default for Backoff {
    /// 30 s, 2 min, 8 min, 32 min, 2 h 8 min, then every 6 h: 17 attempts reach over three days, past a weekend's
    /// outage of a county's mail server and short of the five days of RFC 5321 §4.5.4.1.
    fn default() -> Self {
        Self {
            first: SignedDuration::from_secs(30),
            factor: 4.0,
            longest: SignedDuration::from_hours(6),
            attempts_max: 17,
        }
    }
}

impl Backoff {
    /// How long to wait after `failed` failed attempts (1 for the first); `None` when the letter should be given up.
    ///
    /// `chance` in 0..1 spreads the wait over 75-125 %, so letters that failed together do not return together.
    pub fn wait(&self, failed: u32, chance: f64) -> Option<SignedDuration> {
        if failed >= self.attempts_max {
            return None;
        }
        let steps = failed.saturating_sub(1).min(64);
        let plain = self.first.as_secs_f64() * self.factor.max(1.0).powi(i32::try_from(steps).unwrap_or(64));
        let capped = plain.min(self.longest.as_secs_f64());
        let spread = 0.75 + 0.5 * chance.clamp(0.0, 1.0);
        Some(SignedDuration::from_millis((capped * spread * 1000.0) as i64))
    }
}

/// How many letters one receiving domain gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Letters that may leave at once after a quiet time.
    pub burst: f64,
    /// Letters a minute after that.
    pub per_minute: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { burst: 20.0, per_minute: 60.0 }
    }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Timestamp,
    rests_until: Option<Timestamp>,
}

/// One token bucket for each receiving domain. Lives in the worker's memory: a restart forgets it, which costs at
/// most one burst.
#[derive(Debug, Default)]
pub struct Paces {
    default: Pace,
    by_domain: HashMap<String, Pace>,
    buckets: HashMap<String, Bucket>,
}

/// More domains than this are not remembered at once; full buckets are forgotten first.
const BUCKETS_MAX: usize = 10_000;

impl Paces {
    /// `by_domain` overrides the default for single domains (lower case, for example `qq.com`).
    pub fn new(default: Pace, by_domain: HashMap<String, Pace>) -> Self {
        Self { default, by_domain, buckets: HashMap::new() }
    }

    fn pace(&self, domain: &str) -> Pace {
        self.by_domain.get(domain).copied().unwrap_or(self.default)
    }

    /// Takes one letter's place for `domain`, or says how long to wait for one. A refusal takes nothing.
    pub fn take(&mut self, domain: &str, now: Timestamp) -> Result<(), SignedDuration> {
        let domain = domain.to_ascii_lowercase();
        let pace = self.pace(&domain);
        self.forget_full(now);
        let fresh = Bucket { tokens: pace.burst.max(1.0), filled_at: now, rests_until: None };
        let bucket = self.buckets.entry(domain).or_insert(fresh);
        refill(bucket, pace, now);
        if let Some(until) = bucket.rests_until {
            if until > now {
                return Err(until.duration_since(now));
            }
            bucket.rests_until = None;
        }
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let missing = 1.0 - bucket.tokens;
        // At least a millisecond, so that a caller who waits exactly this long moves on.
        let millis = (missing / per_second(pace) * 1000.0).ceil().clamp(1.0, 86_400_000.0);
        Err(SignedDuration::from_millis(millis as i64))
    }

    /// Rests a whole domain, because it answered that we are too fast or that it cannot take letters now.
    pub fn rest(&mut self, domain: &str, now: Timestamp, wait: SignedDuration) {
        let domain = domain.to_ascii_lowercase();
        let pace = self.pace(&domain);
        let until = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        let fresh = Bucket { tokens: pace.burst.max(1.0), filled_at: now, rests_until: None };
        let bucket = self.buckets.entry(domain).or_insert(fresh);
        refill(bucket, pace, now);
        bucket.rests_until = Some(bucket.rests_until.map_or(until, |old| old.max(until)));
    }

    fn forget_full(&mut self, now: Timestamp) {
        if self.buckets.len() < BUCKETS_MAX {
            return;
        }
        let (default, by_domain) = (self.default, &self.by_domain);
        self.buckets.retain(|domain, bucket| {
            let pace = by_domain.get(domain).copied().unwrap_or(default);
            refill(bucket, pace, now);
            bucket.tokens < pace.burst.max(1.0) || bucket.rests_until.is_some_and(|until| until > now)
        });
    }
}

fn per_second(pace: Pace) -> f64 {
    (pace.per_minute / 60.0).max(1.0 / 86_400.0)
}

/// A clock that went back refills nothing.
fn refill(bucket: &mut Bucket, pace: Pace, now: Timestamp) {
    let passed = now.duration_since(bucket.filled_at);
    bucket.tokens = (bucket.tokens + passed.as_secs_f64().max(0.0) * per_second(pace)).min(pace.burst.max(1.0));
    // A clock that was set back must not stop a domain until it is where it was: its rest goes back with it.
    if passed.is_negative() {
        bucket.rests_until = bucket.rests_until.map(|until| until.saturating_add(passed).unwrap_or(now));
    }
    bucket.filled_at = now;
}

/// The part of an address after the last `@`, in lower case; the whole text when there is none.
pub fn receiving_domain(email: &str) -> String {
    email.rsplit_once('@').map_or(email, |(_, domain)| domain).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("within range")
    }

    #[test]
    fn waits_grow_to_the_longest_and_end() {
        let backoff = Backoff::default();
        let waits: Vec<i64> = (1..=8).filter_map(|n| backoff.wait(n, 0.5)).map(|w| w.as_secs()).collect();
        assert_eq!(waits, [30, 120, 480, 1920, 7680, 21600, 21600, 21600]);
        assert_eq!(backoff.wait(17, 0.5), None);
        let total: i64 = (1..17).filter_map(|n| backoff.wait(n, 0.5)).map(|w| w.as_hours()).sum();
        assert!((66..5 * 24).contains(&total), "{total} hours");
    }

    #[test]
    fn jitter_stays_within_a_quarter() {
        let backoff = Backoff::default();
        assert_eq!(backoff.wait(1, 0.0), Some(SignedDuration::from_millis(22_500)));
        assert_eq!(backoff.wait(1, 1.0), Some(SignedDuration::from_millis(37_500)));
        assert_eq!(backoff.wait(1, f64::INFINITY), backoff.wait(1, 1.0));
    }

    #[test]
    fn a_domain_gets_its_burst_and_then_its_rate() {
        let mut paces = Paces::new(Pace { burst: 3.0, per_minute: 60.0 }, HashMap::new());
        for _ in 0..3 {
            assert_eq!(paces.take("QQ.com", at(0)), Ok(()));
        }
        assert_eq!(paces.take("qq.com", at(0)), Err(SignedDuration::from_secs(1)));
        assert_eq!(paces.take("163.com", at(0)), Ok(()), "another domain is not slowed");
        assert_eq!(paces.take("qq.com", at(1)), Ok(()));
        assert!(paces.take("qq.com", at(1)).is_err());
        let sent = (2..62).filter(|second| paces.take("qq.com", at(*second)).is_ok()).count();
        assert_eq!(sent, 60);
    }

    #[test]
    fn a_resting_domain_gets_nothing_until_its_rest_is_over() {
        let mut paces = Paces::default();
        paces.rest("qq.com", at(0), SignedDuration::from_mins(10));
        paces.rest("qq.com", at(0), SignedDuration::from_mins(5));
        assert_eq!(paces.take("qq.com", at(60)), Err(SignedDuration::from_mins(9)));
        assert_eq!(paces.take("qq.com", at(600)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_refills_nothing_and_the_rate_goes_on_from_there() {
        let mut paces = Paces::new(Pace { burst: 1.0, per_minute: 60.0 }, HashMap::new());
        assert_eq!(paces.take("a.example", at(3600)), Ok(()));
        assert!(paces.take("a.example", at(0)).is_err());
        assert_eq!(paces.take("a.example", at(1)), Ok(()), "it does not wait until the clock is where it was");
        paces.rest("a.example", at(3600), SignedDuration::from_secs(60));
        assert!(paces.take("a.example", at(3601)).is_err());
        assert!(paces.take("a.example", at(2)).is_err(), "what was left of the rest is still to come");
        assert_eq!(paces.take("a.example", at(62)), Ok(()));
    }

    #[test]
    fn overrides_are_per_domain() {
        let slow = HashMap::from([("qq.com".to_owned(), Pace { burst: 1.0, per_minute: 1.0 })]);
        let mut paces = Paces::new(Pace::default(), slow);
        assert_eq!(paces.take("qq.com", at(0)), Ok(()));
        assert_eq!(paces.take("qq.com", at(0)), Err(SignedDuration::from_mins(1)));
        assert_eq!(receiving_domain("A@QQ.Com"), "qq.com");
    }
}
