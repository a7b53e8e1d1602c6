//! The values of a column as an untrusted source hands them over.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, StringArray, TimestampMillisecondArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use crate::column::{ColumnType, UTC};

/// 0001-01-01T00:00:00Z in milliseconds since 1970.
const MIN_INSTANT: i64 = -62_135_596_800_000;

/// 9999-12-31T23:59:59.999Z in milliseconds since 1970. What writes a later one with four digits for
/// the year cannot.
const MAX_INSTANT: i64 = 253_402_300_799_999;

/// The values of one column, in Arrow's layout.
///
/// Which of the fields are used depends on the type of the column; the others are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// The name of the column.
    pub name: String,
    /// A bitmap, least significant bit first: 1 is a value, 0 is null. Empty: all are values.
    pub validity: Vec<u8>,
    /// Where each text begins, and where the last one ends, in bytes.
    pub offsets: Vec<i32>,
    /// All texts, one after the other.
    pub text: String,
    /// Integers, and instants in milliseconds since 1970.
    pub numbers: Vec<i64>,
    /// Booleans as bits, least significant bit first.
    pub flags: Vec<u8>,
}

/// Why the values of a column are not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValuesError {
    /// A bitmap has neither no byte nor one for each eight rows.
    #[error("its bitmap `{what}` has {bytes} bytes instead of {expected}")]
    Bitmap {
        /// Which one: `validity` or `flags`.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The length that it should have.
        expected: usize,
    },
    /// There are not as many offsets or numbers as rows need.
    #[error("it has {count} `{what}` instead of {expected}")]
    Count {
        /// Which ones: `offsets` or `numbers`.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there should be.
        expected: usize,
    },
    /// The first offset is not 0, or the last one is not the length of the text.
    #[error("its offsets go from {first} to {last}, and its text has {bytes} bytes")]
    Ends {
        /// The first offset.
        first: i64,
        /// The last offset.
        last: i64,
        /// The length of the text.
        bytes: usize,
    },
    /// An offset is less than the one before.
    #[error("the offset behind row {row} falls")]
    FallingOffset {
        /// The row, counted from 0.
        row: usize,
    },
    /// An offset is inside a character.
    #[error("the offset behind row {row} is inside a character")]
    InsideCharacter {
        /// The row, counted from 0.
        row: usize,
    },
    /// An instant is not in the years 1 to 9999.
    #[error("the instant of row {row} is not in the years 1 to 9999")]
    InstantOutOfRange {
        /// The row, counted from 0.
        row: usize,
    },
    /// A field that its type does not use is not empty.
    #[error("it has `{what}`, and its type is `{column_type}`")]
    Unused {
        /// Which field.
        what: &'static str,
        /// The type.
        column_type: ColumnType,
    },
    /// A value is null, and the column has none.
    #[error("{count} of its values are null, and it is not nullable")]
    Null {
        /// How many.
        count: usize,
    },
    /// A key is empty.
    #[error("the key of row {row} is empty")]
    EmptyKey {
        /// The row, counted from 0.
        row: usize,
    },
}

impl Values {
    /// The values as an array, after all of them were checked. Nothing is copied.
    ///
    /// # Errors
    ///
    /// [`ValuesError`] for the first value or length that is wrong.
    pub fn into_array(self, column_type: ColumnType, rows: usize) -> Result<ArrayRef, ValuesError> {
        self.has_only_what_its_type_uses(column_type)?;
        let nulls = nulls(self.validity, rows)?;
        Ok(match column_type {
            ColumnType::Text | ColumnType::Json => {
                check_offsets(&self.offsets, &self.text, rows)?;
                let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
                let text = Buffer::from_vec(self.text.into_bytes());
                // It reads the text once more; of ASCII, 16 bytes at a time.
                let array = StringArray::try_new(offsets, text, nulls);
                Arc::new(array.map_err(|_| ValuesError::InsideCharacter { row: 0 })?)
            }
            ColumnType::Integer => {
                check_count("numbers", self.numbers.len(), rows)?;
                Arc::new(Int64Array::new(self.numbers.into(), nulls))
            }
            ColumnType::Instant => {
                check_count("numbers", self.numbers.len(), rows)?;
                let outside = self
                    .numbers
                    .iter()
                    .position(|number| !(MIN_INSTANT..=MAX_INSTANT).contains(number));
                if let Some(row) = outside {
                    return Err(ValuesError::InstantOutOfRange { row });
                }
                let array = TimestampMillisecondArray::new(self.numbers.into(), nulls);
                Arc::new(array.with_timezone(UTC))
            }
            ColumnType::Boolean => {
                check_bitmap("flags", self.flags.len(), rows)?;
                Arc::new(BooleanArray::new(bits(self.flags, rows), nulls))
            }
        })
    }

