#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use serde_json::{Map, Value, json};

use super::fake::{Fake, Scripted, VAULT_TOKEN, Version, script, settings};
use super::{ATTEMPTS, VaultError, VaultSettings, VaultStore, VaultToken};
use crate::connection::Token;
use crate::secret::{Replacement, SecretDigest, SecretError, SecretId, SecretKind, SecretStore};
use host_levels::{Level, Scope};

const TOKEN: &str = "ATATT-sesame-1";
const OTHER: &str = "ATATT-sesame-2";
const BASIC: &str = "https://example.atlassian.net/wiki basic me@example.com";
const BEARER: &str = "https://example.atlassian.net/wiki bearer";
const KEY: &str = "host-runner/env/prod/app/search/connection/docs";

fn place(binding: &str) -> SecretId {
    SecretId {
        level: Scope {
            env: "prod".parse().unwrap(),
            app: "search".parse().unwrap(),
        }
        .path(Level::App),
        kind: SecretKind::Token,
        name: "docs".parse().unwrap(),
        binding: binding.to_owned(),
    }
}

fn token(text: &str) -> Token {
    Token::parse(text).unwrap()
}

fn store(fake: &Fake) -> VaultStore {
    VaultStore::new(settings(fake.address.clone())).unwrap()
}

async fn put(store: &VaultStore, binding: &str, text: &str) {
    store.put(&place(binding), &token(text)).await.unwrap();
}

async fn get(store: &VaultStore, binding: &str) -> Option<String> {
    let found = store.get(&place(binding)).await.unwrap();
    found.map(|token| token.expose().to_owned())
}

async fn forget(store: &VaultStore, keep: Option<&str>) -> Result<(), VaultError> {
    let place = place(BASIC);
    let forgotten = store
        .forget(&place.level, place.kind, &place.name, keep)
        .await;
    forgotten.map_err(vault)
}

