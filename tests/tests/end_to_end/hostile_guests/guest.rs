//! Guests, made of the WebAssembly text of one function.
//!
//! What the host gives lies in the second page of memory, over and over; the first page is the
//! guest's. Offsets below 1024 are for answers of functions, texts stand from there on.

use std::path::Path;
use std::sync::OnceLock;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

/// Where texts begin.
const TEXTS: usize = 1024;

/// What a guest may call, and helpers made of it.
const PRELUDE: &str = r#"
    (import "wasi:http/types@0.2.3" "[constructor]fields" (func $fields (result i32)))
    (import "wasi:http/types@0.2.3" "[resource-drop]fields" (func $drop-fields (param i32)))
    (import "wasi:http/types@0.2.3" "[method]fields.append"
        (func $append (param i32 i32 i32 i32 i32 i32)))
    (import "wasi:http/types@0.2.3" "[constructor]outgoing-request"
        (func $new-request (param i32) (result i32)))
    (import "wasi:http/types@0.2.3" "[resource-drop]outgoing-request"
        (func $drop-request (param i32)))
    (import "wasi:http/types@0.2.3" "[method]outgoing-request.set-method"
        (func $set-method (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.3" "[method]outgoing-request.set-scheme"
        (func $set-scheme (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.3" "[method]outgoing-request.set-authority"
        (func $set-authority (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.3" "[method]outgoing-request.set-path-with-query"
        (func $set-path (param i32 i32 i32 i32) (result i32)))
    (import "wasi:http/types@0.2.3" "[method]outgoing-request.body"
        (func $body (param i32 i32)))
    (import "wasi:http/types@0.2.3" "[method]outgoing-body.write"
        (func $write-body (param i32 i32)))
    (import "wasi:http/types@0.2.3" "[static]outgoing-body.finish"
        (func $finish-body (param i32 i32 i32 i32)))
    (import "wasi:http/types@0.2.3" "[resource-drop]outgoing-body" (func $drop-body (param i32)))
    (import "wasi:http/types@0.2.3" "[method]future-incoming-response.subscribe"
        (func $subscribe (param i32) (result i32)))
    (import "wasi:http/types@0.2.3" "[method]future-incoming-response.get"
        (func $get (param i32 i32)))
    (import "wasi:http/types@0.2.3" "[resource-drop]future-incoming-response"
        (func $drop-future (param i32)))
    (import "wasi:http/types@0.2.3" "[method]incoming-response.status"
        (func $status (param i32) (result i32)))
    (import "wasi:http/types@0.2.3" "[method]incoming-response.consume"
        (func $consume (param i32 i32)))
    (import "wasi:http/types@0.2.3" "[method]incoming-body.stream"
        (func $stream (param i32 i32)))
    (import "wasi:http/types@0.2.3" "[resource-drop]incoming-response"
        (func $drop-response (param i32)))
    (import "wasi:http/outgoing-handler@0.2.3" "handle"
        (func $handle (param i32 i32 i32 i32)))
    (import "wasi:io/poll@0.2.3" "[method]pollable.block" (func $block (param i32)))
    (import "wasi:io/poll@0.2.3" "[resource-drop]pollable" (func $drop-pollable (param i32)))
    (import "wasi:io/poll@0.2.3" "poll" (func $poll (param i32 i32 i32)))
    (import "wasi:io/streams@0.2.3" "[method]input-stream.blocking-read"
        (func $read (param i32 i64 i32)))
    (import "wasi:io/streams@0.2.3" "[method]output-stream.check-write"
        (func $check-write (param i32 i32)))
    (import "wasi:io/streams@0.2.3" "[method]output-stream.write"
        (func $write (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush"
        (func $blocking-write (param i32 i32 i32 i32)))
    (import "wasi:io/streams@0.2.3" "[resource-drop]output-stream"
        (func $drop-output (param i32)))

    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))

    ;; A GET of a path at an authority.
    (func $request (param $authority i32) (param $authority-bytes i32)
        (param $path i32) (param $path-bytes i32) (result i32)
        (local $request i32)
        (local.set $request (call $new-request (call $fields)))
        (drop (call $set-scheme (local.get $request)
            (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
        (if (call $set-authority (local.get $request)
                (i32.const 1) (local.get $authority) (local.get $authority-bytes))
            (then unreachable))
        (if (call $set-path (local.get $request)
                (i32.const 1) (local.get $path) (local.get $path-bytes))
            (then unreachable))
        (local.get $request))

    ;; Sends a request and waits: answers the response, or 1000 and the number of the error code.
    (func $fetch (param $request i32) (result i32)
        (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 256))
        (if (i32.load8_u (i32.const 256))
            (then (return (i32.add (i32.const 1000) (i32.load8_u (i32.const 264))))))
        (call $await (i32.load (i32.const 264))))

    ;; Waits for what was sent: answers as above.
    (func $await (param $future i32) (result i32)
        (local $ready i32) (local $ended i32)
        (local.set $ready (call $subscribe (local.get $future)))
        (call $block (local.get $ready))
        (call $drop-pollable (local.get $ready))
        (call $get (local.get $future) (i32.const 256))
        (local.set $ended (if (result i32) (i32.load8_u (i32.const 272))
            (then (i32.add (i32.const 1000) (i32.load8_u (i32.const 280))))
            (else (i32.load (i32.const 280)))))
        (call $drop-future (local.get $future))
        (local.get $ended))

    ;; The status of the answer to a request; 1000 and the number of the error code otherwise.
    (func $ask (param $request i32) (result i32)
        (call $status-of (call $fetch (local.get $request))))

    (func $status-of (param $response i32) (result i32)
        (local $status i32)
        (if (i32.ge_u (local.get $response) (i32.const 1000))
            (then (return (local.get $response))))
        (local.set $status (call $status (local.get $response)))
        (call $drop-response (local.get $response))
        (local.get $status))

    ;; Sends the head of a POST: leaves the body in $sent-body, its stream in $sent-stream, and the
    ;; future of the answer in $sent-future.
    (global $sent-body (mut i32) (i32.const 0))
    (global $sent-stream (mut i32) (i32.const 0))
    (global $sent-future (mut i32) (i32.const 0))
    (func $post (param $request i32)
        (drop (call $set-method (local.get $request)
            (i32.const 2) (i32.const 0) (i32.const 0)))
        (call $body (local.get $request) (i32.const 256))
        (global.set $sent-body (i32.load (i32.const 260)))
        (call $write-body (global.get $sent-body) (i32.const 256))
        (global.set $sent-stream (i32.load (i32.const 260)))
        (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 256))
        (if (i32.load8_u (i32.const 256)) (then unreachable))
        (global.set $sent-future (i32.load (i32.const 264))))

    ;; Writes to the body of the POST, 4096 bytes at a time: answers 1 when it is not taken.
    (func $pour (param $from i32) (param $bytes i32) (result i32)
        (local $piece i32)
        (loop $again
            (local.set $piece (select (i32.const 4096) (local.get $bytes)
                (i32.gt_u (local.get $bytes) (i32.const 4096))))
            (if (i32.eqz (local.get $piece)) (then (return (i32.const 0))))
            (call $blocking-write (global.get $sent-stream)
                (local.get $from) (local.get $piece) (i32.const 256))
            (if (i32.load8_u (i32.const 256)) (then (return (i32.const 1))))
            (local.set $from (i32.add (local.get $from) (local.get $piece)))
            (local.set $bytes (i32.sub (local.get $bytes) (local.get $piece)))
            (br $again))
        (unreachable))

    ;; Ends the body of the POST.
    (func $finish
        (call $drop-output (global.get $sent-stream))
        (call $finish-body (global.get $sent-body) (i32.const 0) (i32.const 0) (i32.const 256)))
"#;

/// A guest whose `run` has this body, which leaves a number. `TEXT0` in it stands for the offset
/// and the length of the first of `texts`, and so on; `extra` are further fields of the module.
pub(super) fn guest(extra: &str, texts: &[&str], body: &str) -> Vec<u8> {
    let mut data = String::new();
    let mut code = format!(
        r#"(func (export "test:guest/hostile@0.1.0#run") (result i32)
            (local $i i32) (local $a i32) (local $b i32) {body})"#
    );
    let mut offset = TEXTS;
    for (number, text) in texts.iter().enumerate() {
        let bytes: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        data.push_str(&format!("(data (i32.const {offset}) \"{bytes}\")"));
        let place = format!("(i32.const {offset}) (i32.const {})", text.len());
        code = code.replace(&format!("TEXT{number}"), &place);
        offset += text.len();
    }
    assert!(offset <= 65_536, "texts fit into the first page");
    componentize(&format!(
        r#"(module {PRELUDE} (memory (export "memory") 2) {extra} {data} {code})"#
    ))
}

/// A component of a world of its own, `test` of a package in WIT text, without imports.
pub(super) fn component(wit: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some("test")).unwrap();
    encode(module, &resolve, world)
}

fn componentize(module: &str) -> Vec<u8> {
    static WORLD: OnceLock<(Resolve, WorldId)> = OnceLock::new();
    let (resolve, world) = WORLD.get_or_init(|| {
        let mut resolve = Resolve::default();
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
        resolve.push_dir(&wit).unwrap();
        let package = resolve
            .push_str("guest.wit", include_str!("guest.wit"))
            .unwrap();
        let world = resolve.select_world(&[package], Some("guest")).unwrap();
        (resolve, world)
    });
    encode(module, resolve, *world)
}

fn encode(module: &str, resolve: &Resolve, world: WorldId) -> Vec<u8> {
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .validate(true)
        .encode()
        .unwrap()
}

/// The number that `$ask` answers for an error code.
pub(super) fn error(name: &str) -> u32 {
    let types = include_str!("../../../../wit/deps/http/types.wit");
    let cases = types.split("variant error-code {").nth(1).unwrap();
    let place = cases
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("///"))
        .take_while(|line| *line != "}")
        .position(|line| line.split([',', '(']).next() == Some(name));
    1000 + u32::try_from(place.unwrap()).unwrap()
}
