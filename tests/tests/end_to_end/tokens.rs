//! Tokens: tested without being stored, replaced without writing the file, and their expiry.

use std::path::Path;
use std::process::{Command, Stdio};

use confluence_simulator::{Settings, Simulator};
use tests::{Ended, Host};

use crate::site;

const USER: &str = "me@example.com";
const TOKEN: &str = "tok-4711-abcdefgh";

/// A site that takes only this token of this user.
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

fn connection(host: &Host, words: &[&str], token: &str) -> Ended {
    host.run_with(&[&["connection"], words].concat(), token, &[])
}

fn add(host: &Host, site: &Simulator, more: &[&str]) -> Ended {
    let site = site.site_url();
    let words = ["add", "--site", &site, "--user", USER];
    connection(host, &[&words[..], more].concat(), TOKEN)
}

/// The day so many days from now, in UTC.
fn day(days: i32) -> String {
    let output = Command::new("date")
        .args(["-u", "-d", &format!("{days} days"), "+%F"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tests_and_stores_nothing() {
    let site = strict_site().await;
    let host = Host::new();
    let ended = add(&host, &site, &["--dry-run"]).ok();
    assert!(
        ended.stdout.starts_with("Connection successful: "),
        "{ended:#?}"
    );
    assert!(ended.stderr.contains("nothing was stored"), "{ended:#?}");
    assert_eq!(host.read("env/default/app/default.toml"), "");
    let url = site.site_url();
    let words = ["add", "--site", &url, "--user", USER, "--dry-run"];
    connection(&host, &words, "wrong-token").fails(4, &["401"]);
    connection(&host, &[&words[..], &["--no-test"]].concat(), TOKEN).fails(2, &["--dry-run"]);
    // Beside one that is stored, which stays as it is.
    add(&host, &site, &[]).ok();
    let before = host.read("env/default/app/default.toml");
    add(&host, &site, &["--dry-run", "--concurrency", "9"]).ok();
    connection(&host, &["edit", "--concurrency", "9", "--dry-run"], TOKEN).ok();
    assert_eq!(host.read("env/default/app/default.toml"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_replaced_without_touching_a_file_that_is_mounted_read_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let site = strict_site().await;
    let host = Host::new();
    // As people write it: not as the program would.
    let text = format!(
        "network.allow-loopback = true\n[connections.docs]\nsite = \"{}\"\nuser = \"{USER}\"\n",
        site.site_url()
    );
    host.write("cluster.toml", &text);
    let folder = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(host.config(), permissions).unwrap();
    };
    // Root may write anyway, but then a lock file would be made.
    folder(0o555);
    connection(&host, &["set-token", "docs"], "wrong-token").fails(4, &["nothing was stored"]);
    let ended = connection(&host, &["set-token", "docs"], TOKEN).ok();
    assert!(ended.stderr.contains("is unchanged"), "{ended:#?}");
    folder(0o755);
    assert_eq!(host.read("cluster.toml"), text);
    let names: Vec<_> = std::fs::read_dir(host.config()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    host.run(&["connection", "test", "docs"]).ok();
    connection(&host, &["set-token", "docs", "--no-test"], "another").ok();
    host.run(&["connection", "test", "docs"]).fails(4, &["401"]);
    connection(&host, &["set-token", "nope"], TOKEN).fails(3, &["nope"]);
    connection(&host, &["set-token", "docs", "--level", "env"], TOKEN)
        .fails(3, &["--level cluster"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_about_to_expire_is_reported_everywhere() {
    let site = strict_site().await;
    let host = Host::new();
    add(&host, &site, &["--token-expires", &day(15)]).ok();
    let file = host.read("env/default/app/default.toml");
    assert!(
        file.contains(&format!("token-expires = \"{}\"", day(15))),
        "{file}"
    );
    let warned = |ended: &Ended, when: &str| {
        let told = format!("{}{}", ended.stdout, ended.stderr);
        assert!(
            told.contains(when) && told.contains("set-token default"),
            "{when}: {ended:#?}"
        );
    };
    let commands: [&[&str]; 4] = [
        &["call", "listSpaces", "--limit", "1"],
        &["connection", "list", "--output", "json"],
        &["connection", "test"],
        &["doctor", "--output", "json"],
    ];
    for words in commands {
        let ended = host.run(words).ok();
        let quiet = format!("{}{}", ended.stdout, ended.stderr);
        assert!(
            !quiet.contains("expires in") && !quiet.contains("expired"),
            "{ended:#?}"
        );
    }
    for (days, when) in [
        (14, format!("expires in 14 days, on {}", day(14))),
        (1, format!("expires tomorrow, on {}", day(1))),
        (0, format!("expires today, on {}", day(0))),
        (-1, format!("expired on {}", day(-1))),
    ] {
        let words = ["set-token", "--token-expires", &day(days)];
        connection(&host, &words, TOKEN).ok();
        for words in commands {
            warned(&host.run(words).ok(), &when);
        }
    }
    let all = ["call", "listSpaces", "--all", "--message-format", "json"];
    let ended = host.run(&all).ok();
    assert!(
        ended.stderr.contains("\"warning\"") && ended.stderr.contains("expired on"),
        "{ended:#?}"
    );
    let rows = host.run(commands[1]).ok().json();
    assert_eq!(rows[0]["tokenExpires"], day(-1));
    assert_eq!(rows[0]["state"], "expired");
    // The date alone is corrected without the token.
    for date in [day(9), day(-1)] {
        let words = ["connection", "edit", "--token-expires", &date];
        let ended = host.run(&words).ok();
        assert!(ended.stderr.contains("was kept"), "{ended:#?}");
        assert!(host.read("env/default/app/default.toml").contains(&date));
    }
    let words = ["connection", "edit", "--token-expires", "none"];
    host.run(&[&words[..], &["--concurrency", "9"]].concat())
        .fails(2, &["standard input"]);
    host.run(&words).ok();
    let stored = host.read("env/default/app/default.toml");
    assert!(!stored.contains("token-expires"), "{stored}");
    host.run(&["connection", "test"]).ok();
    host.run(&["connection", "edit", "--token-expires", &day(-1)])
        .ok();
    // A new token has another expiry.
    let ended = connection(&host, &["set-token"], TOKEN).ok();
    assert!(ended.stderr.contains("still says"), "{ended:#?}");
    connection(&host, &["edit"], TOKEN).ok();
    assert!(
        !host
            .read("env/default/app/default.toml")
            .contains("token-expires")
    );
    for date in ["2027-02-30", "tomorrow", "01/02/2027"] {
        let words = ["set-token", "--token-expires", date];
        connection(&host, &words, TOKEN).fails(2, &["--token-expires"]);
    }
    host.write(
        "env/default/app/default.toml",
        &format!("{file}\n").replace(&day(15), "soon"),
    );
    host.call(&["listSpaces"]).fails(27, &["YYYY-MM-DD"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_a_space_says_how_many_pages_it_has() {
    let site = site().await;
    let host = Host::with_site(&site);
    let ended = host.run(&["connection", "test", "--space", "ENG"]).ok();
    let report = host.call(&["testConnection", "ENG"]).ok().json();
    let at_least = if report["pages"]["atLeast"] == true {
        "at least "
    } else {
        ""
    };
    let expected = format!(
        "Connection successful, found {at_least}{} pages in ENG\n",
        report["pages"]["value"]
    );
    assert_eq!(ended.stdout, expected);
    for (key, meant) in [
        ("eng", "case-sensitive"),
        ("ENF", "`ENG`"),
        ("EGN", "`ENG`"),
    ] {
        let ended = host.run(&["connection", "test", "--space", key]);
        ended.fails(6, &["did you mean `ENG`?", meant]);
        host.call(&["getPagesBySpace", key])
            .fails(6, &["did you mean `ENG`?"]);
        let ended = host.call(&["listSpaces", "--keys", key]).ok();
        assert!(ended.stderr.contains("did you mean `ENG`?"), "{ended:#?}");
    }
    let ended = host.call(&["getPagesBySpace", "XYZZY"]).fails(6, &[]);
    assert!(!ended.stderr.contains("did you mean"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_prints_the_curl_command_without_the_token() {
    let site = strict_site().await;
    let host = Host::new();
    add(&host, &site, &[]).ok();
    let rows = host.run(&["doctor", "--output", "json"]).ok().json();
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["check"] == "curl");
    let seen = row.unwrap()["seen"].as_str().unwrap();
    assert!(!seen.contains(TOKEN), "{seen}");
    let command = seen.split_once("curl ").unwrap().1;
    // It is run as it stands; `curl` is told to be quiet and to fail.
    let run = |token: &str| {
        Command::new("bash")
            .args(["-c", &format!("curl -sf {command}")])
            .env("TOKEN", token)
            .env("NO_PROXY", "*")
            .output()
    };
    if let Ok(output) = run(TOKEN) {
        assert!(output.status.success(), "{seen}: {output:?}");
        assert!(!run("wrong").unwrap().status.success(), "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_connections_has_those_that_narrower_levels_override() {
    let site = site().await;
    let host = Host::new();
    for level in ["cluster", "env", "app"] {
        add(&host, &site, &["--level", level]).ok();
    }
    let rows = host.run(&["connection", "list"]).ok().json();
    let rows: Vec<(&str, bool, &str)> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["level"].as_str().unwrap(),
                row["inUse"].as_bool().unwrap(),
                row["overriddenBy"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    let app = "env/default/app/default";
    assert_eq!(
        rows,
        [
            (app, true, ""),
            ("env/default", false, app),
            ("cluster", false, app)
        ]
    );
    // The name is that of the active connection, as in the other commands.
    for level in ["app", "env"] {
        connection(&host, &["remove", "--level", level], "").ok();
    }
    let rows = host.run(&["connection", "list"]).ok().json();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    host.call(&["listSpaces"]).ok();
}

#[test]
fn help_and_prompt_have_the_link_to_the_page_of_tokens() {
    let host = Host::new();
    let page = "https://id.atlassian.com/manage-profile/security/api-tokens";
    for command in ["add", "edit", "set-token"] {
        let help = host.run(&["connection", command, "--help"]).ok().stdout;
        assert!(help.contains(page), "{command}: {help}");
    }
    connection(&host, &["add"], "").fails(2, &["site is missing", "--site"]);
    connection(&host, &["add", "--site", "example.atlassian.net"], TOKEN).fails(2, &["--user"]);
}

/// Whether the terminal that a file names shows what is typed on it.
#[cfg(target_os = "linux")]
fn shows_what_is_typed(terminal: &Path) -> bool {
    let path = std::fs::read_to_string(terminal).unwrap();
    let settings = Command::new("stty")
        .args(["--all", "--file", path.trim()])
        .output()
        .unwrap();
    assert!(settings.status.success(), "{settings:?}");
    let settings = String::from_utf8(settings.stdout).unwrap();
    settings.split_whitespace().any(|word| word == "echo")
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_add_asks_for_site_user_and_token() {
    use std::io::{BufReader, Read as _, Write as _};

    let site = strict_site().await;
    let host = Host::new();
    let terminal = host.state().join("terminal");
    let line = format!(
        "tty > {}; exec {} connection add",
        terminal.display(),
        tests::binary().display()
    );
    let mut child = host
        .command_line("exec script --quiet --return --command \"$LINE\" /dev/null")
        .env("LINE", line)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut shown = BufReader::new(child.stdout.take().unwrap());
    let mut screen = Vec::new();
    for (prompt, answer) in [
        ("site: ", site.site_url()),
        ("user (e-mail address): ", USER.to_owned()),
        ("security/api-tokens): ", TOKEN.to_owned()),
    ] {
        while !screen.ends_with(prompt.as_bytes()) {
            let mut byte = [0];
            shown.read_exact(&mut byte).unwrap();
            screen.push(byte[0]);
        }
        if answer == TOKEN {
            // The terminal stops showing what is typed a moment after the prompt.
            while shows_what_is_typed(&terminal) {}
        }
        writeln!(input, "{answer}").unwrap();
    }
    let mut rest = String::new();
    shown.read_to_string(&mut rest).unwrap();
    drop(input);
    assert!(child.wait().unwrap().success(), "{rest}");
    assert!(rest.contains("Connection successful"), "{rest}");
    assert!(!rest.contains(TOKEN), "{rest}");
    host.call(&["listSpaces"]).ok();
}
