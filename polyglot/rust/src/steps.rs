//! Calls of the functions of streams: `streams` and `step`.
//!
//! The arguments of `step` are the fields of its request, by name. `{"stateOf": 0}` stands for the `state`
//! that the Rust host was given by the call with that number, so that the other hosts continue where it
//! ended; `{"parentsOf": 0}` stands for the rows of that call's batch, as parents.

use std::error::Error as _;

use arrow_array::Array;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_schema::DataType;
use host_runner::CallError;
use serde_json::{Map, Value, json};
use source::{
    Batch, Budget, Observed, Outcome, Parent, Pass, Progress, ReadParent, SourceError, StepRequest,
    Stream, SystemColumn, VERSION_NUMBER, is_json,
};

use crate::canonical;

/// The request of a step. `steps` are the results of the calls before.
pub(crate) fn request<'a>(
    arguments: &Map<String, Value>,
    step: impl Fn(u64) -> Option<&'a Progress>,
) -> Result<StepRequest, String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let stream = arguments.get("stream").and_then(text);
    let pass = arguments.get("pass").and_then(Value::as_str);
    let pass: Pass = pass
        .unwrap_or_default()
        .parse()
        .map_err(|error: source::PassError| error.to_string())?;
    let mut request = StepRequest::new(stream.unwrap_or_default(), pass);
    for (name, value) in arguments {
        match name.as_str() {
            "stream" | "pass" => {}
            "partition" => request.partition = text(value),
            "state" => {
                request.state = match value.get("stateOf").and_then(Value::as_u64) {
                    Some(number) => step(number).and_then(|step| step.state.clone()),
                    None => text(value),
                };
            }
            "parents" => {
                request.parents = match value.get("parentsOf").and_then(Value::as_u64) {
                    Some(number) => step(number)
                        .and_then(|step| step.batches.first())
                        .map(parents_of)
                        .unwrap_or_default(),
                    None => items(value).map(parent).collect(),
                };
            }
            "columns" => request.projection.columns = items(value).filter_map(text).collect(),
            "raw" => request.projection.raw = value == &Value::Bool(true),
            "bodyFormat" => request.projection.body_format = text(value),
            "budget" => request.budget = budget(value),
            "settings" => {
                let settings = value.as_object().into_iter().flatten();
                request.settings = settings
                    .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
                    .collect();
            }
            other => return Err(format!("a step has no argument `{other}`")),
        }
    }
    Ok(request)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn parent(value: &Value) -> Parent {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Parent {
        stream: text("stream").unwrap_or_default(),
        key: text("key").unwrap_or_default(),
        version: value.get("version").and_then(Value::as_u64),
        container: text("container"),
    }
}

/// The rows of a batch as parents, without those that are marked as deleted.
fn parents_of(batch: &Batch) -> Vec<Parent> {
    let text = |column: SystemColumn, row| batch.system(column, row).map(str::to_owned);
    (0..batch.rows())
        .filter(|row| text(SystemColumn::Deleted, *row).is_none())
        .map(|row| Parent {
            stream: batch.stream().to_owned(),
            key: text(SystemColumn::Key, row).unwrap_or_default(),
            version: batch
                .integer(VERSION_NUMBER, row)
                .and_then(|version| u64::try_from(version).ok()),
            container: text(SystemColumn::Container, row),
        })
        .collect()
}

fn budget(value: &Value) -> Budget {
    let number = |name: &str| {
        let number = value.get(name).and_then(Value::as_u64);
        number.and_then(|number| u32::try_from(number).ok())
    };
    Budget {
        rows: number("rows"),
        bytes: number("bytes"),
        requests: number("requests"),
        page_size: number("pageSize"),
    }
}

/// What a step returned, in the canonical form: rows as lists of values, instants in milliseconds. Of a
/// state with a time in it, whether there is one.
pub(crate) fn progress(progress: &Progress, is_timed: bool) -> String {
    let state: Value = if is_timed {
        progress.state.is_some().into()
    } else {
        progress.state.clone().into()
    };
    let batches: Vec<String> = progress.batches.iter().map(batch).collect();
    let outcome = match &progress.outcome {
        Outcome::More => "\"more\"".to_owned(),
        Outcome::Done => "\"done\"".to_owned(),
        Outcome::Failed(error) => format!("{{\"failed\":{}}}", failed(error)),
        Outcome::Unsupported(reason) => json!({ "unsupported": reason }).to_string(),
        _ => "null".to_owned(),
    };
    let notices: Vec<String> = progress
        .notices
        .iter()
        .map(|notice| {
            object(&[
                ("code", notice.code.as_str().into()),
                ("message", notice.message.as_str().into()),
                ("id", notice.id.clone().into()),
            ])
        })
        .collect();
    format!(
        "{{\"batches\":[{}],\"state\":{state},\"outcome\":{outcome},\"observed\":{},\"notices\":[{}]}}",
        batches.join(","),
        observed(&progress.observed),
        notices.join(",")
    )
}

