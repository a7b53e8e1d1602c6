//! Copies all pages of a site in one pass, as a program does that keeps nothing: `native-copy ENDPOINT
//! ndjson:FILE | sqlite:FILE | parquet:FILE | postgresql://… [BODY-FORMAT]`.
//!
//! It is what `host-runner read` and `host-runner sync` are measured beside: the same columns, read with
//! the HTTP client and written with the crates that the host uses.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run has nothing to tell"
)]

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arrow_array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, TimestampMillisecondArray,
    builder::StringBuilder,
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use sink_files::RowWriter as _;
use sink_parquet::Parquet;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    results: Vec<Page<'a>>,
    #[serde(borrow, rename = "_links")]
    links: Links<'a>,
}

#[derive(Deserialize)]
struct Links<'a> {
    #[serde(borrow)]
    next: Option<Cow<'a, str>>,
    #[serde(borrow)]
    base: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow)]
    space_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    parent_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    parent_type: Option<Cow<'a, str>>,
    position: Option<i64>,
    #[serde(borrow)]
    author_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    owner_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    last_owner_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    subtype: Option<Cow<'a, str>>,
    #[serde(borrow)]
    created_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    version: Version<'a>,
    #[serde(borrow)]
    body: Body<'a>,
    #[serde(borrow, rename = "_links")]
    links: PageLinks<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    number: Option<i64>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
    minor_edit: Option<bool>,
    #[serde(borrow)]
    author_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    created_at: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    storage: Option<Storage<'a>>,
}

#[derive(Deserialize)]
struct Storage<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct PageLinks<'a> {
    #[serde(borrow)]
    webui: Cow<'a, str>,
}

/// A page as a row. Its fields have the names of the columns.
#[allow(non_snake_case, reason = "two underscores are in the columns' names")]
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    status: Option<&'a str>,
    title: Option<&'a str>,
    space_id: Option<&'a str>,
    parent_id: Option<&'a str>,
    parent_type: Option<&'a str>,
    position: Option<i64>,
    author_id: Option<&'a str>,
    owner_id: Option<&'a str>,
    last_owner_id: Option<&'a str>,
    subtype: Option<&'a str>,
    created_at: Option<&'a str>,
    version__number: Option<i64>,
    version__message: Option<&'a str>,
    version__minor_edit: Option<bool>,
    version__author_id: Option<&'a str>,
    version__created_at: Option<&'a str>,
    web_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

impl<'a> Row<'a> {
    fn of(page: &'a Page<'a>, base: &str) -> Self {
        let version = &page.version;
        Self {
            id: &page.id,
            status: page.status.as_deref(),
            title: page.title.as_deref(),
            space_id: page.space_id.as_deref(),
            parent_id: page.parent_id.as_deref(),
            parent_type: page.parent_type.as_deref(),
            position: page.position,
            author_id: page.author_id.as_deref(),
            owner_id: page.owner_id.as_deref(),
            last_owner_id: page.last_owner_id.as_deref(),
            subtype: page.subtype.as_deref(),
            created_at: page.created_at.as_deref(),
            version__number: version.number,
            version__message: version.message.as_deref(),
            version__minor_edit: version.minor_edit,
            version__author_id: version.author_id.as_deref(),
            version__created_at: version.created_at.as_deref(),
            web_url: format!("{base}{}", page.links.webui),
            body: page.body.storage.as_ref().map(|storage| &*storage.value),
        }
    }
}

enum Target {
    Ndjson(BufWriter<File>),
    Sqlite(Connection),
    Postgresql(tokio_postgres::Client),
    /// Opened with the first rows, whose columns it has.
    Parquet(String, Option<Box<Parquet<BufWriter<File>>>>),
}

const TEXT: [&str; 5] = [
    "id text PRIMARY KEY",
    "status text",
    "title text",
    "space_id text",
    "parent_id text",
];

fn create(instant: &str) -> String {
    let first = TEXT.join(", ");
    format!(
        "CREATE TABLE pages ({first}, parent_type text, position bigint, author_id text, owner_id text, \
         last_owner_id text, subtype text, created_at {instant}, version__number bigint, \
         version__message text, version__minor_edit boolean, version__author_id text, \
         version__created_at {instant}, web_url text, body text)"
    )
}

const INSERT: &str = "INSERT INTO pages VALUES \
    (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";

