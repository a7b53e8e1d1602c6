//! The content of attachments beside the rows of a copy, through the program: what is in the files is
//! what the site has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use confluence_simulator::{ContentKind, Mutation, Simulator};
use host_runner::Digest;
use rusqlite::Connection;
use serde_json::{Value, json};
use tests::scripted::{Reply, Scripted, answer};
use tests::{AUTHORIZATION, Ended, Host};

use crate::site_of;

/// Larger files are not copied by these tests: they would take seconds.
const MAX: u64 = 2 << 20;

struct Copy {
    host: Host,
    sink: String,
}

impl Copy {
    fn of(site: &Simulator) -> Self {
        Self::with(Host::with_site(site))
    }

    fn with(host: Host) -> Self {
        let sink = format!("sqlite:{}", host.state().join("site.db").display());
        Self { host, sink }
    }

    fn files(&self) -> PathBuf {
        self.host.state().join("files")
    }

    fn words(&self, more: &[&str]) -> Vec<String> {
        let files = self.files().display().to_string();
        let words = ["sync", "run", "--to", &self.sink, "--output", "json"];
        let what = ["--streams", "pages,blog_posts,attachments", "--files"];
        let words = [&words[..], &what[..], &[&files], more].concat();
        words.into_iter().map(str::to_owned).collect()
    }

    fn run(&self, more: &[&str]) -> Ended {
        self.host.run(&self.words(more))
    }

