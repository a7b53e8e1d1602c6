//! What an instance costs: a fresh one for each call, a warm one, compiled code that is loaded, and
//! the memory of one that waits.
//!
//! The function that is called refuses its argument and asks nobody, so that what is measured is
//! the engine and what the host puts around it. `engine alone` is the same component in the same
//! engine without a host: no limits, no levels, no state of a call.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a benchmark that cannot run has nothing to tell"
)]

use std::cell::RefCell;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use criterion::{Criterion, criterion_group};
use host_runner::{
    CallError, HostRunner, InstanceMemory, Level, Scope, Tenant, bind, embedded_component,
};
use tempfile::TempDir;
use wasmtime::component::{Component, Func, InstancePre, Linker, Val};
use wasmtime::{Config, Engine, Store};

/// Apps whose instances wait when their memory is measured.
const WAITING: usize = 100;

/// Names the folder of a host whose waiting instances are to be measured, and nothing else.
const WAIT_IN: &str = "BENCHMARK_WAIT_IN";

fn instances(criterion: &mut Criterion) {
    let runtime = benchmarks::runtime();
    let state = TempDir::new().expect("a folder can be made");
    let mut group = criterion.benchmark_group("instances");

    let (host, config) = pooled(state.path());
    let alone = Alone::new(&config);
    group.bench_function("fresh call, engine alone", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let (mut store, function) = alone.instantiate().await;
                refused_alone(function, &mut store).await;
            });
        });
    });
    let (mut store, function) = runtime.block_on(alone.instantiate());
    group.bench_function("warm call, engine alone", |bencher| {
        bencher.iter(|| runtime.block_on(refused_alone(function, &mut store)));
    });
    drop(store);

    let scope = Scope::default();
    let tenant = host.tenant(&scope).expect("the component loads");
    group.bench_function("fresh call", |bencher| {
        bencher.iter(|| runtime.block_on(refused(&tenant)));
    });
    warm(&host, "1");
    runtime.block_on(refused(&tenant));
    assert_eq!(host.usage().warm, 1, "the instance is kept");
    group.bench_function("warm call", |bencher| {
        bencher.iter(|| runtime.block_on(refused(&tenant)));
    });
    // Each call sees whether its levels are as they were; this much of it is that.
    group.bench_function("levels alone", |bencher| {
        bencher.iter(|| host.effective(&scope).expect("there are no mistakes"));
    });

    let other = TempDir::new().expect("a folder can be made");
    let on_demand = HostRunner::builder(other.path().join("config"), other.path().join("state"))
        .instance_memory(InstanceMemory::OnDemand)
        .open()
        .expect("the host opens");
    let tenant = on_demand.tenant(&scope).expect("the component loads");
    group.bench_function("fresh call, memory on demand", |bencher| {
        bencher.iter(|| runtime.block_on(refused(&tenant)));
    });
    group.bench_function("load compiled code", |bencher| {
        bencher.iter(|| assert!(host.keeps_code_of(embedded_component())));
    });
    group.finish();

    // In a process that loads the code from where this one left it, as hosts do each time but the
    // first: a compiler leaves megabytes of free memory behind, which instances would take first.
    let this = std::env::current_exe().expect("this program has a file");
    let ended = Command::new(this).env(WAIT_IN, state.path()).status();
    assert!(ended.expect("it starts").success());
}

/// Measures instances that wait, in a process of its own.
fn waiting(state: &Path) {
    let runtime = benchmarks::runtime();
    let (host, _) = pooled(state);
    assert!(host.keeps_code_of(embedded_component()));
    // Its levels say since a while that instances are kept, so that all share what was read of them.
    let bytes = resident_per_instance(&runtime, &host);
    eprintln!("instances/resident: {:.1} KiB each", bytes / 1024.0);
    // `benches/run` reads it.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(
        folder.join("resident-bytes-per-instance"),
        bytes.to_string(),
    )
    .expect("the number is written");
}

