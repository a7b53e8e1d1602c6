//! Sketches of rows, compared with what is known.

use source::{SystemColumn, VERSION_NUMBER};
use sync::Commit;

use crate::error::Refused;
use crate::instant::Instant;
use crate::json;
use crate::reads::{forget_unseen, read_parents};
use crate::session::Work;

/// Marks rows as seen that sketches show as they are known, and sets as due that sketches do not fit
/// into.
pub(crate) async fn compare(work: &mut Work<'_>, commit: &Commit<'_>) -> Result<(), Refused> {
    let (stream, Some(mark)) = (&commit.pass.stream, commit.mark) else {
        return Ok(());
    };
    let (mut keys, mut parents, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    for batch in commit.batches {
        let text = |column: SystemColumn, row| batch.system(column, row).map(json::text);
        for row in 0..batch.rows() {
            let Some(key) = text(SystemColumn::Key, row) else {
                continue;
            };
            keys.push(key);
            parents.push(text(SystemColumn::Parent, row));
            versions.push(batch.integer(VERSION_NUMBER, row));
        }
    }
    let see = work
        .prepare(
            "UPDATE _sync_keys AS k SET seen = greatest(k.seen, $5) \
             FROM unnest($2::text[], $3::text[], $4::bigint[]) AS r (key, parent, version) \
             WHERE k.stream = $1 AND k.key = r.key AND k.deleted_at IS NULL \
             AND k.parent = r.parent AND k.version IS NOT DISTINCT FROM r.version",
        )
        .await?;
    work.transaction
        .execute(&see, &[stream, &keys, &parents, &versions, &mark])
        .await?;
    let due = work
        .prepare(
            "DELETE FROM _sync_children AS c USING \
             unnest($2::text[], $3::text[], $4::bigint[]) AS r (key, parent, version) \
             WHERE c.stream = $1 AND (c.parent = r.parent AND NOT EXISTS (SELECT FROM _sync_keys AS k \
             WHERE k.stream = $1 AND k.key = r.key AND k.deleted_at IS NULL AND k.parent = r.parent \
             AND k.version IS NOT DISTINCT FROM r.version) \
             OR c.parent = r.key AND NOT EXISTS (SELECT FROM _sync_keys AS k \
             WHERE k.stream = $1 AND k.parent = r.key AND k.deleted_at IS NULL))",
        )
        .await?;
    work.transaction
        .execute(&due, &[stream, &keys, &parents, &versions])
        .await?;
    read_parents(work, commit, mark).await?;
    if commit.state.completed.is_some() {
        forget_unseen(work, stream, mark).await?;
        let read = work
            .prepare(
                "UPDATE _sync_children SET read_at = $2::timestamptz WHERE stream = $1 AND parent IN \
                 (SELECT parent FROM _sync_keys WHERE stream = $1 AND deleted_at IS NULL)",
            )
            .await?;
        work.transaction
            .execute(&read, &[stream, &Instant(commit.at)])
            .await?;
    }
    Ok(())
}
