//! What a source hands over becomes a batch, or a typed error.

#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use source::{
    Batch, BatchError, Column, ColumnType, Pass, Projection, Stream, StreamError, SystemColumn,
    Values,
};

const TYPES: [ColumnType; 5] = [
    ColumnType::Text,
    ColumnType::Json,
    ColumnType::Integer,
    ColumnType::Instant,
    ColumnType::Boolean,
];

fn column(name: &str, column_type: ColumnType, nullable: bool) -> Column {
    Column {
        name: name.to_owned(),
        documentation: String::new(),
        column_type,
        nullable,
        on_request: false,
    }
}

fn stream() -> Stream {
    let mut columns = vec![column("id", ColumnType::Text, false)];
    columns.extend(TYPES.map(|column_type| column(column_type.name(), column_type, true)));
    Stream {
        name: "things".to_owned(),
        documentation: String::new(),
        key: vec!["id".to_owned()],
        parents: Vec::new(),
        by_space: false,
        columns,
        passes: vec![Pass::Full],
        scopes: Vec::new(),
        points_per_row: 0,
        is_default: true,
        settings: Vec::new(),
    }
}

/// Valid values of so many rows.
fn values(column: &Column, rows: usize) -> Values {
    let bytes = rows.div_ceil(8);
    let mut values = Values {
        name: column.name.clone(),
        ..Values::default()
    };
    match column.column_type {
        ColumnType::Text | ColumnType::Json => {
            values.text = "1".repeat(rows);
            values.offsets = (0..).take(rows + 1).collect();
        }
        ColumnType::Integer | ColumnType::Instant => values.numbers = vec![1; rows],
        ColumnType::Boolean => values.flags = vec![1; bytes],
        _ => unreachable!(),
    }
    values
}

fn all_values(rows: usize, projection: &Projection) -> Vec<Values> {
    let columns = stream().projected(projection);
    columns.iter().map(|column| values(column, rows)).collect()
}

fn batch(rows: u32, values: Vec<Values>) -> Result<Batch, BatchError> {
    Batch::from_values(&stream(), &Projection::default(), rows, 1_000, values)
}

#[test]
fn a_batch_has_the_columns_of_its_projection_in_order() {
    let projection = Projection {
        columns: vec!["integer".to_owned(), "id".to_owned()],
        raw: true,
        body_format: None,
    };
    let values = all_values(3, &projection);
    let batch = Batch::from_values(&stream(), &projection, 3, 10, values).unwrap();
    let schema = batch.records().schema();
    let names: Vec<_> = schema.fields().iter().map(|field| field.name()).collect();
    assert_eq!(
        names,
        [
            "_key",
            "_parent",
            "_container",
            "_fingerprint",
            "_deleted",
            "id",
            "integer",
            "raw"
        ]
    );
    assert_eq!((batch.rows(), batch.text("_key", 2)), (3, Some("1")));
    assert_eq!(batch.text("_key", 3), None);
    assert!(source::is_json(schema.field(7)) && !source::is_json(schema.field(5)));
}

#[test]
fn zero_rows_are_a_batch() {
    let values = all_values(0, &Projection::default());
    assert_eq!(batch(0, values).unwrap().rows(), 0);
}

#[test]
fn more_rows_than_asked_for_are_refused() {
    let values = all_values(2, &Projection::default());
    let refused = Batch::from_values(&stream(), &Projection::default(), 2, 1, values);
    assert_eq!(refused.unwrap_err().code(), "batch-too-many-rows");
}

#[test]
fn columns_that_lack_that_are_there_twice_or_a_million_times_are_refused() {
    let all = || all_values(1, &Projection::default());
    let mut lacking = all();
    lacking.pop();
    let mut twice = all();
    let second = twice[6].clone();
    twice[7] = second;
    let many = vec![all()[5].clone(); 1_000_000];
    let none = Vec::new();
    for (values, code) in [
        (lacking, "batch-column-count"),
        (twice, "batch-other-column"),
        (many, "batch-column-count"),
        (none, "batch-column-count"),
    ] {
        assert_eq!(batch(1, values).unwrap_err().code(), code);
    }
}

