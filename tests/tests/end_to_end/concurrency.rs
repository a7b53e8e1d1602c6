//! How many requests are under way at once over a connection, counted at the site.

use std::time::Duration;

use confluence_simulator::{Settings, Simulator};
use host_runner::{HostRunner, Level, Scope, bind};
use tests::AUTHORIZATION;

/// Calls at once: several times what the connections here may have under way.
const CALLS: usize = 30;

/// A site that takes its time, so that calls meet there even on a machine that has other work.
async fn site() -> Simulator {
    Simulator::start(Settings {
        latency: Duration::from_millis(200),
        ..Settings::default()
    })
    .await
    .unwrap()
}

async fn host(site: &Simulator, folder: &std::path::Path) -> HostRunner {
    let host = HostRunner::builder(folder.join("config"), folder.join("state"))
        .open()
        .unwrap();
    let scope = Scope::default();
    crate::allow_loopback(&host);
    for name in ["default", "other"] {
        host.config()
            .set(&scope, Level::Cluster, "connection", name)
            .unwrap();
        let tenant = host.tenant(&scope).unwrap();
        let set = tenant.function("setApiUrlAndAuth").unwrap();
        let words = [&site.endpoint(), AUTHORIZATION, "cluster"].map(str::to_owned);
        tenant
            .call(set, bind(set, &words, &[]).unwrap())
            .await
            .unwrap();
    }
    host
}

/// Calls at once on behalf of two apps that go over the two connections.
async fn call_at_once(host: &HostRunner) {
    let scopes = ["one", "two"].map(|app| Scope {
        app: app.parse().unwrap(),
        ..Scope::default()
    });
    for (scope, name) in scopes.iter().zip(["default", "other"]) {
        host.config()
            .set(scope, Level::App, "connection", name)
            .unwrap();
    }
    let calls = (0..CALLS).map(|index| {
        let scope = scopes[index % 2].clone();
        async move {
            let tenant = host.tenant(&scope).unwrap();
            let list = tenant.function("listSpaces").unwrap();
            tenant
                .call(list, bind(list, &[], &[]).unwrap())
                .await
                .unwrap();
        }
    });
    let mut running: Vec<_> = calls.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        running.retain_mut(|call| call.as_mut().poll(context).is_pending());
        if running.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

fn set(host: &HostRunner, key: &str, value: &str) {
    host.config()
        .set(&Scope::default(), Level::Cluster, key, value)
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_has_no_more_requests_under_way_than_its_concurrency() {
    for (concurrency, of_both) in [("1", 2), ("3", 6)] {
        let (site, folder) = (site().await, tempfile::tempdir().unwrap());
        let host = host(&site, folder.path()).await;
        set(&host, "connections.default.concurrency", concurrency);
        set(&host, "connections.other.concurrency", concurrency);
        call_at_once(&host).await;
        assert_eq!(site.most_at_once(), of_both);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_borrows_shares_the_lenders_concurrency() {
    let (site, folder) = (site().await, tempfile::tempdir().unwrap());
    let host = host(&site, folder.path()).await;
    set(&host, "connections.default.concurrency", "2");
    set(&host, "connections.other.concurrency", "25");
    set(
        &host,
        "connections.other.borrow-concurrency-from",
        "default",
    );
    call_at_once(&host).await;
    assert_eq!(site.most_at_once(), 2);
}
