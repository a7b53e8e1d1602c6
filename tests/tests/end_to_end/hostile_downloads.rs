//! Downloads from somebody who means harm: a site that sends elsewhere, a media host that lies and
//! lingers, a component that wants to be believed.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tests::scripted::{Address, Reply, Scripted, answer};
use tests::{AUTHORIZATION, Host, TOKEN};
use tokio::net::TcpListener;

use crate::downloads::{download, names, run_in};
use crate::site_of;

type Media = Arc<dyn Fn(usize, &str) -> Reply + Send + Sync>;

/// A site with the attachment `att7`, whose location is the test's to say, and a media host.
struct Site {
    site: Scripted,
    media: Scripted,
}

impl Site {
    /// `described` are fields of the attachment, `location` is where its content is: in both, and
    /// in what the media host sends, `MEDIA` and `SITE` stand for the addresses.
    async fn start(described: &str, location: &str, media: Media) -> Self {
        let (site, media_host) = (Address::free().await, Address::free().await);
        let (site_url, media_url) = (site.url(), media_host.url());
        let placed = move |text: &str| text.replace("MEDIA", &media_url).replace("SITE", &site_url);
        let (described, location) = (placed(described), placed(location));
        let placed = move |bytes: Vec<u8>| match String::from_utf8(bytes) {
            Ok(text) => placed(&text).into_bytes(),
            Err(bytes) => bytes.into_bytes(),
        };
        Self {
            site: site.serve(move |asked| site_answer(&asked.head, &described, &location)),
            media: media_host.serve(move |asked| match media(asked.number, &asked.head) {
                Reply::Closes(bytes) => Reply::Closes(placed(bytes)),
                reply => reply,
            }),
        }
    }

    fn host(&self) -> Host {
        let host = Host::new();
        self.is_the_site_of(&host);
        host
    }

    /// Makes it the site of a host that has compiled the component already, which takes seconds.
    fn is_the_site_of(&self, host: &Host) {
        host.set(&self.site.url(), AUTHORIZATION, "app").ok();
    }

    fn asked_of_site(&self) -> Vec<String> {
        self.site.heads()
    }

    fn asked_of_media(&self) -> Vec<String> {
        self.media.heads()
    }
}

