//! The values of one column while rows are read.

use super::field::ColumnType;

/// Values of one column.
///
/// `Text` and `Json` use `offsets` and `text`, `Integer` and `Instant` use `numbers`, `Boolean`
/// uses `flags`. The others are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: &'static str,
    /// Bitmap, least significant bit first: 1 is a value, 0 is null. Empty: every value is present.
    pub validity: Vec<u8>,
    /// Where each value begins in `text`, and where the last one ends.
    pub offsets: Vec<i32>,
    /// All values, one after the other.
    pub text: String,
    /// The values.
    pub numbers: Vec<i64>,
    /// The values as bits, least significant bit first.
    pub flags: Vec<u8>,
}

/// A column that grows row by row. Rows without a value need no call: they are filled with nulls
/// before the next value, and at the end.
#[derive(Debug, Clone)]
pub(super) struct Buffer {
    kind: ColumnType,
    /// For each row whether it has a value.
    present: Vec<bool>,
    offsets: Vec<i32>,
    text: String,
    numbers: Vec<i64>,
    flags: Vec<bool>,
}

impl Buffer {
    pub(super) fn new(kind: ColumnType) -> Self {
        let is_text = matches!(kind, ColumnType::Text | ColumnType::Json);
        Self {
            kind,
            present: Vec::new(),
            offsets: if is_text { vec![0] } else { Vec::new() },
            text: String::new(),
            numbers: Vec::new(),
            flags: Vec::new(),
        }
    }

    /// Bytes that its values take in the end.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + 4 * self.offsets.len() + 8 * self.numbers.len() + self.present.len() / 8
    }

    /// Rows that it has so far.
    pub(super) fn rows(&self) -> usize {
        self.present.len()
    }

    /// Makes it `rows` long: cuts it, or fills it with nulls.
    pub(super) fn set_rows(&mut self, rows: usize) {
        if self.present.len() == rows {
            return;
        }
        self.present.resize(rows, false);
        match self.kind {
            ColumnType::Text | ColumnType::Json => {
                self.offsets.truncate(rows + 1);
                let end = self.end();
                self.text.truncate(at(end));
                self.offsets.resize(rows + 1, end);
            }
            ColumnType::Integer | ColumnType::Instant => self.numbers.resize(rows, 0),
            ColumnType::Boolean => self.flags.resize(rows, false),
        }
    }

    /// Adds the text that `write` appends, as the value of a row. Without one it is null. Replaces
    /// the value of that row if there is one.
    pub(super) fn put_text<E>(
        &mut self,
        row: usize,
        write: impl FnOnce(&mut String) -> Result<bool, E>,
    ) -> Result<(), E> {
        self.set_rows(row);
        let is_present = match write(&mut self.text) {
            Ok(is_present) => is_present,
            Err(error) => {
                self.text.truncate(at(self.end()));
                return Err(error);
            }
        };
        if !is_present {
            self.text.truncate(at(self.end()));
        }
        self.present.push(is_present);
        self.offsets
            .push(i32::try_from(self.text.len()).unwrap_or(i32::MAX));
        Ok(())
    }

    pub(super) fn put_number(&mut self, row: usize, number: Option<i64>) {
        self.set_rows(row);
        self.present.push(number.is_some());
        self.numbers.push(number.unwrap_or_default());
    }

    pub(super) fn put_flag(&mut self, row: usize, flag: Option<bool>) {
        self.set_rows(row);
        self.present.push(flag.is_some());
        self.flags.push(flag.unwrap_or_default());
    }

    /// Whether a row has a value.
    pub(super) fn has(&self, row: usize) -> bool {
        self.present.get(row) == Some(&true)
    }

    /// The text of a row.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        if self.present.get(row) != Some(&true) {
            return None;
        }
        let (start, end) = (self.offsets.get(row)?, self.offsets.get(row + 1)?);
        self.text.get(at(*start)..at(*end))
    }

    /// The number of a row.
    pub(super) fn number(&self, row: usize) -> Option<i64> {
        let is_present = self.present.get(row) == Some(&true);
        self.numbers.get(row).copied().filter(|_| is_present)
    }

    /// The flag of a row.
    pub(super) fn flag(&self, row: usize) -> Option<bool> {
        let is_present = self.present.get(row) == Some(&true);
        self.flags.get(row).copied().filter(|_| is_present)
    }

    /// Rewrites the texts of all rows from `from` on: `write` gets what a row has and the place for
    /// what it is to have.
    pub(super) fn rewrite(
        &mut self,
        from: usize,
        mut write: impl FnMut(usize, Option<&str>, &mut String) -> bool,
    ) {
        let rows = self.present.len();
        if from >= rows {
            return;
        }
        let start = self.offsets.get(from).copied().unwrap_or_default();
        let old = self.text.split_off(at(start));
        let ends = self.offsets.split_off(from + 1);
        let present = self.present.split_off(from);
        let mut begin = 0;
        for (place, (end, present)) in ends.into_iter().zip(present).enumerate() {
            let end = at(end - start);
            let text = old.get(begin..end).filter(|_| present);
            begin = end;
            let Ok(()) = self.put_text(from + place, |to| {
                Ok::<_, std::convert::Infallible>(write(from + place, text, to))
            });
        }
    }

    /// Of the rows from `from` on, keeps those that `wanted` marks.
    pub(super) fn keep(&mut self, from: usize, wanted: &[bool]) {
        self.set_rows(from + wanted.len());
        let kept = |place: usize| wanted.get(place).copied().unwrap_or(false);
        if self.offsets.is_empty() {
            let mut at = 0;
            let mut keeps = |_: &i64| {
                at += 1;
                at <= from || kept(at - 1 - from)
            };
            self.numbers.retain(&mut keeps);
            let mut at = 0;
            self.flags.retain(|_| {
                at += 1;
                at <= from || kept(at - 1 - from)
            });
        } else {
            let mut to = self.offsets.get(from).copied().unwrap_or_default();
            let start = to;
            let old = self.text.split_off(at(start));
            let ends = self.offsets.split_off(from + 1);
            let mut begin = start;
            for (place, end) in ends.into_iter().enumerate() {
                if kept(place) {
                    let text = old.get(at(begin - start)..at(end - start));
                    self.text.push_str(text.unwrap_or_default());
                    to += end - begin;
                    self.offsets.push(to);
                }
                begin = end;
            }
        }
        let mut at = 0;
        self.present.retain(|_| {
            at += 1;
            at <= from || kept(at - 1 - from)
        });
    }

    /// The column, of `rows` rows.
    pub(super) fn finish(mut self, name: &'static str, rows: usize) -> Column {
        self.set_rows(rows);
        let is_full = self.present.iter().all(|present| *present);
        Column {
            name,
            validity: if is_full {
                Vec::new()
            } else {
                bits(&self.present)
            },
            offsets: self.offsets,
            text: self.text,
            numbers: self.numbers,
            flags: bits(&self.flags),
        }
    }

    fn end(&self) -> i32 {
        self.offsets.last().copied().unwrap_or_default()
    }
}

