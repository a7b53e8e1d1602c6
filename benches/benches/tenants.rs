//! A thousand tenants of one host: each with an endpoint and a credential of its own, ten calls
//! each, 200 of them under way at once, from a site that takes 50 ms for each answer.
//!
//! No framework of benchmarks: it is one run, and what it saw goes to `target/tmp/tenants.json`.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark that cannot run has nothing to tell"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use benchmarks::{RunningSite, Site};
use host_runner::{HostRunner, Level, Scope, bind};
use serde_json::json;
use tempfile::TempDir;

const TENANTS: usize = 1000;
const CALLS: usize = 10;
const AT_ONCE: usize = 200;
const LATENCY_MS: usize = 50;

/// What a tenant is: a scope, an address of the site, and a credential.
struct Tenant {
    scope: Scope,
    endpoint: String,
    authorization: String,
}

impl Tenant {
    fn new(number: usize, port: &str) -> Self {
        let pair = format!("tenant-{number}@example.com:token-of-{number:08}-0123456789");
        Self {
            scope: Scope {
                env: "bench".parse().expect("it is a name"),
                app: format!("tenant-{number}").parse().expect("it is a name"),
            },
            endpoint: format!(
                "http://127.{}.{}.1:{port}/wiki/api/v2/",
                1 + number / 250,
                number % 250
            ),
            authorization: format!("Basic {}", STANDARD.encode(pair)),
        }
    }

    /// The account that the site makes of the credential.
    fn account(&self) -> String {
        let hash = self
            .authorization
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        format!("{hash:016x}")
    }

    /// The address as the site is told it.
    fn host(&self) -> &str {
        let host = self.endpoint.trim_start_matches("http://");
        host.split('/').next().unwrap_or_default()
    }
}

async fn connect(host: &HostRunner, tenant: &Tenant) {
    let handle = host.tenant(&tenant.scope).expect("the component loads");
    let set = handle.function("setApiUrlAndAuth").expect("it is there");
    let words = [&tenant.endpoint, &tenant.authorization, "app"].map(str::to_owned);
    let arguments = bind(set, &words, &[]).expect("arguments fit");
    handle.call(set, arguments).await.expect("it is stored");
}

/// Makes one call, and says whether the answer is the tenant's own.
async fn call(host: &HostRunner, tenant: &Tenant) -> bool {
    let handle = host.tenant(&tenant.scope).expect("the component loads");
    let user = handle
        .client()
        .get_current_user()
        .await
        .expect("the call ends well");
    user.account_id == tenant.account() && user.public_name.as_deref() == Some(tenant.host())
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
    let port = site
        .endpoint()
        .trim_start_matches("http://127.0.0.1:")
        .split('/')
        .next()
        .expect("there is a port")
        .to_owned();
    let state = TempDir::new().expect("a folder can be made");
    let host = HostRunner::builder(state.path().join("config"), state.path().join("state"))
        .open()
        .expect("the host opens");
    let cluster = |key: &str, value: &str| {
        host.config()
            .set(&Scope::default(), Level::Cluster, key, value)
            .expect("the level is written");
    };
    cluster("network.allow-loopback", "true");
    cluster("limits.calls-at-once", &AT_ONCE.to_string());
    let tenants: Vec<Tenant> = (0..TENANTS)
        .map(|number| Tenant::new(number, &port))
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(async {
        for tenant in &tenants {
            connect(&host, tenant).await;
        }
    });

    let shared = Arc::new((host, tenants));
    let next = Arc::new(AtomicUsize::new(0));
    let wrong = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    runtime.block_on(async {
        let workers = (0..AT_ONCE).map(|_| {
            let (shared, next, wrong) =
                (Arc::clone(&shared), Arc::clone(&next), Arc::clone(&wrong));
            tokio::spawn(async move {
                let (host, tenants) = &*shared;
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= TENANTS * CALLS {
                        return;
                    }
                    let tenant = tenants.get(number % TENANTS).expect("it is one of them");
                    if !call(host, tenant).await {
                        wrong.fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await.expect("no call fails");
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    let ideal = (TENANTS * CALLS / AT_ONCE * LATENCY_MS) as f64 / 1000.0;
    let told = json!({
        "seconds": seconds,
        "ideal": ideal,
        "wrong": wrong.load(Ordering::SeqCst),
        "peak megabytes": peak_megabytes(),
    });
    println!("tenants: {told}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("tenants.json"), told.to_string())
        .expect("the folder of the build is there");
}

/// The most memory that this process had, in megabytes.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("it is told");
    let kilobytes = line.trim().trim_end_matches(" kB");
    kilobytes.parse::<f64>().expect("it is a number") / 1000.0
}
