//! Instants as PostgreSQL's `timestamptz`.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use sync::Millis;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// 2000-01-01T00:00:00Z, from which PostgreSQL counts, in milliseconds since 1970.
const EPOCH: Millis = 946_684_800_000;

/// 4714-11-24 BC and the end of 294276, in microseconds since 2000: no other instant has a place.
const RANGE: std::ops::Range<i64> = -211_813_488_000_000_000..9_223_371_331_200_000_000;

/// Microseconds since 2000. None for an instant that PostgreSQL does not have.
pub(crate) fn micros(millis: Millis) -> Option<i64> {
    let micros = millis.checked_sub(EPOCH)?.checked_mul(1_000)?;
    RANGE.contains(&micros).then_some(micros)
}

/// An instant; one that PostgreSQL does not have is before or after all others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Instant(pub(crate) Millis);

impl ToSql for Instant {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let beyond = if self.0 < EPOCH { i64::MIN } else { i64::MAX };
        out.put_i64(micros(self.0).unwrap_or(beyond));
        Ok(IsNull::No)
    }

    fn accepts(wanted: &Type) -> bool {
        *wanted == Type::TIMESTAMPTZ
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Instant {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let micros = i64::from_be_bytes(raw.try_into()?);
        Ok(Self((micros / 1_000).saturating_add(EPOCH)))
    }

    fn accepts(wanted: &Type) -> bool {
        *wanted == Type::TIMESTAMPTZ
    }
}
