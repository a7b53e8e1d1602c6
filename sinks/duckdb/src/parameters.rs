//! Values of a statement's parameters: a text or a number, or lists of them with a value for each row.

use std::borrow::Cow;
use std::sync::Arc;

use adbc_core::error::{Error, Status};
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Int64Array, ListArray, PrimitiveArray, RecordBatch,
    StringArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::Field;
use sync::Millis;

/// What `TIMESTAMPTZ` has, in milliseconds since 1970: 290309-12-22 BC, and 294247-01-10.
const RANGE: (Millis, Millis) = (-9_223_372_022_400_000, 9_223_372_036_854_775);

/// An instant; one that DuckDB does not have is the first or the last one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Instant(pub(crate) Millis);

/// The value of a parameter.
pub(crate) trait Parameter {
    /// An array with it alone.
    fn array(&self) -> ArrayRef;
}

/// What a list may be of.
pub(crate) trait Item: Sized {
    /// An array of these.
    fn array(items: &[Self]) -> ArrayRef;
}

/// An array as one value: a list.
pub(crate) struct List(pub(crate) ArrayRef);

impl Parameter for List {
    fn array(&self) -> ArrayRef {
        let field = Field::new_list_field(self.0.data_type().clone(), true);
        let ends = OffsetBuffer::from_lengths([self.0.len()]);
        Arc::new(ListArray::new(
            Arc::new(field),
            ends,
            Arc::clone(&self.0),
            None,
        ))
    }
}

/// An optional list.
impl Parameter for Option<List> {
    fn array(&self) -> ArrayRef {
        match self {
            Some(list) => list.array(),
            None => {
                let field = Field::new_list_field(arrow_schema::DataType::Utf8, true);
                Arc::new(ListArray::new_null(Arc::new(field), 1))
            }
        }
    }
}

/// A list of values.
pub(crate) fn list<T: Item>(items: &[T]) -> List {
    List(T::array(items))
}

macro_rules! items {
    ($($item:ty => $array:ty, |$value:ident| $converted:expr;)*) => {$(
        impl Item for $item {
            fn array(items: &[Self]) -> ArrayRef {
                let array: $array = items.iter().map(|$value| $converted).collect();
                Arc::new(array)
            }
        }

        impl Parameter for $item {
            fn array(&self) -> ArrayRef {
                let $value = self;
                let array: $array = std::iter::once($converted).collect();
                Arc::new(array)
            }
        }
    )*};
}

items! {
    &str => StringArray, |text| Some(*text);
    String => StringArray, |text| Some(text.as_str());
    Option<String> => StringArray, |text| text.as_deref();
    Option<&str> => StringArray, |text| *text;
    Cow<'_, str> => StringArray, |text| Some(&**text);
    i64 => Int64Array, |number| Some(*number);
    Option<i64> => Int64Array, |number| *number;
    bool => BooleanArray, |flag| Some(*flag);
    Option<[u8; 16]> => BinaryArray, |bytes| bytes.as_ref().map(<[u8; 16]>::as_slice);
}

fn instants(instants: impl Iterator<Item = Option<Millis>>) -> ArrayRef {
    let (first, last) = RANGE;
    let instants = instants.map(|instant| Some(instant?.clamp(first, last)));
    let array: PrimitiveArray<TimestampMillisecondType> = instants.collect();
    Arc::new(array.with_timezone("UTC"))
}

impl Parameter for Instant {
    fn array(&self) -> ArrayRef {
        instants(std::iter::once(Some(self.0)))
    }
}

impl Parameter for Option<Instant> {
    fn array(&self) -> ArrayRef {
        instants(std::iter::once(self.map(|instant| instant.0)))
    }
}

impl Item for Option<Instant> {
    fn array(items: &[Self]) -> ArrayRef {
        instants(items.iter().map(|instant| instant.map(|at| at.0)))
    }
}

/// The one row of parameters `$1`, `$2` and so on.
pub(crate) fn bound(parameters: &[&dyn Parameter]) -> Result<RecordBatch, Error> {
    let columns = parameters.iter().enumerate().map(|(place, parameter)| {
        let array = parameter.array();
        ((place + 1).to_string(), array, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns)
        .map_err(|error| Error::with_message_and_status(error.to_string(), Status::InvalidData))
}
