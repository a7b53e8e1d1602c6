//! 1 000 requests of one tenant, five at once, over TLS on loopback: through the component in the
//! host, beside the HTTP client alone.
//!
//! `calls` are 1 000 calls of one request each, every one in an instance of its own; `lists` are
//! five calls of 200 requests each, where there is next to nothing beside the transport. Answers
//! have one page of 680 bytes: the smaller they are, the more it shows what stands around them.
//!
//! Beside the medians, `target/tmp/transport.json` is written: the most connections that the site
//! accepted for the first 1 000 calls of a host.

#![allow(
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark that cannot run has nothing to tell"
)]

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use benchmarks::{Bare, Hosted, RunningSite, Site, Wire};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;

/// Requests under way at once: as many as a connection may have by default.
const AT_ONCE: usize = 5;

/// Requests of each of them.
const EACH: usize = 200;

/// Hosts whose connections are counted: while a host opens its first ones, requests race with
/// handshakes, and not each run has as many.
const HOSTS: usize = 5;

fn transport(criterion: &mut Criterion) {
    let mut told = serde_json::Map::new();
    let mut group = criterion.benchmark_group("transport");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(10));
    let requests = AT_ONCE * EACH;
    let ranges: Vec<Range<usize>> = (0..AT_ONCE).map(|at| at * EACH..(at + 1) * EACH).collect();
    for (wire, name) in [(Wire::TlsHttp2, "HTTP 2"), (Wire::TlsHttp1, "HTTP 1.1")] {
        let mut site = RunningSite::start_over(
            Path::new(env!("CARGO_BIN_EXE_benchmark-site")),
            Site {
                pages: requests,
                per_answer: 1,
                body_bytes: 0,
                latency_ms: 0,
                spaces: 1,
            },
            wire,
        );
        let most = (0..HOSTS)
            .map(|_| connections_of_a_fresh_host(&mut site, wire, &ranges))
            .max();
        told.insert(wire.name().to_owned(), json!(most));
        let hosted = Hosted::new(site.endpoint());
        let bare = Bare::new(site.endpoint());
        assert_eq!(bare.single_pages(&ranges), requests);
        group.bench_function(format!("hosted calls over {name}"), |bencher| {
            bencher.iter(|| hosted.single_pages(&ranges));
        });
        group.bench_function(format!("native calls over {name}"), |bencher| {
            bencher.iter(|| bare.single_pages(&ranges));
        });
        let limits = [EACH as u32; AT_ONCE];
        let firsts = vec![0..EACH; AT_ONCE];
        let before = site.seen().requests;
        assert_eq!(hosted.lists_at_once(&limits), requests);
        assert_eq!(
            site.seen().requests - before,
            requests as u64,
            "a row is a request"
        );
        group.bench_function(format!("hosted lists over {name}"), |bencher| {
            bencher.iter(|| hosted.lists_at_once(&limits));
        });
        group.bench_function(format!("native lists over {name}"), |bencher| {
            bencher.iter(|| bare.answers(&firsts));
        });
    }
    group.finish();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let text = serde_json::Value::from(told).to_string();
    std::fs::write(folder.join("transport.json"), text).expect("the folder of the build is there");
}

/// How many connections a host opens for its first calls, each of which is one request.
fn connections_of_a_fresh_host(site: &mut RunningSite, wire: Wire, ranges: &[Range<usize>]) -> u64 {
    let before = site.seen();
    let count = Hosted::new(site.endpoint()).single_pages(ranges);
    assert_eq!(count, AT_ONCE * EACH);
    let after = site.seen();
    let requests = after.requests - before.requests;
    assert_eq!(requests, count as u64, "a call is a request");
    let over_http_2 = if wire == Wire::TlsHttp2 { requests } else { 0 };
    assert_eq!(after.over_http_2 - before.over_http_2, over_http_2);
    after.connections - before.connections
}

criterion_group!(benches, transport);
criterion_main!(benches);
