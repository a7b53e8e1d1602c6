//! Deleted rows. They stay, and say when and why they were deleted; their bodies do not.

use source::BODY;
use sync::{Children, Millis, reason};

use crate::error::Refused;
use crate::parameters::{Instant, List, list};
use crate::schema::{self, Tables, quoted};
use crate::session::Work;
use crate::{change_log, failures, scope};

/// What deletions of one transaction have in common.
#[derive(Clone, Copy)]
pub(crate) struct Grave<'a> {
    pub(crate) run: i64,
    pub(crate) at: Millis,
    pub(crate) tables: &'a Tables,
}

impl Grave<'_> {
    /// Marks rows of a stream as deleted. Returns how many were live.
    pub(crate) fn place(
        self,
        work: &mut Work<'_>,
        stream: &str,
        keys: &[String],
        reason: &str,
    ) -> Result<u64, Refused> {
        if keys.is_empty() {
            return Ok(0);
        }
        let keys = list(keys);
        scope::forget(work, stream, &keys)?;
        let live = work.query(
            // Of a row that was never written, only the key was there.
            "UPDATE _sync_keys SET scope = 0, deleted_at = $3, reason = $4, is_stale = false, \
             missing_since = NULL, body_hash = NULL, left_run = NULL, \
             written_run = CASE WHEN is_stale AND written_run IS NULL THEN NULL ELSE $5::BIGINT END \
             WHERE stream = $1 AND key IN (SELECT unnest($2)) AND deleted_at IS NULL RETURNING key",
            &[&stream, &keys, &Instant(self.at), &reason, &self.run],
        )?;
        let live = live.texts();
        if live.is_empty() {
            return Ok(0);
        }
        let count = live.len() as u64;
        let live = list(&live);
        self.bury(work, stream, &live, reason)?;
        work.query(
            "DELETE FROM _sync_holds WHERE stream = $1 AND key IN (SELECT unnest($2))",
            &[&stream, &live],
        )?;
        failures::forget(work, stream, &live)?;
        Ok(count)
    }

    /// Marks the rows of these keys as deleted in their table.
    pub(crate) fn bury(
        self,
        work: &mut Work<'_>,
        stream: &str,
        keys: &List,
        reason: &str,
    ) -> Result<(), Refused> {
        // Bodies and what the site sent are emptied: who may not read them there any more must not read
        // them here.
        let mut emptied = String::new();
        for name in [BODY, source::SystemColumn::Raw.name()] {
            let layout = self.tables.layouts.get(stream);
            if let Some(column) = layout.and_then(|layout| layout.get(name)) {
                emptied.push_str(&format!(", {} = NULL", column.name));
            }
        }
        let bury = format!(
            "UPDATE {} SET _sync_deleted_at = $2, _sync_deleted_reason = $3, _sync_run = $4, \
             _sync_at = $2{emptied} WHERE _sync_key IN (SELECT unnest($1))",
            quoted(stream)
        );
        work.query(&bury, &[keys, &Instant(self.at), &reason, &self.run])?;
        schema::follow(work, self.tables.naming, stream, keys)?;
        change_log::add(work, self.tables, stream, keys, &[])
    }

    /// Marks all live rows that belong to deleted rows of a stream as deleted, and what belongs to those.
    pub(crate) fn place_children(
        self,
        work: &mut Work<'_>,
        parent: &str,
        parents: &[String],
        children: &Children,
    ) -> Result<(), Refused> {
        if parents.is_empty() {
            return Ok(());
        }
        for stream in children.of(parent) {
            let of = list(parents);
            let keys = work.query(
                "SELECT key FROM _sync_keys \
                 WHERE stream = $1 AND parent IN (SELECT unnest($2)) AND deleted_at IS NULL",
                &[stream, &of],
            )?;
            let keys = keys.texts();
            self.place(work, stream, &keys, reason::PARENT)?;
            work.query(
                "DELETE FROM _sync_children WHERE stream = $1 AND parent IN (SELECT unnest($2))",
                &[stream, &of],
            )?;
            self.place_children(work, stream, &keys, children)?;
        }
        Ok(())
    }
}
