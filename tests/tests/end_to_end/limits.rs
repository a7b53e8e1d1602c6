//! Limits, each with a guest or a site that would break it.

use std::time::Duration;

use host_runner::{
    CallError, HostRunner, InspectError, Limits, LoadError, Scope, TenantError, bind,
};
use tests::Host;

use crate::{faults, site};

/// A component with one interface, `test:guest/hostile`, whose function runs `body`.
fn guest(body: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
            (core module $module
                (memory (export "memory") 1)
                (func (export "run") {body}))
            (core instance $core (instantiate $module))
            (func $run (canon lift (core func $core "run")))
            (instance $hostile (export "run" (func $run)))
            (export "test:guest/hostile" (instance $hostile)))"#
    ))
    .unwrap()
}

async fn run(guest: Vec<u8>, limits: Limits) -> Result<(), CallError> {
    let state = tempfile::tempdir().unwrap();
    let host = HostRunner::builder(state.path().join("config"), state.path())
        .component(guest)
        .limits(limits)
        .open()
        .unwrap();
    let tenant = host.tenant(&Scope::default()).unwrap();
    let function = tenant.function("run").unwrap();
    let arguments = bind(function, &[], &[]).unwrap();
    let called = tenant.call(function, arguments.clone()).await;
    // Whatever happened, the host goes on.
    if called.is_err() {
        assert!(tenant.call(function, arguments).await.is_err());
    }
    called.map(drop)
}

fn brief() -> Limits {
    Limits {
        call: Duration::from_millis(50),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_guest_that_computes_for_ever_is_ended() {
    // On one thread: were the guest not interrupted, nothing could notice the deadline.
    let ended = run(guest("(loop $again (br $again))"), brief()).await;
    assert!(
        matches!(ended, Err(CallError::TimedOut { .. })),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_guest_that_wants_all_memory_gets_its_limit() {
    let limits = Limits {
        memory_bytes: 1 << 20,
        ..Limits::default()
    };
    // 16 pages of 64 KiB are the limit: growth beyond answers -1, on which this guest breaks.
    let grow = |pages: u32| {
        guest(&format!(
            "(if (i32.eq (memory.grow (i32.const {pages})) (i32.const -1)) (then unreachable))"
        ))
    };
    assert!(run(grow(15), limits).await.is_ok());
    let ended = run(grow(16), limits).await;
    assert!(
        matches!(
            ended,
            Err(CallError::Memory {
                limit_bytes: 1_048_576
            })
        ),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_guest_that_recurses_for_ever_breaks_alone() {
    let wat = r#"(component
        (core module $module (func $run (export "run") (call $run)))
        (core instance $core (instantiate $module))
        (func $run (canon lift (core func $core "run")))
        (instance $hostile (export "run" (func $run)))
        (export "test:guest/hostile" (instance $hostile)))"#;
    let ended = run(wat::parse_str(wat).unwrap(), Limits::default()).await;
    assert!(matches!(ended, Err(CallError::Stack { .. })), "{ended:?}");
}

/// Why a component is not loaded.
fn refused(component: Vec<u8>) -> LoadError {
    let state = tempfile::tempdir().unwrap();
    let host = HostRunner::builder(state.path().join("config"), state.path())
        .component(component)
        .open()
        .unwrap();
    match host.tenant(&Scope::default()).err() {
        Some(TenantError::Load { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_component_that_asks_for_more_is_refused_before_it_runs() {
    let wat = r#"(component
        (import "wasi:filesystem/preopens@0.2.3" (instance (export "get-directories" (func)))))"#;
    match refused(wat::parse_str(wat).unwrap()) {
        LoadError::SurplusImports { surplus } => {
            assert_eq!(surplus, ["wasi:filesystem/preopens@0.2.3"]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_component_is_refused() {
    let module = b"\0asm\x01\0\0\0".to_vec();
    assert!(matches!(
        refused(module),
        LoadError::Inspect(InspectError::CoreModule)
    ));
    assert!(matches!(
        refused(b"MZ".to_vec()),
        LoadError::Inspect(InspectError::NotWasm)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_never_answers_is_given_up_inside_the_host_call() {
    let site = site().await;
    let host = Host::with_site(&site);
    site.set_faults(faults("*:stall"));
    host.call(&["listPages", "--timeout", "0.2"])
        .fails(15, &["200 ms", "--timeout"]);
    // The site is asked, and the next call works.
    site.set_faults(faults(""));
    host.call(&["listPages"]).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_does_not_suffice_is_told_with_the_limit() {
    let site = crate::site_of(2000).await;
    let host = Host::with_site(&site);
    let words = ["listPages", "--limit", "1000", "--body-format", "storage"];
    host.call(&[&words[..], &["--memory", "4"]].concat())
        .fails(17, &["4 MiB", "--memory"]);
    host.call(&words).ok();
}
