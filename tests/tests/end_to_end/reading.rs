//! Streams through the whole path: what there is, and reading one to its end, in every format.

use std::collections::BTreeSet;
use std::fs::File;

use arrow_array::{Array as _, RecordBatch, cast::AsArray as _};
use serde_json::Value;
use tests::scripted::{Reply, Scripted, answer};
use tests::{AUTHORIZATION, Host};

use crate::arguments::without_access;
use crate::{faults, site, site_of};

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The texts of a column, in the order of the rows.
fn texts(batches: &[RecordBatch], column: &str) -> Vec<String> {
    batches
        .iter()
        .flat_map(|batch| {
            let texts = batch.column_by_name(column).unwrap().as_string::<i32>();
            (0..texts.len()).map(|row| texts.value(row).to_owned())
        })
        .collect()
}

#[test]
fn streams_are_listed_and_documented_without_a_connection() {
    let host = Host::new();
    let all = host.run(&["streams", "--output", "json"]).ok().json();
    let names: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|stream| stream["name"].as_str().unwrap())
        .collect();
    for name in [
        "spaces",
        "pages",
        "blog_posts",
        "attachments",
        "page_labels",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    let pages = host.run(&["streams", "pages", "--output", "table"]).ok();
    for text in ["version__created_at", "instant", "passes   full"] {
        assert!(pages.stdout.contains(text), "{pages:#?}");
    }
    host.run(&["streams", "pagess"])
        .fails(2, &["there is no stream `pagess`", "`pages`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_has_the_values_of_the_typed_list_row_by_row() {
    let site = site().await;
    let host = Host::with_site(&site);
    let listed = host.call(&["listPages", "--all"]).ok();
    let read = host.run(&["read", "pages"]).ok();
    let mut listed = lines(&listed.stdout);
    let mut read = lines(&read.stdout);
    for rows in [&mut listed, &mut read] {
        rows.sort_by_key(|row| row["id"].as_str().unwrap().to_owned());
    }
    assert_eq!((listed.len(), read.len()), (200, 200));
    for (listed, read) in listed.iter().zip(&read) {
        for (typed, column) in [
            ("id", "id"),
            ("status", "status"),
            ("title", "title"),
            ("spaceId", "space_id"),
            ("parentId", "parent_id"),
            ("parentType", "parent_type"),
            ("position", "position"),
            ("authorId", "author_id"),
            ("ownerId", "owner_id"),
            ("createdAt", "created_at"),
            ("webUrl", "web_url"),
        ] {
            assert_eq!(listed[typed], read[column], "{column} of {listed}");
        }
        assert_eq!(listed["version"]["number"], read["version__number"]);
        assert_eq!(listed["version"]["createdAt"], read["version__created_at"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_rows_and_bodies_are_read_when_they_are_asked_for() {
    let site = site().await;
    let host = Host::with_site(&site);
    let plain = lines(&host.run(&["read", "pages"]).ok().stdout);
    assert!(plain[0].get("raw").is_none() && plain[0].get("body").is_none());
    let words = [
        "read",
        "pages",
        "--raw",
        "--bodies",
        "storage",
        "--columns",
        "id,body",
    ];
    for row in lines(&host.run(&words).ok().stdout) {
        assert_eq!(row["raw"]["id"], row["id"]);
        assert_eq!(row["raw"]["body"]["storage"]["value"], row["body"]);
        assert!(row.get("title").is_none(), "{row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spaces_limit_what_is_read() {
    let site = site().await;
    let host = Host::with_site(&site);
    let spaces = lines(&host.run(&["read", "spaces"]).ok().stdout);
    let (id, key) = (&spaces[0]["id"], spaces[0]["key"].as_str().unwrap());
    let read = lines(&host.run(&["read", "pages", "--spaces", key]).ok().stdout);
    assert!(!read.is_empty());
    assert!(read.iter().all(|row| row["space_id"] == *id), "{read:?}");
    let pages: BTreeSet<&str> = read.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let labels = lines(
        &host
            .run(&["read", "page_labels", "--spaces", key])
            .ok()
            .stdout,
    );
    let mut keys = BTreeSet::new();
    for label in &labels {
        let page = label["page_id"].as_str().unwrap();
        assert!(pages.contains(page), "{label}");
        assert!(
            keys.insert((page, label["id"].as_str().unwrap())),
            "{label}"
        );
    }
    assert!(!labels.is_empty());
    host.run(&["read", "pages", "--spaces", "NOPE"])
        .fails(6, &["no space `NOPE`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_children_are_read_over_their_parents() {
    let site = site().await;
    let host = Host::with_site(&site);
    let versions = lines(&host.run(&["read", "page_versions"]).ok().stdout);
    let pages: BTreeSet<&str> = versions
        .iter()
        .map(|row| row["page_id"].as_str().unwrap())
        .collect();
    assert_eq!(pages.len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_whose_parents_have_parents_are_read_over_both() {
    let site = site().await;
    let host = Host::with_site(&site);
    let members = lines(&host.run(&["read", "group_members"]).ok().stdout);
    let accounts = |rows: &[Value], name: &str| -> BTreeSet<String> {
        let ids = rows
            .iter()
            .map(|row| row[name].as_str().unwrap().to_owned());
        ids.collect()
    };
    let users = lines(&host.run(&["read", "users"]).ok().stdout);
    let expected = accounts(&members, "account_id");
    assert!(!expected.is_empty());
    // Each once, whatever number of groups it is a member of.
    assert_eq!(users.len(), expected.len());
    assert_eq!(accounts(&users, "account_id"), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_every_format_have_the_same_rows() {
    let site = site_of(1_000).await;
    let host = Host::with_site(&site);
    let to = |name: &str| host.state().join(name);
    let write = |format: &str, name: &str| {
        let to = format!("{format}:{}", to(name).display());
        host.run(&["read", "pages", "--in-order", "--to", &to]).ok();
    };
    write("ndjson", "pages.ndjson");
    write("csv", "pages.csv");
    write("arrow", "pages.arrow");
    write("arrow-stream", "pages.arrows");
    write("parquet", "pages.parquet");
    let read = std::fs::read_to_string(to("pages.ndjson")).unwrap();
    let titles: Vec<String> = lines(&read)
        .iter()
        .map(|row| row["title"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(titles.len(), 1_000);
    let open = |name: &str| File::open(to(name)).unwrap();
    let arrow = arrow_ipc::reader::FileReader::try_new(open("pages.arrow"), None).unwrap();
    let arrow: Vec<RecordBatch> = arrow.map(Result::unwrap).collect();
    let stream = arrow_ipc::reader::StreamReader::try_new(open("pages.arrows"), None).unwrap();
    let stream: Vec<RecordBatch> = stream.map(Result::unwrap).collect();
    let parquet = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(open(
        "pages.parquet",
    ));
    let parquet = parquet.unwrap().build().unwrap();
    let parquet: Vec<RecordBatch> = parquet.map(Result::unwrap).collect();
    for (batches, format) in [
        (&arrow, "arrow"),
        (&stream, "stream"),
        (&parquet, "parquet"),
    ] {
        assert_eq!(texts(batches, "title"), titles, "{format}");
    }
    let csv = std::fs::read_to_string(to("pages.csv")).unwrap();
    assert!(csv.starts_with("id,status,title,"), "{csv:.100}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_off_leaves_no_file_and_says_so() {
    let site = site_of(1_000).await;
    let host = Host::with_site(&site);
    host.run(&["config", "set", "retry.attempts", "0"]).ok();
    site.set_faults(faults("3:truncate-body"));
    let file = host.state().join("pages.ndjson");
    let to = format!("ndjson:{}", file.display());
    host.run(&["read", "pages", "--in-order", "--to", &to])
        .fails(10, &["no file was written: reading failed after 500 rows"]);
    assert!(!file.exists());
    site.set_faults(faults("3:truncate-body"));
    let out = host.run(&["read", "pages", "--in-order"]);
    assert_eq!(lines(&out.stdout).len(), 500, "{out:#?}");
    out.fails(10, &["the output is incomplete: it has 500 rows"]);
}

/// Four spaces, which are read side by side, and in a list of each thirty pages of a fifth one.
fn pages_of_another_space(path: &str) -> Reply {
    let results: Vec<Value> = if path.contains("/spaces?") {
        let spaces = 1..=4;
        spaces
            .map(|id| serde_json::json!({"id": id.to_string(), "key": format!("S{id}")}))
            .collect()
    } else {
        let pages = 100..130;
        pages
            .map(|id| serde_json::json!({"id": id.to_string(), "spaceId": "9"}))
            .collect()
    };
    let body = serde_json::json!({"results": results, "_links": {}}).to_string();
    Reply::Sends(answer("200 OK\r\ncontent-type: application/json", &body))
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_that_repeat_are_shown_twenty_times_and_then_counted() {
    let site = Scripted::start(|asked| pages_of_another_space(asked.path())).await;
    let host = Host::new();
    host.set(&site.url(), AUTHORIZATION, "app").ok();
    let out = host.run(&["read", "pages"]).ok();
    let shown = out.stderr.matches("a row that Confluence sent was dropped");
    assert_eq!(shown.count(), 20, "{out:#?}");
    // Of each space thirty rows: twenty notices and one that sums up ten.
    assert!(
        out.stderr
            .contains("note: `64` more notices `foreign-row-dropped` are not shown"),
        "{out:#?}"
    );
    assert!(!out.stderr.contains("the same happened"), "{out:#?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_is_written_into_and_stays_a_pipe() {
    use std::os::unix::fs::FileTypeExt as _;

    let site = site().await;
    let host = Host::with_site(&site);
    let pipe = host.state().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    let to = format!("ndjson:{}", pipe.display());
    host.run(&["read", "pages", "--to", &to]).ok();
    assert_eq!(lines(&reader.join().unwrap()).len(), 200);
    assert!(pipe.metadata().unwrap().file_type().is_fifo());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stream_does_not_have_is_refused_before_anything_is_asked() {
    let site = site().await;
    let host = Host::with_site(&site);
    for (words, told) in [
        (&["read", "nothing"][..], "there is no stream `nothing`"),
        (
            &["read", "pages", "--columns", "id,nope"],
            "no column `nope`",
        ),
        (&["read", "spaces", "--bodies", "storage"], "no bodies"),
        (
            &["read", "groups", "--spaces", "ENG"],
            "cannot be limited to spaces",
        ),
        (
            &["read", "pages", "--pass", "versions"],
            "does not support the pass `versions`",
        ),
        (&["read", "pages", "--to", "xml"], "`xml` is not a format"),
    ] {
        host.run(words).fails(2, &[told]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_without_rows_says_so() {
    let (_site, host) = without_access().await;
    for stream in ["spaces", "pages"] {
        let ended = host.run(&["read", stream]).ok();
        assert_eq!(ended.stdout, "");
        let told = ended.stderr.matches("this account sees no ");
        assert_eq!(told.count(), 1, "{ended:#?}");
    }
    let ended = host.run(&["read", "groups"]).ok();
    assert!(
        ended.stderr.contains("the stream `groups` has no rows"),
        "{ended:#?}"
    );
}
