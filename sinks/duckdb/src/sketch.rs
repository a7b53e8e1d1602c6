//! Sketches of rows, compared with what is known.

use source::{SystemColumn, VERSION_NUMBER};
use sync::Commit;

use crate::error::Refused;
use crate::parameters::{Instant, list};
use crate::reads::{forget_unseen, read_parents};
use crate::session::Work;

/// Marks rows as seen that sketches show as they are known, and sets as due that sketches do not fit
/// into.
pub(crate) fn compare(work: &mut Work<'_>, commit: &Commit<'_>) -> Result<(), Refused> {
    let (stream, Some(mark)) = (&commit.pass.stream, commit.mark) else {
        return Ok(());
    };
    let (mut keys, mut parents, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    for batch in commit.batches {
        for row in 0..batch.rows() {
            let Some(key) = batch.system(SystemColumn::Key, row) else {
                continue;
            };
            keys.push(key);
            parents.push(batch.system(SystemColumn::Parent, row));
            versions.push(batch.integer(VERSION_NUMBER, row));
        }
    }
    let (keys, parents, versions) = (list(&keys), list(&parents), list(&versions));
    work.query(
        "UPDATE _sync_keys AS k SET seen = greatest(k.seen, $5) \
         FROM (SELECT DISTINCT unnest($2) AS key, unnest($3) AS parent, unnest($4) AS version) AS r \
         WHERE k.stream = $1 AND k.key = r.key AND k.deleted_at IS NULL \
         AND k.parent = r.parent AND k.version IS NOT DISTINCT FROM r.version",
        &[stream, &keys, &parents, &versions, &mark],
    )?;
    // In two statements, since a join with two alternatives compares every row with every other.
    work.query(
        "DELETE FROM _sync_children WHERE stream = $1 AND parent IN (\
         SELECT r.parent \
         FROM (SELECT unnest($2) AS key, unnest($3) AS parent, unnest($4) AS version) AS r \
         LEFT JOIN _sync_keys AS k ON k.stream = $1 AND k.key = r.key AND k.deleted_at IS NULL \
         AND k.parent = r.parent AND k.version IS NOT DISTINCT FROM r.version \
         WHERE k.key IS NULL)",
        &[stream, &keys, &parents, &versions],
    )?;
    work.query(
        "DELETE FROM _sync_children WHERE stream = $1 AND parent IN (SELECT unnest($2)) \
         AND parent NOT IN (SELECT parent FROM _sync_keys \
         WHERE stream = $1 AND parent IS NOT NULL AND deleted_at IS NULL)",
        &[stream, &keys],
    )?;
    read_parents(work, commit, mark)?;
    if commit.state.completed.is_some() {
        forget_unseen(work, stream, mark)?;
        work.query(
            "UPDATE _sync_children SET read_at = $2 WHERE stream = $1 AND parent IN \
             (SELECT parent FROM _sync_keys WHERE stream = $1 AND deleted_at IS NULL)",
            &[stream, &Instant(commit.at)],
        )?;
    }
    Ok(())
}