fn site_answer(head: &str, described: &str, location: &str) -> Reply {
    let (head, body) = if head.contains("/download") {
        (format!("302 Found\r\nlocation: {location}"), String::new())
    } else {
        (
            "200 OK\r\ncontent-type: application/json".to_owned(),
            format!(r#"{{"id":"att7","pageId":"5","version":{{"number":1}}{described}}}"#),
        )
    };
    Reply::Closes(answer(&format!("{head}\r\nconnection: close"), &body))
}

fn media(reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Media {
    Arc::new(reply)
}

fn sends(head: &str, body: &str) -> Reply {
    Reply::Closes(format!("HTTP/1.1 {head}\r\n\r\n{body}").into_bytes())
}

/// `hello`, as it should be sent.
fn hello() -> Media {
    media(|_, _| sends("200 OK\r\ncontent-length: 5", "hello"))
}

/// A download into a folder, whose outcome is an exit code and words of the message; and what is in
/// the folder afterwards.
fn outcome(host: &Host, scripted: &Site, words: &[&str], code: i32, said: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    scripted.is_the_site_of(host);
    download(folder.path(), host, &[&["att7"], words].concat()).fails(code, said);
    names(folder.path())
}

const URL: &str = "MEDIA/file/f/binary?token=secret-jwt";

#[tokio::test(flavor = "multi_thread")]
async fn a_location_inside_a_network_is_not_dialled() {
    let host = Host::new();
    for (location, code, word) in [
        ("https://10.0.0.1/x", 16, "an address inside a network"),
        (
            "https://169.254.169.254/latest/meta-data",
            16,
            "an address inside a network",
        ),
        (
            "https://[::ffff:127.0.0.1]/x",
            16,
            "an address inside a network",
        ),
        ("https://[fd00::1]/x", 16, "an address inside a network"),
        ("https://0/x", 16, "an address inside a network"),
        ("http://10.0.0.1/x", 16, "not `https`"),
        ("http://media.example/x", 16, "not `https`"),
        (
            "https://me:secret-jwt@media.example/x",
            16,
            "user information",
        ),
        ("SITE/wiki/rest/api/user/current", 16, "the site itself"),
        ("SITE/login", 4, "requires a login"),
        ("/login", 4, "requires a login"),
        ("/download", 23, "redirects to itself"),
        ("//10.0.0.1/x", 23, "redirects to itself"),
        ("file:///etc/passwd", 23, "redirects to itself"),
    ] {
        let scripted = Site::start("", location, hello()).await;
        let left = outcome(&host, &scripted, &[], code, &[word]);
        assert!(left.is_empty(), "{location}");
        assert_eq!(scripted.asked_of_site().len(), 2, "{location}");
        assert!(scripted.asked_of_media().is_empty(), "{location}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_a_level_does_not_allow_is_not_asked() {
    let scripted = Site::start("", "https://cdn.media.example/x?token=secret-jwt", hello()).await;
    let host = scripted.host();
    let folder = tempfile::tempdir().unwrap();
    for allowed in ["[]", "[\"*.atlassian.com\"]", "[\"media.example\"]"] {
        host.write(
            "cluster.toml",
            &format!("network.allow-loopback = true\ndownload.allow-hosts = {allowed}\n"),
        );
        let ended = download(folder.path(), &host, &["att7"]).fails(
            16,
            &[
                "cdn.media.example",
                "download.allow-hosts",
                "cluster.toml:2",
            ],
        );
        assert!(!ended.stderr.contains("secret-jwt"), "{ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_redirect_is_checked_as_the_location_was() {
    let host = Host::new();
    for (location, code, word) in [
        ("https://10.0.0.1/x", 16, "an address inside a network"),
        ("http://10.0.0.1/x", 16, "not `https`"),
        ("SITE/wiki/rest/api/user/current", 16, "the site itself"),
        ("file:///etc/passwd", 16, "not `https`"),
        ("", 21, "more than 3 redirects"),
        ("/again", 21, "more than 3 redirects"),
    ] {
        let reply = sends(
            &format!("302 Found\r\nlocation: {location}\r\ncontent-length: 0"),
            "",
        );
        let scripted = Site::start("", URL, media(move |_, _| reply.clone())).await;
        let left = outcome(&host, &scripted, &[], code, &[word]);
        assert!(left.is_empty(), "{location}");
        assert_eq!(scripted.asked_of_site().len(), 2, "{location}");
        let asked = if code == 21 { 4 } else { 1 };
        assert_eq!(scripted.asked_of_media().len(), asked, "{location}");
    }
    // One that leads nowhere is no content.
    let reply = sends("302 Found\r\ncontent-length: 0", "");
    let scripted = Site::start("", URL, media(move |_, _| reply.clone())).await;
    outcome(&host, &scripted, &[], 23, &["status `302`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_followed_without_what_the_one_before_gave() {
    let host = Host::new();
    let scripted = Site::start(
        r#","fileSize":5,"title":"a""#,
        URL,
        media(|number, _| match number {
            1..=3 => sends(
                "307 Temporary Redirect\r\nset-cookie: a=b\r\nlocation: /hop?x=y\r\nwww-authenticate: Basic\r\ncontent-length: 0",
                "",
            ),
            _ => sends("200 OK\r\ncontent-length: 5", "hello"),
        }),
    )
    .await;
    assert_eq!(outcome(&host, &scripted, &[], 0, &[]), ["a"]);
    let asked = scripted.asked_of_media();
    assert_eq!(asked.len(), 4);
    for head in asked {
        let head = head.to_lowercase();
        for word in ["cookie", "authorization", "referer", "range", TOKEN] {
            assert!(!head.contains(word), "{head}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_name_stays_in_the_folder() {
    let host = Host::new();
    for (title, wanted) in [
        ("../../escape", "_.._escape"),
        ("/etc/passwd", "_etc_passwd"),
        ("..", "att7"),
        (".bashrc", "bashrc"),
        ("a\\u0000\\u001b[2Jb", "a__[2Jb"),
        ("..\\\\..\\\\x", "_.._x"),
        ("nul", "_nul"),
        ("-rf", "_-rf"),
    ] {
        let scripted =
            Site::start(&format!(r#","fileSize":5,"title":"{title}""#), URL, hello()).await;
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        scripted.is_the_site_of(&host);
        let ended = download(&below, &host, &["att7", "--output", "table"]).ok();
        assert!(!ended.stdout.contains('\u{1b}'), "{ended:#?}");
        assert_eq!(names(&below), [wanted]);
        assert_eq!(names(folder.path()), ["a"]);
        assert_eq!(names(&folder.path().join("a")), ["b"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_of_another_length_is_none() {
    let host = Host::new();
    let chunked = "200 OK\r\ntransfer-encoding: chunked";
    for (described, head, body, code, word) in [
        (
            r#","fileSize":5"#,
            "200 OK\r\ncontent-length: 4",
            "hell",
            10,
            "4 of 5 bytes",
        ),
        (
            r#","fileSize":5"#,
            "200 OK\r\ncontent-length: 6",
            "hello!",
            23,
            "received more than",
        ),
        (
            r#","fileSize":5"#,
            "200 OK\r\ncontent-length: 5",
            "hell",
            10,
            "4 of 5 bytes",
        ),
        (
            r#","fileSize":5"#,
            chunked,
            "4\r\nhell\r\n0\r\n\r\n",
            10,
            "4 of 5 bytes",
        ),
        (
            r#","fileSize":5"#,
            chunked,
            "6\r\nhello!\r\n0\r\n\r\n",
            23,
            "received more than",
        ),
        (
            r#","fileSize":5"#,
            chunked,
            "5\r\nhello\r\n",
            10,
            "5 of 5 bytes",
        ),
        (
            r#","fileSize":5"#,
            "200 OK\r\nconnection: close",
            "hell",
            10,
            "4 of 5 bytes",
        ),
        (
            r#","fileSize":0"#,
            chunked,
            "1\r\nx\r\n0\r\n\r\n",
            23,
            "received more than",
        ),
        // Nobody said how long it is, and its end cannot be told from a broken connection.
        (
            "",
            "200 OK\r\nconnection: close",
            "hello",
            10,
            "received 5 bytes of an unknown number",
        ),
        (
            "",
            "200 OK\r\ncontent-length: 5",
            "hell",
            10,
            "4 of 5 bytes",
        ),
        // Parts and codings that were not asked for.
        (
            r#","fileSize":5"#,
            "206 Partial Content\r\ncontent-length: 5",
            "hello",
            23,
            "status `206`",
        ),
        (
            r#","fileSize":5"#,
            "200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5",
            "hello",
            23,
            "compressed",
        ),
        ("", "204 No Content", "", 23, "status `204`"),
    ] {
        let reply = sends(head, body);
        let scripted = Site::start(described, URL, media(move |_, _| reply.clone())).await;
        let left = outcome(&host, &scripted, &[], code, &[word]);
        assert!(left.is_empty(), "{head} {body}");
    }
    for (described, head, body) in [
        (r#","fileSize":5"#, "200 OK\r\ncontent-length: 5", "hello"),
        (r#","fileSize":5"#, chunked, "5\r\nhello\r\n0\r\n\r\n"),
        (r#","fileSize":5"#, "200 OK\r\nconnection: close", "hello"),
        ("", "200 OK\r\ncontent-length: 5", "hello"),
        ("", chunked, "5\r\nhello\r\n0\r\n\r\n"),
    ] {
        let reply = sends(head, body);
        let scripted = Site::start(described, URL, media(move |_, _| reply.clone())).await;
        assert_eq!(outcome(&host, &scripted, &[], 0, &[]), ["att7"], "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_of_unknown_length_ends_at_the_limit() {
    let host = Host::new();
    for head in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        // A chunk that is larger than anything that will come.
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffff\r\n",
    ] {
        let reply = Reply::Repeats(head.as_bytes().to_vec(), vec![b'x'; 65_536], Duration::ZERO);
        let scripted = Site::start("", URL, media(move |_, _| reply.clone())).await;
        let left = outcome(&host, &scripted, &["--largest", "3"], 12, &["3145728"]);
        assert!(left.is_empty());
    }
    let reply = sends("200 OK\r\ncontent-length: 99999999999999", "");
    let scripted = Site::start("", URL, media(move |_, _| reply.clone())).await;
    outcome(&host, &scripted, &[], 12, &["99999999999999", "104857600"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_senders_own_type_counts_too() {
    let host = Host::new();
    for (described, media_type, words, code) in [
        (
            r#","mediaType":"image/png""#,
            "image/png; x=1",
            &["--media-types", "image/*"][..],
            0,
        ),
        (
            r#","mediaType":"image/png""#,
            "application/octet-stream",
            &["--media-types", "image/*"],
            0,
        ),
        (
            r#","mediaType":"image/png""#,
            "video/mp4",
            &["--media-types", "image/*"],
            20,
        ),
        (
            r#","mediaType":"image/png""#,
            "text/html;charset=utf-8",
            &[],
            23,
        ),
        (
            r#","mediaType":"text/html""#,
            "text/html;charset=utf-8",
            &[],
            0,
        ),
        ("", "image/png", &["--media-types", "image/*"], 0),
        (
            "",
            "application/octet-stream",
            &["--media-types", "image/*"],
            20,
        ),
        (r#","mediaType":"nonsense""#, "image/png", &[], 20),
    ] {
        let reply = sends(
            &format!("200 OK\r\ncontent-type: {media_type}\r\ncontent-length: 5"),
            "hello",
        );
        let described = format!(r#"{described},"fileSize":5"#);
        let scripted = Site::start(&described, URL, media(move |_, _| reply.clone())).await;
        let left = outcome(&host, &scripted, words, code, &[]);
        assert_eq!(left.is_empty(), code != 0, "{described} {media_type}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_does_not_come_is_given_up() {
    let host = Host::new();
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
    for (reply, setting, word) in [
        (
            Reply::Hangs(Vec::new()),
            "limits.first-byte-seconds = 2",
            "did not start in time",
        ),
        (
            Reply::Hangs(format!("{head}hel").into_bytes()),
            "limits.between-bytes-seconds = 2",
            "received no data for 2000 ms, after 3 bytes",
        ),
        (
            Reply::Hangs(format!("{head}hel").into_bytes()),
            "limits.call-seconds = 3",
            "download exceeded its time limit of 3000 ms",
        ),
    ] {
        let scripted = Site::start(r#","fileSize":5"#, URL, media(move |_, _| reply.clone())).await;
        scripted.is_the_site_of(&host);
        host.write(
            "cluster.toml",
            &format!("network.allow-loopback = true\n{setting}\n"),
        );
        let folder = tempfile::tempdir().unwrap();
        download(folder.path(), &host, &["att7"]).fails(15, &[word]);
        assert!(names(folder.path()).is_empty());
        let output = run_in(
            folder.path(),
            &host,
            &["download", "att7", "--output-file", "-"],
        );
        assert_eq!(output.status.code(), Some(15));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let came: &[u8] = if word.contains("start") { b"" } else { b"hel" };
        assert_eq!(output.stdout, came);
        assert_eq!(
            said.contains("the printed content is incomplete"),
            !came.is_empty(),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_media_host_that_is_down_is_told_as_one() {
    let host = Host::new();
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("http://{}/x?token=secret-jwt", gone.local_addr().unwrap());
    drop(gone);
    let scripted = Site::start("", &location, hello()).await;
    outcome(
        &host,
        &scripted,
        &[],
        13,
        &["refused", "another host than the site"],
    );
    // It does not speak HTTP.
    let reply = Reply::Closes(b"SSH-2.0-x\r\n".to_vec());
    let scripted = Site::start("", URL, media(move |_, _| reply.clone())).await;
    outcome(&host, &scripted, &[], 13, &[]);
    // TLS where there is none.
    let location = "MEDIA/x".replace("MEDIA", "https://127.0.0.1:1");
    let scripted = Site::start("", &location, hello()).await;
    outcome(&host, &scripted, &[], 13, &[]);
}

/// The most memory that a process has had so far, in KiB.
#[cfg(target_os = "linux")]
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_flat_however_large_the_file() {
    use std::io::Read as _;
    const LARGE: u64 = 400 << 20;
    let small = 1 << 20;
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    let reply = Reply::Repeats(head.as_bytes().to_vec(), vec![b'x'; 65_536], Duration::ZERO);
    let described = format!(r#","fileSize":{LARGE}"#);
    let scripted = Site::start(&described, URL, media(move |_, _| reply.clone())).await;
    let host = scripted.host();
    host.write(
        "cluster.toml",
        "network.allow-loopback = true\ndownload.file-mib = 1000\n",
    );
    let mut child = host
        .command()
        .args(["download", "att7", "--output-file", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut read = |bytes: u64| {
        std::io::copy(&mut out.by_ref().take(bytes), &mut std::io::sink()).unwrap();
    };
    // It waits for the pipe, so that both are looked at while it lives.
    read(small);
    let before = peak(child.id());
    read(LARGE - small - (1 << 20));
    let after = peak(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(after - before < 16 << 10, "{before} KiB, {after} KiB");
}

/// Waits until the media host was asked.
fn until_asked(scripted: &Site) {
    while scripted.asked_of_media().is_empty() {
        std::thread::yield_now();
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_download_leaves_nothing() {
    let host = Host::new();
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n";
    let reply = Reply::Hangs([head.as_bytes(), &[b'x'; 3_000_000]].concat());
    for (signal, code) in [("INT", 130), ("TERM", 143), ("KILL", -1)] {
        let reply = reply.clone();
        let scripted = Site::start("", URL, media(move |_, _| reply.clone())).await;
        scripted.is_the_site_of(&host);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x"), "mine").unwrap();
        let child = host
            .command()
            .args(["download", "att7", "--output-file", "x", "--force"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        until_asked(&scripted);
        // And something is written.
        let is_draft = |name: &String| name.starts_with(".host-runner-download-");
        while !names(folder.path()).iter().any(is_draft) {
            std::thread::yield_now();
        }
        let sent = std::process::Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code().unwrap_or(-1), code);
        assert!(output.stdout.is_empty());
        assert_eq!(std::fs::read(folder.path().join("x")).unwrap(), b"mine");
        let left = names(folder.path());
        if signal == "KILL" {
            // Nobody is left to remove the draft; the next download removes it when it is a day old.
            assert!(
                left.iter().all(|name| name == "x" || is_draft(name)),
                "{left:?}"
            );
            continue;
        }
        assert_eq!(left, ["x"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("interrupted"), "{said}");
    }
}

/// A component that answers this address for whatever it is asked for, and asks nobody.
fn liar(url: &str) -> Vec<u8> {
    let text = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    wat::parse_str(format!(
        r#"(component
            (core module $module
                (memory (export "memory") 1)
                (data (i32.const 1024) "{url}")
                (global $free (mut i32) (i32.const 8192))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                    (global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                    (global.get $free)
                    (global.set $free (i32.add (global.get $free) (local.get 3))))
                ;; The answer is at 16: the case of the result, and at 20 the record.
                (func (export "locate") (param $id i32) (param $length i32) (param i32 i32) (result i32)
                    (i32.store (i32.const 20) (local.get $id))
                    (i32.store (i32.const 24) (local.get $length))
                    (i32.store (i32.const 28) (i32.const 1024))
                    (i32.store (i32.const 32) (i32.const {length}))
                    (i32.const 16)))
            (core instance $core (instantiate $module))
            (type $error (record (field "code" string)))
            (type $location (record (field "id" string) (field "url" string)))
            (export $location-exported "test-location" (type $location))
            (func $locate (param "id" string) (param "version" (option u32)) (result (result $location-exported (error string)))
                (canon lift (core func $core "locate") (memory (core memory $core "memory")) (realloc (core func $core "realloc"))))
            (instance $liar (export "get-attachment-location" (func $locate)))
            (export "confluence:connector/confluence@0.3.0" (instance $liar)))"#,
        url = text(url),
        length = url.len(),
    ))
    .unwrap()
}

fn load(host: &Host, component: &[u8]) {
    let file = host.state().join("liar.wasm");
    std::fs::File::create(&file)
        .unwrap()
        .write_all(component)
        .unwrap();
    host.write(
        "cluster.toml",
        "network.allow-loopback = true\ncomponent.require-exports = []\n",
    );
    let file = file.display().to_string();
    host.run(&["component", "load", &file, "--level", "env"])
        .ok();
}

fn refused(host: &Host, folder: &Path) {
    let ended = download(folder, host, &["att7"]).fails(
        16,
        &["did not return in this call", "component load embedded"],
    );
    assert!(!ended.stderr.contains("token="), "{ended:#?}");
    assert!(names(folder).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_lies_about_the_location_sends_this_host_nowhere() {
    let site = site_of(10).await;
    let victim = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for url in [
        format!("http://{}/?token=x", victim.local_addr().unwrap()),
        "https://evil.example/x?token=x".to_owned(),
        "file:///etc/passwd".to_owned(),
        site.endpoint(),
        String::new(),
    ] {
        let host = Host::with_site(&site);
        load(&host, &liar(&url));
        let asked = site.request_count();
        refused(&host, folder.path());
        assert_eq!(site.request_count(), asked);
    }
    let nobody = std::future::poll_fn(|cx| match victim.poll_accept(cx) {
        std::task::Poll::Ready(_) => std::task::Poll::Ready(false),
        std::task::Poll::Pending => std::task::Poll::Ready(true),
    });
    assert!(nobody.await, "somebody came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_of_an_earlier_call_is_no_grant_for_a_later_one() {
    let scripted = Site::start(r#","fileSize":5"#, URL, hello()).await;
    let host = scripted.host();
    let folder = tempfile::tempdir().unwrap();
    // One that Confluence did give, a moment ago.
    let location = host.call(&["getAttachmentLocation", "att7"]).ok().json();
    let url = location["url"].as_str().unwrap();
    assert_eq!(url, URL.replace("MEDIA", &scripted.media.url()));
    load(&host, &liar(url));
    refused(&host, folder.path());
    assert!(scripted.asked_of_media().is_empty());
    host.run(&["component", "load", "embedded", "--level", "env"])
        .ok();
    download(folder.path(), &host, &["att7"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_locates_nothing_is_told_as_one() {
    let site = site_of(10).await;
    let host = Host::with_site(&site);
    let greeter = wat::parse_str("(component)").unwrap();
    load(&host, &greeter);
    let folder = tempfile::tempdir().unwrap();
    download(folder.path(), &host, &["att7"]).fails(1, &["get-attachment-location"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_has_the_credential_in_it_is_saved_as_it_is() {
    // It is requested without the credential, and no component sees it: nothing is searched or cut,
    // wherever a piece ends.
    for length in [1, TOKEN.len() - 1, TOKEN.len()] {
        let (first, second) = ("x".repeat(5000), "y".repeat(100));
        let part = TOKEN.split_at(length).0;
        let body = format!("{first}{part}{second}");
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        let chunks = [chunk(&format!("{first}{part}")), chunk(&second), chunk("")];
        let chunked = chunks.concat();
        let scripted = Site::start(
            "",
            URL,
            media(move |_, _| sends("200 OK\r\ntransfer-encoding: chunked", &chunked)),
        )
        .await;
        let host = scripted.host();
        let folder = tempfile::tempdir().unwrap();
        download(folder.path(), &host, &["att7"]).ok();
        let names = names(folder.path());
        assert_eq!(names.len(), 1, "{names:?}");
        let saved = std::fs::read_to_string(folder.path().join(&names[0])).unwrap();
        assert!(saved == body, "{length}");
        let asked = scripted.asked_of_media().concat().to_ascii_lowercase();
        assert!(!asked.contains("authorization"), "{asked}");
    }
}
