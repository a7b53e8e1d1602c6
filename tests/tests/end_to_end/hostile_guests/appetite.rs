//! Guests that want all of something: memory, tables, stack, handles, and the host's own memory.

use host_runner::{CallError, Limits, LoadError, Scope, TenantError};

use super::{Stage, guest};

/// What a call of this guest ends with, told as people read it.
async fn ended(component: Vec<u8>, limits: Limits) -> (CallError, String) {
    let stage = Stage::with_limits(component, limits);
    let error = stage.run().await.unwrap_err();
    assert_eq!(error.kind().as_str(), "limit-exceeded", "{error:?}");
    let told = format!("{error}; {}", error.resolution().unwrap());
    (error, told)
}

/// A component without imports: fields of its module, and what `run` does.
fn plain(extra: &str, body: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
            (core module $module {extra} (func (export "run") (result i32) {body}))
            (core instance $core (instantiate $module))
            (func $run (result u32) (canon lift (core func $core "run")))
            (instance $hostile (export "run" (func $run)))
            (export "test:guest/hostile" (instance $hostile)))"#
    ))
    .unwrap()
}

#[tokio::test]
async fn memory_that_is_wanted_from_the_start_counts() {
    let needy = plain("(memory 16)", "(i32.const 7)");
    let limits = Limits {
        memory_bytes: 1 << 20,
        ..Limits::default()
    };
    let stage = Stage::with_limits(needy, limits);
    assert_eq!(stage.run().await.unwrap(), 7);
    let (error, told) = ended(plain("(memory 17)", "(i32.const 7)"), limits).await;
    assert!(matches!(error, CallError::Memory { limit_bytes } if limit_bytes == 1 << 20));
    assert!(told.contains("`limits.memory-mib`"), "{told}");
}

#[tokio::test]
async fn memories_count_together() {
    let two = plain(
        "(memory $a 8) (memory $b 8)",
        "(if (i32.eq (memory.grow $b (i32.const 1)) (i32.const -1)) (then unreachable)) (i32.const 7)",
    );
    let limits = Limits {
        memory_bytes: 1 << 20,
        ..Limits::default()
    };
    let (error, _) = ended(two.clone(), limits).await;
    assert!(matches!(error, CallError::Memory { .. }), "{error:?}");
    let stage = Stage::with_limits(two, Limits::default());
    assert_eq!(stage.run().await.unwrap(), 7);
}

#[tokio::test]
async fn a_guest_that_wants_all_of_a_table_gets_its_limit() {
    let grow = |elements: u32| {
        let body = format!(
            "(if (i32.eq (table.grow (ref.null func) (i32.const {elements})) (i32.const -1)) (then unreachable)) (i32.const 7)"
        );
        plain("(table 1 funcref)", &body)
    };
    let limits = Limits {
        table_elements: 1000,
        ..Limits::default()
    };
    assert_eq!(
        Stage::with_limits(grow(999), limits).run().await.unwrap(),
        7
    );
    let (error, told) = ended(grow(1000), limits).await;
    assert!(
        matches!(error, CallError::Tables { limit: 1000 }),
        "{error:?}"
    );
    assert!(told.contains("1000 table elements"), "{told}");
    assert!(told.contains("`limits.table-elements`"), "{told}");
}

#[tokio::test]
async fn a_guest_that_calls_itself_for_ever_is_told_of_the_stack() {
    let deep = plain(
        "(func $deep (param i32) (result i32) (call $deep (call $deep (local.get 0))))",
        "(call $deep (i32.const 1))",
    );
    let (error, told) = ended(deep, Limits::default()).await;
    assert!(matches!(error, CallError::Stack { .. }), "{error:?}");
    assert!(told.contains("stack limit of 1024 KiB"), "{told}");
    assert!(told.contains("no setting raises it"), "{told}");
}