    /// The rows of files: path, digest and size by attachment.
    fn rows(&self) -> BTreeMap<String, (Option<String>, Option<String>, i64)> {
        let database = Connection::open(self.host.state().join("site.db")).unwrap();
        let mut rows = database
            .prepare(
                "SELECT attachment_id, path, sha256, file_size FROM attachment_files \
                 WHERE _sync_deleted_at IS NULL AND _sync_filtered_at IS NULL",
            )
            .unwrap();
        rows.query_map([], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect()
    }

    /// The paths of all files but what the folder says of itself.
    fn on_disk(&self) -> BTreeSet<String> {
        let root = self.files();
        let all = below(&root).into_iter();
        let paths = all.map(|file| file.strip_prefix(&root).unwrap().display().to_string());
        paths.filter(|path| !path.starts_with('_')).collect()
    }

    /// Checks that the files are exactly those that rows name, with the content that the rows have.
    fn is_whole(&self) {
        let rows = self.rows();
        let named: BTreeSet<String> = rows.values().filter_map(|row| row.0.clone()).collect();
        assert_eq!(self.on_disk(), named);
        for (path, sha256, size) in rows.values() {
            let Some(path) = path else { continue };
            let bytes = std::fs::read(self.files().join(path)).unwrap();
            assert_eq!(bytes.len() as i64, *size, "{path}");
            let digest = format!("sha256:{}", sha256.as_deref().unwrap());
            assert_eq!(Digest::of(&bytes).to_string(), digest, "{path}");
        }
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// How often the content of each file was asked for.
fn downloads(site: &Simulator) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in site.requests() {
        let path = request.path_and_query;
        if let Some(rest) = path.strip_prefix("/file/") {
            *counts
                .entry(rest.split('/').next().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    counts
}

/// The attachments whose files are not larger than that; `None` for those that the site has lost.
fn wanted(site: &Simulator, copy: &Copy, max: u64) -> BTreeMap<String, Option<u64>> {
    let database = Connection::open(copy.host.state().join("site.db")).unwrap();
    let mut rows = database
        .prepare("SELECT id FROM attachments WHERE file_size <= ?1")
        .unwrap();
    let ids = rows.query_map([i64::try_from(max).unwrap()], |row| row.get::<_, String>(0));
    let ids = ids.unwrap().map(Result::unwrap);
    ids.map(|id| {
        let size = site.site().attachment_size(&id);
        (id, size)
    })
    .collect()
}

fn of_files(report: &Value) -> Value {
    let streams = report["streams"].as_array().unwrap().iter();
    let mut found = streams.filter(|stream| stream["stream"] == "attachment_files");
    found.next().unwrap().clone()
}

const SMALL: [&str; 2] = ["--files-max-size", "2MiB"];

#[tokio::test(flavor = "multi_thread")]
async fn files_have_what_the_site_has_and_are_not_fetched_again() {
    let site = site_of(400).await;
    let copy = Copy::of(&site);
    let before = site.requests().len();
    let first = copy.run(&SMALL).ok().json();
    assert_eq!(first["outcome"], "complete", "{first:#}");
    let requests = site.requests().len() - before;
    assert_eq!(first["requests"], requests, "{first:#}");
    let wanted = wanted(&site, &copy, MAX);
    let rows = copy.rows();
    assert!(wanted.len() > 10, "{wanted:?}");
    assert_eq!(
        rows.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>()
    );
    copy.is_whole();
    let mut bytes = 0;
    for (id, size) in &wanted {
        let (path, _, of_row) = &rows[id];
        // What Confluence has lost has no file.
        assert_eq!(path.is_some(), size.is_some(), "{id}");
        let Some(path) = path else { continue };
        assert_eq!(Some(u64::try_from(*of_row).unwrap()), *size, "{id}");
        let read = std::fs::read(copy.files().join(path)).unwrap();
        assert!(
            read.iter().copied().eq(site.site().attachment_bytes(id)),
            "{id}"
        );
        let parts: Vec<&str> = path.split('/').collect();
        assert_eq!(parts.len(), 4, "{path}");
        assert!(
            site.site().space_ids().any(|space| space == parts[0]),
            "{path}"
        );
        assert_eq!(parts[1], id);
        bytes += read.len();
    }
    let files = of_files(&first);
    let there = rows.values().filter(|row| row.0.is_some()).count();
    assert_eq!(files["new"], rows.len());
    assert_eq!(files["files"]["fetched"], there);
    assert_eq!(files["files"]["bytes"], bytes);
    assert_eq!(files["files"]["absent"], rows.len() - there);
    assert!(downloads(&site).values().all(|count| *count == 1));
    // The next run asks for no file, and neither does one that reads all rows again.
    let asked = downloads(&site);
    for more in [&[][..], &["--full"]] {
        let again = copy.run(&[&SMALL[..], more].concat()).ok().json();
        assert_eq!(of_files(&again)["unchanged"], there + rows.len() - there);
        assert_eq!(downloads(&site), asked);
    }
    // A file that somebody removed comes back, and nothing else is fetched.
    let path = rows.values().find_map(|row| row.0.clone()).unwrap();
    std::fs::remove_file(copy.files().join(&path)).unwrap();
    copy.run(&SMALL).ok();
    copy.is_whole();
    let more: usize = downloads(&site).values().sum();
    assert_eq!(more, asked.values().sum::<usize>() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_has_the_requests_that_files_then_take_and_a_budget_ends_between_two_files() {
    let site = site_of(400).await;
    let copy = Copy::of(&site);
    copy.run(&["--files-max-size", "100KiB"]).ok();
    let planned = |copy: &Copy| {
        let mut words = copy.words(&SMALL);
        words[1] = "plan".to_owned();
        copy.host.run(&words).ok().json()
    };
    let plan = planned(&copy);
    let passes = plan["passes"].as_array().unwrap().iter();
    let of_files = passes.filter(|pass| pass["stream"] == "attachment_files");
    let of_files = of_files.collect::<Vec<_>>();
    let parents = of_files[0]["parents"].as_u64().unwrap();
    assert!(parents > 5, "{plan:#}");
    let mut spent = 0;
    let mut asked = 0;
    let mut runs = 0;
    loop {
        let before = site.requests().len();
        let ended = copy.run(&[&SMALL[..], &["--max-requests", "20"]].concat());
        let requests = site.requests().len() - before;
        assert!(requests <= 20, "{requests}: {ended:#?}");
        copy.is_whole();
        runs += 1;
        let counted = downloads(&site).values().sum::<usize>();
        spent += counted - asked;
        asked = counted;
        if ended.code == 0 {
            break;
        }
        assert_eq!(ended.code, 34, "{ended:#?}");
        assert!(runs < 40, "{ended:#?}");
    }
    assert!(runs > 1 && spent > 0, "{runs}");
    assert!(downloads(&site).values().all(|count| *count == 1));
    let planned = planned(&copy);
    let passes = planned["passes"].as_array().unwrap().iter();
    let left: Vec<_> = passes
        .filter(|pass| pass["stream"] == "attachment_files")
        .collect();
    assert!(left.is_empty(), "{planned:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_files_is_what_the_next_run_spends() {
    let site = site_of(400).await;
    let copy = Copy::of(&site);
    copy.run(&["--files-max-size", "100KiB"]).ok();
    let mut words = copy.words(&SMALL);
    words[1] = "plan".to_owned();
    let plan = copy.host.run(&words).ok().json();
    let planned = plan["next"]["requests"].as_f64().unwrap();
    let spent = copy.run(&SMALL).ok().json()["requests"].as_f64().unwrap();
    assert!((planned - spent).abs() <= spent * 0.05, "{planned} {spent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_leaves_no_half_file_and_the_next_one_goes_on() {
    let site = site_of(400).await;
    let copy = Copy::of(&site);
    let words = ["--files-max-size", "4MiB"];
    // A site has one observer.
    let (asked, mut downloads_asked) = tokio::sync::mpsc::unbounded_channel();
    site.observe(move |request| {
        if request.path_and_query.starts_with("/file/") {
            let _ = asked.send(());
        }
    });
    for after in [2, 5, 7] {
        // Those of the run before.
        while downloads_asked.try_recv().is_ok() {}
        let mut command = copy.host.command();
        command
            .args(copy.words(&words))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        for _ in 0..after {
            let waited = std::time::Duration::from_secs(120);
            let asked = tokio::time::timeout(waited, downloads_asked.recv()).await;
            asked.expect("so many files are fetched").unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // Each file that has its name is complete.
        for path in copy.on_disk() {
            let id = path.split('/').nth(1).unwrap();
            let bytes = std::fs::read(copy.files().join(&path)).unwrap();
            assert!(
                bytes.iter().copied().eq(site.site().attachment_bytes(id)),
                "{path}"
            );
        }
    }
    let kept = copy.on_disk();
    assert!(!kept.is_empty());
    let before: usize = downloads(&site).values().sum();
    copy.run(&words).ok();
    copy.is_whole();
    let rows = copy.rows();
    let there = rows.values().filter(|row| row.0.is_some()).count();
    let fetched = downloads(&site).values().sum::<usize>() - before;
    // What was complete before is not fetched once more.
    assert_eq!(fetched, there - kept.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_content_is_stored_once_by_digest_and_moves_when_the_naming_changes() {
    let site = site_of(400).await;
    let copy = Copy::of(&site);
    let words = ["--files-max-size", "60KiB", "--files-by", "digest"];
    copy.run(&words).ok();
    copy.is_whole();
    let rows = copy.rows();
    let there = rows.values().filter(|row| row.0.is_some()).count();
    // Files that are empty are equal.
    assert!(copy.on_disk().len() < there, "{rows:?}");
    let asked = downloads(&site);
    copy.run(&words[..2]).ok();
    copy.is_whole();
    assert_eq!(copy.on_disk().len(), there);
    assert_eq!(downloads(&site), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_filters_exclude_stay_until_filters_are_applied() {
    let site = site_of(400).await;
    let copy = Copy::of(&site);
    copy.run(&SMALL).ok();
    let all = copy.on_disk();
    let types = ["--files-types", "!image/*"];
    let narrowed = copy.run(&[&SMALL[..], &types[..]].concat()).ok().json();
    let left = of_files(&narrowed)["filtered"].as_u64().unwrap();
    assert!(left > 0, "{narrowed:#}");
    assert_eq!(copy.on_disk(), all);
    // A run without files removes what is gone, and nothing else.
    let words = [
        "sync",
        "run",
        "--to",
        &copy.sink,
        "--streams",
        "pages,blog_posts,attachments",
    ];
    let few = [&words[..], &["--media-types", "!application/*"]].concat();
    copy.host.run(&few).ok();
    assert_eq!(copy.on_disk(), all);
    let apply = ["sync", "apply-filters", "--to", &copy.sink];
    copy.host.run(&apply).ok();
    copy.is_whole();
    let rows = copy.rows();
    assert!(!rows.is_empty() && rows.len() < all.len());
    for id in rows.keys() {
        let media_type = site.site().attachment_media_type(id).unwrap();
        let group = media_type.split('/').next().unwrap();
        assert!(!["image", "application"].contains(&group), "{media_type}");
    }
    // Once they are wanted again they come back.
    copy.run(&SMALL).ok();
    copy.is_whole();
    assert_eq!(copy.on_disk(), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_for_this_copy_is_refused_before_any_request() {
    let site = site_of(30).await;
    let copy = Copy::of(&site);
    std::fs::create_dir(copy.files()).unwrap();
    std::fs::write(copy.files().join("diary.txt"), "dear").unwrap();
    let before = site.requests().len();
    copy.run(&[]).fails(25, &["do not belong to a sync"]);
    assert_eq!(below(&copy.files()).len(), 1);
    std::fs::remove_file(copy.files().join("diary.txt")).unwrap();
    for (more, says) in [
        (&["--files-types", "png"][..], "not a media type"),
        (&["--files-max-size", "many"], "not a size"),
        (&["--files-by", "name"], "`path` or `digest`"),
    ] {
        copy.run(more).fails(2, &[says]);
    }
    let words = ["sync", "run", "--to", &copy.sink];
    let run = |more: &[&str]| copy.host.run(&[&words[..], more].concat());
    run(&["--files-by", "digest"]).fails(2, &["--files"]);
    run(&["--streams", "attachment_files"]).fails(2, &["no files are copied", "--files FOLDER"]);
    run(&["--streams", "!attachments", "--files", "f"]).fails(2, &["excluded"]);
    assert_eq!(site.requests().len(), before);
    copy.run(&["--files-max-size", "10KiB"]).ok();
    // Another copy would remove what the first one has.
    let other = format!("sqlite:{}", copy.host.state().join("other.db").display());
    let files = copy.files().display().to_string();
    let words = ["sync", "run", "--to", &other, "--files", &files];
    copy.host.run(&words).fails(25, &["belong to another copy"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defined_sync_keeps_files_in_its_folder_whatever_the_sink() {
    let site = site_of(60).await;
    for kind in ["jsonl", "csv+zst", "parquet"] {
        let copy = Copy::of(&site);
        let to = format!("{kind}:{}", copy.host.state().join("rows").display());
        let files = copy.files().display().to_string();
        let add = [
            "sync",
            "add",
            "docs",
            "--to",
            &to,
            "--streams",
            "pages,blog_posts,attachments",
            "--files",
            &files,
            "--files-max-size",
            "4MiB",
        ];
        copy.host.run(&add).ok();
        let run = ["sync", "run", "docs", "--output", "json"];
        let first = copy.host.run(&run).ok().json();
        let fetched = of_files(&first)["files"]["fetched"].as_u64().unwrap();
        assert!(fetched > 0, "{kind}: {first:#}");
        assert_eq!(copy.on_disk().len() as u64, fetched, "{kind}");
        let again = copy.host.run(&run).ok().json();
        assert_eq!(of_files(&again)["files"]["fetched"], 0, "{kind}: {again:#}");
        assert_eq!(copy.on_disk().len() as u64, fetched, "{kind}");
    }
}

/// What a site says of an attachment, and what its media host sends.
struct Described {
    title: &'static str,
    size: u64,
    location: &'static str,
    /// The head of the answer, and its body.
    media: (&'static str, &'static str),
}

impl Described {
    const fn hello(title: &'static str) -> Self {
        Self {
            title,
            size: 5,
            location: "MEDIA/file",
            media: ("200 OK\r\ncontent-length: 5", "hello"),
        }
    }
}

/// A site that has these attachments, and nothing else.
async fn scripted(attachments: Vec<Described>) -> Host {
    let attachments = Arc::new(attachments);
    let all = Arc::clone(&attachments);
    let media = Scripted::start(move |asked| {
        let (head, body) = all[place(asked.path())].media;
        Reply::Closes(format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n{body}").into_bytes())
    })
    .await
    .url();
    let site = Scripted::start(move |asked| of_site(&attachments, &media, asked.path())).await;
    let host = Host::new();
    host.set(&site.url(), AUTHORIZATION, "app").ok();
    host
}

/// The place of the attachment that a path names.
fn place(path: &str) -> usize {
    let digits = path.rsplit("att").next().unwrap();
    let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

fn of_site(all: &[Described], media: &str, path: &str) -> Reply {
    if path.contains("/download") {
        let path = path.split("/download").next().unwrap();
        let number = place(path);
        let location = all[number].location.replace("MEDIA", media);
        return closes(
            &format!("302 Found\r\nlocation: {location}/att{number}"),
            "",
        );
    }
    let described = |number: usize| {
        json!({
            "id": format!("att{number}"), "status": "current", "title": all[number].title,
            "pageId": "5", "mediaType": "application/octet-stream", "fileSize": all[number].size,
            "fileId": format!("file-{number}"),
            "version": {"number": 1, "createdAt": "2026-01-01T00:00:00.000Z"},
        })
    };
    let body = if path.contains("/attachments/") {
        described(place(path.split('?').next().unwrap())).to_string()
    } else {
        let results: Vec<Value> = (0..all.len()).map(described).collect();
        json!({"results": results, "_links": {}}).to_string()
    };
    closes("200 OK\r\ncontent-type: application/json", &body)
}

fn closes(head: &str, body: &str) -> Reply {
    Reply::Closes(answer(&format!("{head}\r\nconnection: close"), body))
}

fn run_scripted(copy: &Copy) -> Ended {
    let files = copy.files().display().to_string();
    let words = [
        "sync",
        "run",
        "--to",
        &copy.sink,
        "--output",
        "json",
        "--streams",
        "attachments",
        "--files",
        &files,
    ];
    copy.host.run(&words)
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_stay_below_the_folder_and_do_not_collide() {
    let long: &'static str = Box::leak(format!("{}.pdf", "ü".repeat(3_000)).into_boxed_str());
    let titles = [
        "../../../../escaped.txt",
        "/etc/escaped.txt",
        "..",
        "",
        "a\0b.txt",
        long,
        "Plan.pdf",
        "plan.PDF",
        "CON",
        "nul.txt",
        "C:\\escaped.txt",
        "..\\escaped.txt",
        "-rf",
        "a/b/c",
        "gpj\u{202e}exe.jpg",
        "_files.json",
    ];
    let host = scripted(titles.iter().map(|title| Described::hello(title)).collect()).await;
    let copy = Copy::with(host);
    run_scripted(&copy).ok();
    copy.is_whole();
    let paths = copy.on_disk();
    assert_eq!(paths.len(), titles.len());
    let folded: BTreeSet<String> = paths.iter().map(|path| path.to_lowercase()).collect();
    assert_eq!(folded.len(), titles.len());
    for path in &paths {
        assert!(path.starts_with("unknown/att"), "{path}");
        assert_eq!(path.split('/').count(), 4, "{path}");
    }
    let outside = below(copy.host.state()).into_iter();
    let outside = outside.filter(|path| !path.starts_with(copy.files()));
    let outside: Vec<_> = outside
        .filter(|path| path.display().to_string().contains("escaped"))
        .collect();
    assert_eq!(outside, Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_media_host_gets_wrong_is_named_and_leaves_no_file() {
    let wrong = |location, head, body| Described {
        location,
        media: (head, body),
        ..Described::hello("wrong.bin")
    };
    let media = "MEDIA/file";
    let host = scripted(vec![
        Described::hello("good.bin"),
        // It ends early.
        wrong(media, "200 OK\r\ncontent-length: 5", "he"),
        wrong(media, "200 OK", "he"),
        // It is longer than it should be.
        wrong(media, "200 OK", "hello and more"),
        wrong(media, "200 OK\r\ncontent-length: 9", "hello you"),
        // It leads to where no host may be asked.
        wrong("https://10.0.0.1", "200 OK", ""),
        wrong("https://media.example", "200 OK", ""),
        wrong(
            media,
            "302 Found\r\nlocation: http://10.0.0.1/x\r\ncontent-length: 0",
            "",
        ),
        wrong(media, "404 Not Found\r\ncontent-length: 0", ""),
        Described::hello("last.bin"),
    ])
    .await;
    host.write(
        "cluster.toml",
        "network.allow-loopback = true\nretry.attempts = 0\ndownload.allow-hosts = [\"127.0.0.1\"]\n",
    );
    let copy = Copy::with(host);
    run_scripted(&copy).fails(32, &["could not be read"]);
    copy.is_whole();
    let there: Vec<String> = copy.rows().into_keys().collect();
    assert_eq!(there, ["att0", "att9"]);
    let failures = ["sync", "failures", "--to", &copy.sink, "--output", "json"];
    let failures = copy.host.run(&failures).ok().json();
    let failures: BTreeMap<&str, &str> = failures
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["key"].as_str().unwrap(), row["code"].as_str().unwrap()))
        .collect();
    let code = |number: usize| failures[&*format!("att{number}")];
    assert_eq!(failures.len(), 8, "{failures:?}");
    assert_eq!([code(1), code(2)], ["truncated"; 2]);
    assert_eq!([code(3), code(4)], ["unexpected-answer"; 2]);
    assert_eq!([code(5), code(6), code(7)], ["denied"; 3]);
    assert_eq!(code(8), "not-found");
    let incoming = below(&copy.files().join("_incoming"));
    assert_eq!(incoming, Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_could_not_be_read_is_forgotten_with_its_attachment() {
    let site = site_of(200).await;
    let copy = Copy::of(&site);
    let words = copy.words(&[]);
    // The last two are `--files FOLDER`.
    copy.host.run(&words[..words.len() - 2]).ok();
    let mut attachments = site.site().inventory(ContentKind::Attachment).into_iter();
    let small = attachments.find(|row| {
        row["status"] == "current" && row["fileSize"].as_u64().is_some_and(|size| size < 1 << 20)
    });
    let id = &small.unwrap()["id"];
    for kind in ["trash", "purge"] {
        let change = json!({"kind": kind, "id": id});
        site.mutate(&Mutation::parse(&change.to_string()).unwrap())
            .unwrap();
    }
    let max = ["--files-max-size", "1MiB"];
    copy.run(&max).fails(32, &["could not be read"]);
    site.advance_clock(std::time::Duration::from_secs(660));
    copy.run(&max).ok();
    let failures = ["sync", "failures", "--to", &copy.sink, "--output", "json"];
    let failures = copy.host.run(&failures).ok().json();
    assert_eq!(failures, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn why_says_what_became_of_the_content_of_an_attachment_and_which_kinds_are_off() {
    let site = site_of(400).await;
    let copy = Copy::of(&site);
    let why = |copy: &Copy, id: &str| {
        let words = ["sync", "why", id, "--to", &copy.sink, "--output", "json"];
        copy.host.run(&words)
    };
    let rows_only = [
        "sync",
        "run",
        "--to",
        &copy.sink,
        "--streams",
        "pages,attachments",
    ];
    copy.host.run(&rows_only).ok();
    let truth = site.site();
    let mut all = truth.attachment_ids();
    let any = all.next().unwrap();
    assert_eq!(why(&copy, &any).ok().json()["file"], "off");
    copy.run(&["--files-max-size", "100KiB"]).ok();
    let files = copy.rows();
    let sizes = wanted(&site, &copy, u64::MAX >> 1);
    let mut seen = BTreeMap::new();
    for id in sizes.keys() {
        let answer = why(&copy, id).ok().json();
        let expected = match files.get(id) {
            Some((Some(_), ..)) => "copied",
            Some((None, ..)) => "absent",
            None => "filtered",
        };
        assert_eq!(answer["file"], expected, "{answer:#}");
        if let Some((Some(path), ..)) = files.get(id) {
            assert_eq!(answer["path"], path.as_str());
        }
        *seen.entry(expected).or_insert(0) += 1;
        if seen.values().all(|count| *count > 2) && seen.len() > 1 {
            break;
        }
    }
    assert!(
        seen.contains_key("copied") && seen.contains_key("filtered"),
        "{seen:?}"
    );
    why(&copy, "att999999999").fails(6, &[]);
    let words = ["sync", "why", &any, "--to", &copy.sink, "--as", "me"];
    copy.host.run(&words).fails(2, &["is an attachment"]);
    // Pages are not copied any more: the answer says why.
    let page = site.site().page_ids().next().unwrap();
    let post = ["sync", "run", "--to", &copy.sink, "--kinds", "blog-posts"];
    copy.host.run(&post).ok();
    let answer = why(&copy, &page).json();
    assert_eq!(
        (&answer["state"], &answer["reason"]),
        (&"filtered".into(), &"kind-off".into())
    );
    let answer = why(&copy, "999999999").json();
    assert_eq!(answer["kindsOff"], json!(["page"]));
}
