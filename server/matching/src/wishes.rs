//! What a meeting is worth: the wishes of both sides and rules the host can read and weigh, as named parts.

use serde::{Deserialize, Serialize};

use crate::event::{Part, WEIGHT_MAX};

/// What one side has said about meeting the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum Wish {
    /// Nothing was said.
    #[default]
    Silent,
    Must,
    /// Would like to; the first in the ranking has rank 1.
    Like {
        rank: u32,
    },
    /// Does not want to: the meeting is no candidate.
    No,
}

/// What is known of the two beside their wishes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The company has registered interest in a project of the desk's Opportunity List.
    pub interest_registered: bool,
    pub same_sector: bool,
    /// The company's amount lies in the band the project asks for.
    pub amount_fits: bool,
    /// Distance between the two counties in kilometres, when both are known.
    pub distance_km: Option<u32>,
    pub met_before: bool,
}

/// How many points the host gives for what. A rule the host does not want weighs 0; `met_before` is usually negative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    pub must: i32,
    /// The first wish; each later rank loses `per_rank`, but never falls below 1.
    pub like: i32,
    pub per_rank: i32,
    pub interest_registered: i32,
    pub same_sector: i32,
    pub amount_fits: i32,
    pub near: i32,
    /// Up to this distance a county counts as near.
    pub near_km: u32,
    pub met_before: i32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            must: 20,
            like: 10,
            per_rank: 1,
            interest_registered: 6,
            same_sector: 4,
            amount_fits: 3,
            near: 1,
            near_km: 150,
            met_before: -3,
        }
    }
}

/// The parts of a meeting's weight, or nothing when it is no candidate: a side refuses, or nobody gains.
///
/// The parts add up to a weight from 1 to [`WEIGHT_MAX`], as [`crate::Meeting`] asks for.
///
/// ```
/// use yunqia_matching::{Facts, Rules, Wish, weigh};
///
/// let facts = Facts { same_sector: true, ..Facts::default() };
/// let parts = weigh(Wish::Like { rank: 2 }, Wish::Silent, &facts, &Rules::default()).expect("a candidate");
/// let names: Vec<_> = parts.iter().map(|part| (part.name.as_str(), part.points)).collect();
/// assert_eq!(names, [("desk_likes", 9), ("same_sector", 4)]);
/// assert!(weigh(Wish::Must, Wish::No, &facts, &Rules::default()).is_none());
/// ```
pub fn weigh(desk: Wish, company: Wish, facts: &Facts, rules: &Rules) -> Option<Vec<Part>> {
    if desk == Wish::No || company == Wish::No {
        return None;
    }
    let wish = |wish: Wish, must: &'static str, likes: &'static str| match wish {
        Wish::Must => (must, rules.must),
        Wish::Like { rank } => {
            let lost = i64::from(rules.per_rank) * i64::from(rank.saturating_sub(1));
            (likes, i32::try_from((i64::from(rules.like) - lost).max(1)).unwrap_or(rules.like))
        }
        Wish::Silent | Wish::No => ("", 0),
    };
    let near = facts.distance_km.is_some_and(|km| km <= rules.near_km);
    let rule = |name, holds, points: i32| (name, if holds { points } else { 0 });
    let parts: Vec<Part> = [
        wish(desk, "desk_must", "desk_likes"),
        wish(company, "company_must", "company_likes"),
        rule("interest_registered", facts.interest_registered, rules.interest_registered),
        rule("same_sector", facts.same_sector, rules.same_sector),
        rule("amount_fits", facts.amount_fits, rules.amount_fits),
        rule("near", near, rules.near),
        rule("met_before", facts.met_before, rules.met_before),
    ]
    .into_iter()
    .filter(|&(_, points)| points != 0)
    .map(|(name, points)| Part { name: name.to_owned(), points })
    .collect();
    let total: i64 = parts.iter().map(|part| i64::from(part.points)).sum();
    (1..=i64::from(WEIGHT_MAX)).contains(&total).then_some(parts)
}
