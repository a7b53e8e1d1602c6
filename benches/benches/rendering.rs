//! 1 000 bodies of 50 kB as markdown: in the component, natively, and in Python's `markdownify`.
//!
//! A hosted list of pages with `markdown` costs what one with `storage` does and the rendering;
//! the difference of the two, beside that of the native connector, is what the sandbox costs.
//! Python is asked when `MARKDOWNIFY_PYTHON` names an interpreter that has the package.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a benchmark that cannot run has nothing to tell"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use benchmarks::{Hosted, Native, RunningSite, Site, storage_body};
use confluence_connector::ListOptions;
use confluence_rendering::{Context, Format, storage};
use criterion::{Criterion, criterion_group, criterion_main};

const BODIES: usize = 1_000;
const BODY_BYTES: usize = 50 * 1024;
/// Rows of one call. With bodies of that size they are 5 MB of JSON, within the host's limits.
const PER_CALL: u32 = 100;

/// Reads bodies, one a line as JSON, renders them, and tells the seconds that rendering took.
const MARKDOWNIFY: &str = "
import json, sys, time
from markdownify import markdownify
bodies = [json.loads(line) for line in sys.stdin]
start = time.perf_counter()
for body in bodies:
    markdownify(body)
print(time.perf_counter() - start)
";

fn rendering(criterion: &mut Criterion) {
    let site = RunningSite::start(
        Path::new(env!("CARGO_BIN_EXE_benchmark-site")),
        Site {
            pages: BODIES,
            per_answer: PER_CALL as usize,
            body_bytes: BODY_BYTES,
            latency_ms: 0,
            spaces: 1,
        },
    );
    let mut group = criterion.benchmark_group("rendering");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(12));

    let hosted = Hosted::new(site.endpoint());
    let mut native = Native::new(site.endpoint());
    for format in ["storage", "markdown"] {
        let named = format!(r#"{{"bodyFormat":"{format}"}}"#);
        let options = ListOptions {
            body_format: Some(format.to_owned()),
            ..ListOptions::default()
        };
        let told = hosted.list_pages(PER_CALL, Some(&named));
        assert_eq!(told, native.list_pages(PER_CALL, &options));
        assert_eq!(told.0, BODIES);
        group.bench_function(format!("hosted {format}"), |bencher| {
            bencher.iter(|| hosted.list_pages(PER_CALL, Some(&named)));
        });
        group.bench_function(format!("native {format}"), |bencher| {
            bencher.iter(|| native.list_pages(PER_CALL, &options));
        });
    }

    let bodies: Vec<String> = (0..BODIES)
        .map(|number| storage_body(number, BODY_BYTES))
        .collect();
    group.bench_function("native library alone", |bencher| {
        let context = Context::default();
        bencher.iter(|| {
            bodies
                .iter()
                .map(|body| storage(body, Format::Markdown, &context).map(|it| it.text.len()))
                .sum::<Result<usize, _>>()
        });
    });
    match std::env::var_os("MARKDOWNIFY_PYTHON") {
        None => eprintln!("`MARKDOWNIFY_PYTHON` is not set: nothing to compare with"),
        Some(python) => {
            // A tenth of the bodies, told as if it were all: all of them take minutes.
            let lines: String = bodies
                .iter()
                .step_by(10)
                .map(|body| format!("{}\n", serde_json::Value::from(body.as_str())))
                .collect();
            group.bench_function("python markdownify", |bencher| {
                bencher.iter_custom(|rounds| {
                    (0..rounds)
                        .map(|_| markdownify(Path::new(&python), &lines) * 10)
                        .sum()
                });
            });
        }
    }
    group.finish();
}

fn markdownify(python: &Path, lines: &str) -> Duration {
    let mut child = Command::new(python)
        .args(["-c", MARKDOWNIFY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    child
        .stdin
        .take()
        .expect("it was asked for")
        .write_all(lines.as_bytes())
        .expect("python reads");
    let output = child.wait_with_output().expect("python ends");
    let seconds = String::from_utf8_lossy(&output.stdout);
    Duration::from_secs_f64(seconds.trim().parse().expect("python tells seconds"))
}

criterion_group!(benches, rendering);
criterion_main!(benches);