    fn has_only_what_its_type_uses(&self, column_type: ColumnType) -> Result<(), ValuesError> {
        let is_text = matches!(column_type, ColumnType::Text | ColumnType::Json);
        let is_number = matches!(column_type, ColumnType::Integer | ColumnType::Instant);
        let is_flag = column_type == ColumnType::Boolean;
        let fields = [
            ("offsets", is_text || self.offsets.is_empty()),
            ("text", is_text || self.text.is_empty()),
            ("numbers", is_number || self.numbers.is_empty()),
            ("flags", is_flag || self.flags.is_empty()),
        ];
        match fields.iter().find(|(_, is_right)| !is_right) {
            Some((what, _)) => Err(ValuesError::Unused { what, column_type }),
            None => Ok(()),
        }
    }
}

fn nulls(validity: Vec<u8>, rows: usize) -> Result<Option<NullBuffer>, ValuesError> {
    if validity.is_empty() {
        return Ok(None);
    }
    check_bitmap("validity", validity.len(), rows)?;
    let nulls = NullBuffer::new(bits(validity, rows));
    Ok((nulls.null_count() > 0).then_some(nulls))
}

/// Bits of a bitmap that was checked: it has one for each row.
fn bits(bitmap: Vec<u8>, rows: usize) -> BooleanBuffer {
    BooleanBuffer::new(Buffer::from_vec(bitmap), 0, rows)
}

fn check_bitmap(what: &'static str, bytes: usize, rows: usize) -> Result<(), ValuesError> {
    let expected = rows.div_ceil(8);
    if bytes == expected {
        return Ok(());
    }
    Err(ValuesError::Bitmap {
        what,
        bytes,
        expected,
    })
}

fn check_count(what: &'static str, count: usize, expected: usize) -> Result<(), ValuesError> {
    if count == expected {
        return Ok(());
    }
    Err(ValuesError::Count {
        what,
        count,
        expected,
    })
}

