//! The site of the benchmarks: `benchmark-site PAGES PER-ANSWER BODY-BYTES LATENCY-MS`.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to tell, and the endpoint is told"
)]

use benchmarks::Site;

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .map(|number| number.parse().expect("arguments are numbers"));
    let mut next = || numbers.next().expect("there are four arguments");
    let site = Site {
        pages: next(),
        per_answer: next(),
        body_bytes: next(),
        latency_ms: next(),
    };
    benchmarks::runtime()
        .block_on(site.serve(|endpoint| println!("{endpoint}")))
        .expect("the site answers");
}