/// A host whose instances are pooled, and the settings of its engine.
fn pooled(state: &Path) -> (HostRunner, Config) {
    let settings = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&settings);
    let host = HostRunner::builder(state.join("config"), state.join("state"))
        .tune_engine(move |config| *kept.borrow_mut() = Some(config.clone()))
        .open()
        .expect("the host opens");
    assert_eq!(host.instance_memory(), InstanceMemory::Pooled);
    let config = settings.borrow_mut().take().expect("the engine was tuned");
    (host, config)
}

fn warm(host: &HostRunner, instances: &str) {
    host.config()
        .set(
            &Scope::default(),
            Level::Cluster,
            "instances.warm",
            instances,
        )
        .expect("the level is written");
}

/// A call that the component refuses before it asks anybody.
async fn refused(tenant: &Tenant) {
    let function = tenant.function("getFolder").expect("it is there");
    let arguments = bind(function, &["x".to_owned()], &[]).expect("it is a text");
    let ended = tenant.call(function, arguments).await;
    assert!(
        matches!(ended, Err(CallError::Component { .. })),
        "{ended:?}"
    );
}

/// The component in an engine without a host.
struct Alone {
    engine: Engine,
    pre: InstancePre<()>,
    function: wasmtime::component::ComponentExportIndex,
}

impl Alone {
    fn new(config: &Config) -> Self {
        let engine = Engine::new(config).expect("the engine starts");
        let component = Component::new(&engine, embedded_component()).expect("it compiles");
        let mut linker = Linker::new(&engine);
        linker
            .define_unknown_imports_as_traps(&component)
            .expect("imports are defined");
        let interface = component
            .get_export_index(None, "confluence:connector/confluence@0.3.0")
            .expect("the interface is there");
        Self {
            function: component
                .get_export_index(Some(&interface), "get-folder")
                .expect("the function is there"),
            pre: linker.instantiate_pre(&component).expect("it links"),
            engine,
        }
    }

    async fn instantiate(&self) -> (Store<()>, Func) {
        let mut store = Store::new(&self.engine, ());
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        let instance = self
            .pre
            .instantiate_async(&mut store)
            .await
            .expect("it is instantiated");
        let function = instance
            .get_func(&mut store, self.function)
            .expect("the function is there");
        (store, function)
    }
}

async fn refused_alone(function: Func, store: &mut Store<()>) {
    let arguments = [Val::String("x".to_owned()), Val::Option(None)];
    let mut results = [Val::Bool(false)];
    function
        .call_async(store, &arguments, &mut results)
        .await
        .expect("it answers");
    assert!(matches!(results, [Val::Result(Err(_))]), "{results:?}");
}

/// Resident memory that each waiting instance adds, in bytes.
fn resident_per_instance(runtime: &tokio::runtime::Runtime, host: &HostRunner) -> f64 {
    let wait = |from: usize, to: usize| {
        for number in from..to {
            let scope = Scope {
                app: format!("app-{number}").parse().expect("it is a name"),
                ..Scope::default()
            };
            let tenant = host.tenant(&scope).expect("the component loads");
            runtime.block_on(refused(&tenant));
        }
        resident()
    };
    // The first ones warm up what all share.
    let before = wait(0, WAITING / 10);
    let kept = host.usage().warm;
    let after = wait(WAITING / 10, WAITING + WAITING / 10);
    assert_eq!(host.usage().warm - kept, WAITING);
    (after - before) / WAITING as f64
}

/// Resident memory of this process, in bytes; 0 where the system does not tell. A page that several
/// instances share, of the component's own data, counts once for all of them.
fn resident() -> f64 {
    let Ok(text) = std::fs::read_to_string("/proc/self/smaps_rollup") else {
        return 0.0;
    };
    let kibibytes = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kibibytes.unwrap_or_default() * 1024.0
}

criterion_group!(benches, instances);

fn main() {
    if let Some(state) = std::env::var_os(WAIT_IN) {
        return waiting(Path::new(&state));
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
