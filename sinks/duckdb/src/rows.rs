//! Rows that a query returns.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array as _, ArrayRef, RecordBatch};

/// All rows of a query. Queries return instants as milliseconds since 1970.
pub(crate) struct Rows(pub(crate) Vec<RecordBatch>);

/// A row.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    batch: &'a RecordBatch,
    place: usize,
}

impl Rows {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.0
            .iter()
            .flat_map(|batch| (0..batch.num_rows()).map(move |place| Row { batch, place }))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The texts of the first column.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.iter().filter_map(|row| row.text(0)).collect()
    }
}

impl Row<'_> {
    fn column(&self, index: usize) -> Option<&ArrayRef> {
        let column = self.batch.columns().get(index)?;
        column.is_valid(self.place).then_some(column)
    }

    pub(crate) fn columns(&self) -> usize {
        self.batch.num_columns()
    }

    pub(crate) fn text(&self, index: usize) -> Option<String> {
        let column = self.column(index)?;
        let texts = column.as_string_opt::<i32>();
        let text = texts.map(|texts| texts.value(self.place));
        let text = text.or_else(|| {
            let texts = column.as_string_opt::<i64>();
            texts.map(|texts| texts.value(self.place))
        });
        text.map(str::to_owned)
    }

    pub(crate) fn integer(&self, index: usize) -> Option<i64> {
        let column = self.column(index)?;
        let numbers = column.as_primitive_opt::<Int64Type>();
        let number = numbers.map(|numbers| numbers.value(self.place));
        number.or_else(|| {
            let numbers = column.as_primitive_opt::<Int32Type>();
            numbers.map(|numbers| numbers.value(self.place).into())
        })
    }

    pub(crate) fn flag(&self, index: usize) -> bool {
        self.column(index)
            .and_then(|column| column.as_boolean_opt())
            .is_some_and(|flags| flags.value(self.place))
    }

    pub(crate) fn bytes(&self, index: usize) -> Option<Vec<u8>> {
        let bytes = self.column(index)?.as_binary_opt::<i32>()?;
        Some(bytes.value(self.place).to_vec())
    }
}
