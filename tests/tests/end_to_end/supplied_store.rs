//! A store of secrets that a program brings along, in place of the host's.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use host_runner::{
    CallError, ConnectionDefinition, EditError, Endpoint, Expected, HostRunner, Level, LevelPath,
    PlainName, Replacement, Scheme, SecretDigest, SecretError, SecretFuture, SecretId, SecretKind,
    SecretStore, Token, TokenKind,
};
use tests::{AUTHORIZATION, TOKEN};

use crate::caller::{Caller, component_error, scope};
use crate::{faults, site};

/// Tokens that are gone when the test ends.
#[derive(Default)]
pub(crate) struct InMemory {
    tokens: Mutex<HashMap<SecretId, Token>>,
    asked: AtomicU64,
    is_down: AtomicBool,
    /// How often others have their turn before tokens are forgotten.
    turns: AtomicU64,
    /// What gets a folder in its place as soon as the next token is kept.
    barred: Mutex<Option<PathBuf>>,
}

impl InMemory {
    fn answer<T>(
        &self,
        ask: impl FnOnce(&mut HashMap<SecretId, Token>) -> T,
    ) -> Result<T, SecretError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(SecretError::supplied("the safe is shut, come back later"));
        }
        Ok(ask(&mut self.tokens.lock().unwrap()))
    }

    /// The places that have a token, and the tokens.
    fn kept(&self) -> Vec<(SecretId, String)> {
        let tokens = self.tokens.lock().unwrap();
        tokens
            .iter()
            .map(|(place, token)| (place.clone(), token.expose().to_owned()))
            .collect()
    }
}

impl SecretStore for InMemory {
    fn get<'a>(&'a self, place: &'a SecretId) -> SecretFuture<'a, Option<Token>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { self.answer(|tokens| tokens.get(place).cloned()) })
    }

    fn put<'a>(&'a self, place: &'a SecretId, token: &'a Token) -> SecretFuture<'a, ()> {
        Box::pin(async {
            self.answer(|tokens| drop(tokens.insert(place.clone(), token.clone())))?;
            if let Some(path) = self.barred.lock().unwrap().take() {
                std::fs::remove_file(&path).unwrap();
                std::fs::create_dir(&path).unwrap();
            }
            Ok(())
        })
    }

    fn replace<'a>(
        &'a self,
        id: &'a SecretId,
        expected: SecretDigest,
        new: &'a Token,
    ) -> SecretFuture<'a, Replacement> {
        Box::pin(async move {
            self.answer(|tokens| match tokens.get_mut(id) {
                Some(stored) if SecretDigest::of(stored) == expected => {
                    *stored = new.clone();
                    Replacement::Replaced
                }
                _ => Replacement::Conflict,
            })
        })
    }

    fn forget<'a>(
        &'a self,
        level: &'a LevelPath,
        kind: SecretKind,
        name: &'a PlainName,
        keep: Option<&'a str>,
    ) -> SecretFuture<'a, ()> {
        Box::pin(async move {
            // Others have their turn before what was asked for is done, as over a network.
            for _ in 0..self.turns.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
            self.answer(|tokens| {
                tokens.retain(|place, _| {
                    (&place.level, place.kind, &place.name) != (level, kind, name)
                        || Some(place.binding.as_str()) == keep
                });
            })
        })
    }
}

