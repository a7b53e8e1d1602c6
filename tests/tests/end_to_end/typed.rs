//! The client made from the WIT: the same rows as by reflection, the same errors, and a receipt.

use std::future::poll_fn;
use std::sync::{Mutex, mpsc};
use std::task::Poll;
use std::time::Duration;

use host_runner::typed::{Client, ListOptions};
use host_runner::{CallError, HostRunner, Scope, bind};
use serde_json::Value;
use source::{Pass, Source as _, StepRequest};
use tempfile::TempDir;
use tests::AUTHORIZATION;
use tokio::runtime::Builder;

use crate::{allow_loopback, faults, site};

async fn host(site: &confluence_simulator::Simulator) -> (HostRunner, TempDir) {
    let folder = TempDir::new().unwrap();
    let host = HostRunner::builder(folder.path().join("config"), folder.path().join("state"))
        .open()
        .unwrap();
    allow_loopback(&host);
    host.config()
        .set(
            &Scope::default(),
            host_runner::Level::Cluster,
            "retry.attempts",
            "0",
        )
        .unwrap();
    let tenant = host.tenant(&Scope::default()).unwrap();
    let set = tenant.function("setApiUrlAndAuth").unwrap();
    let words = [&site.endpoint(), AUTHORIZATION, "app"].map(str::to_owned);
    tenant
        .call(set, bind(set, &words, &[]).unwrap())
        .await
        .unwrap();
    (host, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_list_has_the_rows_that_reflection_has() {
    let site = site().await;
    let (host, _folder) = host(&site).await;
    let tenant = host.tenant(&Scope::default()).unwrap();
    let client: Client = tenant.client();
    let before = site.request_count();
    let options = ListOptions {
        body_format: Some("storage".to_owned()),
        raw: true,
        ..ListOptions::default()
    };
    let listing = client
        .list_pages(None, Some(60), None, Some(&options))
        .await
        .unwrap();

    let of_client = site.request_count() - before;

    let list = tenant.function("listPages").unwrap();
    let named = [
        ("limit", "60"),
        ("options", r#"{"bodyFormat":"storage","raw":true}"#),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let reflected = tenant
        .call(list, bind(list, &[], &named).unwrap())
        .await
        .unwrap();
    let reflected: Value = serde_json::from_str(&reflected.to_json()).unwrap();
    let rows = reflected["items"].as_array().unwrap();
    assert_eq!(listing.items.len(), 60);
    for (typed, reflected) in listing.items.iter().zip(rows) {
        assert_eq!(typed.id, reflected["id"].as_str().unwrap());
        assert_eq!(typed.title.as_deref(), reflected["title"].as_str());
        assert_eq!(typed.raw.as_deref(), reflected["raw"].as_str());
        let body = typed.body.as_ref().map(|body| body.value.as_str());
        assert_eq!(body, reflected["body"]["value"].as_str());
    }
    assert_eq!(
        listing.rest.after.as_deref(),
        reflected["rest"]["after"].as_str()
    );

    let before = site.request_count();
    let rest = client
        .list_pages(
            None,
            Some(1000),
            listing.rest.after.as_deref(),
            Some(&options),
        )
        .await
        .unwrap();
    assert_eq!(listing.items.len() + rest.items.len(), 200);
    assert!(rest.rest.after.is_none());
    let receipt = client.receipt();
    assert_eq!(receipt.requests, of_client + site.request_count() - before);
    assert!(receipt.bytes_decoded > 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn enums_go_in_and_single_pieces_come_out() {
    let site = site().await;
    let (host, _folder) = host(&site).await;
    let tenant = host.tenant(&Scope::default()).unwrap();
    let client = tenant.client();
    let falling = client
        .get_pages_by_space("ENG", Some(2), Some("desc"), None, None)
        .await
        .unwrap();
    let page = client
        .get_page_by_id(&falling.items[0].id, None)
        .await
        .unwrap();
    assert_eq!(page.title, falling.items[0].title);
    assert!(falling.items[0].id.len() >= falling.items[1].id.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_call_fails_as_a_reflected_one_does() {
    let site = site().await;
    let (host, _folder) = host(&site).await;
    let tenant = host.tenant(&Scope::default()).unwrap();
    let client = tenant.client();
    site.set_faults(faults("*:burst=7"));
    let error = client
        .list_spaces(None, None, None, None, None)
        .await
        .unwrap_err();
    let CallError::Component { error, supplied_by } = error else {
        panic!("{error}");
    };
    assert_eq!(error.kind.as_str(), "rate-limited");
    assert_eq!(error.limit_scope.as_deref(), Some("burst"));
    assert_eq!(error.retry_after_ms, Some(7_000));
    assert!(supplied_by.is_some());

    site.set_faults(faults(
        "2:500,3:500,4:500,5:500,6:500,7:500,8:500,9:500,10:500,11:500,12:500",
    ));
    let options = ListOptions::default();
    let listing = client
        .list_pages(None, Some(10_000), None, Some(&options))
        .await;
    // One page of 200 rows is all that the site has.
    assert_eq!(listing.unwrap().items.len(), 200);

    let refused = client
        .list_pages(None, Some(0), None, None)
        .await
        .unwrap_err();
    assert_eq!(refused.kind().as_str(), "invalid-argument");
    let metrics = host.metrics();
    let line = "host_runner_call_duration_seconds_count{function=\"list-spaces\",error_type=\"rate-limited\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_clients_serve_tenants_at_once() {
    let (one, other) = (site().await, crate::site_of(300).await);
    let (first, _first_folder) = host(&one).await;
    let (second, _second_folder) = host(&other).await;
    let call = async |host: &HostRunner| {
        let tenant = host.tenant(&Scope::default()).unwrap();
        let client = tenant.client();
        let listing = client
            .list_pages(None, Some(1000), None, None)
            .await
            .unwrap();
        listing.items.len()
    };
    let spawned = tokio::spawn(async move {
        let tenant = second.tenant(&Scope::default()).unwrap();
        let client = tenant.client();
        client
            .list_pages(None, Some(1000), None, None)
            .await
            .unwrap()
            .items
            .len()
    });
    assert_eq!(call(&first).await, 200);
    assert_eq!(spawned.await.unwrap(), 300);
}

#[test]
fn a_step_goes_on_while_its_caller_computes() {
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let site = site().await;
        let (host, _folder) = host(&site).await;
        let client = host.tenant(&Scope::default()).unwrap().client();
        let streams = client.streams(&Vec::new()).await.unwrap();
        let (send, seen) = mpsc::channel();
        // The site answers once the caller has seen that it has to wait.
        let (release, released) = mpsc::channel::<()>();
        let released = Mutex::new(released);
        site.observe(move |request| {
            send.send(request.path_and_query.clone()).unwrap();
            let _ = released.lock().unwrap().recv();
        });
        let mut request = StepRequest::new("pages", Pass::Full);
        request.budget.page_size = Some(25);
        request.budget.requests = Some(3);
        let mut step = client.step(&streams, &request);
        let begun = poll_fn(|context| Poll::Ready(step.as_mut().poll(context))).await;
        assert!(begun.is_pending());
        // From now on, nothing holds the site.
        drop(release);
        // The thread of the caller does nothing else until the last request arrives.
        for _ in 0..3 {
            let path = seen.recv_timeout(Duration::from_secs(60)).unwrap();
            assert!(path.contains("/pages?"), "{path}");
        }
        let progress = step.await.unwrap();
        assert_eq!(
            (progress.observed.requests, progress.observed.rows),
            (3, 75)
        );
    });
}