fn check_offsets(offsets: &[i32], text: &str, rows: usize) -> Result<(), ValuesError> {
    check_count("offsets", offsets.len(), rows + 1)?;
    let first = offsets.first().map_or(0, |first| i64::from(*first));
    let last = offsets.last().map_or(0, |last| i64::from(*last));
    let bytes = text.len();
    if first != 0 || usize::try_from(last) != Ok(bytes) {
        return Err(ValuesError::Ends { first, last, bytes });
    }
    let falls = offsets.windows(2).position(|pair| match pair {
        [before, after] => after < before,
        _ => false,
    });
    if let Some(row) = falls {
        return Err(ValuesError::FallingOffset { row });
    }
    // They go from 0 to the length and never fall, so all of them are positive and inside the text.
    let inside = offsets.iter().skip(1).position(|offset| {
        !usize::try_from(*offset).is_ok_and(|offset| text.is_char_boundary(offset))
    });
    match inside {
        Some(row) => Err(ValuesError::InsideCharacter { row }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use arrow_array::Array as _;
    use arrow_array::cast::AsArray as _;
    use arrow_array::types::TimestampMillisecondType;

    use super::{MAX_INSTANT, MIN_INSTANT, Values, ValuesError};
    use crate::column::ColumnType;

    fn text(offsets: &[i32], text: &str) -> Values {
        Values {
            offsets: offsets.to_vec(),
            text: text.to_owned(),
            ..Values::default()
        }
    }

    fn refusal(values: Values, column_type: ColumnType, rows: usize) -> ValuesError {
        values.into_array(column_type, rows).unwrap_err()
    }

    #[test]
    fn values_are_what_was_handed_over() {
        let values = Values {
            validity: vec![0b101],
            ..text(&[0, 1, 1, 4], "añb")
        };
        let array = values.into_array(ColumnType::Text, 3).unwrap();
        let array = array.as_string::<i32>();
        let all: Vec<_> = array.iter().collect();
        assert_eq!(all, [Some("a"), None, Some("ñb")]);

        let values = Values {
            numbers: vec![MIN_INSTANT, MAX_INSTANT],
            ..Values::default()
        };
        let array = values.into_array(ColumnType::Instant, 2).unwrap();
        let array = array.as_primitive::<TimestampMillisecondType>();
        let texts = [0, 1].map(|row| array.value_as_datetime(row).unwrap().to_string());
        assert_eq!(texts, ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999"]);

        let values = Values {
            flags: vec![0xff, 0b10],
            ..Values::default()
        };
        let array = values.into_array(ColumnType::Boolean, 10).unwrap();
        let array = array.as_boolean();
        assert!(array.value(7) && !array.value(8) && array.value(9));

        let none = text(&[0], "").into_array(ColumnType::Json, 0).unwrap();
        assert_eq!(none.len(), 0);
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let count = |what, count, expected| ValuesError::Count {
            what,
            count,
            expected,
        };
        assert_eq!(
            refusal(text(&[0, 1], "a"), ColumnType::Text, 2),
            count("offsets", 2, 3)
        );
        assert_eq!(
            refusal(text(&[], ""), ColumnType::Text, 0),
            count("offsets", 0, 1)
        );
        assert_eq!(
            refusal(Values::default(), ColumnType::Integer, 1),
            count("numbers", 0, 1)
        );
        for (validity, rows) in [(vec![1], 9), (vec![1, 1], 8), (vec![1], 0)] {
            let values = Values {
                validity,
                numbers: vec![0; rows],
                ..Values::default()
            };
            let refusal = refusal(values, ColumnType::Integer, rows);
            assert!(matches!(
                refusal,
                ValuesError::Bitmap {
                    what: "validity",
                    ..
                }
            ));
        }
        let refusal = refusal(Values::default(), ColumnType::Boolean, 1);
        assert_eq!(
            refusal.to_string(),
            "its bitmap `flags` has 0 bytes instead of 1"
        );
    }

    #[test]
    fn offsets_that_lie_are_refused() {
        for (offsets, value) in [
            (vec![1, 2], "ab"),
            (vec![0, 1], "ab"),
            (vec![0, 3], "ab"),
            (vec![-1, 2], "ab"),
            (vec![0, i32::MIN], "ab"),
            (vec![0, i32::MAX], "ab"),
        ] {
            let refusal = refusal(text(&offsets, value), ColumnType::Text, 1);
            assert!(matches!(refusal, ValuesError::Ends { .. }), "{offsets:?}");
        }
        for offsets in [[0, 2, 1, 2], [0, i32::MAX, 0, 2], [0, -1, 1, 2]] {
            let refusal = refusal(text(&offsets, "ab"), ColumnType::Text, 3);
            assert!(matches!(refusal, ValuesError::FallingOffset { .. }));
        }
        assert_eq!(
            refusal(text(&[0, 1, 2], "ñ"), ColumnType::Json, 2),
            ValuesError::InsideCharacter { row: 0 }
        );
    }

    #[test]
    fn instants_of_no_year_of_four_digits_are_refused() {
        for number in [MIN_INSTANT - 1, MAX_INSTANT + 1, i64::MIN, i64::MAX] {
            let values = Values {
                numbers: vec![0, number],
                ..Values::default()
            };
            assert_eq!(
                refusal(values, ColumnType::Instant, 2),
                ValuesError::InstantOutOfRange { row: 1 }
            );
        }
    }

    #[test]
    fn values_of_another_type_are_refused() {
        let all = Values {
            offsets: vec![0, 1],
            text: "a".to_owned(),
            numbers: vec![1],
            flags: vec![1],
            ..Values::default()
        };
        for column_type in [
            ColumnType::Text,
            ColumnType::Json,
            ColumnType::Integer,
            ColumnType::Instant,
            ColumnType::Boolean,
        ] {
            let refusal = refusal(all.clone(), column_type, 1);
            assert!(matches!(refusal, ValuesError::Unused { .. }));
        }
    }
}