/// The error of a step that read nothing.
pub(crate) fn error(error: &SourceError, host_words_it: bool, site: &str) -> String {
    match error.source().and_then(|source| source.downcast_ref()) {
        Some(call) => canonical::error(call, host_words_it, site),
        None => format!(
            "{{\"error\":{}}}",
            object(&[("kind", (*error.kind).into())])
        ),
    }
}

fn failed(error: &SourceError) -> String {
    match error.source().and_then(|source| source.downcast_ref()) {
        Some(CallError::Component { error, .. }) => canonical::whole(error),
        _ => object(&[("kind", (*error.kind).into())]),
    }
}

/// Fields in their order: maps of `serde_json` have an order of their own.
fn fields(fields: &[(&str, Value)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    fields.join(",")
}

fn object(of: &[(&str, Value)]) -> String {
    format!("{{{}}}", fields(of))
}

/// The time of the site is another one in each run: the report says whether there is one.
fn observed(observed: &Observed) -> String {
    object(&[
        ("rows", observed.rows.into()),
        ("requests", observed.requests.into()),
        ("points", observed.points.into()),
        ("foreignRows", observed.foreign_rows.into()),
        ("missingParents", observed.missing_parents.clone().into()),
        ("readParents", read_parents(&observed.read_parents)),
        ("siteTime", observed.site_time.is_some().into()),
    ])
}

fn read_parents(parents: &[ReadParent]) -> Value {
    let parents = parents.iter();
    parents
        .map(|parent| json!({"key": parent.key, "version": parent.version}))
        .collect()
}

fn batch(batch: &Batch) -> String {
    let records = batch.records();
    let schema = records.schema();
    let columns: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| {
            let name = match field.data_type() {
                DataType::Utf8 if is_json(field) => "json",
                DataType::Utf8 => "text",
                DataType::Int64 => "integer",
                DataType::Boolean => "boolean",
                _ => "instant",
            };
            json!([field.name(), name, field.is_nullable()]).to_string()
        })
        .collect();
    let rows: Vec<String> = (0..records.num_rows())
        .map(|row| {
            let values = records.columns().iter();
            let values: Vec<String> = values
                .map(|column| value(column, row).to_string())
                .collect();
            format!("[{}]", values.join(","))
        })
        .collect();
    format!(
        "{{\"stream\":{},\"columns\":[{}],\"rows\":[{}]}}",
        Value::from(batch.stream()),
        columns.join(","),
        rows.join(",")
    )
}

fn value(column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        _ => column
            .as_primitive::<TimestampMillisecondType>()
            .value(row)
            .into(),
    }
}

/// Descriptions of streams in the canonical form.
pub(crate) fn streams(streams: &[Stream]) -> String {
    let streams: Vec<String> = streams.iter().map(described).collect();
    format!("[{}]", streams.join(","))
}

fn described(stream: &Stream) -> String {
    let columns: Vec<String> = stream
        .columns
        .iter()
        .map(|column| {
            object(&[
                ("name", column.name.as_str().into()),
                ("documentation", column.documentation.as_str().into()),
                ("type", column.column_type.name().into()),
                ("nullable", column.nullable.into()),
                ("onRequest", column.on_request.into()),
            ])
        })
        .collect();
    let passes: Vec<&str> = stream.passes.iter().map(|pass| pass.name()).collect();
    let before = fields(&[
        ("name", stream.name.as_str().into()),
        ("documentation", stream.documentation.as_str().into()),
        ("key", stream.key.clone().into()),
        ("parents", stream.parents.clone().into()),
        ("bySpace", stream.by_space.into()),
    ]);
    let after = fields(&[
        ("passes", passes.into()),
        ("scopes", json!(stream.scopes)),
        ("pointsPerRow", stream.points_per_row.into()),
        ("default", stream.is_default.into()),
        ("settings", stream.settings.clone().into()),
    ]);
    format!("{{{before},\"columns\":[{}],{after}}}", columns.join(","))
}
