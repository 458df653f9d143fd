//! How long people were somewhere, from the record of their comings and goings.

use jiff::SignedDuration;

use crate::Timestamp;

/// From when until when somebody was there.
pub type Span = (Timestamp, Timestamp);

/// A stay that was not confirmed for this long has ended: its server is gone.
pub const CONFIRMED_WITHIN: SignedDuration = SignedDuration::from_secs(90);

/// The spans without their overlaps, in order: two tabs at once are one presence.
pub fn merged(spans: &[Span]) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans.iter().copied().filter(|(from, until)| from < until).collect();
    sorted.sort();
    let mut merged: Vec<Span> = Vec::new();
    for (from, until) in sorted {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => merged.push((from, until)),
        }
    }
    merged
}

/// The time covered by the spans, overlaps counted once.
pub fn total(spans: &[Span]) -> SignedDuration {
    merged(spans).iter().fold(SignedDuration::ZERO, |sum, (from, until)| sum + until.since(*from))
}

/// The time covered by both.
pub fn together(one: &[Span], other: &[Span]) -> SignedDuration {
    let (one, other) = (merged(one), merged(other));
    let (mut i, mut j) = (0, 0);
    let mut sum = SignedDuration::ZERO;
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        let (from, until) = (a.0.max(b.0), a.1.min(b.1));
        if from < until {
            sum += until.since(from);
        }
        if a.1 <= b.1 { i += 1 } else { j += 1 }
    }
    sum
}

/// Whole minutes; a begun one counts from its half.
pub fn minutes(time: SignedDuration) -> i64 {
    (time.as_secs() + 30) / 60
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        "2026-11-23T07:00:00Z".parse::<Timestamp>().unwrap().plus_minutes(minute)
    }

    fn spans(minutes: &[(i64, i64)]) -> Vec<Span> {
        minutes.iter().map(|(from, until)| (at(*from), at(*until))).collect()
    }

    #[test]
    fn overlaps_count_once() {
        assert_eq!(minutes(total(&spans(&[(0, 10), (5, 15), (20, 25), (25, 26)]))), 21);
        assert_eq!(minutes(total(&spans(&[(5, 5), (9, 3)]))), 0);
    }

    #[test]
    fn together_is_when_both_were_there() {
        assert_eq!(minutes(together(&spans(&[(0, 10), (12, 20)]), &spans(&[(8, 14)]))), 4);
        assert_eq!(minutes(together(&spans(&[(0, 10)]), &spans(&[(10, 20)]))), 0);
    }

    proptest! {
        #[test]
        fn agrees_with_counting_minutes(
            one in proptest::collection::vec((0..60i64, 0..60i64), 0..8),
            other in proptest::collection::vec((0..60i64, 0..60i64), 0..8),
        ) {
            let there = |minutes: &[(i64, i64)], m: i64| minutes.iter().any(|(from, until)| *from <= m && m < *until);
            let want_total = (0..60).filter(|m| there(&one, *m)).count() as i64;
            let want_both = (0..60).filter(|m| there(&one, *m) && there(&other, *m)).count() as i64;
            prop_assert_eq!(minutes(total(&spans(&one))), want_total);
            prop_assert_eq!(minutes(together(&spans(&one), &spans(&other))), want_both);
        }
    }
}
