//! Containers: connections from variables, folders that cannot be written, variables that are empty.

use confluence_simulator::{Settings, Simulator};
use tests::{Ended, Host};

const USER: &str = "me@example.com";
const TOKEN: &str = "tok-4711-abcdefgh";

async fn strict_site() -> Simulator {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{TOKEN}"));
    Simulator::start(Settings {
        credential: Some(format!("Basic {pair}")),
        ..Settings::default()
    })
    .await
    .unwrap()
}

fn json(site: &Simulator, user: &str) -> String {
    let site = site.site_url();
    format!(r#"{{"site":"{site}","user":"{user}","token":"{TOKEN}"}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn three_variables_are_a_connection() {
    let site = strict_site().await;
    let host = Host::new();
    let url = site.site_url();
    let variables = [
        ("CONFLUENCE_URL", url.as_str()),
        ("CONFLUENCE_USER", USER),
        ("CONFLUENCE_TOKEN", TOKEN),
    ];
    let run = |words: &[&str]| host.run_with(words, "", &variables);
    run(&["call", "listSpaces"]).ok();
    run(&["connection", "test"]).ok();
    // Named as the source wherever sources are named, and never shown.
    for words in [
        &["config", "explain", "connections"][..],
        &["connection", "list"],
        &["connection", "show", "--output", "table"],
        &["policy"],
        &["doctor"],
    ] {
        let ended = run(words).ok();
        assert!(
            ended.stdout.contains("CONFLUENCE_URL"),
            "{words:?}: {ended:#?}"
        );
        assert!(!format!("{ended:?}").contains(TOKEN), "{ended:#?}");
    }
    let wrong = [variables[0], variables[1], ("CONFLUENCE_TOKEN", "wrong")];
    host.run_with(&["call", "listSpaces"], "", &wrong)
        .fails(4, &["variable `CONFLUENCE_URL`"]);
    // Nothing of it is stored.
    host.call(&["listSpaces"]).fails(3, &["no connection"]);
    // A variable that is missing beside others is named.
    for (variables, missing) in [
        (&[variables[0], variables[1]][..], "`CONFLUENCE_TOKEN`"),
        (&[variables[0]], "`CONFLUENCE_TOKEN`"),
        (
            &[variables[0], ("CONFLUENCE_TOKEN", "")],
            "`CONFLUENCE_TOKEN`",
        ),
        (&[variables[1], variables[2]], "`CONFLUENCE_URL`"),
        (&[("CONFLUENCE_URL", ""), variables[2]], "`CONFLUENCE_URL`"),
    ] {
        host.run_with(&["call", "listSpaces"], "", variables)
            .fails(3, &["no connection", missing]);
    }
    // Empty is absent.
    let none = [("CONFLUENCE_URL", ""), ("CONFLUENCE_TOKEN", "")];
    host.run_with(&["call", "listSpaces"], "", &none)
        .fails(3, &["no connection"]);
    run(&["demo"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_has_a_whole_connection_of_its_own_name() {
    let site = strict_site().await;
    let host = Host::new();
    let right = json(&site, USER);
    let run = |words: &[&str], variable: (&str, &str)| host.run_with(words, "", &[variable]);
    let docs = ("HOST_RUNNER_CONNECTION_MY_DOCS", right.as_str());
    run(&["connection", "test", "my-docs"], docs).ok();
    run(&["call", "listSpaces"], docs).fails(3, &["no connection `default`"]);
    host.run(&[
        "config",
        "set",
        "connection",
        "my-docs",
        "--level",
        "cluster",
    ]);
    host.write("env/default.toml", "connection = \"my-docs\"\n");
    run(&["call", "listSpaces"], docs).ok();
    // In place of one that a level has.
    let word = [
        "connection",
        "add",
        "--user",
        USER,
        "--site",
        "http://127.0.0.1:9",
        "--no-test",
    ];
    host.run_with(&word, "other", &[]).ok();
    let ended = host.run_with(&["call", "listSpaces"], "", &[docs]).ok();
    assert_eq!(ended.ids().len(), 5);
    // Unless the level locked it.
    host.write(
        "cluster.toml",
        "network.allow-loopback = true\nlocked = [\"connections\"]\n",
    );
    run(&["call", "listSpaces"], docs).fails(27, &["locked", "HOST_RUNNER_CONNECTION_MY_DOCS"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_variable_is_named_and_its_value_is_not() {
    let site = strict_site().await;
    let host = Host::new();
    let good = json(&site, USER);
    for (value, why) in [
        ("{", "expected JSON"),
        (
            r#"{"site":"a.atlassian.net","user":"me@example.com","token":"tok-4711-abcdefgh","x":1}"#,
            "no other fields",
        ),
        (
            r#"{"site":"a.atlassian.net","token":"tok-4711-abcdefgh"}"#,
            "`user` is missing",
        ),
        (
            r#"{"site":"a b","user":"me@example.com","token":"tok-4711-abcdefgh"}"#,
            "not a valid connection",
        ),
        (
            r#"{"site":"a.atlassian.net","user":"me:tok-4711-abcdefgh","token":"x"}"#,
            "invalid user",
        ),
        (
            r#"{"site":"a.atlassian.net","user":"me@example.com","token":"tok-4711-abcdefgh","token-kind":"x"}"#,
            "token-kind",
        ),
        ("tok-4711-abcdefgh", "expected JSON"),
    ] {
        let variable = [("HOST_RUNNER_CONNECTION_DEFAULT", value)];
        let ended = host
            .run_with(&["call", "listSpaces"], "", &variable)
            .fails(2, &["HOST_RUNNER_CONNECTION_DEFAULT", why]);
        assert!(!ended.stderr.contains("tok-4711"), "{ended:#?}");
    }
    let variable = [("HOST_RUNNER_CONNECTION_A.B", good.as_str())];
    host.run_with(&["call", "listSpaces"], "", &variable)
        .fails(2, &["A.B"]);
}

#[test]
fn empty_variables_count_as_absent_and_bad_bytes_are_blamed_on_the_variable() {
    use std::os::unix::ffi::OsStrExt as _;

    let host = Host::new();
    let names = [
        "HOST_RUNNER_ENV",
        "HOST_RUNNER_APP",
        "HOST_RUNNER_CONFIG_DIR",
        "HOST_RUNNER_LOG",
        "HOST_RUNNER_LOG_FORMAT",
        "HOST_RUNNER_MESSAGE_FORMAT",
        "HOST_RUNNER_OTLP_ENDPOINT",
        "HOST_RUNNER_METRICS_FILE",
        "HOST_RUNNER_KEY",
        "HOST_RUNNER_KEY_FILE",
    ];
    let empty: Vec<(&str, &str)> = names.iter().map(|name| (*name, "")).collect();
    let expected = host.run(&["config", "path"]).ok().stdout;
    assert_eq!(
        host.run_with(&["config", "path"], "", &empty).ok().stdout,
        expected
    );
    host.run_with(&["functions"], "", &empty).ok();
    let output = host
        .command()
        .args(["config", "path"])
        .env("HOST_RUNNER_APP", std::ffi::OsStr::from_bytes(b"a\xff"))
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("variable `HOST_RUNNER_APP` is not UTF-8"),
        "{told}"
    );
    assert_eq!(output.status.code(), Some(2));
}

/// Runs as a user that is not root, whom modes of folders hold. `None` where this test may not.
fn as_nobody(host: &Host, words: &[&str], variables: &[(&str, &str)]) -> Option<Ended> {
    const NOBODY: &str = "65534";
    let is_root = std::process::Command::new("id")
        .arg("-u")
        .output()
        .ok()?
        .stdout
        == b"0\n";
    let mut command = if is_root {
        let mut command = std::process::Command::new("setpriv");
        command
            .args(["--reuid", NOBODY, "--clear-groups", "--"])
            .arg(tests::binary());
        for (name, value) in host.command().get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command
    } else {
        host.command()
    };
    let output = command
        .args(words)
        .envs(variables.iter().copied())
        .output()
        .ok()?;
    Some(Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    })
}

/// Gives everything in a folder to nobody, and takes the right to write away, or back.
fn lock(folder: &std::path::Path, mode: &str) {
    for (program, what) in [("chown", "65534"), ("chmod", mode)] {
        let mut command = std::process::Command::new(program);
        let _ = command.arg("-R").arg(what).arg(folder).output();
    }
}

/// A file system of so many kilobytes, where this test may mount one.
struct Disk(tempfile::TempDir);

impl Disk {
    fn of_kilobytes(size: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={size}k,mode=700"),
                "tmpfs",
            ])
            .arg(folder.path())
            .output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        is_mounted.then_some(Self(folder))
    }

    fn path(&self, file: &str) -> String {
        self.0.path().join(file).to_str().unwrap().to_owned()
    }

    /// Writes until nothing more fits.
    fn fill(&self) {
        use std::io::Write as _;
        let mut file = std::fs::File::create(self.0.path().join("filler")).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let _ = file.sync_all();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg(self.0.path())
            .output();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_named_and_reads_work_where_they_can() {
    let site = strict_site().await;
    let host = Host::new();
    let connection = json(&site, USER);
    let scratch = tempfile::tempdir().unwrap();
    let variables = [
        ("HOST_RUNNER_CONNECTION_DEFAULT", connection.as_str()),
        ("TMPDIR", scratch.path().to_str().unwrap()),
    ];
    // Nothing fits from the beginning: a connection of a variable is enough to read.
    let Some(disk) = Disk::of_kilobytes(16) else {
        return;
    };
    disk.fill();
    let state = disk.path("state");
    let config = host.config();
    let config = config.to_str().unwrap();
    let words = ["--state-dir", &state, "--config-dir", config];
    let words = [&words[..], &["call", "listSpaces"]].concat();
    let ended = host.run_with(&words, "", &variables).ok();
    assert!(ended.stderr.contains("cannot be written"), "{ended:#?}");

    // The disk is full later: what is stored there is read.
    let Some(disk) = Disk::of_kilobytes(16 * 1024) else {
        return;
    };
    let state = disk.path("state");
    let run = |words: &[&str], token: &str| {
        let folders = ["--state-dir", &state, "--config-dir", config];
        host.run_with(&[&folders[..], words].concat(), token, &[])
    };
    let add = [
        "connection",
        "add",
        "--user",
        USER,
        "--site",
        &site.site_url(),
    ];
    run(&add, TOKEN).ok();
    disk.fill();
    assert_eq!(run(&["call", "listSpaces"], "").ok().ids().len(), 5);
    run(&["read", "spaces"], "").ok();
    run(&["connection", "set-token", "--no-test"], "another").fails(24, &["full"]);
    assert_eq!(run(&["call", "listSpaces"], "").ok().ids().len(), 5);
    let file = disk.path("spaces.csv");
    run(&["read", "spaces", "--to", &format!("csv:{file}")], "").fails(25, &["the disk is full"]);
    assert!(!std::path::Path::new(&file).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_work_where_the_state_folder_cannot_be_written() {
    let site = strict_site().await;
    let host = Host::new();
    let words = [
        "connection",
        "add",
        "--user",
        USER,
        "--site",
        &site.site_url(),
    ];
    host.run_with(&words, TOKEN, &[]).ok();
    lock(host.state(), "a-w");
    let reachable = as_nobody(&host, &["--version"], &[]).is_some_and(|ended| ended.code == 0);
    if reachable {
        // With what is stored there.
        as_nobody(&host, &["call", "listSpaces"], &[]).unwrap().ok();
        let add = ["connection", "set-token", "--no-test", "--token", "env:T"];
        let ended = as_nobody(&host, &add, &[("T", "x")]).unwrap();
        assert_eq!(ended.code, 24, "{ended:#?}");
    }
    lock(host.state(), "u+w");

    // Where nothing was ever stored, a connection of a variable is enough.
    let bare = Host::new();
    let connection = json(&site, USER);
    let scratch = tempfile::tempdir().unwrap();
    lock(scratch.path(), "u+rwx");
    let variables = [
        ("HOST_RUNNER_CONNECTION_DEFAULT", connection.as_str()),
        ("TMPDIR", scratch.path().to_str().unwrap()),
    ];
    lock(bare.state(), "a-w");
    if reachable {
        let ended = as_nobody(&bare, &["call", "listSpaces"], &variables)
            .unwrap()
            .ok();
        assert!(ended.stderr.contains("cannot be written"), "{ended:#?}");
        as_nobody(&bare, &["call", "listSpaces"], &variables)
            .unwrap()
            .ok();
    }
    lock(bare.state(), "u+w");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_cannot_be_written_can_be_looked_at() {
    let site = crate::site().await;
    let host = Host::with_site(&site);
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    // A name that an address would read otherwise.
    let sinks = [
        format!("sqlite:{}", place("site 50%?.db")),
        format!("jsonl:{}", place("files")),
    ];
    let run = |sink: &str| host.run(&["sync", "run", "--streams", "pages", "--to", sink]);
    for sink in &sinks {
        run(sink).ok();
    }
    lock(host.state(), "u+w");
    lock(folder.path(), "a-w");
    let reachable = as_nobody(&host, &["--version"], &[]).is_some_and(|ended| ended.code == 0);
    for sink in sinks.iter().filter(|_| reachable) {
        let look = |command: &str| {
            let words = ["sync", command, "--to", sink, "--output", "json"];
            as_nobody(&host, &words, &[]).unwrap()
        };
        assert_eq!(look("status").ok().json()[0]["rows"], 200);
        assert_eq!(look("runs").ok().json()[0]["new"], 200);
        assert_eq!(look("holds").ok().json(), serde_json::json!([]));
        assert_eq!(look("failures").ok().json(), serde_json::json!([]));
        let page = site.site().page_ids().next().unwrap().to_string();
        let why = ["sync", "why", &page, "--to", sink];
        as_nobody(&host, &why, &[]).unwrap().ok();
        let again = ["sync", "run", "--streams", "pages", "--to", sink];
        assert_eq!(as_nobody(&host, &again, &[]).unwrap().code, 25);
    }
    lock(folder.path(), "u+w");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_variable_can_be_in_another_variable_or_a_file() {
    let site = strict_site().await;
    let host = Host::new();
    let file = host.state().join("token.txt");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let file = format!("@{}", file.display());
    let url = site.site_url();
    for source in ["env:MY_TOKEN", &file] {
        let connection = json(&site, USER).replace(TOKEN, source);
        let of_json = ("HOST_RUNNER_CONNECTION_DEFAULT", connection.as_str());
        let token = ("MY_TOKEN", TOKEN);
        let run =
            |variables: &[(&str, &str)]| host.run_with(&["call", "listSpaces"], "", variables);
        run(&[of_json, token]).ok();
        run(&[
            ("CONFLUENCE_URL", &url),
            ("CONFLUENCE_USER", USER),
            ("CONFLUENCE_TOKEN", source),
            token,
        ])
        .ok();
    }
    // What cannot be read is no token.
    let before = site.request_count();
    for (source, why) in [
        ("env:NO_TOKEN_HERE", "is not set"),
        ("@/no/token/here", "cannot be read"),
        ("-", "standard input"),
    ] {
        let connection = json(&site, USER).replace(TOKEN, source);
        let variable = [("HOST_RUNNER_CONNECTION_DEFAULT", connection.as_str())];
        host.run_with(&["call", "listSpaces"], "", &variable)
            .fails(2, &["HOST_RUNNER_CONNECTION_DEFAULT", "token", why]);
    }
    assert_eq!(site.request_count(), before);
}
