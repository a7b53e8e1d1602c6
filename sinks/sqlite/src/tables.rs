//! Rows in tables of the database, one for each stream.

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ToSql, Transaction, params, params_from_iter};
use source::{Batch, Column, SystemColumn};
use sync::{Commit, Millis, Naming, View};

use crate::change_log;
use crate::instant;
use crate::row::{Cell, Rows};
use crate::schema::{self, quoted};
use crate::store::{Deleted, RowSource, RowStore, StoreError};

/// The tables of the database.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    naming: Naming,
}

/// One value of the statement that writes a row.
enum Bound<'a> {
    Text(&'a str),
    Integer(i64),
    Cell(Cell<'a>),
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Integer(number) => number.to_sql(),
            Self::Cell(cell) => cell.to_sql(),
        }
    }
}

impl RowStore for Tables {
    fn recover(&mut self, _: &mut Connection) -> Result<(), StoreError> {
        Ok(())
    }

    fn name_columns(&mut self, naming: Naming) {
        self.naming = naming;
    }

    fn keeps_other_columns(&self) -> bool {
        true
    }

    fn begin(&mut self) {}

    fn prepare(
        &mut self,
        transaction: &Transaction<'_>,
        stream: &str,
        is_new: bool,
        added: &[&Column],
    ) -> Result<(), StoreError> {
        Ok(schema::create_table(
            transaction,
            stream,
            is_new,
            added,
            self.naming,
        )?)
    }

    fn log_changes(
        &mut self,
        transaction: &Transaction<'_>,
        stream: &str,
        is_wanted: Option<bool>,
    ) -> Result<(), StoreError> {
        Ok(change_log::prepare(transaction, stream, is_wanted)?)
    }

    fn write(
        &mut self,
        transaction: &Transaction<'_>,
        commit: &Commit<'_>,
        batch: &Batch,
        rows: &[usize],
    ) -> Result<(), StoreError> {
        let values = Rows::of(batch);
        let at = instant::text(commit.at);
        let mut write = transaction.prepare_cached(&values.statement)?;
        for row in rows {
            let system = |column: SystemColumn| batch.system(column, *row).unwrap_or_default();
            let head = [
                Bound::Text(system(SystemColumn::Key)),
                Bound::Integer(commit.run),
                Bound::Text(&at),
                Bound::Text(system(SystemColumn::Fingerprint)),
            ];
            let cells = values.cells(*row).map(Bound::Cell);
            write.execute(params_from_iter(head.into_iter().chain(cells)))?;
        }
        Ok(())
    }

    fn age(
        &mut self,
        transaction: &Transaction<'_>,
        commit: &Commit<'_>,
        batch: &Batch,
        row: usize,
    ) -> Result<(), StoreError> {
        let values = Rows::of(batch);
        let mut sets = Vec::new();
        let mut cells = vec![Bound::Text(
            batch.system(SystemColumn::Key, row).unwrap_or_default(),
        )];
        for name in commit.ages {
            if let Some(cell) = values.cell(name, row) {
                cells.push(Bound::Cell(cell));
                sets.push(format!("{} = ?{}", quoted(name), cells.len()));
            }
        }
        if sets.is_empty() {
            return Ok(());
        }
        let statement = format!(
            "UPDATE {} SET {} WHERE _sync_key = ?1",
            quoted(batch.stream()),
            sets.join(", ")
        );
        let mut update = transaction.prepare_cached(&statement)?;
        update.execute(params_from_iter(cells))?;
        Ok(())
    }

    fn source(&self, stream: &str, columns: &[(&str, &str)]) -> RowSource {
        let millis = |column: &str| {
            format!("CAST(round(unixepoch(t.{column}, 'subsec') * 1000) AS INTEGER)")
        };
        let value = |(name, column_type): &(&str, &str)| match *column_type {
            "instant" => millis(&quoted(name)),
            _ => format!("t.{}", quoted(name)),
        };
        RowSource {
            join: format!("LEFT JOIN {} AS t ON t._sync_key = k.key", quoted(stream)),
            changed: millis("_sync_at"),
            columns: columns.iter().map(value).collect(),
        }
    }

    fn view(&mut self, transaction: &Transaction<'_>, views: &[View]) -> Result<(), StoreError> {
        for view in views {
            let name = quoted(view.name);
            transaction.execute_batch(&format!(
                "DROP VIEW IF EXISTS {name}; CREATE VIEW {name} AS {}",
                view.sqlite
            ))?;
        }
        Ok(())
    }

    /// Its body and what the site sent are emptied, since who may not read it there any more must not
    /// read it here.
    fn delete(
        &mut self,
        transaction: &Transaction<'_>,
        deleted: Deleted<'_>,
    ) -> Result<(), StoreError> {
        let mut names = transaction.prepare_cached(
            "SELECT column_name FROM _sync_columns WHERE stream = ?1 AND column_name IN ('body', 'raw')",
        )?;
        let names = names.query_map([deleted.stream], |row| row.get::<_, String>(0))?;
        let mut emptied = String::new();
        for name in names {
            emptied.push_str(&format!(", {} = NULL", quoted(&name?)));
        }
        let statement = format!(
            "UPDATE {} SET _sync_deleted_at = ?2, _sync_deleted_reason = ?3, _sync_run = ?4, _sync_at = ?2{emptied} WHERE _sync_key = ?1",
            quoted(deleted.stream)
        );
        transaction.prepare_cached(&statement)?.execute(params![
            deleted.key,
            instant::text(deleted.at),
            deleted.reason,
            deleted.run
        ])?;
        Ok(())
    }

    fn mark(
        &mut self,
        transaction: &Transaction<'_>,
        stream: &str,
        key: &str,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let statement = format!(
            "UPDATE {} SET _sync_filtered_at = ?2 WHERE _sync_key = ?1 AND _sync_deleted_at IS NULL",
            quoted(stream)
        );
        let marked = transaction
            .prepare_cached(&statement)?
            .execute(params![key, instant::text(at)])?;
        Ok(marked > 0)
    }

    fn finish(&mut self, _: &Transaction<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    fn committed(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
