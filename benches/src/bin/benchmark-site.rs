//! The site of the benchmarks: `benchmark-site PAGES PER-ANSWER BODY-BYTES LATENCY-MS SPACES WIRE`.
//!
//! It tells its endpoint, and for each line that it reads what came to it so far.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to tell, and the endpoint is told"
)]

use std::sync::Arc;

use benchmarks::{Counters, Site, Wire};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("there are six arguments");
    let mut number = || next().parse().expect("it is a number");
    let site = Site {
        pages: number(),
        per_answer: number(),
        body_bytes: number(),
        latency_ms: number(),
        spaces: number(),
    };
    let wire = Wire::named(&next()).expect("it is `plain`, `http/1.1` or `h2`");
    let counters = Arc::<Counters>::default();
    let counted = Arc::clone(&counters);
    // A thread of its own, which sleeps until it is asked.
    std::thread::spawn(move || {
        for _ in std::io::stdin().lines() {
            println!("{}", counted.seen());
        }
    });
    benchmarks::runtime()
        .block_on(site.serve(wire, counters, |endpoint| println!("{endpoint}")))
        .expect("the site answers");
}
