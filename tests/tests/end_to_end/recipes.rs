//! The queries of `docs/recipes.md`, on a copy of a site, beside what the site has.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value as Cell;
use serde_json::Value;
use tests::Host;

use crate::site_of;

/// The blocks of a language below a heading of the page.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let page = include_str!("../../../docs/recipes.md");
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let fence = format!("```{language}\n");
    let blocks = section.split(&fence).skip(1);
    let blocks = blocks.map(|block| block.split("\n```").next().unwrap());
    blocks.map(str::to_owned).collect()
}

struct Copy {
    database: rusqlite::Connection,
    /// Rows as `read` has them, by stream.
    rows: BTreeMap<&'static str, Vec<Value>>,
    /// When the last page was changed: the present of the queries.
    now: String,
    /// Has the file of the database.
    _host: Host,
}

impl Copy {
    async fn new() -> Self {
        let site = site_of(200).await;
        let host = Host::with_site(&site);
        let file = host.state().join("site.db");
        let to = format!("sqlite:{}", file.display());
        host.run(&["sync", "run", "--to", &to, "--bodies", "storage"])
            .ok();
        let mut rows = BTreeMap::new();
        for stream in ["pages", "spaces", "users", "attachments", "blog_posts"] {
            let read = host.run(&["read", stream]).ok();
            let lines = read.stdout.lines();
            rows.insert(
                stream,
                lines
                    .map(|line| in_milliseconds(serde_json::from_str(line).unwrap()))
                    .collect(),
            );
        }
        let database = rusqlite::Connection::open(&file).unwrap();
        let now = database.query_row("SELECT max(version__created_at) FROM pages", [], |row| {
            row.get(0)
        });
        let now = now.unwrap();
        Self {
            database,
            rows,
            now,
            _host: host,
        }
    }

    /// The rows of a query, as text. What it takes for the present is the time of the last change.
    fn query(&self, sql: &str) -> Vec<Vec<String>> {
        let sql = sql.replace("'now'", &format!("'{}'", self.now));
        let mut statement = self.database.prepare(&sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..columns)
                .map(|column| {
                    Ok(match row.get::<_, Cell>(column)? {
                        Cell::Null => "null".to_owned(),
                        Cell::Integer(number) => number.to_string(),
                        Cell::Real(number) => number.to_string(),
                        Cell::Text(text) => text,
                        Cell::Blob(_) => panic!("a blob"),
                    })
                })
                .collect()
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    fn rows(&self, stream: &str) -> &[Value] {
        &self.rows[stream]
    }

    /// The present, less so many days, as text that sorts like a time.
    fn days_ago(&self, modifier: &str) -> String {
        let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ?1, ?2)";
        let found = self
            .database
            .query_row(sql, [self.now.as_str(), modifier], |row| row.get(0));
        found.unwrap()
    }
}

/// A row with its instants as a copy has them: `read` writes `2026-11-12T16:55:27Z` for a whole second.
fn in_milliseconds(mut row: Value) -> Value {
    for value in row.as_object_mut().unwrap().values_mut() {
        let whole = value.as_str().filter(|text| {
            let is_instant = text.len() == 20 && text.as_bytes()[10] == b'T';
            is_instant && text.ends_with('Z')
        });
        if let Some(whole) = whole {
            *value = format!("{}.000Z", whole.trim_end_matches('Z')).into();
        }
    }
    row
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or("null")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_answers_its_question() {
    let copy = Copy::new().await;

    // Which pages changed last week, and by whom.
    let [sql] = blocks("Which pages changed last week, and by whom", "sql")
        .try_into()
        .unwrap();
    let users = copy.rows("users").iter();
    let names: BTreeMap<&str, &str> = users
        .map(|user| (text(user, "account_id"), text(user, "display_name")))
        .collect();
    let since = copy.days_ago("-7 days");
    let pages = copy.rows("pages").iter();
    let mut expected: Vec<Vec<String>> = pages
        .filter(|page| text(page, "version__created_at") >= since.as_str())
        .map(|page| {
            let author = names.get(text(page, "version__author_id"));
            [
                text(page, "version__created_at"),
                author.unwrap_or(&"null"),
                text(page, "title"),
                text(page, "web_url"),
            ]
            .map(str::to_owned)
            .to_vec()
        })
        .collect();
    expected.sort_by(|one, other| other.cmp(one));
    assert!(!expected.is_empty());
    assert_eq!(copy.query(&sql), expected);

    // Stale pages per space.
    let [sql] = blocks("Stale pages per space", "sql").try_into().unwrap();
    let since = copy.days_ago("-1 year");
    let stale = |space: &str| {
        let pages = copy.rows("pages").iter();
        let of_space = pages.filter(|page| text(page, "space_id") == space);
        let (all, stale) = of_space.fold((0, 0), |(all, stale), page| {
            let is_stale = text(page, "version__created_at") < since.as_str();
            (all + 1, stale + i32::from(is_stale))
        });
        (all, stale)
    };
    let expected: BTreeSet<(String, String, String)> = copy
        .rows("spaces")
        .iter()
        .map(|space| (text(space, "key").to_owned(), stale(text(space, "id"))))
        .filter(|(_, (all, _))| *all > 0)
        .map(|(key, (all, stale))| (key, all.to_string(), stale.to_string()))
        .collect();
    let found = copy.query(&sql);
    assert!(found.iter().any(|row| row[2] != "0"), "{found:?}");
    let found: BTreeSet<_> = found
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone(), row[2].clone()))
        .collect();
    assert_eq!(found, expected);

    // Orphans: the site has none, until the parents of two pages are taken away.
    let [top, below] = blocks("Orphans", "sql").try_into().unwrap();
    let before = copy.query(&top).len();
    assert_eq!(copy.query(&below), Vec::<Vec<String>>::new());
    let nested: Vec<Vec<String>> = copy.query(
        "SELECT id, parent_id FROM pages WHERE parent_type = 'page' AND parent_id IS NOT NULL ORDER BY id LIMIT 2",
    );
    let update = |sql: &str, id: &str| copy.database.execute(sql, [id]).unwrap();
    update(
        "UPDATE pages SET parent_id = NULL, parent_type = NULL WHERE id = ?1",
        &nested[0][0],
    );
    assert_eq!(copy.query(&top).len(), before + 1);
    update(
        "UPDATE pages SET parent_id = '1' WHERE id = ?1",
        &nested[1][0],
    );
    let found = copy.query(&below);
    assert_eq!(
        (found.len(), found[0][0].as_str()),
        (1, nested[1][0].as_str())
    );

    // Attachments by size.
    let [by_type, largest] = blocks("Attachments by size", "sql").try_into().unwrap();
    let size = |row: &Value| row["file_size"].as_i64().unwrap_or_default();
    let files: i64 = copy
        .query(&by_type)
        .iter()
        .map(|row| row[1].parse::<i64>().unwrap())
        .sum();
    assert_eq!(files, copy.rows("attachments").len() as i64);
    let mut sizes: Vec<i64> = copy.rows("attachments").iter().map(size).collect();
    sizes.sort_unstable_by(|one, other| other.cmp(one));
    let found = copy.query(&largest);
    let found_sizes: Vec<i64> = found.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(found_sizes, sizes[..20]);
    assert!(found.iter().any(|row| row[2] != "null"), "{found:?}");
}