fn at(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or_default()
}

/// Flags as a bitmap, least significant bit first.
fn bits(flags: &[bool]) -> Vec<u8> {
    flags
        .chunks(8)
        .map(|eight| {
            let bits = eight.iter().enumerate();
            bits.fold(0, |byte, (bit, flag)| byte | u8::from(*flag) << bit)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::{Buffer, ColumnType};

    fn put(buffer: &mut Buffer, row: usize, text: Option<&str>) {
        let Ok(()) = buffer.put_text(row, |to| {
            to.push_str(text.unwrap_or("left over"));
            Ok::<_, Infallible>(text.is_some())
        });
    }

    fn texts(buffer: &Buffer, rows: usize) -> Vec<Option<&str>> {
        (0..rows).map(|row| buffer.text(row)).collect()
    }

    #[test]
    fn rows_without_a_value_are_null_and_a_second_value_replaces_the_first() {
        let mut buffer = Buffer::new(ColumnType::Text);
        put(&mut buffer, 1, Some("one"));
        put(&mut buffer, 1, Some("uno"));
        put(&mut buffer, 3, None);
        put(&mut buffer, 4, Some(""));
        assert_eq!(
            texts(&buffer, 6),
            [None, Some("uno"), None, None, Some(""), None]
        );
        let column = buffer.finish("name", 6);
        assert_eq!(column.offsets, [0, 0, 3, 3, 3, 3, 3]);
        assert_eq!(
            (column.text.as_str(), column.validity),
            ("uno", vec![0b01_0010])
        );
    }

    #[test]
    fn rows_that_are_not_wanted_leave_no_trace() {
        let mut buffer = Buffer::new(ColumnType::Text);
        for (row, text) in ["a", "bb", "ccc", "dddd"].into_iter().enumerate() {
            put(&mut buffer, row, Some(text));
        }
        buffer.keep(1, &[false, true, false, true]);
        assert_eq!(texts(&buffer, 3), [Some("a"), Some("ccc"), None]);
        buffer.set_rows(1);
        assert_eq!(buffer.clone().finish("name", 1).text, "a");
        let mut numbers = Buffer::new(ColumnType::Integer);
        for row in 0..5 {
            numbers.put_number(row, i64::try_from(row).ok());
        }
        numbers.keep(2, &[false, true, true]);
        let column = numbers.finish("name", 4);
        assert_eq!(
            (column.numbers, column.validity.len()),
            (vec![0, 1, 3, 4], 0)
        );
    }

    #[test]
    fn texts_are_rewritten_in_place() {
        let mut buffer = Buffer::new(ColumnType::Text);
        for (row, text) in [Some("a"), None, Some("c")].into_iter().enumerate() {
            put(&mut buffer, row, text);
        }
        buffer.rewrite(0, |_, text, to| {
            to.push('/');
            to.push_str(text.unwrap_or_default());
            text.is_some()
        });
        assert_eq!(texts(&buffer, 3), [Some("/a"), None, Some("/c")]);
    }
}
