//! The view `content_readers`: contents and the accounts that may read them.
//!
//! It joins layers and members when it is read, so that a change of a group's members computes nothing.
//! Three conditions keep rows of different ages from granting together what was never granted: the row of
//! the content has to be the one that its layers were computed for, a member that was added counts only
//! once layers were computed after it, and whatever is marked as deleted does not count.

use sync::View;

use crate::principal::LICENSED;

/// Accounts are those that layers name, themselves or by a group. `class` is null for accounts that may
/// read the content, and `all-licensed-users` for those that may if they belong to that class. A row
/// without an account says that everybody of the class may.
pub(crate) const VIEW: View = View {
    name: "content_readers",
    sqlite: SQLITE,
    postgresql: POSTGRESQL,
    duckdb: DUCKDB,
};

const _: () = assert!(LICENSED.len() == 18, "the views name it, too");

const SQLITE: &str = "\
WITH current AS (\
SELECT a.content_id, a.layers, json_array_length(a.layers) AS layer_count, \
(SELECT count(*) FROM json_each(a.layers) AS l WHERE EXISTS (SELECT 1 FROM json_each(l.value) AS p \
WHERE p.value = 'class:all-licensed-users')) AS licensed_count \
FROM content_access AS a WHERE a.state = 'known' AND a._sync_deleted_at IS NULL \
AND (EXISTS (SELECT 1 FROM pages AS c WHERE c._sync_key = a.content_id \
AND c._sync_hash = a.content_hash AND c._sync_deleted_at IS NULL) \
OR EXISTS (SELECT 1 FROM blog_posts AS c WHERE c._sync_key = a.content_id \
AND c._sync_hash = a.content_hash AND c._sync_deleted_at IS NULL))), \
computed AS (SELECT max(mark) AS run FROM _sync_state WHERE stream = 'content_access' AND is_open = 0), \
member AS (SELECT m.group_id, m.account_id FROM group_members AS m, computed \
WHERE m._sync_deleted_at IS NULL AND m._sync_run <= computed.run), \
passed AS (\
SELECT c.content_id, c.layer_count, c.licensed_count, l.key AS layer, l.value AS principals, \
substr(p.value, 6) AS account_id \
FROM current AS c, json_each(c.layers) AS l, json_each(l.value) AS p WHERE p.value LIKE 'user:%' \
UNION \
SELECT c.content_id, c.layer_count, c.licensed_count, l.key, l.value, m.account_id \
FROM current AS c, json_each(c.layers) AS l, json_each(l.value) AS p \
JOIN member AS m ON m.group_id = substr(p.value, 7) WHERE p.value LIKE 'group:%'), \
counted AS (\
SELECT content_id, account_id, layer_count, licensed_count, count(*) AS passed_count, \
sum(EXISTS (SELECT 1 FROM json_each(principals) AS p WHERE p.value = 'class:all-licensed-users')) \
AS passed_licensed_count FROM passed GROUP BY content_id, account_id) \
SELECT content_id, account_id, \
CASE WHEN passed_count = layer_count THEN NULL ELSE 'all-licensed-users' END AS class \
FROM counted WHERE passed_count + licensed_count - passed_licensed_count = layer_count \
UNION ALL \
SELECT c.content_id, NULL, substr(p.value, 7) FROM current AS c, json_each(c.layers, '$[0]') AS p \
WHERE p.value LIKE 'class:%' AND NOT EXISTS (SELECT 1 FROM json_each(c.layers) AS l \
WHERE NOT EXISTS (SELECT 1 FROM json_each(l.value) AS q WHERE q.value = p.value))";