fn vault(error: SecretError) -> VaultError {
    match error {
        SecretError::Vault(error) => error,
        other => panic!("{other}"),
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The errors of reading and of storing against answers that are always the same.
async fn refusals(scripts: Vec<Vec<u8>>) -> (VaultError, VaultError, Scripted) {
    let server = Scripted::start(scripts).await;
    let store = VaultStore::new(settings(server.address.clone())).unwrap();
    let read = vault(store.get(&place(BASIC)).await.unwrap_err());
    let written = store.put(&place(BASIC), &token(TOKEN)).await.unwrap_err();
    let written = vault(written);
    for error in [&read, &written] {
        assert_silent(error);
    }
    (read, written, server)
}

fn assert_silent(error: &VaultError) {
    for text in [error.to_string(), format!("{error:?}")] {
        for secret in [TOKEN, OTHER, VAULT_TOKEN, "sesame"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn a_token_that_was_put_is_given() {
    let fake = Fake::start().await;
    let store = store(&fake);
    assert_eq!(get(&store, BASIC).await, None);
    put(&store, BASIC, TOKEN).await;
    assert_eq!(get(&store, BASIC).await.unwrap(), TOKEN);
    let state = fake.state();
    assert_eq!(
        state.secrets[KEY],
        [Version::Live(object(json!({ BASIC: TOKEN })))]
    );
}

#[tokio::test]
async fn a_token_bound_otherwise_is_not_given_and_stays() {
    let fake = Fake::start().await;
    let store = store(&fake);
    put(&store, BASIC, TOKEN).await;
    assert_eq!(get(&store, BEARER).await, None);
    put(&store, BEARER, OTHER).await;
    assert_eq!(get(&store, BASIC).await.unwrap(), TOKEN);
    assert_eq!(get(&store, BEARER).await.unwrap(), OTHER);
}

#[tokio::test]
async fn a_replaced_token_is_destroyed() {
    let fake = Fake::start().await;
    let store = store(&fake);
    put(&store, BASIC, OTHER).await;
    put(&store, BASIC, TOKEN).await;
    assert_eq!(
        fake.state().secrets[KEY],
        [
            Version::Destroyed,
            Version::Live(object(json!({ BASIC: TOKEN })))
        ]
    );
}

#[tokio::test]
async fn a_token_is_stored_where_the_policy_keeps_versions() {
    let fake = Fake::start().await;
    fake.state().denied = vec!["PUT destroy"];
    let store = store(&fake);
    put(&store, BASIC, OTHER).await;
    put(&store, BASIC, TOKEN).await;
    assert_eq!(get(&store, BASIC).await.unwrap(), TOKEN);
}

#[tokio::test]
async fn of_two_writers_that_replace_the_same_secret_exactly_one_wins() {
    let fake = Fake::start().await;
    // As two hosts have it.
    let (one, other) = (store(&fake), store(&fake));
    let id = SecretId {
        kind: SecretKind::OauthGrant,
        ..place(BASIC)
    };
    let expected = SecretDigest::of(&token(TOKEN));
    let missing = one.replace(&id, expected, &token(OTHER)).await.unwrap();
    assert_eq!(missing, Replacement::Conflict);
    let mut last = token(TOKEN);
    one.put(&id, &last).await.unwrap();
    for round in 0..10 {
        let expected = SecretDigest::of(&last);
        let new = ["one", "other"].map(|who| token(&format!("{who}-{round}")));
        let (first, second) = tokio::join!(
            one.replace(&id, expected, &new[0]),
            other.replace(&id, expected, &new[1]),
        );
        let won = [first.unwrap(), second.unwrap()].map(|done| done == Replacement::Replaced);
        assert!(won[0] != won[1], "{round}: {won:?}");
        last = new[usize::from(won[1])].clone();
        assert_eq!(other.get(&id).await.unwrap().as_ref(), Some(&last));
    }
    // A write of another binding in between is no reason not to replace.
    let mut data = object(json!({ BEARER: OTHER }));
    data.insert(BASIC.to_owned(), last.expose().into());
    fake.state().interleaved.push_back(data);
    let replaced = one
        .replace(&id, SecretDigest::of(&last), &token(TOKEN))
        .await;
    assert_eq!(replaced.unwrap(), Replacement::Replaced);
    let path = "host-runner/env/prod/app/search/oauth-grant/docs";
    assert!(fake.state().secrets.contains_key(path));
}

#[tokio::test]
async fn a_conflicting_write_is_read_again_and_loses_nothing() {
    let fake = Fake::start().await;
    let theirs = object(json!({ BEARER: OTHER }));
    fake.state().interleaved = [theirs].into();
    let store = store(&fake);
    put(&store, BASIC, TOKEN).await;
    assert_eq!(get(&store, BASIC).await.unwrap(), TOKEN);
    assert_eq!(get(&store, BEARER).await.unwrap(), OTHER);
}

#[tokio::test]
async fn writers_of_several_hosts_lose_nothing() {
    let fake = Fake::start().await;
    let hosts: Vec<VaultStore> = (0..6).map(|_| store(&fake)).collect();
    let bindings: Vec<String> = (0..6).map(|n| format!("{BASIC} {n}")).collect();
    let mut writers = tokio::task::JoinSet::new();
    for (host, binding) in hosts.into_iter().zip(&bindings) {
        let place = place(binding);
        writers.spawn(async move { host.put(&place, &token(TOKEN)).await });
    }
    for written in writers.join_all().await {
        written.unwrap();
    }
    for binding in &bindings {
        assert_eq!(get(&store(&fake), binding).await.unwrap(), TOKEN);
    }
}

#[tokio::test]
async fn a_write_that_always_loses_ends_in_a_conflict() {
    let fake = Fake::start().await;
    let theirs = object(json!({ BEARER: OTHER }));
    fake.state().interleaved = vec![theirs; ATTEMPTS as usize].into();
    let error = store(&fake).put(&place(BASIC), &token(TOKEN)).await;
    let error = vault(error.unwrap_err());
    assert!(matches!(error, VaultError::Conflict { .. }), "{error}");
    assert_silent(&error);
}

#[tokio::test]
async fn forgetting_keeps_what_it_is_told_to() {
    let fake = Fake::start().await;
    let store = store(&fake);
    put(&store, BASIC, TOKEN).await;
    put(&store, BEARER, OTHER).await;
    forget(&store, Some(BEARER)).await.unwrap();
    assert_eq!(
        fake.state().secrets[KEY],
        [
            Version::Destroyed,
            Version::Destroyed,
            Version::Live(object(json!({ BEARER: OTHER })))
        ]
    );
    fake.state().denied = vec!["PUT destroy"];
    forget(&store, Some(BEARER)).await.unwrap();
    assert_eq!(fake.state().secrets[KEY].len(), 3);
}

#[tokio::test]
async fn forgetting_all_removes_every_version() {
    let fake = Fake::start().await;
    let store = store(&fake);
    forget(&store, None).await.unwrap();
    put(&store, BASIC, TOKEN).await;
    put(&store, BEARER, OTHER).await;
    forget(&store, Some("https://elsewhere.example bearer"))
        .await
        .unwrap();
    assert!(fake.state().secrets.is_empty());
    assert_eq!(get(&store, BASIC).await, None);
    put(&store, BASIC, OTHER).await;
    assert_eq!(get(&store, BASIC).await.unwrap(), OTHER);
}

#[tokio::test]
async fn without_the_grant_to_remove_every_version_is_destroyed() {
    let fake = Fake::start().await;
    fake.state().denied = vec!["DELETE metadata"];
    let store = store(&fake);
    put(&store, BASIC, TOKEN).await;
    forget(&store, None).await.unwrap();
    assert_eq!(
        fake.state().secrets[KEY],
        [Version::Destroyed, Version::Destroyed]
    );
    assert_eq!(get(&store, BASIC).await, None);
    put(&store, BASIC, OTHER).await;
    assert_eq!(get(&store, BASIC).await.unwrap(), OTHER);
}

#[tokio::test]
async fn forgetting_tells_when_older_versions_keep_the_token() {
    let fake = Fake::start().await;
    fake.state().denied = vec!["DELETE metadata", "PUT destroy"];
    let store = store(&fake);
    put(&store, BASIC, TOKEN).await;
    put(&store, BEARER, OTHER).await;
    for keep in [Some(BEARER), None, None] {
        let error = forget(&store, keep).await.unwrap_err();
        assert!(matches!(error, VaultError::OldVersions { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains("secret/destroy/host-runner/env/prod")
        );
        assert_silent(&error);
        assert_eq!(get(&store, BASIC).await, None);
    }
    fake.state().denied.clear();
    forget(&store, None).await.unwrap();
    assert!(fake.state().secrets.is_empty());
}

#[tokio::test]
async fn a_token_stored_while_others_are_forgotten_stays() {
    let fake = Fake::start().await;
    let store = store(&fake);
    put(&store, BASIC, TOKEN).await;
    let theirs = object(json!({ BASIC: TOKEN, BEARER: OTHER }));
    fake.state().interleaved = [theirs].into();
    forget(&store, Some(BEARER)).await.unwrap();
    assert_eq!(get(&store, BASIC).await, None);
    assert_eq!(get(&store, BEARER).await.unwrap(), OTHER);
}

#[tokio::test]
async fn a_deleted_version_holds_nothing_and_is_written_over() {
    let fake = Fake::start().await;
    let store = store(&fake);
    let deleted = Version::Deleted(object(json!({ BASIC: OTHER })));
    fake.state().secrets = [(KEY.to_owned(), vec![deleted.clone()])].into();
    assert_eq!(get(&store, BASIC).await, None);
    put(&store, BASIC, TOKEN).await;
    assert_eq!(get(&store, BASIC).await.unwrap(), TOKEN);
    // It could be brought back by hand, so that forgetting takes it away for good.
    fake.state().secrets = [(KEY.to_owned(), vec![deleted])].into();
    forget(&store, None).await.unwrap();
    assert!(fake.state().secrets.is_empty());
}

#[tokio::test]
async fn what_an_operator_put_beside_is_carried_along() {
    let fake = Fake::start().await;
    let theirs = object(json!({ BEARER: 17, "note": { "owner": ["me", null, 1.5] } }));
    fake.state().secrets = [(KEY.to_owned(), vec![Version::Live(theirs.clone())])].into();
    let store = store(&fake);
    let error = vault(store.get(&place(BEARER)).await.unwrap_err());
    assert!(matches!(error, VaultError::NotToken { .. }), "{error}");
    put(&store, BASIC, TOKEN).await;
    let mut expected = theirs;
    expected.insert(BASIC.to_owned(), TOKEN.into());
    assert_eq!(
        fake.state().secrets[KEY].last().unwrap(),
        &Version::Live(expected)
    );
}

#[tokio::test]
async fn mount_prefix_and_namespace_are_in_force() {
    let fake = Fake::start().await;
    fake.state().namespace = Some("team/app");
    let given = VaultSettings {
        mount: "/secret/".to_owned(),
        prefix: "a b/ü".to_owned(),
        namespace: Some("team/app".to_owned()),
        ..settings(fake.address.clone())
    };
    let store = VaultStore::new(given.clone()).unwrap();
    put(&store, BASIC, TOKEN).await;
    let key = "a b/ü/env/prod/app/search/connection/docs";
    assert!(fake.state().secrets.contains_key(key));
    for wrong in [
        VaultSettings {
            mount: "a//b".to_owned(),
            ..given.clone()
        },
        VaultSettings {
            prefix: "../sys".to_owned(),
            ..given.clone()
        },
        VaultSettings {
            namespace: Some("a\nb".to_owned()),
            ..given
        },
    ] {
        VaultStore::new(wrong).unwrap_err();
    }
}

#[tokio::test]
async fn a_denied_request_names_path_and_capability() {
    let fake = Fake::start().await;
    let store = store(&fake);
    let path = format!("secret/data/{KEY}");
    fake.state().denied = vec!["POST data"];
    let error = store.put(&place(BASIC), &token(TOKEN)).await.unwrap_err();
    let error = vault(error);
    assert_silent(&error);
    let text = error.to_string();
    assert!(
        text.contains(&path) && text.contains("`create` and `update`"),
        "{text}"
    );
    fake.state().denied = vec!["GET data"];
    let text = store.get(&place(BASIC)).await.unwrap_err().to_string();
    assert!(text.contains(&path) && text.contains("`read`"), "{text}");
    forget(&store, None).await.unwrap_err();
    assert_eq!(fake.state().requests.len(), 4);
}

#[tokio::test]
async fn a_token_that_vault_does_not_know_is_told_from_a_policy() {
    let body = r#"{"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]}"#;
    let (read, written, _) = refusals(vec![script(403, "", body)]).await;
    for error in [read, written] {
        assert!(matches!(error, VaultError::TokenRefused), "{error}");
    }
}

#[tokio::test]
async fn a_mount_that_is_not_there_is_named() {
    let fake = Fake::start().await;
    let settings = VaultSettings {
        mount: "kv".to_owned(),
        ..settings(fake.address.clone())
    };
    let store = VaultStore::new(settings).unwrap();
    let error = vault(store.get(&place(BASIC)).await.unwrap_err());
    assert!(
        matches!(&error, VaultError::NoEngine { mount, .. } if mount == "kv"),
        "{error}"
    );
    let error = vault(store.put(&place(BASIC), &token(TOKEN)).await.unwrap_err());
    assert!(matches!(&error, VaultError::NoEngine { .. }), "{error}");
    let unsupported = r#"{"errors":["1 error occurred:\n\t* unsupported path\n\n"]}"#;
    let (read, written, _) = refusals(vec![script(404, "", unsupported)]).await;
    for error in [read, written] {
        assert!(
            error
                .to_string()
                .contains("(vault said: 1 error occurred: unsupported path)"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_version_one_engine_is_told_apart() {
    for data in [
        json!({ BASIC: OTHER }),
        json!({ "data": { BASIC: OTHER }, "options": { "cas": 0 } }),
    ] {
        let body = json!({ "lease_duration": 2_764_800, "data": data }).to_string();
        let (read, written, _) = refusals(vec![script(200, "", &body)]).await;
        for error in [read, written] {
            assert!(matches!(error, VaultError::VersionOne { .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn what_a_version_one_engine_took_is_taken_back() {
    let server = Scripted::start(vec![
        script(404, "", r#"{"errors":[]}"#),
        script(204, "", ""),
    ])
    .await;
    let store = VaultStore::new(settings(server.address.clone())).unwrap();
    let error = vault(store.put(&place(BASIC), &token(TOKEN)).await.unwrap_err());
    assert!(matches!(error, VaultError::VersionOne { .. }), "{error}");
    let path = format!("/v1/secret/data/{KEY} http/1.1");
    assert_eq!(
        server.requests(),
        [
            format!("get {path}"),
            format!("post {path}"),
            format!("delete {path}")
        ]
    );
}

#[tokio::test]
async fn a_sealed_vault_says_so_and_is_asked_once() {
    let body = r#"{"errors":["Vault is sealed"]}"#;
    let (read, written, server) = refusals(vec![script(503, "", body)]).await;
    for error in [read, written] {
        assert!(matches!(error, VaultError::Sealed { .. }), "{error}");
    }
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let active = Scripted::start(vec![script(200, "", "{}")]).await;
    let location = format!("location: {}/v1/x?token=sesame\r\n", active.address);
    let (read, written, _) = refusals(vec![script(307, &location, "")]).await;
    for error in [read, written] {
        let VaultError::Redirected { location, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(location, active.address.as_str());
        assert!(error.to_string().contains("load balancer"), "{error}");
    }
    assert!(active.requests().is_empty());
}

#[tokio::test]
async fn a_standby_says_so() {
    for status in [472, 473] {
        let (read, written, _) = refusals(vec![script(status, "", "")]).await;
        for error in [read, written] {
            assert!(
                matches!(error, VaultError::Standby { status: found, .. } if found == status),
                "{error}"
            );
        }
    }
    let (read, written, _) = refusals(vec![script(429, "", "")]).await;
    for error in [read, written] {
        assert!(matches!(error, VaultError::TurnedAway { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_read_is_tried_twice_where_a_node_fails_and_a_write_once() {
    let failed = script(500, "", r#"{"errors":["internal error"]}"#);
    let (read, _, server) = refusals(vec![failed.clone()]).await;
    assert!(
        matches!(read, VaultError::Refused { status: 500, .. }),
        "{read}"
    );
    assert_eq!(server.requests().len(), 4);

    let none = script(404, "", r#"{"errors":[]}"#);
    let server = Scripted::start(vec![failed.clone(), none, failed]).await;
    let store = VaultStore::new(settings(server.address.clone())).unwrap();
    let written = vault(store.put(&place(BASIC), &token(TOKEN)).await.unwrap_err());
    assert!(
        matches!(written, VaultError::Refused { status: 500, .. }),
        "{written}"
    );
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_cut_answer_is_never_none() {
    for cut in [
        &b""[..],
        b"HTTP/1.1 200 X\r\ncontent-le",
        b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{\"data\":{",
        b"HTTP/1.1 404 X\r\ncontent-length: 100\r\n\r\n{\"errors\":[]}",
    ] {
        let (read, written, _) = refusals(vec![cut.to_vec()]).await;
        for error in [read, written] {
            assert!(matches!(error, VaultError::Broken { .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn a_huge_answer_is_refused() {
    let huge = script(200, "", &" ".repeat(1024 * 1024 + 1));
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, " ".repeat(65_536));
    let endless = format!(
        "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n{}",
        chunk.repeat(17)
    );
    for script in [huge, endless.into_bytes()] {
        let (read, written, _) = refusals(vec![script]).await;
        for error in [read, written] {
            assert!(matches!(error, VaultError::TooLong { .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn what_is_no_vault_is_told_apart() {
    for (status, body) in [
        (200, "<html>welcome</html>"),
        (200, "[]"),
        (200, "{}"),
        (200, ""),
        (204, ""),
        (404, "<html>nothing here</html>"),
        (404, "{}"),
        (403, "<html>no</html>"),
        (502, "<html>bad gateway</html>"),
        (200, r#"{"data":{"metadata":{"version":1},"data":"text"}}"#),
    ] {
        let (read, _, _) = refusals(vec![script(status, "", body)]).await;
        assert!(
            matches!(read, VaultError::NotVault { status: found, .. } if found == status),
            "{status} {body}: {read}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_repeats_what_was_sent_is_withheld() {
    let echo = json!({ "errors": [format!("cannot parse {TOKEN}, sent with {VAULT_TOKEN}")] });
    let server = Scripted::start(vec![
        script(404, "", r#"{"errors":[]}"#),
        script(400, "", &echo.to_string()),
    ])
    .await;
    let store = VaultStore::new(settings(server.address.clone())).unwrap();
    let error = vault(store.put(&place(BASIC), &token(TOKEN)).await.unwrap_err());
    assert_silent(&error);
    assert!(error.to_string().contains("withheld"), "{error}");
}

#[tokio::test]
async fn nobody_at_the_address_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let address = super::VaultAddress::parse(&address).unwrap();
    let store = VaultStore::new(settings(address)).unwrap();
    let error = vault(store.get(&place(BASIC)).await.unwrap_err());
    assert!(matches!(error, VaultError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn nobody_who_answers_is_timed_out() {
    // Connections come about in the listener's queue, and nobody takes them from there.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let address = super::VaultAddress::parse(&address).unwrap();
    let mut store = VaultStore::new(settings(address)).unwrap();
    store.client.limit = std::time::Duration::from_millis(1);
    let error = vault(store.get(&place(BASIC)).await.unwrap_err());
    assert!(matches!(error, VaultError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn tls_that_does_not_come_about_is_untrusted() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ =
                tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 X\r\n\r\n").await;
        }
    });
    let address = super::VaultAddress::parse(&address).unwrap();
    let store = VaultStore::new(settings(address)).unwrap();
    let error = vault(store.get(&place(BASIC)).await.unwrap_err());
    assert!(matches!(error, VaultError::Untrusted { .. }), "{error}");
}

#[tokio::test]
async fn nothing_that_is_printed_holds_a_token() {
    let fake = Fake::start().await;
    let settings = settings(fake.address.clone());
    let store = store(&fake);
    put(&store, BASIC, TOKEN).await;
    let found = store.get(&place(BASIC)).await.unwrap();
    let printed = format!("{settings:?} {store:?} {found:?}");
    assert!(
        !printed.contains("sesame") && !printed.contains("4711"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_token_that_has_ended_is_read_again_from_its_file() {
    let fake = Fake::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let write = |text: &str| {
        std::fs::write(&file, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        }
    };
    write(VAULT_TOKEN);
    let with = VaultSettings::new(fake.address.clone(), VaultToken::open(Some(&file)).unwrap());
    let store = VaultStore::new(with).unwrap();
    put(&store, BASIC, OTHER).await;
    let first = fake.state().requests.len();
    // Vault has forgotten the token, and nobody has put another one there yet.
    fake.state().token = Some("hvs.the-next-sesame");
    let refused = vault(store.get(&place(BASIC)).await.unwrap_err());
    assert!(matches!(refused, VaultError::Denied { .. }), "{refused}");
    assert_silent(&refused);
    assert_eq!(fake.state().requests.len(), first + 1);
    write("hvs.the-next-sesame\n");
    put(&store, BASIC, TOKEN).await;
    assert_eq!(get(&store, BASIC).await.unwrap(), TOKEN);
    // Once for the request that was refused, and never for those after it.
    let requests = fake.state().requests.clone();
    let read = format!("GET data/{KEY}");
    let written = format!("POST data/{KEY}");
    let destroyed = format!("PUT destroy/{KEY}");
    assert_eq!(
        requests[first + 1..],
        [&read, &read, &written, &destroyed, &read].map(String::clone)
    );
    // A file that is of no use explains less than what Vault said.
    fake.state().token = Some("hvs.yet-another-sesame");
    std::fs::remove_file(&file).unwrap();
    let refused = vault(store.get(&place(BASIC)).await.unwrap_err());
    assert!(matches!(refused, VaultError::Denied { .. }), "{refused}");
}
