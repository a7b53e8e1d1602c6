//! `host-runner download`: what arrives is what the site has, or nothing does.

use std::path::Path;
use std::process::{Output, Stdio};

use confluence_simulator::Simulator;
use host_runner::Digest;
use tests::{Ended, Host};

use crate::{faults, site_of};

/// Runs the binary in a folder.
pub(crate) fn run_in(folder: &Path, host: &Host, words: &[&str]) -> Output {
    host.command()
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// `host-runner download …` in a folder.
pub(crate) fn download(folder: &Path, host: &Host, words: &[&str]) -> Ended {
    let output = run_in(folder, host, &[&["download"], words].concat());
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The names of the files in a folder, hidden ones and drafts included.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The attachments of a site whose files are there, and their sizes.
fn files(site: &Simulator) -> Vec<(String, u64)> {
    let truth = site.site();
    truth
        .attachment_ids()
        .filter_map(|id| Some((id.clone(), truth.attachment_size(&id)?)))
        .collect()
}

/// An attachment whose file has a size like this.
fn file_of(site: &Simulator, is: impl Fn(u64) -> bool) -> String {
    let found = files(site).into_iter().find(|(_, size)| is(*size));
    found.expect("there is such a file").0
}

/// One whose file is of some hundred KB, and whose type is no web page's.
fn small(site: &Simulator) -> String {
    file_of(site, |size| (1_000..2_000_000).contains(&size))
}

fn truth(site: &Simulator, id: &str) -> Vec<u8> {
    site.site().attachment_bytes(id).collect()
}

/// The requests that the media host got: what does not begin with `/wiki/`.
fn media_requests(site: &Simulator) -> Vec<confluence_simulator::Request> {
    site.requests()
        .into_iter()
        .filter(|request| !request.path_and_query.starts_with("/wiki/"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_has_what_the_site_has_byte_by_byte() {
    let site = site_of(1000).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    for id in [
        small(&site),
        file_of(&site, |size| size == 0),
        file_of(&site, |size| (8_000_000..20_000_000).contains(&size)),
    ] {
        let wanted = truth(&site, &id);
        let file = folder.path().join(&id);
        let name = file.display().to_string();
        let words = [id.as_str(), "--output-file", &name];
        let receipt = download(folder.path(), &host, &words).ok().json();
        assert!(std::fs::read(&file).unwrap() == wanted, "{id}");
        assert_eq!(receipt["path"], name);
        assert_eq!(receipt["bytes"], wanted.len());
        assert_eq!(receipt["id"], id);
        assert_eq!(
            receipt["mediaType"],
            site.site().attachment_media_type(&id).unwrap()
        );
        let digest = format!("sha256:{}", receipt["sha256"].as_str().unwrap());
        assert_eq!(digest, Digest::of(&wanted).to_string());
    }
    assert_eq!(names(folder.path()).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_the_receipt_has_every_part_of_it() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = small(&site);
    let printed = |format: &str| {
        let words = [
            &id,
            "--output-file",
            "content",
            "--force",
            "--output",
            format,
        ];
        download(folder.path(), &host, &words).ok()
    };
    let receipt = printed("json").json();
    let table = printed("table").stdout;
    for (name, value) in receipt.as_object().unwrap() {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let line = table
            .lines()
            .find(|line| line.contains(&format!("│ {name} ")));
        assert!(
            line.is_some_and(|line| line.contains(&value)),
            "{name}: {table}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_gets_the_same_bytes_on_standard_output() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = file_of(&site, |size| (5_000_000..20_000_000).contains(&size));
    let words = ["download", &id, "--output-file", "-"];
    let output = run_in(folder.path(), &host, &words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let wanted = truth(&site, &id);
    assert!(output.stdout == wanted);
    let digest = Digest::of(&wanted).to_string().replace(':', " ");
    assert!(said.contains(&digest), "{said}");
    assert!(names(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_media_host_is_shown_no_credential_and_nothing_else_of_ours() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = small(&site);
    download(folder.path(), &host, &[&id]).ok();
    let asked = media_requests(&site);
    assert_eq!(asked.len(), 1);
    let mut headers: Vec<&str> = asked[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    headers.sort_unstable();
    assert_eq!(headers, ["accept", "host", "user-agent"]);
    assert_eq!(asked[0].method, "GET");
    let media = site.media_url();
    assert!(
        asked[0]
            .headers
            .contains(&("host".to_owned(), media.replace("http://", "")))
    );
    // The site itself was asked twice, with the credential, for the version that it described.
    let asked = site.requests();
    let asked = &asked[asked.len() - 3..];
    assert_eq!(
        asked[0].path_and_query,
        format!("/wiki/api/v2/attachments/{id}")
    );
    assert!(
        asked[1]
            .path_and_query
            .contains(&format!("/child/attachment/{id}/download?version=")),
        "{:?}",
        asked[1].path_and_query
    );
    for request in &asked[..2] {
        assert!(
            request
                .headers
                .iter()
                .any(|(name, _)| name == "authorization")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_name_gets_a_harmless_one() {
    let site = site_of(1000).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let listed = host.call(&["getAttachments", "--limit", "300"]).ok().json();
    let named = |part: &str| {
        let is_small = |id: &str| {
            site.site()
                .attachment_size(id)
                .is_some_and(|size| size < 2_000_000)
        };
        let row = listed["items"].as_array().unwrap().iter().find(|row| {
            row["title"].as_str().unwrap().contains(part) && is_small(row["id"].as_str().unwrap())
        });
        let row = row.expect("there is such a name");
        let text = |field: &str| row[field].as_str().unwrap().to_owned();
        (text("id"), text("title"))
    };
    for part in [
        "Größen & Maße",
        "議事録",
        "angle <brackets>",
        "notes+questions?",
    ] {
        let (id, title) = named(part);
        let wanted = title.replace(['<', '>', '?'], "_");
        let receipt = download(folder.path(), &host, &[&id]).ok().json();
        assert_eq!(receipt["path"], wanted);
        assert_eq!(receipt["title"], title);
        assert!(std::fs::read(folder.path().join(wanted)).unwrap() == truth(&site, &id));
    }
    // Into a folder that is named.
    let (id, title) = named("export");
    std::fs::create_dir(folder.path().join("below")).unwrap();
    download(folder.path(), &host, &[&id, "--output-file", "below"]).ok();
    assert_eq!(names(&folder.path().join("below")), [title]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_a_table_or_what_was_asked_for() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = small(&site);
    let words = [&id, "--force", "--output-file", "x", "--output"];
    let table = download(folder.path(), &host, &[&words[..], &["table"]].concat()).ok();
    assert!(table.stdout.contains("│ mediaType"), "{table:#?}");
    let line = download(folder.path(), &host, &[&words[..], &["ndjson"]].concat()).ok();
    assert_eq!(line.json()["path"], "x");
    download(
        folder.path(),
        &host,
        &[&id, "--output-file", "-", "--output", "json"],
    )
    .fails(2, &["standard output"]);
    // Nothing of the location is said, and no bar is drawn into a pipe.
    for ended in [table, line] {
        assert!(!ended.stdout.contains("token="), "{ended:#?}");
        assert_eq!(ended.stderr, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_there_is_overwritten_by_force_alone() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = small(&site);
    let file = folder.path().join("x");
    std::fs::write(&file, "mine").unwrap();
    let asked = site.request_count();
    let words = [id.as_str(), "--output-file", "x"];
    download(folder.path(), &host, &words).fails(25, &["is there already", "--force"]);
    // Before anything is asked for.
    assert_eq!(site.request_count(), asked);
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    // What fails half-way leaves the old file.
    site.set_faults(faults("3:truncate-body"));
    let forced = [&words[..], &["--force"]].concat();
    download(folder.path(), &host, &forced).fails(10, &["ended early"]);
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    site.set_faults(faults(""));
    download(folder.path(), &host, &forced).ok();
    assert!(std::fs::read(&file).unwrap() == truth(&site, &id));
    // By its own name, too, which is known once it is located.
    let path = download(folder.path(), &host, &[&id]).ok().json()["path"].clone();
    download(folder.path(), &host, &[&id]).fails(25, &[path.as_str().unwrap()]);
    assert_eq!(names(folder.path()).len(), 2);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_not_written_through() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = small(&site);
    let victim = folder.path().join("victim");
    for target in ["victim", "nowhere"] {
        std::fs::write(&victim, "mine").unwrap();
        let link = folder.path().join(format!("link-to-{target}"));
        std::os::unix::fs::symlink(target, &link).unwrap();
        let name = link.display().to_string();
        let words = [id.as_str(), "--output-file", &name];
        download(folder.path(), &host, &words).fails(25, &["is there already"]);
        download(folder.path(), &host, &[&words[..], &["--force"]].concat()).ok();
        assert_eq!(std::fs::read(&victim).unwrap(), b"mine");
        assert!(link.symlink_metadata().unwrap().is_file());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_is_told_as_one() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = small(&site);
    download(
        folder.path(),
        &host,
        &[&id, "--output-file", "no/such/folder/x"],
    )
    .fails(25, &["cannot be written", "no/such/folder/x"]);
    assert!(names(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_of_the_media_host_has_its_code_and_leaves_no_file() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    // A type that the faults, which are answered as JSON or as a web page, do not have.
    let id = files(&site)
        .into_iter()
        .find(|(id, size)| {
            (1_000..2_000_000).contains(size)
                && site.site().attachment_media_type(id) == Some("image/png")
        })
        .unwrap()
        .0;
    for (fault, code, word) in [
        ("3:404", 6, "gone"),
        ("3:429", 7, "wait `1` s"),
        ("3:500", 8, "status `500`"),
        ("3:503", 8, "status `503`"),
        ("3:400", 23, "status `400`"),
        ("3:200", 10, "received 0 of"),
        ("3:empty-body", 10, "received 0 of"),
        ("3:truncate-body", 10, "ended early"),
        ("3:huge", 23, "received more than"),
        ("3:endless", 23, "received more than"),
        ("3:html", 23, "web page"),
        ("3:reset", 13, "closed"),
        // The site's own faults are told as ever.
        ("1:404", 6, "missing or hidden"),
        ("2:404", 6, "missing or hidden"),
        ("2:401", 4, "authorization"),
        ("2:scope", 4, "readonly:content.attachment"),
        ("2:429", 7, "too many"),
        ("2:500", 8, "status `500`"),
        ("2:html", 23, "does not contain its location"),
        ("2:endless", 12, "exceeds the host's size limit"),
    ] {
        for words in [&[id.as_str()][..], &[&id, "--output-file", "-"]] {
            site.set_faults(faults(fault));
            let output = run_in(folder.path(), &host, &[&["download"], words].concat());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(code), "{fault}: {said}");
            assert!(said.contains(word), "{fault}: {said}");
            assert!(!said.contains("token="), "{fault}: {said}");
        }
        assert!(names(folder.path()).is_empty(), "{fault}");
    }
    site.set_faults(faults(""));
    download(folder.path(), &host, &[&id]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_on_standard_output_is_told_by_code_and_message() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = small(&site);
    site.set_faults(faults("3:truncate-body"));
    let words = ["download", &id, "--output-file", "-"];
    let output = run_in(folder.path(), &host, &words);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(10), "{said}");
    assert!(said.contains("the printed content is incomplete"), "{said}");
    assert!(!output.stdout.is_empty() && truth(&site, &id).starts_with(&output.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_that_has_expired_is_asked_for_once_more() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = small(&site);
    for status in [401, 403] {
        let asked = site.request_count();
        site.set_faults(faults(&format!("3:{status}")));
        download(folder.path(), &host, &[&id, "--force"]).ok();
        assert_eq!(site.request_count() - asked, 6);
        // And not for ever.
        let asked = site.request_count();
        site.set_faults(faults(&format!("3:{status},6:{status}")));
        download(folder.path(), &host, &[&id, "--force"]).fails(5, &["expired"]);
        assert_eq!(site.request_count() - asked, 6);
    }
    assert_eq!(names(folder.path()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_attachment_is_refused_or_missing() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let asked = site.request_count();
    for id in ["7", "att", "att7/../8", "../../etc/passwd", "null", "[]"] {
        download(folder.path(), &host, &[id]).fails(18, &["not an attachment id"]);
    }
    download(folder.path(), &host, &["att7", "--version", "0"]).fails(2, &[]);
    assert_eq!(site.request_count(), asked);
    download(folder.path(), &host, &["att7"]).fails(6, &["missing or hidden"]);
    let id = small(&site);
    download(folder.path(), &host, &[&id, "--version", "4000000"]).fails(6, &[]);
    // Listed, and its file is gone.
    let truth = site.site();
    let gone = truth
        .attachment_ids()
        .find(|id| truth.attachment_size(id).is_none())
        .unwrap();
    download(folder.path(), &host, &[&gone]).fails(6, &["Confluence has lost it"]);
    assert!(media_requests(&site).is_empty());
    assert!(names(folder.path()).is_empty());
    download(folder.path(), &Host::new(), &[&id]).fails(3, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_version_and_one_in_the_trash_can_be_downloaded() {
    let site = site_of(1000).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let small = |row: &serde_json::Value| {
        row["fileSize"].as_u64().unwrap() <= 20_000_000
            && host
                .call(&["getAttachmentLocation", row["id"].as_str().unwrap()])
                .code
                == 0
    };
    let rows = |status: &str| {
        let words = ["getAttachments", "--limit", "300", "--status", status];
        host.call(&words).ok().json()["items"]
            .as_array()
            .unwrap()
            .clone()
    };
    for status in ["trashed", "archived"] {
        let row = rows(status).into_iter().find(small).expect("there is one");
        let id = row["id"].as_str().unwrap();
        let receipt = download(folder.path(), &host, &[id, "--output-file", status])
            .ok()
            .json();
        assert_eq!(receipt["bytes"], row["fileSize"]);
    }
    let row = rows("current")
        .into_iter()
        .find(|row| row["version"]["number"].as_u64() > Some(1) && small(row))
        .expect("there is one");
    let id = row["id"].as_str().unwrap();
    let words = [id, "--version", "1", "--output-file", "v1"];
    assert_eq!(
        download(folder.path(), &host, &words).ok().json()["version"],
        1
    );
    let asked = site.requests();
    let asked = &asked[asked.len() - 3..];
    assert!(asked[0].path_and_query.ends_with("?version=1"));
    assert!(asked[1].path_and_query.contains("download?version=1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_before_it_is_fetched() {
    let site = site_of(1000).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = file_of(&site, |size| (3_000_000..20_000_000).contains(&size));
    download(folder.path(), &host, &[&id, "--largest", "2"])
        .fails(12, &["2097152", "what was asked for"]);
    // What a level says, no flag widens.
    host.write(
        "cluster.toml",
        "final = [\"download\"]\nnetwork.allow-loopback = true\ndownload.file-mib = 1\n",
    );
    for words in [&[id.as_str()][..], &[&id, "--largest", "1000"]] {
        download(folder.path(), &host, words)
            .fails(12, &["1048576", "download.file-mib", "cluster.toml:3"]);
    }
    host.write("env/default.toml", "download.file-mib = 1000\n");
    download(folder.path(), &host, &[&id]).fails(27, &["is locked by level `cluster`"]);
    // By default not more than 100 MiB.
    let huge = file_of(&site, |size| size > 4_000_000_000);
    host.write("env/default.toml", "");
    host.write("cluster.toml", "network.allow-loopback = true\n");
    download(folder.path(), &host, &[&huge]).fails(12, &["104857600", "default"]);
    assert!(media_requests(&site).is_empty());
    download(folder.path(), &host, &[&id, "--largest", "1000"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_another_type_is_refused_before_it_is_fetched() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let id = small(&site);
    let media_type = site.site().attachment_media_type(&id).unwrap();
    let (kind, _) = media_type.split_once('/').unwrap();
    download(folder.path(), &host, &[&id, "--media-types", "font/*,x/y"])
        .fails(20, &[media_type, "font/*, x/y", "what was asked for"]);
    download(folder.path(), &host, &[&id, "--media-types", "font"])
        .fails(2, &["not a valid media type"]);
    for allowed in ["[]", "[\"font/woff\"]"] {
        host.write(
            "cluster.toml",
            &format!("network.allow-loopback = true\ndownload.allow-media-types = {allowed}\n"),
        );
        for words in [&[id.as_str()][..], &[&id, "--media-types", "*/*"]] {
            download(folder.path(), &host, words)
                .fails(20, &["download.allow-media-types", "cluster.toml:2"]);
        }
    }
    host.write(
        "cluster.toml",
        &format!("network.allow-loopback = true\ndownload.allow-media-types = [\"{kind}/*\"]\n"),
    );
    assert!(media_requests(&site).is_empty());
    download(folder.path(), &host, &[&id, "--media-types", media_type]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_answers_where_the_content_is_to_callers_of_their_own() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let id = small(&site);
    let location = host.call(&["getAttachmentLocation", &id]).ok().json();
    assert_eq!(location["id"], id);
    assert_eq!(
        location["fileSize"],
        site.site().attachment_size(&id).unwrap()
    );
    let url = location["url"].as_str().unwrap();
    assert!(
        url.starts_with(&format!("{}/file/", site.media_url())),
        "{url}"
    );
    assert!(media_requests(&site).is_empty());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_download_takes_no_pipes_place() {
    use std::os::unix::fs::FileTypeExt as _;
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let status = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(status.unwrap().success());
    let before = site.request_count();
    let words = [&small(&site), "--output-file", "pipe", "--force"];
    let ended = download(folder.path(), &host, &words);
    assert_ne!(ended.code, 0, "{ended:#?}");
    assert!(ended.stderr.contains("--output-file -"), "{ended:#?}");
    assert!(
        std::fs::symlink_metadata(&pipe)
            .unwrap()
            .file_type()
            .is_fifo()
    );
    assert_eq!(site.request_count(), before);
    assert_eq!(names(folder.path()), ["pipe"]);
}
