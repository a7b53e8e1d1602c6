//! The flow of [`super::tests`] against a real server, and against the errors that it makes.
//!
//! Needs an OpenBao or Vault in development mode, whose root token is in `VAULT_TOKEN`, and does
//! as its operator would: it mounts engines, writes policies and seals it at the end.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::process::Command;

use super::{VaultAddress, VaultError, VaultSettings, VaultStore, VaultToken};
use crate::connection::Token;
use crate::secret::{SecretError, SecretId, SecretKind, SecretStore};
use host_levels::{Level, Scope};

const TOKEN: &str = "ATATT-sesame-1";
const OTHER: &str = "ATATT-sesame-2";
const BASIC: &str = "https://example.atlassian.net/wiki basic me@example.com";
const BEARER: &str = "https://example.atlassian.net/wiki bearer";
const KEY: &str = "host-runner/env/prod/connection/docs";

/// Runs the server's own command, as an operator does.
fn operator(arguments: &[&str]) -> (bool, String) {
    let command = std::env::var("VAULT_TEST_COMMAND").unwrap_or_else(|_| "vault".to_owned());
    let done = Command::new(command).args(arguments).output().unwrap();
    let text = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8(text).unwrap())
}

fn place(binding: &str) -> SecretId {
    SecretId {
        level: Scope {
            env: "prod".parse().unwrap(),
            app: "search".parse().unwrap(),
        }
        .path(Level::Env),
        kind: SecretKind::Token,
        name: "docs".parse().unwrap(),
        binding: binding.to_owned(),
    }
}

fn settings() -> VaultSettings {
    let address = VaultAddress::parse(&std::env::var("VAULT_ADDR").unwrap()).unwrap();
    VaultSettings {
        ca_file: std::env::var_os("VAULT_CACERT").map(Into::into),
        ..VaultSettings::new(address, VaultToken::open(None).unwrap())
    }
}

fn store() -> VaultStore {
    VaultStore::new(settings()).unwrap()
}

async fn get(store: &VaultStore, binding: &str) -> Option<String> {
    let found = store.get(&place(binding)).await.unwrap();
    found.map(|token| token.expose().to_owned())
}

fn token(text: &str) -> Token {
    Token::parse(text).unwrap()
}

fn vault(error: SecretError) -> VaultError {
    match error {
        SecretError::Vault(error) => error,
        other => panic!("{other}"),
    }
}

/// A store whose token has one policy.
fn restricted(name: &str, policy: &str) -> VaultStore {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.hcl");
    std::fs::write(&file, policy).unwrap();
    assert!(operator(&["policy", "write", name, file.to_str().unwrap()]).0);
    let policy = format!("-policy={name}");
    let (made, token) = operator(&["token", "create", "-field=token", &policy]);
    assert!(made, "{token}");
    VaultStore::new(VaultSettings {
        token: VaultToken::parse(&token, "test").unwrap(),
        ..settings()
    })
    .unwrap()
}

