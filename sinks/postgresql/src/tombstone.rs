//! Deleted rows. They stay, and say when and why they were deleted; their bodies do not.

use std::collections::HashMap;

use source::BODY;
use sync::{Children, Millis, reason};

use crate::error::Refused;
use crate::failures;
use crate::instant::Instant;
use crate::schema::{Layout, quoted, table_name};
use crate::scope;
use crate::session::Work;

/// What deletions of one transaction have in common.
#[derive(Clone, Copy)]
pub(crate) struct Grave<'a> {
    pub(crate) run: i64,
    pub(crate) at: Millis,
    pub(crate) layouts: &'a HashMap<String, Layout>,
}

impl Grave<'_> {
    /// Marks rows of a stream as deleted. Returns how many were live.
    pub(crate) async fn place(
        self,
        work: &mut Work<'_>,
        stream: &str,
        keys: &[String],
        reason: &str,
    ) -> Result<u64, Refused> {
        if keys.is_empty() {
            return Ok(0);
        }
        scope::forget(work, stream, keys).await?;
        let known = work
            .prepare(
                // Of a row that was never written, only the key was there.
                "UPDATE _sync_keys SET scope = 0, deleted_at = $3, reason = $4, is_stale = false, \
                 missing_since = NULL, body_hash = NULL, left_run = NULL, \
                 written_run = CASE WHEN is_stale AND written_run IS NULL THEN NULL ELSE $5::bigint END \
                 WHERE stream = $1 AND key = ANY($2) AND deleted_at IS NULL RETURNING key",
            )
            .await?;
        let at = Instant(self.at);
        let rows = work
            .transaction
            .query(&known, &[&stream, &keys, &at, &reason, &self.run])
            .await?;
        let live: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        if live.is_empty() {
            return Ok(0);
        }
        self.bury(work, stream, &live, reason).await?;
        let holds = "DELETE FROM _sync_holds WHERE stream = $1 AND key = ANY($2)";
        let holds = work.prepare(holds).await?;
        work.transaction.execute(&holds, &[&stream, &live]).await?;
        failures::forget(work, stream, &live).await?;
        Ok(live.len() as u64)
    }

    /// Marks the rows of these keys as deleted in their table.
    pub(crate) async fn bury(
        self,
        work: &mut Work<'_>,
        stream: &str,
        keys: &[String],
        reason: &str,
    ) -> Result<(), Refused> {
        let statement = work.prepare(&self.statement(stream)).await?;
        work.transaction
            .execute(&statement, &[&keys, &Instant(self.at), &reason, &self.run])
            .await?;
        Ok(())
    }

    /// Marks all live rows that belong to rows of a stream as deleted, and what belongs to those.
    pub(crate) async fn place_children(
        self,
        work: &mut Work<'_>,
        parent: &str,
        parents: &[String],
        children: &Children,
    ) -> Result<(), Refused> {
        let mut waiting = vec![(parent, parents.to_vec())];
        while let Some((parent, parents)) = waiting.pop() {
            if parents.is_empty() {
                continue;
            }
            for stream in children.of(parent) {
                let of_parents = work
                    .prepare(
                        "SELECT key FROM _sync_keys \
                         WHERE stream = $1 AND parent = ANY($2) AND deleted_at IS NULL",
                    )
                    .await?;
                let rows = work
                    .transaction
                    .query(&of_parents, &[stream, &parents])
                    .await?;
                let keys: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
                self.place(work, stream, &keys, reason::PARENT).await?;
                let read = "DELETE FROM _sync_children WHERE stream = $1 AND parent = ANY($2)";
                let read = work.prepare(read).await?;
                work.transaction.execute(&read, &[stream, &parents]).await?;
                waiting.push((stream, keys));
            }
        }
        Ok(())
    }

    /// The statement that makes rows of a stream deleted ones: bodies and what the site sent are
    /// emptied, since who may not read them there any more must not read them here.
    fn statement(self, stream: &str) -> String {
        let mut emptied = String::new();
        for name in [BODY, source::SystemColumn::Raw.name()] {
            if let Some(column) = self.layouts.get(stream).and_then(|layout| layout.get(name)) {
                emptied.push_str(&format!(", {} = NULL", column.name));
            }
        }
        format!(
            "UPDATE {} SET _sync_deleted_at = $2, _sync_deleted_reason = $3, _sync_run = $4, \
             _sync_at = $2{emptied} WHERE _sync_key = ANY($1)",
            quoted(&table_name(stream))
        )
    }
}
