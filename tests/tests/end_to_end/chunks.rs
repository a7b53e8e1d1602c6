//! Pages of a copy in chunks for search.

use rusqlite::Connection;
use tests::Host;

use crate::site_of;

#[tokio::test(flavor = "multi_thread")]
async fn every_chunk_is_in_the_body_that_it_cites_and_every_page_with_text_has_chunks() {
    let site = site_of(120).await;
    let host = Host::with_site(&site);
    let file = host.state().join("site.db");
    let sink = format!("sqlite:{}", file.display());
    let words = ["sync", "run", "--to", &sink, "--streams", "page_chunks"];
    let ended = host
        .run(&[&words[..], &["--bodies", "markdown", "--raw"]].concat())
        .ok();
    assert!(ended.stdout.contains("page_chunks"), "{ended:?}");
    let database = Connection::open(&file).unwrap();
    let number = |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    let content = "(SELECT id, body, version__number, web_url FROM pages UNION ALL \
                   SELECT id, body, version__number, web_url FROM blog_posts)";
    assert!(number("SELECT count(*) FROM page_chunks") > 240);
    let wrong = number(&format!(
        "SELECT count(*) FROM page_chunks AS k LEFT JOIN {content} AS p ON p.id = k.content_id \
         WHERE p.id IS NULL OR instr(p.body, k.text) = 0 OR p.version__number <> k.version__number \
         OR instr(k.web_url, p.web_url) <> 1 OR length(k.text) > 2000 OR NOT json_valid(k.headings)"
    ));
    assert_eq!(wrong, 0);
    let without = number(&format!(
        "SELECT count(*) FROM {content} AS p WHERE trim(p.body, char(10, 32)) <> '' AND NOT EXISTS \
         (SELECT 1 FROM page_chunks AS k WHERE k.content_id = p.id AND k.ordinal = 1)"
    ));
    assert_eq!(without, 0);
    // A chunk is nothing that a site has sent.
    let with_raw = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = 'raw'";
    let has_raw = |table: &str| -> i64 {
        database
            .query_row(with_raw, [table], |row| row.get(0))
            .unwrap()
    };
    assert_eq!((has_raw("pages"), has_raw("page_chunks")), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_without_bodies_in_markdown_are_refused_with_the_option_that_helps() {
    let site = site_of(2).await;
    let host = Host::with_site(&site);
    let sink = format!("sqlite:{}", host.state().join("site.db").display());
    let words = ["sync", "run", "--to", &sink, "--streams", "page_chunks"];
    host.run(&words).fails(
        2,
        &[
            "`page_chunks`",
            "no bodies are copied",
            "fix: add `--bodies markdown`",
        ],
    );
    host.run(&[&words[..], &["--bodies", "storage"]].concat())
        .fails(2, &["copied as `storage`"]);
    let listed = host.run(&["streams", "page_chunks"]).ok();
    assert!(listed.stdout.contains("web_url"), "{listed:?}");
}
