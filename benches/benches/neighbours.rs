//! An app beside a hostile one: how long its calls take, alone and while four calls of the other compute
//! for ever, one after the other, each until its time is up.
//!
//! No framework of benchmarks: it is one run, and what it saw goes to `target/tmp/neighbours.json`.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark that cannot run has nothing to tell"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use benchmarks::{RunningSite, Site};
use host_runner::{HostRunner, Level, Scope, Tenant, bind};
use serde_json::json;
use tempfile::TempDir;

const CALLS: usize = 200;
const HOSTILE_CALLS: usize = 4;

/// A site in the same city. Confluence takes several times as long.
const LATENCY_MS: usize = 20;

const HOSTILE: &str = r#"(component
    (core module $code (func (export "spin") (loop $again (br $again))))
    (core instance $code (instantiate $code))
    (func $spin (canon lift (core func $code "spin")))
    (instance $hostile (export "spin" (func $spin)))
    (export "test:neighbours/hostile@0.1.0" (instance $hostile)))"#;

fn scope(app: &str) -> Scope {
    Scope {
        env: "bench".parse().expect("it is a name"),
        app: app.parse().expect("it is a name"),
    }
}

async fn call(tenant: &Tenant, name: &str, words: &[String]) -> bool {
    let function = tenant.function(name).expect("it is there");
    let arguments = bind(function, words, &[]).expect("arguments fit");
    tenant.call(function, arguments).await.is_ok()
}

/// The time of each of some calls, sorted, and how many failed.
async fn work(tenant: &Tenant) -> (Vec<Duration>, usize) {
    let mut times = Vec::with_capacity(CALLS);
    let mut failed = 0;
    for _ in 0..CALLS {
        let start = Instant::now();
        failed += usize::from(tenant.client().get_current_user().await.is_err());
        times.push(start.elapsed());
    }
    times.sort_unstable();
    (times, failed)
}

/// The time that so many of a hundred calls stay below, in milliseconds.
fn percentile(times: &[Duration], part: usize) -> f64 {
    let at = (times.len() * part / 100).min(times.len() - 1);
    times.get(at).expect("there are calls").as_secs_f64() * 1000.0
}

fn main() {
    let site = RunningSite::start(
        Path::new(env!("CARGO_BIN_EXE_benchmark-site")),
        Site {
            pages: 1,
            per_answer: 1,
            body_bytes: 0,
            latency_ms: LATENCY_MS,
            spaces: 1,
        },
    );
    let state = TempDir::new().expect("a folder can be made");
    let host = HostRunner::builder(state.path().join("config"), state.path().join("state"))
        .open()
        .expect("the host opens");
    for (key, value) in [
        ("network.allow-loopback", "true"),
        ("limits.call-seconds", "1"),
        ("component.require-exports", ""),
    ] {
        host.config()
            .set(&Scope::default(), Level::Cluster, key, value)
            .expect("the level is written");
    }
    let hostile = wat::parse_str(HOSTILE).expect("it is a component");
    host.load_component(&scope("hostile"), Level::App, &hostile, None)
        .expect("it is loaded");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    let told = runtime.block_on(async {
        let quiet = host.tenant(&scope("quiet")).expect("the component loads");
        let pair = format!("Basic {}", "bWVAZXhhbXBsZS5jb206dG9rZW4tMDEyMzQ1Njc4OQ==");
        let words = [site.endpoint(), &pair, "app"].map(str::to_owned);
        assert!(call(&quiet, "setApiUrlAndAuth", &words).await);
        let quiet = host.tenant(&scope("quiet")).expect("the component loads");
        let (alone, _) = work(&quiet).await;
        let has_ended = Arc::new(AtomicBool::new(false));
        let ended = Arc::new(AtomicUsize::new(0));
        let loud: Vec<_> = (0..HOSTILE_CALLS)
            .map(|_| {
                let tenant = host.tenant(&scope("hostile")).expect("the component loads");
                let (has_ended, ended) = (Arc::clone(&has_ended), Arc::clone(&ended));
                tokio::spawn(async move {
                    while !has_ended.load(Ordering::SeqCst) {
                        assert!(!call(&tenant, "spin", &[]).await, "it never ends well");
                        ended.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        let (beside, failed) = work(&quiet).await;
        has_ended.store(true, Ordering::SeqCst);
        for call in loud {
            call.await.expect("a call of the hostile app is ended");
        }
        json!({
            "alone": percentile(&alone, 50),
            "beside": percentile(&beside, 50),
            "alone p95": percentile(&alone, 95),
            "beside p95": percentile(&beside, 95),
            "failed": failed,
            "hostile calls ended": ended.load(Ordering::SeqCst),
        })
    });
    println!("neighbours: {told}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("neighbours.json"), told.to_string())
        .expect("the folder of the build is there");
}
