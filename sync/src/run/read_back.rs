//! What the sink has of a stream is read back: all of it, which the sink returns a part at a time.

use std::collections::BTreeMap;

use super::Engine;
use crate::clock::Millis;
use crate::sink::SinkError;
use crate::stored::{StoredRow, Which};

impl Engine<'_> {
    /// All rows of a stream in scope, with these columns.
    pub(super) async fn all_rows(
        &mut self,
        stream: &str,
        columns: &[&str],
    ) -> Result<Vec<StoredRow>, SinkError> {
        let mut rows: Vec<StoredRow> = Vec::new();
        loop {
            let after = rows.last().map_or(String::new(), |row| row.key.clone());
            let more = self
                .sink
                .rows(stream, columns, Which::After(&after))
                .await?;
            if more.is_empty() {
                return Ok(rows);
            }
            rows.extend(more);
        }
    }

    /// When the sets of parents in a stream were read, by the parents' keys.
    pub(super) async fn reads_of(
        &mut self,
        stream: &str,
    ) -> Result<BTreeMap<String, Millis>, SinkError> {
        let mut reads = BTreeMap::new();
        let mut after = String::new();
        loop {
            let more = self.sink.reads(stream, &after).await?;
            let Some((last, _)) = more.last() else {
                return Ok(reads);
            };
            after.clone_from(last);
            reads.extend(more);
        }
    }
}