#[tokio::test]
async fn a_guest_has_no_more_handles_than_its_limit() {
    let open = |handles: u32| {
        let body = format!(
            "(loop $again
                (drop (call $fields))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const {handles}))))
            (local.get $i)"
        );
        guest("", &[], &body)
    };
    let limits = Limits {
        handles: 100,
        ..Limits::default()
    };
    assert_eq!(
        Stage::with_limits(open(100), limits).run().await.unwrap(),
        100
    );
    for handles in [101, 1_000_000] {
        let (error, told) = ended(open(handles), limits).await;
        assert!(
            matches!(error, CallError::Handles { limit: 100 }),
            "{error:?}"
        );
        assert!(told.contains("`limits.handles`"), "{told}");
    }
}

#[tokio::test]
async fn a_guests_own_resources_are_handles_too() {
    let open = |handles: u32| {
        wat::parse_str(format!(
            r#"(component
                (type $own (resource (rep i32)))
                (core func $new (canon resource.new $own))
                (core module $module
                    (import "host" "new" (func $new (param i32) (result i32)))
                    (func (export "run") (result i32) (local $i i32)
                        (loop $again
                            (drop (call $new (i32.const 1)))
                            (local.set $i (i32.add (local.get $i) (i32.const 1)))
                            (br_if $again (i32.lt_u (local.get $i) (i32.const {handles}))))
                        (local.get $i)))
                (core instance $core
                    (instantiate $module (with "host" (instance (export "new" (func $new))))))
                (func $run (result u32) (canon lift (core func $core "run")))
                (instance $hostile (export "run" (func $run)))
                (export "test:guest/hostile" (instance $hostile)))"#
        ))
        .unwrap()
    };
    let limits = Limits {
        handles: 100,
        ..Limits::default()
    };
    assert_eq!(
        Stage::with_limits(open(100), limits).run().await.unwrap(),
        100
    );
    let (error, _) = ended(open(101), limits).await;
    assert!(
        matches!(error, CallError::Handles { limit: 100 }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_list_that_is_larger_on_the_host_than_in_the_guest_is_not_taken() {
    // 50 million handles of 4 bytes each in the guest.
    let body = "(drop (memory.grow (i32.const 3100)))
        (call $poll (i32.const 131072) (i32.const 50000000) (i32.const 256)) (i32.const 7)";
    let (error, told) = ended(guest("", &[], body), Limits::default()).await;
    assert!(matches!(error, CallError::HandedOver { .. }), "{error:?}");
    assert!(told.contains("256 MiB at once"), "{told}");
    assert!(told.contains("`limits.memory-mib`"), "{told}");
}

#[tokio::test]
async fn an_answer_that_is_larger_on_the_host_than_in_the_guest_is_not_taken() {
    // A byte in the guest is a whole value on the host: 64 MiB would become 2 GiB.
    let flood = wat::parse_str(
        r#"(component
            (core module $module
                (memory (export "memory") 1100)
                (func (export "run") (result i32)
                    (i32.store (i32.const 0) (i32.const 16))
                    (i32.store (i32.const 4) (i32.const 0x4000000))
                    (i32.const 0)))
            (core instance $core (instantiate $module))
            (func $run (result (list u8))
                (canon lift (core func $core "run") (memory (core memory $core "memory"))))
            (instance $hostile (export "run" (func $run)))
            (export "test:guest/hostile" (instance $hostile)))"#,
    )
    .unwrap();
    let (error, _) = ended(flood, Limits::default()).await;
    assert!(matches!(error, CallError::HandedOver { .. }), "{error:?}");
}

#[tokio::test]
async fn headers_that_are_too_large_end_the_call() {
    // One of 20 000 bytes, and small ones for ever.
    for bytes in [20_000, 10] {
        let body = format!(
            "(local.set $a (call $fields))
            (loop $again
                (call $append (local.get $a) TEXT0
                    (i32.const 40000) (i32.const {bytes}) (i32.const 256))
                (br $again))
            (unreachable)"
        );
        let filled = "(data (i32.const 40000) \"xxxxxxxxxx\")";
        let body = body.replace(
            "(loop",
            "(memory.fill (i32.const 40000) (i32.const 120) (i32.const 20000)) (loop",
        );
        let (error, told) = ended(guest(filled, &["accept"], &body), Limits::default()).await;
        assert!(matches!(error, CallError::Headers { .. }), "{error:?}");
        assert!(told.contains("16 KiB"), "{told}");
    }
}

#[tokio::test]
async fn what_a_request_is_made_of_is_no_place_for_the_hosts_memory() {
    // 64 MiB of letters as the authority, and as the method, of one request after the other.
    let fill = "(drop (memory.grow (i32.const 1100)))
        (memory.fill (i32.const 131072) (i32.const 97) (i32.const 0x4000000))";
    for set in [
        "(call $set-authority (local.get $a) (i32.const 1) (i32.const 131072) (i32.const 0x4000000))",
        "(call $set-method (local.get $a) (i32.const 9) (i32.const 131072) (i32.const 0x4000000))",
        "(call $set-scheme (local.get $a) (i32.const 1) (i32.const 2) (i32.const 131072) (i32.const 0x4000000))",
        "(call $set-path (local.get $a) (i32.const 1) (i32.const 131072) (i32.const 0x4000000))",
    ] {
        let body = format!("{fill} (local.set $a (call $new-request (call $fields))) {set}");
        let stage = Stage::new(guest("", &[], &body));
        assert_eq!(stage.run().await.unwrap(), 1, "{set}");
    }
}

#[tokio::test]
async fn a_body_that_nobody_sends_takes_little_of_the_hosts_memory() {
    // Writes for as long as it may, 60 000 bytes at a time where it may, and answers how much.
    let body = "(local.set $a (call $new-request (call $fields)))
        (call $body (local.get $a) (i32.const 256))
        (call $write-body (i32.load (i32.const 260)) (i32.const 256))
        (local.set $b (i32.load (i32.const 260)))
        (loop $again
            (call $check-write (local.get $b) (i32.const 256))
            (if (i32.or (i32.load8_u (i32.const 256)) (i64.eqz (i64.load (i32.const 264))))
                (then (return (local.get $i))))
            (local.set $a (i32.load (i32.const 264)))
            (if (i32.gt_u (local.get $a) (i32.const 60000))
                (then (local.set $a (i32.const 60000))))
            (call $write (local.get $b) (i32.const 0) (local.get $a) (i32.const 256))
            (local.set $i (i32.add (local.get $i) (local.get $a)))
            (br_if $again (i32.lt_u (local.get $i) (i32.const 10000000))))
        (local.get $i)";
    let written = Stage::new(guest("", &[], body)).run().await.unwrap();
    assert!((1..=16_384).contains(&written), "{written}");
}

#[tokio::test]
async fn a_trap_is_told_in_few_and_harmless_letters() {
    let name = format!("\\1b[31m{}", "x".repeat(50_000));
    let named = plain(
        &format!("(func $\"{name}\" (result i32) unreachable)"),
        &format!("(call $\"{name}\")"),
    );
    let error = Stage::new(named).run().await.unwrap_err();
    assert!(matches!(error, CallError::Trapped { .. }), "{error:?}");
    let told = error.to_string();
    assert!(
        told.contains("unreachable") && told.contains("[31mxxx"),
        "{told}"
    );
    assert!(!told.contains('\u{1b}') && told.len() < 1000, "{told}");
}

#[tokio::test]
async fn a_component_of_many_memories_or_tables_is_refused_before_it_runs() {
    let of = |count: usize, field: &str| {
        let instances: String = (0..count)
            .map(|number| format!("(core instance $m{number} (instantiate $module))"))
            .collect();
        wat::parse_str(format!(
            "(component (core module $module {field}) {instances})"
        ))
        .unwrap()
    };
    for (field, most) in [("(memory 1)", 16), ("(table 1 funcref)", 32)] {
        drop(Stage::new(of(most, field)).tenant(&Scope::default()));
        let stage = Stage::new(of(most + 1, field));
        let refused = stage.host.tenant(&Scope::default()).err();
        match refused {
            Some(TenantError::Load {
                error: LoadError::TooMany { count, .. },
                ..
            }) => assert_eq!(count as usize, most + 1),
            other => panic!("{other:?}"),
        }
    }
}
