//! Whole lists into typed records, with and without bodies, and as raw rows: the component in the
//! host, beside the same connector compiled natively over the same HTTP client. The same as columns.
//!
//! Beside the medians, `target/tmp/lists.json` is written: processor time, which the site's and the
//! network's waits are no part of, the memory of the guest, and whole lists from a site that takes
//! 50 ms for each answer.

#![allow(
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark that cannot run has nothing to tell"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use benchmarks::{Hosted, Native, RunningSite, Site};
use confluence_connector::ListOptions;
use criterion::{Criterion, criterion_group, criterion_main};
use host_runner::typed;
use serde_json::json;

/// Rows of one call: four of Confluence's largest pages.
const PER_CALL: u32 = 1000;

/// Confluence's largest page.
const PER_ANSWER: usize = 250;

/// Runs of each side of which processor time is taken. One side follows the other, so that both have
/// the machine as it is then, and the median of each is what counts.
const RUNS: usize = 9;

/// One kind of work.
struct Work {
    name: &'static str,
    pages: usize,
    body_bytes: usize,
    raw: bool,
}

const WORKS: [Work; 4] = [
    Work {
        name: "typed",
        pages: 100_000,
        body_bytes: 0,
        raw: false,
    },
    Work {
        name: "raw",
        pages: 100_000,
        body_bytes: 0,
        raw: true,
    },
    Work {
        name: "bodies typed",
        pages: 20_000,
        body_bytes: 8 * 1024,
        raw: false,
    },
    Work {
        name: "bodies raw",
        pages: 20_000,
        body_bytes: 8 * 1024,
        raw: true,
    },
];

impl Work {
    fn site(&self, pages: usize, latency_ms: usize) -> RunningSite {
        RunningSite::start(
            Path::new(env!("CARGO_BIN_EXE_benchmark-site")),
            Site {
                pages,
                per_answer: PER_ANSWER,
                body_bytes: self.body_bytes,
                latency_ms,
                spaces: 1,
            },
        )
    }

    fn format(&self) -> Option<String> {
        (self.body_bytes > 0).then(|| "storage".to_owned())
    }

    fn native(&self) -> ListOptions {
        ListOptions {
            body_format: self.format(),
            raw: self.raw,
            ..ListOptions::default()
        }
    }

    fn hosted(&self) -> typed::ListOptions {
        typed::ListOptions {
            body_format: self.format(),
            raw: self.raw,
            ..typed::ListOptions::default()
        }
    }
}

fn lists(criterion: &mut Criterion) {
    let mut told = serde_json::Map::new();
    let mut group = criterion.benchmark_group("lists");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(10));
    for work in &WORKS {
        let site = work.site(work.pages, 0);
        let hosted = Hosted::new(site.endpoint());
        let mut native = Native::new(site.endpoint());
        let (to_hosted, to_native) = (work.hosted(), work.native());
        let mut run_hosted = || {
            let (count, bytes, _) = hosted.typed_pages(PER_CALL, &to_hosted);
            (count, bytes)
        };
        let mut run_native = || native.list_pages(PER_CALL, &to_native);
        assert_eq!(run_hosted(), run_native());
        let mut native_columns = Native::new(site.endpoint());
        let format = work.format();
        let mut run_columns = || {
            let (count, bytes, _) = hosted.page_columns(format.as_deref(), work.raw);
            (count, bytes)
        };
        let mut run_native_columns = || native_columns.page_columns(format.as_deref(), work.raw);
        assert_eq!(run_columns(), run_native_columns());
        group.bench_function(format!("hosted {}", work.name), |bencher| {
            bencher.iter(&mut run_hosted);
        });
        group.bench_function(format!("native {}", work.name), |bencher| {
            bencher.iter(&mut run_native);
        });
        let mut seen = serde_json::Map::new();
        let cpu = |run: &mut dyn FnMut() -> (usize, usize)| {
            let before = processor_seconds();
            run();
            processor_seconds() - before
        };
        let mut times = [[0.0; RUNS]; 4];
        let [of_hosted, of_native, of_columns, of_native_columns] = &mut times;
        let runs = of_hosted.iter_mut().zip(of_native);
        for ((hosted, native), (columns, native_columns)) in
            runs.zip(of_columns.iter_mut().zip(of_native_columns))
        {
            *hosted = cpu(&mut run_hosted);
            *native = cpu(&mut run_native);
            *columns = cpu(&mut run_columns);
            *native_columns = cpu(&mut run_native_columns);
        }
        let [hosted, native, columns, native_columns] = times.map(median);
        seen.insert("cpu".to_owned(), json!(hosted / native));
        seen.insert("columns".to_owned(), json!(columns / native));
        seen.insert(
            "columns, native columns".to_owned(),
            json!(columns / native_columns),
        );
        // The table has that of rows without bodies alone.
        if work.name == "typed" {
            let receipt = host_receipt(&site, work);
            seen.insert(
                "guest bytes of a step".to_owned(),
                json!(receipt.peak_memory_bytes),
            );
        }
        // A quarter of it, so that it takes seconds: the ratio is the same.
        let site = work.site(work.pages / 4, 50);
        let hosted = Hosted::new(site.endpoint());
        let mut native = Native::new(site.endpoint());
        let wall = |run: &mut dyn FnMut()| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        };
        let hosted_wall = wall(&mut || {
            assert_eq!(hosted.typed_pages(PER_CALL, &to_hosted).0, work.pages / 4);
        });
        let native_wall = wall(&mut || {
            native.list_pages(PER_CALL, &to_native);
        });
        seen.insert("latency".to_owned(), json!(hosted_wall / native_wall));
        // Of 250 rows alone.
        let receipt = hosted.first_pages(250, &to_hosted);
        seen.insert("guest bytes".to_owned(), json!(receipt.peak_memory_bytes));
        told.insert(work.name.to_owned(), seen.into());
    }
    group.finish();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let text = serde_json::Value::from(told).to_string();
    std::fs::write(folder.join("lists.json"), text).expect("the folder of the build is there");
}

/// What all pages cost as columns, in a host that does nothing before.
fn host_receipt(site: &RunningSite, work: &Work) -> host_runner::Receipt {
    let hosted = Hosted::new(site.endpoint());
    hosted.page_columns(work.format().as_deref(), work.raw).2
}

fn median(mut seconds: [f64; RUNS]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    *seconds.get(RUNS / 2).expect("there were runs")
}

/// Processor time of all threads of this process so far, in seconds.
fn processor_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("this is Linux");
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok())
        .filter_map(|nanoseconds| nanoseconds.split(' ').next()?.parse::<f64>().ok())
        .sum::<f64>()
        / 1e9
}

criterion_group!(benches, lists);
criterion_main!(benches);
