//! `doctor`: what is wrong is told with what to do, and one fault hides no other.

use confluence_simulator::{Settings, Simulator};
use serde_json::Value;
use tests::scripted::{Reply, Scripted, answer};
use tests::{Ended, Host};

use crate::site;

/// 32 bytes of ones.
const OTHER_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// What `doctor` said of one check.
#[track_caller]
fn row<'a>(rows: &'a Value, check: &str) -> &'a Value {
    rows.as_array()
        .and_then(|rows| rows.iter().find(|row| row["check"] == check))
        .unwrap_or_else(|| panic!("no check `{check}` in {rows:#}"))
}

/// Asserts how a check ended, and that what was seen or the way out has these words.
#[track_caller]
fn assert_row(rows: &Value, check: &str, state: &str, words: &[&str]) {
    let row = row(rows, check);
    assert_eq!(row["state"], state, "{rows:#}");
    for word in words {
        assert!(row.to_string().contains(word), "`{word}` in {row:#}");
    }
}

fn doctor(host: &Host) -> Ended {
    host.run(&["doctor"])
}

#[test]
fn on_a_fresh_machine_nothing_is_made_and_nothing_is_wrong() {
    let host = Host::bare();
    let state = host.state().join("state");
    let config = host.state().join("config");
    let words = [
        "doctor",
        "--state-dir",
        &state.display().to_string(),
        "--config-dir",
        &config.display().to_string(),
    ];
    let rows = host.run(&words).ok().json();
    assert_row(
        &rows,
        "configuration",
        "ok",
        &["all settings have their defaults"],
    );
    assert_row(&rows, "state", "ok", &["created on first use"]);
    assert_row(&rows, "key", "ok", &["created on first use"]);
    assert_row(&rows, "secrets", "skipped", &["created on first use"]);
    assert_row(&rows, "component", "ok", &["sha256:", "59 functions"]);
    assert_row(&rows, "engine", "ok", &["wasmtime 48."]);
    assert_row(
        &rows,
        "connection",
        "warning",
        &["host-runner connection add"],
    );
    assert_eq!(std::fs::read_dir(host.state()).unwrap().count(), 0);
    // An empty folder is as fresh.
    std::fs::create_dir(&state).unwrap();
    let rows = host.run(&words).ok().json();
    assert_row(&rows, "secrets", "skipped", &[]);
    assert_eq!(std::fs::read_dir(&state).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_healthy_machine_every_check_is_ok() {
    let site = site().await;
    let host = Host::with_site(&site);
    host.call(&["listSpaces"]).ok();
    let rows = doctor(&host).ok().json();
    for row in rows.as_array().unwrap() {
        let expected = if row["check"] == "site name" {
            "skipped"
        } else {
            "ok"
        };
        assert_eq!(row["state"], expected, "{row:#}");
    }
    assert_row(&rows, "secrets", "ok", &["decrypts the only secret"]);
    assert_row(&rows, "engine", "ok", &["the component is compiled"]);
    assert_row(&rows, "connection", "ok", &["default.toml:1"]);
    assert_row(&rows, "site clock", "ok", &["127.0.0.1"]);
    assert_row(
        &rows,
        "access",
        "ok",
        &["Connection successful: ", "me@example.com"],
    );
    // For people, a line for each check.
    let text = host.run(&["doctor", "--output", "table"]).ok().stdout;
    assert_eq!(
        text.lines().count(),
        rows.as_array().unwrap().len(),
        "{text}"
    );
    let csv = host.run(&["doctor", "-o", "csv"]).ok().stdout;
    assert!(csv.starts_with("check,state,seen,fix\n"), "{csv}");
    let lines = host.run(&["doctor", "-o", "ndjson"]).ok().stdout;
    assert_eq!(lines.lines().count(), rows.as_array().unwrap().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_no_request_is_sent() {
    let site = site().await;
    let host = Host::with_site(&site);
    let before = site.connection_count();
    let rows = host.run(&["doctor", "--offline"]).ok().json();
    for check in ["site name", "site clock", "access"] {
        assert_row(&rows, check, "skipped", &["--offline"]);
    }
    assert_row(&rows, "token", "ok", &["stored"]);
    assert_eq!(site.connection_count(), before);
    doctor(&host).ok();
    assert!(site.connection_count() > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_told_and_hides_nothing_else() {
    let site = site().await;
    let host = Host::with_site(&site);
    let with = |key: &str| host.run_with(&["doctor"], "", &[("HOST_RUNNER_KEY", key)]);
    let ended = with(OTHER_KEY).fails(29, &["1 of", "`secrets`"]);
    let rows = ended.json();
    assert_row(&rows, "key", "ok", &["HOST_RUNNER_KEY"]);
    assert_row(
        &rows,
        "secrets",
        "failed",
        &["does not decrypt", "supply the right key"],
    );
    assert_row(&rows, "component", "ok", &[]);
    assert_row(&rows, "connection", "ok", &[]);
    assert_row(&rows, "access", "skipped", &[]);
    let rows = with("short").fails(29, &["`key`"]).json();
    assert_row(&rows, "key", "failed", &["base64"]);
    assert_row(&rows, "component", "ok", &[]);
    // Nothing was changed: the right key opens all.
    doctor(&host).ok();
    std::fs::remove_file(host.state().join("key")).unwrap();
    let rows = doctor(&host).fails(29, &["`secrets`"]).json();
    assert_row(&rows, "secrets", "failed", &["is missing"]);
    assert!(!host.state().join("key").exists());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_others_can_read_or_write_is_told_with_the_command_that_ends_it() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;
    let site = site().await;
    let host = Host::with_site(&site);
    set_permissions(host.state().join("key"), Permissions::from_mode(0o644)).unwrap();
    set_permissions(
        host.config().join("cluster.toml"),
        Permissions::from_mode(0o666),
    )
    .unwrap();
    let rows = doctor(&host)
        .fails(29, &["`key`", "`configuration`"])
        .json();
    assert_row(&rows, "key", "failed", &["chmod 600"]);
    assert_row(
        &rows,
        "configuration",
        "failed",
        &["chmod o-w", "cluster.toml"],
    );
    assert_row(&rows, "component", "ok", &[]);
    set_permissions(host.state().join("key"), Permissions::from_mode(0o600)).unwrap();
    set_permissions(
        host.config().join("cluster.toml"),
        Permissions::from_mode(0o644),
    )
    .unwrap();
    set_permissions(host.state(), Permissions::from_mode(0o777)).unwrap();
    let rows = doctor(&host).fails(29, &["`state`"]).json();
    assert_row(&rows, "state", "failed", &["chmod go-w"]);
    set_permissions(host.state(), Permissions::from_mode(0o700)).unwrap();
    doctor(&host).ok();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_owns_is_refused_and_a_failed_row() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    const STRANGER: u32 = 4711;
    let site = site().await;
    let host = Host::with_site(&site);
    let own = std::fs::metadata(host.state()).unwrap().uid();
    let key = host.state().join("key");
    // Who may give files away is root alone; nobody else can be given another's here.
    if chown(&key, Some(STRANGER), None).is_err() {
        return;
    }
    let told = ["user 4711", &format!("chown {own}")];
    host.call(&["listSpaces"]).fails(24, &told);
    let rows = doctor(&host).fails(29, &["`key`"]).json();
    assert_row(&rows, "key", "failed", &told);
    chown(&key, Some(own), None).unwrap();
    chown(host.state(), Some(STRANGER), None).unwrap();
    let told = ["user 4711", &format!("chown -R {own}"), "--state-dir"];
    host.call(&["listSpaces"]).fails(24, &told);
    let rows = doctor(&host).fails(29, &["`state`"]).json();
    assert_row(&rows, "state", "failed", &told);
    chown(host.state(), Some(own), None).unwrap();
    host.call(&["listSpaces"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_of_the_levels_is_a_row_with_file_and_line() {
    let site = site().await;
    let host = Host::with_site(&site);
    host.write(
        "env/default.toml",
        "limits.handles = 1\nlimits.memory-mb = 3\n",
    );
    let rows = doctor(&host).fails(29, &["`levels`"]).json();
    let mistakes: Vec<&Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["check"] == "levels")
        .collect();
    assert_eq!(mistakes.len(), 2, "{rows:#}");
    assert!(
        mistakes[0]["seen"]
            .as_str()
            .unwrap()
            .contains("default.toml:1:"),
        "{rows:#}"
    );
    assert_row(&rows, "secrets", "ok", &[]);
    assert_row(&rows, "engine", "ok", &[]);
    assert_row(&rows, "component", "skipped", &[]);
    assert_row(&rows, "connection", "skipped", &[]);
    // Another scope has no part in it.
    assert_eq!(host.run(&["--env", "prod", "doctor"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_not_stored_is_told_with_the_level_that_names_it() {
    let site = site().await;
    let host = Host::with_site(&site);
    let digest = format!("sha256:{}", "0".repeat(64));
    host.write(
        "env/default.toml",
        &format!("component.digest = \"{digest}\"\n"),
    );
    let rows = doctor(&host).fails(29, &["`component`"]).json();
    assert_row(
        &rows,
        "component",
        "failed",
        &["not stored", "default.toml:1", "component load"],
    );
    assert_row(&rows, "token", "ok", &[]);
    assert_row(&rows, "access", "skipped", &["component"]);
    assert_row(&rows, "site clock", "ok", &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_refuses_the_token_is_told_with_what_to_do() {
    let settings = Settings {
        credential: Some("Basic b3RoZXI6dG9rZW4=".to_owned()),
        ..Settings::default()
    };
    let site = Simulator::start(settings).await.unwrap();
    let host = Host::with_site(&site);
    let rows = doctor(&host).fails(29, &["`access`"]).json();
    assert_row(&rows, "access", "failed", &["401"]);
    assert!(row(&rows, "access")["fix"].is_string(), "{rows:#}");
    assert_row(&rows, "site clock", "ok", &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_a_token_and_one_that_is_not_there_are_told_apart() {
    let site = site().await;
    let host = Host::new();
    let connection = format!(
        "site = \"{}\"\nuser = \"me@example.com\"\n",
        site.endpoint()
    );
    host.write(
        "env/default.toml",
        &format!("[connections.docs]\n{connection}"),
    );
    let rows = doctor(&host).ok().json();
    assert_row(
        &rows,
        "connection",
        "warning",
        &["`docs`", "config set connection"],
    );
    host.write("env/default/app/default.toml", "connection = \"docs\"\n");
    let rows = doctor(&host).fails(29, &["`token`"]).json();
    assert_row(
        &rows,
        "token",
        "failed",
        &["connection set-token docs --level env"],
    );
    // Where connections may not lead, nobody is asked.
    host.write("cluster.toml", "");
    let before = site.connection_count();
    let rows = doctor(&host).fails(29, &["`connection`"]).json();
    assert_row(&rows, "connection", "failed", &["network.allow-loopback"]);
    assert_eq!(site.connection_count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_gone_is_told_once() {
    let site = site().await;
    let host = Host::with_site(&site);
    drop(site);
    let rows = doctor(&host).fails(29, &["1 of", "`access`"]).json();
    assert_row(&rows, "site clock", "skipped", &["127.0.0.1"]);
    assert_row(&rows, "access", "failed", &[]);
}

#[test]
fn a_machine_without_certificates_to_trust_is_told() {
    let host = Host::bare();
    let file = host.state().join("empty.pem");
    std::fs::write(&file, "").unwrap();
    let folder = host.state().join("empty");
    std::fs::create_dir(&folder).unwrap();
    let variables = [
        ("SSL_CERT_FILE", file.to_str().unwrap()),
        ("SSL_CERT_DIR", folder.to_str().unwrap()),
    ];
    let rows = host
        .run_with(&["doctor"], "", &variables)
        .fails(29, &["`tls roots`"])
        .json();
    assert_row(
        &rows,
        "tls roots",
        "failed",
        &["ca-certificates", "SSL_CERT_FILE"],
    );
}

/// A Vault that has nothing, and answers so.
async fn empty_vault() -> Scripted {
    Scripted::start(|_| Reply::Sends(answer("404 Not Found", r#"{"errors":[]}"#))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn vault_is_asked_where_tokens_are_kept_there() {
    let vault = empty_vault().await;
    let address = vault.url();
    let named = |address: &str| {
        let host = Host::bare();
        let lines = format!("[secrets]\nstore = \"vault\"\nvault.address = \"{address}\"\n");
        host.write("cluster.toml", &lines);
        host
    };
    let token = [("VAULT_TOKEN", "hvs.open-the-vault-4711")];
    let host = named(&address);
    let rows = host.run_with(&["doctor"], "", &token).ok().json();
    let path = "secret/data/host-runner/env/default/app/default/connection/default";
    assert_row(&rows, "vault", "ok", &[&address, path]);
    let rows = host
        .run_with(&["doctor", "--offline"], "", &token)
        .ok()
        .json();
    assert_row(&rows, "vault", "skipped", &["--offline"]);
    let rows = doctor(&host).fails(29, &["`vault`"]).json();
    assert_row(&rows, "vault", "failed", &["VAULT_TOKEN"]);

    let closed = named("http://127.0.0.1:1");
    let rows = closed.run_with(&["doctor"], "", &token);
    let rows = rows.fails(29, &["`vault`"]).json();
    assert_row(&rows, "vault", "failed", &["cannot be reached"]);
}