const POSTGRESQL: &str = "\
WITH current AS (\
SELECT a.content_id, a.layers, jsonb_array_length(a.layers) AS layer_count, \
(SELECT count(*) FROM jsonb_array_elements(a.layers) AS l WHERE l ? 'class:all-licensed-users') \
AS licensed_count \
FROM content_access AS a WHERE a.state = 'known' AND a._sync_deleted_at IS NULL \
AND (EXISTS (SELECT FROM pages AS c WHERE c._sync_key = a.content_id \
AND c._sync_hash = a.content_hash AND c._sync_deleted_at IS NULL) \
OR EXISTS (SELECT FROM blog_posts AS c WHERE c._sync_key = a.content_id \
AND c._sync_hash = a.content_hash AND c._sync_deleted_at IS NULL))), \
computed AS (SELECT max(mark) AS run FROM _sync_state WHERE stream = 'content_access' AND NOT is_open), \
member AS (SELECT m.group_id, m.account_id FROM group_members AS m, computed \
WHERE m._sync_deleted_at IS NULL AND m._sync_run <= computed.run), \
passed AS (\
SELECT c.content_id, c.layer_count, c.licensed_count, l.place AS layer, l.value AS principals, \
substr(p.value, 6) AS account_id \
FROM current AS c, jsonb_array_elements(c.layers) WITH ORDINALITY AS l(value, place), \
jsonb_array_elements_text(l.value) AS p(value) WHERE p.value LIKE 'user:%' \
UNION \
SELECT c.content_id, c.layer_count, c.licensed_count, l.place, l.value, m.account_id \
FROM current AS c, jsonb_array_elements(c.layers) WITH ORDINALITY AS l(value, place), \
jsonb_array_elements_text(l.value) AS p(value), member AS m \
WHERE p.value LIKE 'group:%' AND m.group_id = substr(p.value, 7)), \
counted AS (\
SELECT content_id, account_id, layer_count, licensed_count, count(*) AS passed_count, \
count(*) FILTER (WHERE principals ? 'class:all-licensed-users') AS passed_licensed_count \
FROM passed GROUP BY content_id, account_id, layer_count, licensed_count) \
SELECT content_id, account_id, \
CASE WHEN passed_count = layer_count THEN NULL ELSE 'all-licensed-users' END AS class \
FROM counted WHERE passed_count + licensed_count - passed_licensed_count = layer_count \
UNION ALL \
SELECT c.content_id, NULL, substr(p.value, 7) \
FROM current AS c, jsonb_array_elements_text(c.layers -> 0) AS p(value) \
WHERE p.value LIKE 'class:%' AND NOT EXISTS (SELECT FROM jsonb_array_elements(c.layers) AS l \
WHERE NOT l ? p.value)";

/// Without lambdas, whose syntax differs between versions.
const DUCKDB: &str = "\
WITH current AS (\
SELECT a.content_id, CAST(a.layers AS VARCHAR[][]) AS layers \
FROM content_access AS a WHERE a.state = 'known' AND a._sync_deleted_at IS NULL \
AND (EXISTS (SELECT 1 FROM pages AS c WHERE c._sync_key = a.content_id \
AND c._sync_hash = a.content_hash AND c._sync_deleted_at IS NULL) \
OR EXISTS (SELECT 1 FROM blog_posts AS c WHERE c._sync_key = a.content_id \
AND c._sync_hash = a.content_hash AND c._sync_deleted_at IS NULL))), \
computed AS (SELECT max(mark) AS run FROM _sync_state WHERE stream = 'content_access' AND NOT is_open), \
member AS (SELECT m.group_id, m.account_id FROM group_members AS m, computed \
WHERE m._sync_deleted_at IS NULL AND m._sync_run <= computed.run), \
layer AS (\
SELECT content_id, unnest(range(1, len(layers) + 1)) AS place, unnest(layers) AS principals \
FROM current), \
counts AS (\
SELECT content_id, count(*) AS layer_count, \
count(*) FILTER (WHERE list_contains(principals, 'class:all-licensed-users')) AS licensed_count \
FROM layer GROUP BY content_id), \
named AS (SELECT content_id, place, principals, unnest(principals) AS principal FROM layer), \
passed AS (\
SELECT n.content_id, n.place, n.principals, substr(n.principal, 6) AS account_id \
FROM named AS n WHERE n.principal LIKE 'user:%' \
UNION \
SELECT n.content_id, n.place, n.principals, m.account_id \
FROM named AS n JOIN member AS m ON m.group_id = substr(n.principal, 7) \
WHERE n.principal LIKE 'group:%'), \
counted AS (\
SELECT content_id, account_id, count(*) AS passed_count, \
count(*) FILTER (WHERE list_contains(principals, 'class:all-licensed-users')) \
AS passed_licensed_count FROM passed GROUP BY content_id, account_id) \
SELECT p.content_id, p.account_id, \
CASE WHEN passed_count = layer_count THEN NULL ELSE 'all-licensed-users' END AS class \
FROM counted AS p JOIN counts AS c ON c.content_id = p.content_id \
WHERE passed_count + licensed_count - passed_licensed_count = layer_count \
UNION ALL \
SELECT n.content_id, NULL, substr(n.principal, 7) FROM named AS n \
WHERE n.place = 1 AND n.principal LIKE 'class:%' AND NOT EXISTS (SELECT 1 FROM layer AS l \
WHERE l.content_id = n.content_id AND NOT list_contains(l.principals, n.principal))";
