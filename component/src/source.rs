//! The functions of the interface `source`.

use confluence_connector as connector;

use crate::bindings::exports::confluence::connector::source::{
    Batch, Column, ColumnDescription, ColumnType, Error, Guest, Observed, Outcome, Pass, Progress,
    ReadParent, Request, StreamDescription,
};
use crate::service::{Connector, confluence};

impl Guest for Connector {
    fn streams(settings: Vec<(String, String)>) -> Result<Vec<StreamDescription>, Error> {
        Ok(connector::streams(&settings)?.map(described).collect())
    }

    fn step(request: Request) -> Result<Progress, Error> {
        let request = connector::StepRequest {
            stream: request.stream,
            pass: match request.pass {
                Pass::Full => connector::Pass::Full,
                Pass::Changes => connector::Pass::Changes,
                Pass::Census => connector::Pass::Census,
                Pass::Details => connector::Pass::Details,
                Pass::Versions => connector::Pass::Versions,
                Pass::Access => connector::Pass::Access,
                Pass::LookUp => connector::Pass::LookUp,
                Pass::Survey => connector::Pass::Survey,
            },
            partition: request.partition,
            state: request.state,
            parents: request
                .parents
                .into_iter()
                .map(|parent| connector::Parent {
                    stream: parent.stream,
                    key: parent.key,
                    version: parent.version,
                    container: parent.container,
                })
                .collect(),
            projection: connector::Projection {
                columns: request.projection.columns,
                raw: request.projection.raw,
                body_format: request.projection.body_format,
            },
            budget: connector::Budget {
                rows: request.budget.rows,
                bytes: request.budget.bytes,
                requests: request.budget.requests,
                page_size: request.budget.page_size,
            },
            settings: request.settings,
        };
        let progress = confluence().step(&request)?;
        Ok(Progress {
            batches: progress.batches.into_iter().map(batch).collect(),
            state: progress.state,
            outcome: match progress.outcome {
                connector::Outcome::More => Outcome::More,
                connector::Outcome::Done => Outcome::Done,
                connector::Outcome::Failed(error) => Outcome::Failed(error.into()),
                connector::Outcome::Unsupported(reason) => Outcome::Unsupported(reason),
            },
            observed: Observed {
                rows: progress.observed.rows,
                requests: progress.observed.requests,
                points: progress.observed.points,
                foreign_rows: progress.observed.foreign_rows,
                missing_parents: progress.observed.missing_parents,
                read_parents: progress
                    .observed
                    .read_parents
                    .into_iter()
                    .map(|parent| ReadParent {
                        key: parent.key,
                        version: parent.version,
                    })
                    .collect(),
                site_time: progress.observed.site_time,
            },
            notices: progress.notices,
        })
    }
}

/// The columns go by move: their buffers are those that the rows were read into.
fn batch(batch: connector::Batch) -> Batch {
    Batch {
        stream: batch.stream.to_owned(),
        rows: u32::try_from(batch.rows).unwrap_or(u32::MAX),
        columns: batch
            .columns
            .into_iter()
            .map(|column| Column {
                name: column.name.to_owned(),
                validity: column.validity,
                offsets: column.offsets,
                text: column.text,
                numbers: column.numbers,
                flags: column.flags,
            })
            .collect(),
    }
}

fn described(stream: connector::StreamDescription) -> StreamDescription {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    StreamDescription {
        name: stream.name().to_owned(),
        documentation: stream.documentation().to_owned(),
        key: texts(stream.key()),
        parents: texts(stream.parents()),
        by_space: stream.by_space(),
        columns: stream.columns().map(column).collect(),
        passes: stream.passes().iter().map(|one| pass(*one)).collect(),
        scopes: stream.scopes().iter().map(|one| texts(one)).collect(),
        points_per_row: stream.points_per_row(),
        default: stream.is_default(),
        settings: texts(stream.settings()),
    }
}

fn column(column: connector::ColumnDescription) -> ColumnDescription {
    ColumnDescription {
        name: column.name().to_owned(),
        documentation: column.documentation().to_owned(),
        type_: match column.column_type() {
            connector::ColumnType::Text => ColumnType::Text,
            connector::ColumnType::Json => ColumnType::Json,
            connector::ColumnType::Integer => ColumnType::Integer,
            connector::ColumnType::Instant => ColumnType::Instant,
            connector::ColumnType::Boolean => ColumnType::Boolean,
        },
        nullable: column.is_nullable(),
        on_request: column.is_on_request(),
    }
}

fn pass(pass: connector::Pass) -> Pass {
    match pass {
        connector::Pass::Full => Pass::Full,
        connector::Pass::Changes => Pass::Changes,
        connector::Pass::Census => Pass::Census,
        connector::Pass::Details => Pass::Details,
        connector::Pass::Versions => Pass::Versions,
        connector::Pass::Access => Pass::Access,
        connector::Pass::LookUp => Pass::LookUp,
        connector::Pass::Survey => Pass::Survey,
    }
}
