//! Logins through the library: with a browser and a store of secrets of the program's own.

use std::sync::Arc;
use std::time::Duration;

use confluence_simulator::TokenFault;
use host_runner::{
    CallError, Callback, ErrorKind, GrantState, HostRunner, Level, OauthApp, OauthError,
    RedirectUri, Scope, SecretStore, Token, bind,
};

use super::{Place, SECRET, browse};
use crate::supplied_store::InMemory;

/// A host with the configuration of a place, and a state folder of its own.
struct Own {
    host: HostRunner,
    _state: tempfile::TempDir,
}

impl Own {
    fn new(place: &Place, store: &Arc<InMemory>) -> Self {
        let state = tempfile::tempdir().unwrap();
        let host = HostRunner::builder(place.host.config(), state.path());
        Self {
            host: host
                .secrets(Arc::clone(store) as Arc<dyn SecretStore>)
                .open()
                .unwrap(),
            _state: state,
        }
    }

    async fn login(&self, place: &Place) {
        let (scope, name) = (Scope::default(), "default".parse().unwrap());
        let app_name = "main".parse().unwrap();
        let app = OauthApp {
            client_id: "demo-client".to_owned(),
            redirect_uri: RedirectUri::parse(&place.redirect_uri()).unwrap(),
            scopes: None,
        };
        let begin = || {
            self.host
                .begin_login(&scope, Level::App, &name, Some(&app_name))
        };
        let missing = begin().await.map(drop);
        assert!(
            matches!(missing, Err(OauthError::NoApp { .. })),
            "{missing:?}"
        );
        let secret = Token::parse(SECRET).unwrap();
        self.host
            .save_oauth_app(&scope, Level::App, &app_name, &app, Some(&secret))
            .await
            .unwrap();
        let request = begin().await.unwrap();
        let location = browse(request.url()).location;
        let query = location.split_once('?').unwrap().1;
        let Callback::Code(code) = request.callback(query) else {
            panic!("no code in {query}");
        };
        let logged_in = self.host.finish_login(request, code, None).await.unwrap();
        assert!(logged_in.missing_scopes.is_empty());
    }

    async fn call(&self) -> Result<(), CallError> {
        let tenant = self.host.tenant(&Scope::default()).unwrap();
        let list = tenant.function("listSpaces").unwrap();
        let arguments = bind(list, &[], &[]).unwrap();
        tenant.call(list, arguments).await.map(drop)
    }

    async fn state(&self) -> GrantState {
        let connections = self.host.connections(&Scope::default()).await.unwrap();
        connections[0].grant.clone().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_logs_in_and_calls_with_a_store_of_its_own() {
    let place = Place::without_app(|_| {}).await;
    let store = Arc::new(InMemory::default());
    let own = Own::new(&place, &store);
    own.login(&place).await;
    own.call().await.unwrap();
    place.site.expire_access_tokens();
    own.call().await.unwrap();
    assert_eq!(own.state().await, GrantState::Ok);
    let name = "default".parse().unwrap();
    let scope = Scope::default();
    own.host.logout(&scope, Level::App, &name).await.unwrap();
    let failed = own.call().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Unauthorized);
    assert!(failed.remedy().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_share_a_store_and_no_folder_keep_the_pair_that_lives() {
    let place = Place::without_app(|_| {}).await;
    let store = Arc::new(InMemory::default());
    let (one, other) = (Own::new(&place, &store), Own::new(&place, &store));
    place
        .site
        .announce_token_life(Some(Duration::from_millis(1)));
    one.login(&place).await;
    place.site.announce_token_life(None);
    // The first request is answered after the second one was refused.
    place
        .site
        .set_token_faults(vec![TokenFault::Slow(Duration::from_millis(500))]);
    let first = tokio::spawn(async move {
        one.call().await.unwrap();
        one
    });
    while place.token_requests() < 2 {
        tokio::task::yield_now().await;
    }
    let refused = other.call().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthorized);
    let one = first.await.unwrap();
    assert_eq!(one.state().await, GrantState::Ok);
    other.call().await.unwrap();
    assert_eq!(place.token_requests(), 3);
    assert_eq!(place.site.unused_refresh_tokens(), 1);
}
