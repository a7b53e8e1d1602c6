//! Refreshes: at half of the life, once after a 401, and never where they do not help.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use confluence_simulator::TokenFault;
use host_runner::typed::Client;
use host_runner::{CallError, Clock, HostRunner, Scope, SystemClock, bind};
use sink_sqlite::Sqlite;
use source::{Progress, Source, SourceFuture, SourceSettings, StepRequest, Stream};
use sync::{RunOutcome, SyncRequest};

use super::Place;
use crate::faults;

/// The status and kind of the requests to the token endpoint after the login.
fn refreshes(place: &Place) -> Vec<u16> {
    let requests = place.site.token_requests();
    requests
        .iter()
        .filter(|request| request.grant_type == "refresh_token")
        .map(|request| request.status)
        .collect()
}

/// How long the server takes a refresh token again: longer than a test.
const GRACE: Duration = Duration::from_secs(600);

/// The machine's clock, so much later.
#[derive(Debug)]
struct Later(AtomicU64);

impl Clock for Later {
    fn now(&self) -> Instant {
        SystemClock.now()
    }

    fn since_1970(&self) -> Duration {
        SystemClock.since_1970() + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        SystemClock.sleep(wait)
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

/// A host in this process, with a clock that can be set ahead.
struct Ahead {
    host: HostRunner,
    clock: Arc<Later>,
}

impl Ahead {
    fn new(place: &Place) -> Self {
        let clock = Arc::new(Later(AtomicU64::new(0)));
        let host = HostRunner::builder(place.host.config(), place.host.state());
        Self {
            host: host.clock(clock.clone()).open().unwrap(),
            clock,
        }
    }

    /// Calls so many seconds after the login.
    async fn call(&self, seconds: u64) -> Result<(), CallError> {
        self.clock.0.store(seconds, Ordering::SeqCst);
        let tenant = self.host.tenant(&Scope::default()).unwrap();
        let list = tenant.function("listSpaces").unwrap();
        let arguments = bind(list, &[], &[]).unwrap();
        tenant.call(list, arguments).await.map(drop)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_refreshed_at_half_of_its_life_and_not_before() {
    let place = Place::with(|oauth| oauth.token_life = Duration::from_secs(2_000)).await;
    place.login(&[]).ok();
    place.call().ok();
    let ahead = Ahead::new(&place);
    ahead.call(900).await.unwrap();
    assert!(refreshes(&place).is_empty());
    ahead.call(1_000).await.unwrap();
    assert_eq!(refreshes(&place), [200]);
    ahead.call(1_900).await.unwrap();
    assert_eq!(refreshes(&place), [200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hours_with_tokens_of_two_minutes_go_by_without_a_failed_call() {
    let place = Place::with(|oauth| oauth.token_life = Duration::from_secs(120)).await;
    place.login(&[]).ok();
    let ahead = Ahead::new(&place);
    for second in (0..7_200).step_by(30) {
        ahead.call(second).await.unwrap();
    }
    // Each at half of the life of the one before.
    let count = refreshes(&place).len();
    assert!((110..=120).contains(&count), "{count}");
    assert_eq!(place.site.unused_refresh_tokens(), 1);
}

/// A client whose clock goes on by half a minute with each step.
struct HalfMinutes<'a> {
    client: Client,
    clock: &'a Later,
}

impl Source for HalfMinutes<'_> {
    fn streams<'a>(&'a self, settings: &'a SourceSettings) -> SourceFuture<'a, Vec<Stream>> {
        self.client.streams(settings)
    }

    fn step<'a>(
        &'a self,
        streams: &'a [Stream],
        request: &'a StepRequest,
    ) -> SourceFuture<'a, Progress> {
        self.clock.0.fetch_add(30, Ordering::SeqCst);
        self.client.step(streams, request)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_of_two_hours_with_tokens_of_two_minutes_misses_no_row() {
    let place = Place::with(|oauth| oauth.token_life = Duration::from_secs(120)).await;
    place.login(&[]).ok();
    let ahead = Ahead::new(&place);
    let source = HalfMinutes {
        client: ahead.host.tenant(&Scope::default()).unwrap().client(),
        clock: &ahead.clock,
    };
    let folder = tempfile::tempdir().unwrap();
    let mut sink = Sqlite::open(&folder.path().join("site.db")).unwrap();
    let mut request = SyncRequest::default();
    request.full = true;
    let now = || i64::try_from(SystemClock.since_1970().as_millis()).unwrap();
    while ahead.clock.0.load(Ordering::SeqCst) < 7_200 {
        let done = sync::sync(&source, &mut sink, &request, &now, &mut |_| ()).await;
        let done = done.unwrap();
        assert_eq!(done.outcome, RunOutcome::Complete, "{done:?}");
    }
    let statuses = refreshes(&place);
    assert!(statuses.len() >= 100, "{}", statuses.len());
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(place.site.unused_refresh_tokens(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_token_is_refreshed_once_and_its_request_sent_again() {
    let place = Place::new().await;
    place.login(&[]).ok();
    place.site.expire_access_tokens();
    let before = place.site.request_count();
    place.call().ok();
    assert_eq!(refreshes(&place), [200]);
    // The request, the refresh, and the request again.
    assert_eq!(place.site.request_count() - before, 3);
    place.call().ok();
    assert_eq!(refreshes(&place), [200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshes_are_counted_in_the_metrics() {
    let place = Place::expired(GRACE).await;
    place.site.set_token_faults(vec![TokenFault::Status(503)]);
    let file = place.host.state().join("metrics.prom");
    let file_name = file.to_str().unwrap();
    let words = ["--metrics-file", file_name, "call", "listSpaces"];
    place.host.run(&words).ok();
    let metrics = std::fs::read_to_string(&file).unwrap();
    for line in [
        "host_runner_token_refreshes_total{error_type=\"\"} 1",
        "host_runner_token_refreshes_total{error_type=\"upstream-failed\"} 1",
        "host_runner_login_calls_total{state=\"ok\"} 1",
    ] {
        assert!(metrics.contains(line), "`{line}` is missing in\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_after_a_refresh_is_an_error_of_that_call() {
    let place = Place::new().await;
    place.login(&[]).ok();
    // 1: the request; 2: the refresh; 3: the request again.
    place.site.set_faults(faults("1:401,3:401"));
    let before = place.site.request_count();
    place.call().fails(4, &["connection login default"]);
    assert_eq!(place.site.request_count() - before, 3);
    assert_eq!(refreshes(&place), [200]);
    place.call().ok();
    // Nor is a token refreshed again that was refreshed at half of its life.
    let place = Place::expired(GRACE).await;
    place.site.set_faults(faults("2:401"));
    place.call().fails(4, &["connection login default"]);
    assert_eq!(refreshes(&place), [200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_never_refreshed() {
    let place = Place::new().await;
    place.login(&[]).ok();
    place.site.set_faults(faults("*:scope"));
    place.call().fails(4, &["read:space:confluence"]);
    assert!(refreshes(&place).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_authorization_server_is_asked_twice_and_the_grant_is_kept() {
    for (fault, statuses, code) in [
        (TokenFault::Status(503), [503, 503], 8),
        (TokenFault::Nonsense, [200, 200], 23),
        (TokenFault::Cut, [0, 0], 13),
    ] {
        let place = Place::expired(GRACE).await;
        place.site.set_token_faults(vec![fault; 2]);
        place.call().fails(code, &["127.0.0.1", "fix"]);
        assert_eq!(refreshes(&place), statuses, "{fault:?}");
        assert_eq!(place.state(), "ok");
        place.call().ok();
        assert_eq!(refreshes(&place).len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_passes_is_not_seen_by_the_call() {
    let place = Place::expired(GRACE).await;
    place.site.set_token_faults(vec![TokenFault::CutAfter]);
    place.call().ok();
    assert_eq!(refreshes(&place), [0, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_still_valid_is_used_while_the_authorization_server_fails() {
    let place = Place::with(|oauth| oauth.token_life = Duration::from_secs(2_000)).await;
    place.login(&[]).ok();
    place
        .site
        .set_token_faults(vec![TokenFault::Status(503); 4]);
    let ahead = Ahead::new(&place);
    ahead.call(1_500).await.unwrap();
    assert_eq!(refreshes(&place), [503, 503]);
    let failed = ahead.call(2_001).await;
    assert!(
        matches!(failed, Err(CallError::Credential { .. })),
        "{failed:?}"
    );
    assert_eq!(refreshes(&place), [503; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_not_followed() {
    let place = Place::expired(GRACE).await;
    place.site.set_token_faults(vec![TokenFault::Redirect]);
    place.call().fails(23, &["redirects with status 302"]);
    let kinds: Vec<String> = place
        .site
        .token_requests()
        .into_iter()
        .map(|request| request.grant_type)
        .collect();
    assert_eq!(kinds, ["authorization_code", "refresh_token"]);
    // Of the list of sites, and of the gateway.
    let place = Place::new().await;
    place.site.set_faults(faults("3:redirect"));
    place
        .login(&[])
        .fails(23, &["list of granted sites", "redirects with status 302"]);
    place.login(&[]).ok();
    place.site.set_faults(faults("1:redirect"));
    place.call().fails(8, &["redirect"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_was_refused_once_is_kept_and_nothing_is_sent_any_more() {
    let place = Place::expired(GRACE).await;
    place.site.revoke_grants();
    place
        .call()
        .fails(4, &["needs authorization", "connection login default"]);
    assert_eq!(refreshes(&place), [403]);
    assert_eq!(place.state(), "needs authorization");
    let before = place.site.request_count();
    for _ in 0..2 {
        place
            .call()
            .fails(4, &["needs authorization", "connection login default"]);
    }
    let offline = place.host.run(&["doctor", "--offline"]);
    offline.fails(29, &["`login`"]);
    let tested = place.host.run(&["connection", "test"]);
    tested.fails(4, &["connection login default"]);
    assert_eq!(place.site.request_count(), before);
    place.login(&[]).ok();
    assert_eq!(place.state(), "ok");
    place.call().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_client_keeps_the_login_until_the_secret_is_right() {
    let place = Place::expired(GRACE).await;
    place.site.set_client_secret("regenerated");
    for count in 1..=2 {
        place
            .call()
            .fails(4, &["wrong client", "oauth-app set-secret main"]);
        assert_eq!(refreshes(&place).len(), count);
        assert_eq!(place.state(), "wrong client");
    }
    let doctor = place.host.run(&["doctor", "--offline"]);
    doctor.fails(29, &["`login`"]);
    let words = ["oauth-app", "set-secret", "main", "--secret", "-"];
    place.host.run_with(&words, "regenerated", &[]).ok();
    place.call().ok();
    assert_eq!(place.state(), "ok");
    // Where the grant has ended meanwhile, that is told.
    place.site.expire_access_tokens();
    place.site.set_client_secret("again");
    place.call().fails(4, &["wrong client"]);
    place.site.revoke_grants();
    place.host.run_with(&words, "again", &[]).ok();
    place.call().fails(4, &["needs authorization"]);
    assert_eq!(place.state(), "needs authorization");
}
