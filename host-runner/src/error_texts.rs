//! What errors say: what failed and why, without a command or an option of any face. The fix that
//! needs one is a [`Remedy`](host_levels::Remedy).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::time::Duration;

use host_levels::{ConfigFolder, EndpointDenied, Level, LevelFile, Remedy, Scope};

use crate::call::{ArgumentError, CallError, SuppliedBy};
use crate::component::{ComponentStoreError, Digest, Function, SigningKeyError, TrustError};
use crate::download::DownloadError;
use crate::known_settings::SETTINGS;
use crate::receipt::TimeSpent;
use crate::runner::{OpenError, SaveError, TenantError};
use crate::secret::{KeyError, SealError, SecretId, SecretKind, StoreError};

fn io() -> std::io::Error {
    std::io::Error::other("denied")
}

/// Errors whose fix was a command once, with the remedies that took its place.
fn errors() -> Vec<(String, Option<Remedy>)> {
    let scope = Scope::default();
    let level = scope.path(Level::App);
    let name = || "docs".parse().unwrap();
    let path = || PathBuf::from("/some/file");
    let digest = Digest::of(b"component");
    let mut errors = Vec::new();
    macro_rules! add {
        ($($error:expr),* $(,)?) => {$({
            let error = $error;
            errors.push((error.to_string(), error.remedy()));
        })*};
    }
    macro_rules! add_with_resolution {
        ($($error:expr),* $(,)?) => {$({
            let error = $error;
            let text = format!("{error}; {}", error.resolution().unwrap_or_default());
            errors.push((text, error.remedy()));
        })*};
    }
    add!(
        OpenError::StateFolder {
            path: path(),
            source: io()
        },
        TenantError::NotStored {
            digest,
            origin: Box::new(host_levels::Source::Default)
        },
        ComponentStoreError::NoRoom { digest },
        ComponentStoreError::File {
            path: path(),
            source: io()
        },
        SigningKeyError::NotPem,
        SigningKeyError::NotEd25519,
        TrustError::Missing,
        KeyError::File {
            path: path(),
            source: io()
        },
        KeyError::NewKeyMissing,
        StoreError::File {
            path: path(),
            source: io()
        },
        StoreError::WrongKey {
            origin: "key".to_owned(),
            path: path()
        },
        StoreError::Sealed {
            id: Box::new(SecretId {
                level: level.clone(),
                kind: SecretKind::Token,
                name: name(),
                binding: String::new(),
            }),
            source: SealError::DoesNotOpen,
        },
        SaveError::NoConnection {
            level: level.clone(),
            name: name(),
            elsewhere: Vec::new()
        },
        ArgumentError::TooMany {
            function: "listPages".to_owned(),
            most: 5,
            given: 6
        },
        Function::find(&[], "nothing-like-it").unwrap_err(),
        ConfigFolder::new("/no/such/folder", SETTINGS)
            .set(&scope, Level::App, "qqqqqq", "1")
            .unwrap_err(),
        EndpointDenied::Loopback {
            endpoint: "http://127.0.0.1".to_owned()
        },
    );
    let supplied_by = SuppliedBy {
        connection: name(),
        level: level.clone(),
        file: path(),
        line: 1,
        endpoint: "https://a.atlassian.net/wiki".to_owned(),
        is_oauth: false,
    };
    let limit = Duration::from_secs(1);
    add_with_resolution!(
        CallError::NoToken {
            supplied_by: Box::new(supplied_by)
        },
        CallError::TimedOut {
            limit,
            spent: TimeSpent {
                network: limit,
                ..TimeSpent::default()
            },
        },
        CallError::TimedOut {
            limit,
            spent: TimeSpent {
                computing: limit,
                ..TimeSpent::default()
            },
        },
        CallError::TimedOut {
            limit,
            spent: TimeSpent {
                waiting: limit,
                ..TimeSpent::default()
            },
        },
        CallError::TimedOut {
            limit,
            spent: TimeSpent::of_secrets(limit),
        },
        CallError::Memory {
            limit_bytes: 1 << 20
        },
        CallError::HandedOver {
            limit_bytes: 1 << 20
        },
        DownloadError::NotGranted {
            host: "evil.example".to_owned()
        },
        DownloadError::Exists { path: path() },
        DownloadError::File {
            path: path(),
            source: io()
        },
        DownloadError::NotAFile { path: path() },
    );
    for text in ["qqqqqq = 1\n", "[connections.a]\ntoken = \"sesame\"\n"] {
        let file = LevelFile::parse(SETTINGS, text, &level, &path());
        let problem = file.unwrap_err().problems().first().unwrap().clone();
        let text = format!("{problem}; {}", problem.fix().unwrap_or_default());
        errors.push((text, problem.remedy().cloned()));
    }
    errors
}

#[test]
fn errors_whose_fix_is_a_command_carry_it_as_a_remedy_and_name_none() {
    for (text, remedy) in errors() {
        let remedy = remedy.unwrap_or_else(|| unreachable!("no remedy: {text}"));
        for text in [text, remedy.to_string()] {
            assert!(!text.contains("host-runner"), "{text}");
            let has_option = text
                .split("--")
                .skip(1)
                .any(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase()));
            assert!(!has_option, "{text}");
        }
    }
}
