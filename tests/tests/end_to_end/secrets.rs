//! The token turns up nowhere but on the wire to its site.

use std::path::Path;

use tests::{AUTHORIZATION, Host, TOKEN};

use crate::{faults, site};

/// The forms in which the token could turn up.
fn forms() -> [String; 3] {
    let credential = AUTHORIZATION.trim_start_matches("Basic ");
    [
        TOKEN.to_owned(),
        credential.to_owned(),
        // A piece of the base64, as a cut or re-wrapped text would have it.
        credential[24..40].to_owned(),
    ]
}

fn assert_absent(place: &str, bytes: &[u8]) {
    for form in forms() {
        assert!(
            !bytes
                .windows(form.len())
                .any(|window| window == form.as_bytes()),
            "the token is in {place}"
        );
    }
}

fn assert_absent_below(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_absent_below(&path);
        } else {
            assert_absent(&path.display().to_string(), &std::fs::read(&path).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_in_no_output_no_error_and_no_file() {
    let site = site().await;
    let host = Host::fresh();
    let mut said = vec![host.set(&site.endpoint(), AUTHORIZATION, "app").ok()];
    for words in [
        &["listSpaces"][..],
        &["testConnection", "--output", "table"],
        &["listPages", "--raw", "--limit", "250"],
        &["listPages", "null", "0"],
    ] {
        said.push(host.call(words));
    }
    for fault in [
        "*:401",
        "*:403",
        "*:500",
        "*:html",
        "*:truncate",
        "*:redirect",
        "*:reset",
        "*:echo-credential",
        "*:echo-body",
    ] {
        site.set_faults(faults(fault));
        said.push(host.run_with(&["call", "listPages"], "", &[("RUST_LOG", "trace")]));
    }
    for ended in said {
        assert_absent("an answer", ended.stdout.as_bytes());
        assert_absent("a message", ended.stderr.as_bytes());
    }
    assert_absent_below(host.state());
    assert!(
        site.requests()
            .iter()
            .any(|request| format!("{request:?}").contains(&forms()[1])),
        "the token went over the wire, or this test looked for the wrong thing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_echoes_the_token_is_cut_and_told() {
    let site = site().await;
    let host = Host::with_site(&site);
    for fault in ["*:echo-credential", "*:echo-body"] {
        site.set_faults(faults(fault));
        let ended = host
            .call(&["listPages"])
            .fails(30, &["repeated the credential", "`Authorization` header"]);
        assert_absent("the message", ended.stderr.as_bytes());
        // It is not the network rules that were in the way.
        assert!(!ended.stderr.contains("allow"), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorization_is_taken_from_a_file_and_from_a_variable() {
    let site = site().await;
    let host = Host::fresh();
    let file = host.state().join("authorization.txt");
    std::fs::write(&file, format!("{AUTHORIZATION}\n")).unwrap();
    let from_file = format!("@{}", file.display());
    let set =
        |word: &str| ["call", "setApiUrlAndAuth", &site.endpoint(), word, "app"].map(str::to_owned);
    assert_eq!(host.run(&set(&from_file)).ok().stderr, "");
    let variables = [("MY_AUTHORIZATION", AUTHORIZATION)];
    assert_eq!(
        host.run_with(&set("env:MY_AUTHORIZATION"), "", &variables)
            .ok()
            .stderr,
        ""
    );
    host.run(&set("env:NOT_SET"))
        .fails(2, &["name of a variable"]);
    host.run(&set("@/no/such/file"))
        .fails(2, &["/no/such/file"]);
    // In the argument list it works, with a warning.
    host.run(&set(AUTHORIZATION))
        .fails(0, &["other users of this machine can read"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_in_the_place_of_the_secrets_is_rejected_without_waiting() {
    let site = site().await;
    for name in [
        "secrets.sqlite",
        "secrets.sqlite-journal",
        "secrets.sqlite-wal",
    ] {
        let host = Host::with_site(&site);
        let pipe = host.state().join(name);
        let _ = std::fs::remove_file(&pipe);
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        host.call(&["listSpaces"])
            .fails(24, &[name, "not a regular file"]);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = site().await;
    let host = Host::with_site(&site);
    for name in ["key", "secrets.sqlite"] {
        let mode = std::fs::metadata(host.state().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name} has mode {mode:o}");
    }
    std::fs::set_permissions(
        host.state().join("key"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    host.call(&["listSpaces"]).fails(24, &["chmod 600"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_opens_nothing_and_changes_nothing() {
    let site = site().await;
    let host = Host::with_site(&site);
    // 32 bytes of ones.
    let other = [(
        "HOST_RUNNER_KEY",
        "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    )];
    host.run_with(&["call", "listSpaces"], "", &other).fails(
        24,
        &["HOST_RUNNER_KEY", "does not decrypt", "nothing was changed"],
    );
    host.run_with(&["call", "listSpaces"], "", &[("HOST_RUNNER_KEY", "short")])
        .fails(24, &["HOST_RUNNER_KEY", "base64"]);
    host.call(&["listSpaces"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_first_uses_at_once_agree_on_one_key() {
    let site = site().await;
    let host = Host::fresh();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| host.set(&site.endpoint(), AUTHORIZATION, "app").ok());
        }
    });
    host.call(&["listSpaces"]).ok();
}

#[test]
fn an_authorization_in_a_wrong_place_is_not_repeated() {
    let host = Host::fresh();
    let site = "https://example.atlassian.net";
    for words in [
        [site, "app", AUTHORIZATION],
        [AUTHORIZATION, site, "app"],
        [AUTHORIZATION, AUTHORIZATION, AUTHORIZATION],
    ] {
        let ended = host.call(&[&["setApiUrlAndAuth"], &words[..]].concat());
        assert_ne!(ended.code, 0, "{words:?}");
        assert_absent("the message", format!("{ended:?}").as_bytes());
    }
    let ended = host.call(&["listPages", "--limit", AUTHORIZATION]);
    assert_absent("the message", ended.fails(18, &["limit"]).stderr.as_bytes());
}

#[cfg(unix)]
#[test]
fn a_state_folder_that_others_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let host = Host::fresh();
    std::fs::set_permissions(host.state(), std::fs::Permissions::from_mode(0o777)).unwrap();
    host.call(&["listSpaces"])
        .fails(24, &["others can write it", "chmod"]);
}