fn caller() -> (Caller, Arc<InMemory>) {
    let store = Arc::new(InMemory::default());
    let caller = Caller::set_up(|setup| setup.secrets(store.clone()));
    (caller, store)
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplied_store_has_the_tokens_and_the_state_folder_has_none() {
    let (caller, store) = caller();
    let site = site().await;
    caller.connect("one", &site.endpoint(), AUTHORIZATION).await;
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);

    let kept = store.kept();
    let [(place, token)] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    assert_eq!(token, TOKEN);
    assert_eq!(place.level, scope("one").path(Level::App));
    for part in [site.site_url().trim_end_matches('/'), "me@example.com"] {
        assert!(place.binding.contains(part), "{place:?}");
    }

    for file in files(caller.folder()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(!name.starts_with("secrets.sqlite"), "{name}");
        let bytes = std::fs::read(&file).unwrap();
        for secret in [TOKEN, AUTHORIZATION] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplied_store_is_asked_once_for_each_call() {
    let (caller, store) = caller();
    let site = site().await;
    caller.connect("one", &site.endpoint(), AUTHORIZATION).await;
    let before = store.asked.load(Ordering::SeqCst);
    for _ in 0..3 {
        caller.pages("one").await.unwrap();
    }
    assert_eq!(store.asked.load(Ordering::SeqCst) - before, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_replaced_during_a_call_is_used_after_a_401() {
    let (caller, store) = caller();
    let site = site().await;
    site.set_faults(faults("*:401"));
    caller.connect("one", &site.endpoint(), AUTHORIZATION).await;
    let before = store.asked.load(Ordering::SeqCst);
    let asked = || store.asked.load(Ordering::SeqCst) - before;
    let refused = component_error(caller.pages("one").await);
    assert_eq!(refused.kind.as_str(), "unauthorized");
    // The same token as before is not tried again.
    assert_eq!((site.request_count(), asked()), (1, 2));

    let replaced = Arc::clone(&store);
    site.observe(move |_| {
        for token in replaced.tokens.lock().unwrap().values_mut() {
            *token = Token::parse("another-token-0123456789").unwrap();
        }
    });
    site.set_faults(faults("1:401"));
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    assert_eq!((site.request_count(), asked()), (3, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_site_is_never_sent_to_another() {
    let (caller, store) = caller();
    let (first, second) = (site().await, site().await);
    caller
        .connect("one", &first.endpoint(), AUTHORIZATION)
        .await;
    let asked = first.request_count();

    // Somebody changes where the connection leads, by hand.
    let level = caller.folder().join("config/env/test/app/one.toml");
    let text = std::fs::read_to_string(&level).unwrap();
    let moved = text.replace(
        first.site_url().trim_end_matches('/'),
        second.site_url().trim_end_matches('/'),
    );
    assert_ne!(moved, text);
    std::fs::write(&level, moved).unwrap();
    let refused = caller.pages("one").await;
    assert!(
        matches!(refused, Err(CallError::NoToken { .. })),
        "{refused:?}"
    );
    assert_eq!((first.request_count(), second.request_count()), (asked, 0));

    // Who gives a token for there has that one alone.
    let other = "Basic b3RoZXJAZXhhbXBsZS5jb206YW5vdGhlci10b2tlbi0wMTIzNDU2Nzg5";
    caller.connect("one", &second.endpoint(), other).await;
    assert_eq!(caller.pages("one").await.unwrap().len(), 200);
    let kept = store.kept();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0].1, "another-token-0123456789");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplied_store_that_does_not_answer_is_told_as_one() {
    let (caller, store) = caller();
    let site = site().await;
    caller.connect("one", &site.endpoint(), AUTHORIZATION).await;
    let asked = site.request_count();
    store.is_down.store(true, Ordering::SeqCst);
    let error = caller.pages("one").await.unwrap_err();
    assert_eq!(error.kind().as_str(), "store");
    assert!(error.to_string().contains("the safe is shut"), "{error}");
    let words = [&site.endpoint(), AUTHORIZATION, "app"];
    let stored = caller.call("two", "setApiUrlAndAuth", &words, &[]).await;
    assert_eq!(stored.unwrap_err().kind().as_str(), "store");
    assert_eq!(site.request_count(), asked);
    store.is_down.store(false, Ordering::SeqCst);
    let name = "default".parse().unwrap();
    let there = caller.host.connection_at(&scope("two"), Level::App, &name);
    assert_eq!(there.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_key_to_rotate_beside_a_supplied_store() {
    let (caller, _) = caller();
    let refused = caller.host.rotate_key(None);
    assert!(
        matches!(refused, Err(SecretError::NotSealed)),
        "{refused:?}"
    );
}

/// A connection, whose token is bound to the user.
fn definition(user: &str, concurrency: u8) -> ConnectionDefinition {
    let user = user.to_owned();
    let endpoint = Endpoint::parse("https://a.atlassian.net").unwrap();
    let mut definition =
        ConnectionDefinition::new(endpoint, Scheme::Basic { user }, TokenKind::Unscoped);
    definition.concurrency = concurrency;
    definition
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_no_longer_be_written_when_the_token_is_kept_brings_the_old_one_back() {
    let (caller, store) = caller();
    let (scope, name) = (scope("one"), "docs".parse().unwrap());
    let save = async |definition: &ConnectionDefinition, token: &str| {
        let token = Token::parse(token).unwrap();
        caller
            .host
            .save_connection(
                &scope,
                Level::App,
                &name,
                &Expected::Any,
                definition,
                &token,
            )
            .await
    };
    save(&definition("me", 5), "old").await.unwrap();
    let kept = store.kept();
    let lock = caller.folder().join("config/.config.lock");
    for changed in [definition("me", 9), definition("you", 5)] {
        *store.barred.lock().unwrap() = Some(lock.clone());
        let refused = save(&changed, "new").await;
        assert!(
            matches!(refused, Err(CallError::Edit(EditError::Write { .. }))),
            "{refused:?}"
        );
        std::fs::remove_dir(&lock).unwrap();
        assert_eq!(store.kept(), kept);
        std::fs::write(&lock, "").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_share_all_but_the_state_folder_leave_each_others_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(InMemory::default());
    store.turns.store(10_000, Ordering::SeqCst);
    let host = |state: &str| {
        HostRunner::builder(folder.path().join("config"), folder.path().join(state))
            .secrets(store.clone())
            .open()
            .unwrap()
    };
    let hosts = [host("one"), host("two")];
    let (scope, name) = (scope("one"), "docs".parse().unwrap());
    let token = Token::parse("a-token").unwrap();
    let save = async |host: &HostRunner, user: &str| {
        host.save_connection(
            &scope,
            Level::App,
            &name,
            &Expected::Any,
            &definition(user, 5),
            &token,
        )
        .await
        .unwrap();
    };
    for round in 0..20 {
        let (one, two) = (format!("one-{round}"), format!("two-{round}"));
        tokio::join!(save(&hosts[0], &one), save(&hosts[1], &two));
        let (_, token) = hosts[0].connection(&scope, &name).await.unwrap().unwrap();
        assert!(token.is_some(), "{round}: {:?}", store.kept());
        assert_eq!(store.kept().len(), 1);
    }
}
