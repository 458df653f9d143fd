//! Instants, stored so that both engines sort and compare them alike.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Unit};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqlx::{
    Decode, Encode, Postgres, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef},
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef},
};

/// A UTC instant with microsecond precision.
///
/// PostgreSQL keeps microseconds, so anything finer would change on the way back. In SQLite it is text of one fixed
/// width: variable-width RFC 3339 sorts wrongly (`…00.5Z` before `…00Z`), because `.` precedes `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The instant as jiff sees it, for arithmetic with zones.
    pub fn jiff(self) -> jiff::Timestamp {
        self.0
    }

    pub fn plus(self, duration: SignedDuration) -> Timestamp {
        Timestamp(self.0.saturating_add(duration).unwrap_or(jiff::Timestamp::MAX))
    }

    pub fn plus_minutes(self, minutes: i64) -> Timestamp {
        self.plus(SignedDuration::from_mins(minutes))
    }

    /// Time from `earlier` to this instant; negative if this one comes first.
    pub fn since(self, earlier: Timestamp) -> SignedDuration {
        self.0.duration_since(earlier.0)
    }

    /// Milliseconds since 1970, as UUIDv7 wants them.
    pub fn unix_millis(self) -> i64 {
        self.0.as_millisecond()
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Timestamp {
        let rounding = jiff::TimestampRound::new().smallest(Unit::Microsecond).mode(jiff::RoundMode::Trunc);
        Timestamp(instant.round(rounding).expect("microseconds are always a valid rounding"))
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Timestamp, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(Timestamp::from)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        jiff::Timestamp::deserialize(deserializer).map(Timestamp::from)
    }
}

impl Type<Sqlite> for Timestamp {
    fn type_info() -> SqliteTypeInfo {
        <str as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(&self, buf: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.to_string(), buf)
    }
}

impl Decode<'_, Sqlite> for Timestamp {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(<&str as Decode<Sqlite>>::decode(value)?.parse()?)
    }
}

impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        <jiff_sqlx::Timestamp as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode(self.0.to_sqlx(), buf)
    }
}

impl Decode<'_, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Timestamp(<jiff_sqlx::Timestamp as Decode<Postgres>>::decode(value)?.to_jiff()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_an_instant_has_one_width_and_sorts_like_the_instant() {
        let whole: Timestamp = "2026-11-23T07:00:00Z".parse().unwrap();
        let half = whole.plus(SignedDuration::from_millis(500));
        assert_eq!(whole.to_string(), "2026-11-23T07:00:00.000000Z");
        assert!(whole < half && whole.to_string() < half.to_string());
    }
}