#[test]
fn a_key_is_never_null_or_empty() {
    let mut null = all_values(2, &Projection::default());
    null[0].validity = vec![0b01];
    assert_eq!(batch(2, null).unwrap_err().code(), "batch-null");
    let mut empty = all_values(2, &Projection::default());
    empty[0].offsets = vec![0, 0, 2];
    let refused = batch(2, empty).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the column `_key` of a batch of the stream `things` is malformed: the key of row 0 is empty"
    );
}

#[test]
fn a_stream_whose_names_or_keys_a_database_cannot_have_is_refused() {
    let with = |change: fn(&mut Stream)| {
        let mut changed = stream();
        change(&mut changed);
        Stream::check_all(&[changed])
    };
    assert_eq!(with(|_| ()), Ok(()));
    for name in ["", "_key", "Id", "a b", "1a", "a\"b", &"a".repeat(64)] {
        let mut changed = stream();
        changed.columns[1].name = name.to_owned();
        let refused = Stream::check_all(&[changed]).unwrap_err();
        assert!(matches!(refused, StreamError::Name(_)), "{name}");
    }
    assert!(matches!(
        with(|stream| stream.columns[1].name = SystemColumn::Raw.name().to_owned()),
        Err(StreamError::NameTwice(_))
    ));
    assert!(matches!(
        with(|stream| stream.key.clear()),
        Err(StreamError::NoKey(_))
    ));
    assert!(matches!(
        with(|stream| stream.key = vec!["text".to_owned()]),
        Err(StreamError::Key { .. })
    ));
    assert!(matches!(
        with(|stream| stream.parents = vec!["nothing".to_owned()]),
        Err(StreamError::Parent { .. })
    ));
    assert!(matches!(
        with(|stream| stream.passes.clear()),
        Err(StreamError::NoPass(_))
    ));
    assert!(matches!(
        with(|stream| stream.columns = vec![stream.columns[0].clone(); 501]),
        Err(StreamError::TooManyColumns { .. })
    ));
    let twice = Stream::check_all(&[stream(), stream()]).unwrap_err();
    assert!(matches!(twice, StreamError::NameTwice(_)));
    let many = Stream::check_all(&vec![stream(); 1_001]).unwrap_err();
    assert!(matches!(many, StreamError::TooManyStreams(1_001)));
}

fn any_values(rows: usize) -> impl Strategy<Value = Values> {
    let number = || prop_oneof![Just(0), Just(rows as i32), any::<i32>(), 0..20_i32];
    (
        vec(any::<u8>(), 0..4),
        vec(number(), 0..rows + 3),
        "[a-zñ€]{0,12}",
        vec(any::<i64>(), 0..rows + 3),
        vec(any::<u8>(), 0..4),
    )
        .prop_map(|(validity, offsets, text, numbers, flags)| Values {
            name: String::new(),
            validity,
            offsets,
            text,
            numbers,
            flags,
        })
}

proptest! {
    /// Whatever a source hands over, it is an array whose values can all be read, or an error.
    #[test]
    fn values_of_any_shape_are_an_array_or_an_error(
        rows in 0_usize..20, at in 0_usize..5, lies in any_values(20),
    ) {
        let column_type = TYPES[at];
        if let Ok(array) = lies.into_array(column_type, rows) {
            assert_eq!(array.len(), rows);
            array.to_data().validate_full().expect("it was accepted");
        }
    }

    /// One change of valid values is noticed, or leaves valid ones.
    #[test]
    fn valid_values_with_one_lie_are_an_array_or_an_error(
        rows in 0_usize..20, at in 0_usize..5, place in 0_usize..24, number in any::<i32>(),
        text in "[añ]{0,3}", longer in any::<bool>(),
    ) {
        let mut lies = values(&column("a", TYPES[at], true), rows);
        if longer {
            lies.validity.push(number as u8);
        }
        if let Some(offset) = lies.offsets.get_mut(place) {
            *offset = number % 30;
        }
        lies.text.push_str(&text);
        if let Ok(array) = lies.into_array(TYPES[at], rows) {
            assert_eq!(array.len(), rows);
            array.to_data().validate_full().expect("it was accepted");
        }
    }
}