#[tokio::test]
#[ignore = "needs a server in development mode: VAULT_ADDR, VAULT_TOKEN, VAULT_TEST_COMMAND"]
#[allow(clippy::too_many_lines, reason = "one server, one story")]
async fn a_real_server_answers_as_the_stand_in_does() {
    let here = store();
    let docs = place(BASIC);

    // Put, get, bound otherwise, replaced.
    assert_eq!(get(&here, BASIC).await, None);
    here.put(&docs, &token(OTHER)).await.unwrap();
    here.put(&docs, &token(TOKEN)).await.unwrap();
    assert_eq!(get(&here, BASIC).await.unwrap(), TOKEN);
    assert_eq!(get(&here, BEARER).await, None);
    let (_, old) = operator(&["kv", "get", "-mount=secret", "-version=1", KEY]);
    assert!(old.contains("destroyed") && !old.contains(OTHER), "{old}");

    // An operator adds another binding by hand.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, OTHER).unwrap();
    let by_hand = format!("{BEARER}=@{}", file.display());
    let (patched, said) = operator(&["kv", "patch", "-mount=secret", KEY, &by_hand]);
    assert!(patched, "{said}");
    assert_eq!(get(&here, BEARER).await.unwrap(), OTHER);
    assert_eq!(get(&here, BASIC).await.unwrap(), TOKEN);

    // Writers of several hosts.
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..6 {
        writers.spawn(async move {
            let place = place(&format!("{BASIC} {number}"));
            store().put(&place, &token(TOKEN)).await
        });
    }
    for written in writers.join_all().await {
        written.unwrap();
    }
    for number in 0..6 {
        let found = get(&here, &format!("{BASIC} {number}")).await;
        assert_eq!(found.unwrap(), TOKEN);
    }

    // Forget, with and without keep.
    here.forget(&docs.level, docs.kind, &docs.name, Some(BEARER))
        .await
        .unwrap();
    assert_eq!(get(&here, BASIC).await, None);
    assert_eq!(get(&here, BEARER).await.unwrap(), OTHER);
    here.forget(&docs.level, docs.kind, &docs.name, None)
        .await
        .unwrap();
    assert_eq!(get(&here, BEARER).await, None);
    let (there, said) = operator(&["kv", "metadata", "get", "-mount=secret", KEY]);
    assert!(!there, "{said}");

    // Deleted by hand, written over, forgotten for good.
    here.put(&docs, &token(OTHER)).await.unwrap();
    assert!(operator(&["kv", "delete", "-mount=secret", KEY]).0);
    assert_eq!(get(&here, BASIC).await, None);
    here.put(&docs, &token(TOKEN)).await.unwrap();
    assert_eq!(get(&here, BASIC).await.unwrap(), TOKEN);

    // Policies.
    let reader = restricted(
        "reader",
        r#"path "secret/data/host-runner/*" { capabilities = ["read"] }"#,
    );
    assert_eq!(get(&reader, BASIC).await.unwrap(), TOKEN);
    let error = vault(reader.put(&docs, &token(OTHER)).await.unwrap_err());
    assert!(matches!(error, VaultError::Denied { .. }), "{error}");
    let writer = restricted(
        "writer",
        r#"path "secret/data/host-runner/*" { capabilities = ["read", "create", "update"] }"#,
    );
    writer.put(&docs, &token(OTHER)).await.unwrap();
    let error = writer
        .forget(&docs.level, docs.kind, &docs.name, None)
        .await;
    let error = vault(error.unwrap_err());
    assert!(matches!(error, VaultError::OldVersions { .. }), "{error}");
    let destroyer = restricted(
        "destroyer",
        r#"path "secret/data/host-runner/*" { capabilities = ["read", "create", "update"] }
           path "secret/destroy/host-runner/*" { capabilities = ["update"] }"#,
    );
    destroyer
        .forget(&docs.level, docs.kind, &docs.name, None)
        .await
        .unwrap();
    assert_eq!(get(&destroyer, BASIC).await, None);
    destroyer.put(&docs, &token(TOKEN)).await.unwrap();
    assert_eq!(get(&destroyer, BASIC).await.unwrap(), TOKEN);
    let full = restricted(
        "full",
        r#"path "secret/data/host-runner/*" { capabilities = ["read", "create", "update"] }
           path "secret/destroy/host-runner/*" { capabilities = ["update"] }
           path "secret/metadata/host-runner/*" { capabilities = ["delete"] }"#,
    );
    full.forget(&docs.level, docs.kind, &docs.name, None)
        .await
        .unwrap();
    assert_eq!(get(&full, BASIC).await, None);

    // Mounts that are none, or of version 1.
    for (mount, enabled) in [("nowhere", None), ("transit", Some("transit"))] {
        if let Some(engine) = enabled {
            assert!(operator(&["secrets", "enable", engine]).0);
        }
        let store = VaultStore::new(VaultSettings {
            mount: mount.to_owned(),
            ..settings()
        })
        .unwrap();
        let error = vault(store.get(&docs).await.unwrap_err());
        assert!(matches!(error, VaultError::NoEngine { .. }), "{error}");
    }
    assert!(operator(&["secrets", "enable", "-version=1", "-path=kv1", "kv"]).0);
    let old = VaultStore::new(VaultSettings {
        mount: "kv1".to_owned(),
        ..settings()
    })
    .unwrap();
    assert_eq!(get(&old, BASIC).await, None);
    let error = vault(old.put(&docs, &token(TOKEN)).await.unwrap_err());
    assert!(matches!(error, VaultError::VersionOne { .. }), "{error}");
    assert!(!operator(&["read", &format!("kv1/data/{KEY}")]).0);
    let by_hand = format!("{BASIC}={OTHER}");
    assert!(operator(&["write", &format!("kv1/data/{KEY}"), &by_hand]).0);
    let error = vault(old.get(&docs).await.unwrap_err());
    assert!(matches!(error, VaultError::VersionOne { .. }), "{error}");

    // A namespace, where the server has them.
    if operator(&["namespace", "create", "team"]).0 {
        let enable = ["secrets", "enable", "-namespace=team", "-version=2"];
        let (enabled, said) = operator(&[&enable[..], &["-path=secret", "kv"]].concat());
        assert!(enabled, "{said}");
        let team = |namespace: &str| VaultSettings {
            namespace: Some(namespace.to_owned()),
            ..settings()
        };
        let inside = VaultStore::new(team("team")).unwrap();
        inside.put(&docs, &token(TOKEN)).await.unwrap();
        assert_eq!(get(&inside, BASIC).await.unwrap(), TOKEN);
        assert_eq!(get(&here, BASIC).await, None);
        let nowhere = VaultStore::new(team("nowhere")).unwrap();
        let error = vault(nowhere.get(&docs).await.unwrap_err());
        assert!(matches!(error, VaultError::NoEngine { .. }), "{error}");
    }

    // A token that is none, and a sealed server.
    let stranger = VaultStore::new(VaultSettings {
        token: VaultToken::parse("s.unknown", "test").unwrap(),
        ..settings()
    })
    .unwrap();
    let error = vault(stranger.get(&docs).await.unwrap_err());
    assert!(
        matches!(error, VaultError::Denied { .. } | VaultError::TokenRefused),
        "{error}"
    );
    assert!(operator(&["operator", "seal"]).0);
    let error = vault(here.get(&docs).await.unwrap_err());
    assert!(matches!(error, VaultError::Sealed { .. }), "{error}");
}