impl Target {
    async fn open(name: &str) -> Self {
        if name.starts_with("postgresql:") {
            let (client, connection) = tokio_postgres::connect(name, tokio_postgres::NoTls)
                .await
                .expect("the server is there");
            tokio::spawn(connection);
            let create = format!("DROP TABLE IF EXISTS pages; {}", create("timestamptz"));
            client
                .batch_execute(&create)
                .await
                .expect("the table is created");
            return Self::Postgresql(client);
        }
        match name.split_once(':') {
            Some(("ndjson", file)) => Self::Ndjson(BufWriter::with_capacity(
                1 << 16,
                File::create(file).expect("it can be written"),
            )),
            Some(("sqlite", file)) => {
                let connection = Connection::open(file).expect("it can be written");
                connection
                    .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
                    .expect("these are known");
                connection
                    .execute_batch(&create("text"))
                    .expect("the table is created");
                Self::Sqlite(connection)
            }
            Some(("parquet", file)) => Self::Parquet(file.to_owned(), None),
            _ => panic!("`{name}` is no target"),
        }
    }

    async fn write(&mut self, rows: &[Row<'_>]) {
        match self {
            Self::Ndjson(file) => {
                for row in rows {
                    serde_json::to_writer(&mut *file, row).expect("it is JSON");
                    file.write_all(b"\n").expect("the disk has room");
                }
            }
            Self::Parquet(name, writer) => {
                let rows = columns(rows);
                let writer = writer.get_or_insert_with(|| {
                    let file = File::create(&*name).expect("it can be written");
                    let writer = Parquet::new(BufWriter::new(file), &rows.schema());
                    Box::new(writer.expect("it can be written"))
                });
                writer.write(&rows).expect("the disk has room");
            }
            Self::Sqlite(connection) => {
                let transaction = connection.transaction().expect("nobody else writes");
                {
                    let mut insert = transaction.prepare_cached(INSERT).expect("it is SQL");
                    for row in rows {
                        insert
                            .execute(params![
                                row.id,
                                row.status,
                                row.title,
                                row.space_id,
                                row.parent_id,
                                row.parent_type,
                                row.position,
                                row.author_id,
                                row.owner_id,
                                row.last_owner_id,
                                row.subtype,
                                row.created_at,
                                row.version__number,
                                row.version__message,
                                row.version__minor_edit,
                                row.version__author_id,
                                row.version__created_at,
                                row.web_url,
                                row.body,
                            ])
                            .expect("the row is inserted");
                    }
                }
                transaction.commit().expect("the disk has room");
            }
            Self::Postgresql(client) => {
                let transaction = client.transaction().await.expect("nobody else writes");
                let into = transaction
                    .copy_in("COPY pages FROM STDIN BINARY")
                    .await
                    .expect("the table is there");
                let text = Type::TEXT;
                let types = [
                    text.clone(),
                    text.clone(),
                    text.clone(),
                    text.clone(),
                    text.clone(),
                    text.clone(),
                    Type::INT8,
                    text.clone(),
                    text.clone(),
                    text.clone(),
                    text.clone(),
                    Type::TIMESTAMPTZ,
                    Type::INT8,
                    text.clone(),
                    Type::BOOL,
                    text.clone(),
                    Type::TIMESTAMPTZ,
                    text.clone(),
                    text,
                ];
                let mut into = std::pin::pin!(BinaryCopyInWriter::new(into, &types));
                for row in rows {
                    let (created, changed) = (
                        row.created_at.map(instant),
                        row.version__created_at.map(instant),
                    );
                    let values: [&(dyn ToSql + Sync); 19] = [
                        &row.id,
                        &row.status,
                        &row.title,
                        &row.space_id,
                        &row.parent_id,
                        &row.parent_type,
                        &row.position,
                        &row.author_id,
                        &row.owner_id,
                        &row.last_owner_id,
                        &row.subtype,
                        &created,
                        &row.version__number,
                        &row.version__message,
                        &row.version__minor_edit,
                        &row.version__author_id,
                        &changed,
                        &row.web_url,
                        &row.body,
                    ];
                    into.as_mut()
                        .write(&values)
                        .await
                        .expect("the server takes it");
                }
                into.finish().await.expect("the server takes it");
                transaction.commit().await.expect("the server has room");
            }
        }
    }

    fn end(self) {
        match self {
            Self::Ndjson(mut file) => file.flush().expect("the disk has room"),
            Self::Parquet(_, Some(mut writer)) => writer.finish().expect("the disk has room"),
            _ => {}
        }
    }
}

/// A column of texts.
type Text = for<'a> fn(&'a Row<'_>) -> Option<&'a str>;

/// Rows as columns.
fn columns(rows: &[Row<'_>]) -> RecordBatch {
    let text = |of: Text| -> ArrayRef {
        let mut column = StringBuilder::new();
        for row in rows {
            column.append_option(of(row));
        }
        Arc::new(column.finish())
    };
    let number = |of: fn(&Row<'_>) -> Option<i64>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<Int64Array>())
    };
    let time = |of: Text| -> ArrayRef {
        let since = |text| {
            let since = instant(text).duration_since(SystemTime::UNIX_EPOCH);
            i64::try_from(since.expect("it is later").as_millis()).expect("it is not far off")
        };
        let times = rows.iter().map(|row| of(row).map(since));
        let times: TimestampMillisecondArray = times.collect();
        Arc::new(times.with_timezone("UTC"))
    };
    let minor: BooleanArray = rows.iter().map(|row| row.version__minor_edit).collect();
    RecordBatch::try_from_iter_with_nullable([
        ("id", text(|row| Some(row.id)), false),
        ("status", text(|row| row.status), true),
        ("title", text(|row| row.title), true),
        ("space_id", text(|row| row.space_id), true),
        ("parent_id", text(|row| row.parent_id), true),
        ("parent_type", text(|row| row.parent_type), true),
        ("position", number(|row| row.position), true),
        ("author_id", text(|row| row.author_id), true),
        ("owner_id", text(|row| row.owner_id), true),
        ("last_owner_id", text(|row| row.last_owner_id), true),
        ("subtype", text(|row| row.subtype), true),
        ("created_at", time(|row| row.created_at), true),
        ("version__number", number(|row| row.version__number), true),
        ("version__message", text(|row| row.version__message), true),
        ("version__minor_edit", Arc::new(minor), true),
        (
            "version__author_id",
            text(|row| row.version__author_id),
            true,
        ),
        (
            "version__created_at",
            time(|row| row.version__created_at),
            true,
        ),
        ("web_url", text(|row| Some(&row.web_url)), true),
        ("body", text(|row| row.body), true),
    ])
    .expect("the columns have one length")
}

/// An instant such as `2026-08-21T15:02:11.094Z`.
fn instant(text: &str) -> SystemTime {
    let number = |from: usize, to: usize| {
        text.get(from..to)
            .and_then(|digits| digits.parse::<u64>().ok())
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (year, month, day) = year
        .zip(month)
        .zip(day)
        .map(|((y, m), d)| (y, m, d))
        .expect("it is a date");
    // Days since 1970, by the calendar that begins its year in March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days =
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    let seconds = number(11, 13).zip(number(14, 16)).zip(number(17, 19));
    let ((hours, minutes), seconds) = seconds.expect("it has a time");
    let millis = number(20, 23).unwrap_or_default();
    let seconds = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
    SystemTime::UNIX_EPOCH + Duration::from_millis(seconds * 1_000 + millis)
}

async fn copy(endpoint: &str, target: &str, format: Option<&str>) {
    let client: Client<HttpConnector, Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let site = endpoint
        .split("/wiki/")
        .next()
        .expect("it is an endpoint")
        .to_owned();
    let format = format.map_or_else(String::new, |format| format!("&body-format={format}"));
    let mut next = Some(format!("/wiki/api/v2/pages?limit=250{format}"));
    let mut target = Target::open(target).await;
    while let Some(path) = next {
        let uri = format!("{site}{path}").parse().expect("it is a URL");
        let answer = client.get(uri).await.expect("the site answers");
        let body = answer
            .into_body()
            .collect()
            .await
            .expect("the answer ends")
            .to_bytes();
        let answer: Answer<'_> = serde_json::from_slice(&body).expect("it is a list of pages");
        let rows: Vec<Row<'_>> = answer
            .results
            .iter()
            .map(|page| Row::of(page, &answer.links.base))
            .collect();
        target.write(&rows).await;
        next = answer.links.next.map(Cow::into_owned);
    }
    target.end();
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [endpoint, target] => benchmarks::runtime().block_on(copy(endpoint, target, None)),
        [endpoint, target, format] => {
            benchmarks::runtime().block_on(copy(endpoint, target, Some(format)))
        }
        _ => panic!("usage: native-copy ENDPOINT TARGET [BODY-FORMAT]"),
    }
}
