//! Guests whose answers are meant for the host's memory, for terminals, and for whoever follows a
//! list to its end.

use std::io::Read as _;
use std::process::Stdio;

use host_runner::{Answer, CallError, Scope, bind};
use serde_json::Value;
use tests::{Ended, Host};

use super::guest::component;
use super::{Stage, app, nothing};

/// Memory of calls here, in MiB: small, so that a multiple of it is seen.
const MEMORY_MIB: u64 = 64;

/// What the process takes beside a call, in KiB: the program, the engine, compiled code.
const PROCESS_KIB: u64 = 100 * 1024;

/// A component with one function without parameters, `run`, whose answer has this type and stands
/// at 16 in its memory, which `fill` fills.
fn answering(types: &str, answer: &str, fields: &str, fill: &str) -> Vec<u8> {
    let wit = format!(
        "package test:answers@0.1.0;
        interface hostile {{ {types} run: func() -> {answer}; }}
        world test {{ export hostile; }}"
    );
    let module = format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            {fields}
            (func (export "test:answers/hostile@0.1.0#run") (result i32)
                {fill} (i32.const 16)))"#
    );
    component(&wit, &module)
}

/// A text of so many bytes, or a list of so many items of `item_bytes`, each byte of which is the
/// same; it stands in the memory once.
fn long(ty: &str, types: &str, items: u32, item_bytes: u32, byte: u8) -> Vec<u8> {
    let bytes = items * item_bytes;
    let fill = format!(
        "(drop (memory.grow (i32.const {})))
        (memory.fill (i32.const 65536) (i32.const {byte}) (i32.const {bytes}))
        (i32.store (i32.const 16) (i32.const 65536))
        (i32.store (i32.const 20) (i32.const {items}))",
        bytes.div_ceil(65_536)
    );
    answering(types, ty, "", &fill)
}

/// A host whose cluster runs a component.
fn host(component: &[u8]) -> Host {
    let host = Host::new();
    host.write("cluster.toml", "component.require-exports = []\n");
    let path = host.state().join("hostile.wasm");
    std::fs::write(&path, component).unwrap();
    let path = path.display().to_string();
    host.run(&["component", "load", &path, "--level", "cluster"])
        .ok();
    host
}

/// The peak of a call's memory in KiB, as Linux counts it; it prints `bytes` at least.
#[cfg(target_os = "linux")]
fn peak(host: &Host, words: &[&str], bytes: usize) -> u64 {
    let memory = MEMORY_MIB.to_string();
    let mut child = host
        .command()
        .args([&["call"], words, &["--memory", &memory]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    // A pipe has room for 64 KiB: the process is not through with the last 200.
    let mut left = bytes - 200 * 1024;
    let mut piece = vec![0; 1 << 20];
    while left > 0 {
        let room = piece.len().min(left);
        let read = out.read(&mut piece[..room]).unwrap();
        assert!(read > 0, "{words:?}: {left} bytes less than expected");
        left -= read;
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let peak = line.unwrap().split_whitespace().nth(1).unwrap();
    peak.parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_text_that_grows_as_json_takes_no_more_memory_for_that() {
    let bytes = 24 << 20;
    let host = host(&long("string", "", bytes, 1, 0));
    let json = bytes as usize * 6;
    for (format, printed) in [("json", json), ("ndjson", json)] {
        let peak = peak(&host, &["run", "--output", format], printed);
        assert!(
            peak < 2 * MEMORY_MIB * 1024 + PROCESS_KIB,
            "{format}: {peak} KiB"
        );
    }
    // A table has the beginning alone, in CSV a U+0000 has no place.
    let table = host.call(&["run", "--output", "table"]).ok();
    assert!(table.stdout.len() < 20_000, "{}", table.stdout.len());
    let csv = host.call(&["run", "--output", "csv"]).ok();
    assert_eq!(csv.stdout, "value\n\"\"\n");
    assert!(csv.stderr.contains("U+0000 was removed"), "{}", csv.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_text_of_quotes_takes_no_more_memory_as_csv_or_in_a_nested_list() {
    let bytes = 16 << 20;
    let quotes = long("string", "", bytes, 1, b'"');
    let fill = format!(
        "(drop (memory.grow (i32.const {})))
        (memory.fill (i32.const 65536) (i32.const 34) (i32.const {bytes}))
        (i32.store (i32.const 16) (i32.const 24))
        (i32.store (i32.const 20) (i32.const 1))
        (i32.store (i32.const 24) (i32.const 65536))
        (i32.store (i32.const 28) (i32.const {bytes}))",
        bytes / 65_536
    );
    let nested = answering("", "tuple<list<string>>", "", &fill);
    for component in [quotes, nested] {
        let host = host(&component);
        let peak = peak(&host, &["run", "--output", "csv"], bytes as usize * 2);
        assert!(peak < 2 * MEMORY_MIB * 1024 + PROCESS_KIB, "{peak} KiB");
    }
}

/// A list of as many items as it is called with, each byte of which is the same.
fn list_of(item: &str, types: &str, item_bytes: u32, byte: u8) -> Vec<u8> {
    let wit = format!(
        "package test:answers@0.1.0;
        interface hostile {{ {types} run: func(items: u32) -> list<{item}>; }}
        world test {{ export hostile; }}"
    );
    let module = format!(
        r#"(module
            (memory (export "memory") 200)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func (export "test:answers/hostile@0.1.0#run") (param $items i32) (result i32)
                (memory.fill (i32.const 65536) (i32.const {byte})
                    (i32.mul (local.get $items) (i32.const {item_bytes})))
                (i32.store (i32.const 16) (i32.const 65536))
                (i32.store (i32.const 20) (local.get $items))
                (i32.const 16)))"#
    );
    component(&wit, &module)
}

#[cfg(target_os = "linux")]
#[test]
fn values_that_are_larger_on_the_host_than_in_the_guest_are_counted_as_they_are() {
    let letters: Vec<String> = ('a'..='z').map(String::from).collect();
    let flags = format!("flags marks {{ {} }}", letters.join(", "));
    for (item, types, item_bytes, byte) in [
        ("marks", flags.as_str(), 4, 255),
        ("cell", "record cell { a: bool }", 1, 1),
        ("word", "enum word { a, b }", 1, 1),
        ("u8", "", 1, 1),
    ] {
        let host = host(&list_of(item, types, item_bytes, byte));
        let memory = MEMORY_MIB.to_string();
        let (mut passes, mut fails) = (4_000_u32, 2_000_000_u32);
        let mut printed = 0;
        // Nearly as many as pass: they take nearly as much as a call may have, once more.
        while printed == 0 || fails > passes + passes / 4 {
            let items = (f64::from(passes) * f64::from(fails)).sqrt() as u32;
            let words = ["run", &items.to_string(), "--memory", &memory];
            let ended = host.call(&words);
            if ended.code == 0 {
                (passes, printed) = (items, ended.stdout.len());
            } else {
                ended.fails(17, &["64 MiB", "`limits.memory-mib`"]);
                fails = items;
            }
        }
        let peak = peak(&host, &["run", &passes.to_string()], printed);
        assert!(
            peak < 2 * MEMORY_MIB * 1024 + PROCESS_KIB,
            "{passes} of {item} take {peak} KiB"
        );
    }
}

/// Records as lists have them.
const LISTING: &str = "
    record notice { code: string, message: string }
    record error { kind: string, code: string, message: string, cause: string,
        resolution: string, request-id: option<string> }
    record rest { after: option<string>, stopped: option<error>, notices: list<notice> }
    record row { id: string, title: string }
    record listing { items: list<row>, rest: rest }";

/// A component with a list, `list-things`. `fields` are of its module, and `body` fills a listing
/// that stands at 16: its result is there, its items at 20, `after` at 28, `stopped` at 40, its
/// notices at 96. `$after` is what the call was given; `$text` sets a text.
fn listing(fields: &str, body: &str) -> Vec<u8> {
    let wit = format!(
        "package test:answers@0.1.0;
        interface hostile {{
            {LISTING}
            list-things: func(limit: option<u32>, after: option<string>) -> result<listing, error>;
        }}
        world test {{ export hostile; }}"
    );
    let module = format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
            (func $text (param $at i32) (param $from i32) (param $bytes i32)
                (i32.store (local.get $at) (local.get $from))
                (i32.store (i32.add (local.get $at) (i32.const 4)) (local.get $bytes)))
            {fields}
            (func (export "test:answers/hostile@0.1.0#list-things")
                (param i32 i32) (param $has-after i32) (param $after i32) (param $after-bytes i32)
                (result i32)
                {body} (i32.const 16)))"#
    );
    component(&wit, &module)
}

/// Data of a module.
fn data(at: u32, text: &str) -> String {
    let bytes: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const {at}) \"{bytes}\")")
}

/// Continues with a token of eight digits, one more than the one that was given, which is 0 after
/// `period` of them.
fn endless(period: u32, rows: u32) -> Vec<u8> {
    let body = format!(
        "(local $number i32) (local $at i32)
        (if (local.get $has-after) (then
            (loop $digits
                (local.set $number (i32.add
                    (i32.mul (local.get $number) (i32.const 10))
                    (i32.sub (i32.load8_u (i32.add (local.get $after) (local.get $at))) (i32.const 48))))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br_if $digits (i32.lt_u (local.get $at) (i32.const 8))))))
        (local.set $number (i32.rem_u
            (i32.add (local.get $number) (i32.const 1)) (i32.const {period})))
        (local.set $at (i32.const 8))
        (loop $digits
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (i32.store8 (i32.add (i32.const 8192) (local.get $at))
                (i32.add (i32.rem_u (local.get $number) (i32.const 10)) (i32.const 48)))
            (local.set $number (i32.div_u (local.get $number) (i32.const 10)))
            (br_if $digits (local.get $at)))
        (call $text (i32.const 9000) (i32.const 8192) (i32.const 8))
        (call $text (i32.const 9008) (i32.const 8192) (i32.const 8))
        (call $text (i32.const 20) (i32.const 9000) (i32.const {rows}))
        (i32.store (i32.const 28) (i32.const 1))
        (call $text (i32.const 32) (i32.const 8192) (i32.const 8))"
    );
    listing("", &body)
}

#[test]
fn a_list_that_continues_without_a_row_is_ended_after_a_hundred_answers() {
    let host = host(&endless(1_000_000, 0));
    let ended = host.call(&["listThings", "--all"]);
    let ended = ended.fails(21, &["100 consecutive results", "cause:", "fix:"]);
    assert_eq!(ended.stdout, "");
    assert!(
        ended.stderr.contains("`--after 00000100`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_list_that_goes_in_a_circle_is_ended_when_it_closes() {
    for period in [1, 2, 7] {
        let host = host(&endless(period, 1));
        let ended = host.call(&["listThings", "--all"]);
        let ended = ended.fails(21, &["returned before"]);
        assert_eq!(ended.stdout.lines().count(), period as usize + 1);
    }
}

/// An error in each of whose texts a megabyte of `filler` follows its name.
fn verbose_error(at: u32, filler: &str) -> String {
    assert_eq!(filler.len(), 4);
    let word = u32::from_le_bytes(filler.as_bytes().try_into().unwrap());
    format!(
        "(drop (memory.grow (i32.const 20)))
        (local.set $fill (i32.const 65536))
        (loop $again
            (i32.store (local.get $fill) (i32.const {word}))
            (local.set $fill (i32.add (local.get $fill) (i32.const 4)))
            (br_if $again (i32.lt_u (local.get $fill) (i32.const {}))))
        (call $text (i32.const {at}) (i32.const 65536) (i32.const 1048576))
        (call $text (i32.const {}) (i32.const 65536) (i32.const 1048576))
        (call $text (i32.const {}) (i32.const 65536) (i32.const 1048576))
        (call $text (i32.const {}) (i32.const 65536) (i32.const 1048576))
        (call $text (i32.const {}) (i32.const 65536) (i32.const 1048576))
        (i32.store (i32.const {}) (i32.const 1))
        (call $text (i32.const {}) (i32.const 65536) (i32.const 1048576))",
        65_536 + 1_048_576,
        at + 8,
        at + 16,
        at + 24,
        at + 32,
        at + 40,
        at + 44,
    )
}

/// What a terminal would obey, as UTF-8 in four bytes each: ESC [ 7 m, a C1 control, an override.
const STEERING: [&str; 3] = ["\u{1b}[7m", "\u{9b}7m", "\u{202e}x"];

#[test]
fn an_error_of_any_length_is_told_in_few_bytes() {
    for filler in STEERING {
        let fail = format!(
            "(local $fill i32) (i32.store (i32.const 16) (i32.const 1)) {}",
            verbose_error(20, filler)
        );
        let host = host(&listing("", &fail));
        for words in [
            &["call", "listThings"][..],
            &["call", "listThings", "--all"],
            &["--message-format", "json", "call", "listThings"],
            &["--log", "info", "call", "listThings"],
        ] {
            let ended = host.run(words).fails(1, &["cut from 1048576 bytes"]);
            assert!(ended.stderr.len() < 40_000, "{}", ended.stderr.len());
            is_harmless(&ended.stderr);
        }
    }
}

#[test]
fn a_list_that_stops_with_an_error_of_any_length_says_so_in_few_bytes() {
    let stop = format!(
        "(local $fill i32) (i32.store (i32.const 40) (i32.const 1)) {}",
        verbose_error(44, STEERING[0])
    );
    let host = host(&listing("", &stop));
    let ended = host.call(&["listThings", "--output", "csv"]);
    let ended = ended.fails(1, &["ended early", "cut from 1048576 bytes"]);
    assert!(ended.stderr.len() < 40_000, "{}", ended.stderr.len());
}

#[test]
fn notices_are_cut_in_length_and_number() {
    // Five thousand, each of which has the same 10 000 bytes.
    let body = "(local $at i32)
        (memory.fill (i32.const 20000) (i32.const 120) (i32.const 10000))
        (drop (memory.grow (i32.const 3)))
        (local.set $at (i32.const 65536))
        (loop $again
            (call $text (i32.add (local.get $at) (i32.const 8)) (i32.const 20000) (i32.const 10000))
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br_if $again (i32.lt_u (local.get $at) (i32.const 145536))))
        (call $text (i32.const 96) (i32.const 65536) (i32.const 5000))";
    let host = host(&listing("", body));
    for words in [
        &["listThings"][..],
        &["listThings", "--all", "--output", "json"],
    ] {
        let ended = host.call(words).ok();
        assert!(ended.stderr.contains("cut from 10000 bytes"));
        assert!(ended.stderr.contains("4000 more notices"));
        assert!(ended.stderr.len() < 1_200 * 4_300, "{}", ended.stderr.len());
        let there = ended.json()["rest"]["notices"].as_array().unwrap().len();
        match words.len() {
            1 => assert_eq!(there, 5000),
            _ => {
                assert!(there > 10 && ended.stdout.len() < 1_100_000, "{there}");
                let omitted = format!("omits {} notices", 5000 - there);
                assert!(ended.stderr.contains(&omitted), "{omitted}");
            }
        }
    }
}

#[test]
fn a_continuation_token_that_would_be_cut_is_refused() {
    let body = "(drop (memory.grow (i32.const 2)))
        (memory.fill (i32.const 65536) (i32.const 120) (i32.const 65537))
        (i32.store (i32.const 28) (i32.const 1))
        (call $text (i32.const 32) (i32.const 65536) (i32.const BYTES))";
    let too_long = host(&listing("", &body.replace("BYTES", "65537")));
    for words in [&["listThings"][..], &["listThings", "--all"]] {
        too_long
            .call(words)
            .fails(17, &["`after` of 65537 bytes", "65536"]);
    }
    let longest = host(&listing("", &body.replace("BYTES", "65536")));
    let ended = longest.call(&["listThings"]).ok();
    assert_eq!(
        ended.json()["rest"]["after"].as_str().unwrap().len(),
        65_536
    );
}

/// A text with all that a terminal or a text renderer obeys.
const OBEYED: &str = "a\0b\u{7}\t\r\u{1b}[2J\u{7f}\u{80}\u{85}\u{9b}2J\u{9f}\u{61c}\u{200e}\u{200f}\u{2028}\u{202a}\u{202e}\u{2066}\u{2069}z";

/// Asserts that nothing of it is in an output, in which lines end as terminals have it.
#[track_caller]
fn is_harmless(shown: &str) {
    let shown = shown.replace("\r\n", "\n");
    let found = OBEYED
        .chars()
        .find(|c| !c.is_ascii_graphic() && shown.contains(*c));
    assert!(found.is_none(), "{found:?} in {shown:?}");
}

/// A list of one row whose title is this text, which is also the message of a notice and, with
/// `fails`, of an error.
fn speaking(text: &str, fails: bool) -> Vec<u8> {
    let bytes = text.len();
    let body = format!(
        "(call $text (i32.const 9000) (i32.const 1024) (i32.const 1))
        (call $text (i32.const 9008) (i32.const 1024) (i32.const {bytes}))
        (call $text (i32.const 20) (i32.const 9000) (i32.const 1))
        (call $text (i32.const 9016) (i32.const 1024) (i32.const {bytes}))
        (call $text (i32.const 9024) (i32.const 1024) (i32.const {bytes}))
        (call $text (i32.const 96) (i32.const 9016) (i32.const 1))
        (i32.store (i32.const 28) (i32.const 0))"
    );
    let error: String = (0..5)
        .map(|field| {
            format!(
                "(call $text (i32.const {}) (i32.const 1024) (i32.const {bytes}))",
                20 + 8 * field
            )
        })
        .collect();
    let request_id = format!(
        "(i32.store (i32.const 60) (i32.const 1))
        (call $text (i32.const 64) (i32.const 1024) (i32.const {bytes}))"
    );
    let body = if fails {
        format!("(i32.store (i32.const 16) (i32.const 1)) {error} {request_id}")
    } else {
        body
    };
    let mut component = listing(&data(1024, text), &body);
    let documentation = serde_json::json!({
        "interfaces": { "hostile": { "funcs": { "list-things": text } } }
    });
    let content = [
        b"\x0einterface-docs\x01",
        documentation.to_string().as_bytes(),
    ]
    .concat();
    assert!(content.len() < 1 << 14);
    // A custom section: its size takes two bytes.
    let size = [content.len() as u8 | 0x80, (content.len() >> 7) as u8];
    component.extend([0].iter().chain(&size).chain(&content));
    component
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_that_a_terminal_obeys_reaches_one() {
    let plain = [("NO_COLOR", "1")];
    let answers = host(&speaking(OBEYED, false));
    let shown = |host: &Host, words: &[&str]| {
        let ended = host.on_terminal(200, words, &plain);
        is_harmless(&ended.stdout);
        ended
    };
    for format in ["table", "json", "ndjson", "csv"] {
        let words = ["call", "listThings", "--output", format];
        let ended = shown(&answers, &words).ok();
        assert!(ended.stdout.contains('z'), "{format}: {}", ended.stdout);
        if format == "ndjson" {
            let line = ended.stdout.lines().find(|line| line.starts_with('{'));
            let row: Value = serde_json::from_str(line.unwrap()).unwrap();
            assert_eq!(row["title"], OBEYED);
        }
    }
    for words in [
        &["functions"][..],
        &["functions", "listThings"],
        &["functions", "listThings", "--output", "json"],
        &["functions", "--output", "csv"],
        &["component", "inspect"],
    ] {
        shown(&answers, words).ok();
    }
    let errors = host(&speaking(OBEYED, true));
    for words in [
        &["call", "listThings"][..],
        &["--message-format", "json", "call", "listThings"],
        &["--log", "debug", "call", "listThings"],
    ] {
        assert_eq!(shown(&errors, words).code, 1);
    }
}

#[test]
fn files_and_pipes_get_the_data_as_it_is() {
    let host = host(&speaking(OBEYED, false));
    let json = host.call(&["listThings"]).ok();
    assert_eq!(json.json()["items"][0]["title"], OBEYED);
    assert!(json.stdout.contains('\u{202e}'), "{}", json.stdout);
    let csv = host.call(&["listThings", "--output", "csv"]).ok();
    let expected = format!("id,title\na,\"{}\"\n", OBEYED.replace('\0', ""));
    assert_eq!(csv.stdout, expected);
    assert!(csv.stderr.contains("U+0000 was removed"), "{}", csv.stderr);
    // Messages are for people wherever they go.
    is_harmless(&csv.stderr);
}

#[test]
fn formulas_are_defused_on_request() {
    for (title, safe) in [
        ("=1+cmd|' /C calc'!A0", "'=1+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-12.5", "-12.5"),
        ("plain", "plain"),
    ] {
        let host = host(&speaking(title, false));
        let csv = |words: &[&str]| -> Ended {
            host.call(&[&["listThings", "--output", "csv"], words].concat())
                .ok()
        };
        let row = |csv: Ended| {
            csv.stdout
                .lines()
                .nth(1)
                .unwrap()
                .split_once(',')
                .unwrap()
                .1
                .to_owned()
        };
        assert_eq!(row(csv(&[])), title);
        assert_eq!(row(csv(&["--csv-safe"])), safe);
        assert_eq!(row(csv(&["--csv-safe", "--all"])), safe);
    }
}

/// Calls a function by its name.
async fn call(stage: &Stage, scope: &Scope, name: &str) -> Result<Answer, CallError> {
    let tenant = stage.tenant(scope);
    let function = tenant.function(name).unwrap();
    tenant
        .call(function, bind(function, &[], &[]).unwrap())
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_app_beside_one_that_floods_the_host_keeps_working() {
    // One function answers more than may be handed over, the other a number.
    let wit = "package test:answers@0.1.0;
        interface hostile { flood: func() -> list<list<u8>>; quiet: func() -> u32; }
        world test { export hostile; }";
    let module = r#"(module
        (memory (export "memory") 20)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
        (func (export "test:answers/hostile@0.1.0#flood") (result i32) (local $at i32)
            (local.set $at (i32.const 65536))
            (loop $again
                (i32.store (local.get $at) (i32.const 8))
                (i32.store (i32.add (local.get $at) (i32.const 4)) (i32.const 1))
                (local.set $at (i32.add (local.get $at) (i32.const 8)))
                (br_if $again (i32.lt_u (local.get $at) (i32.const 1065536))))
            (i32.store (i32.const 16) (i32.const 65536))
            (i32.store (i32.const 20) (i32.const 125000))
            (i32.const 16))
        (func (export "test:answers/hostile@0.1.0#quiet") (result i32) (i32.const 7)))"#;
    let stage = Stage::new(component(wit, module));
    stage.set_cluster("limits.memory-mib", "16");
    for warm in ["0", "2"] {
        stage.set_cluster("instances.warm", warm);
        let (loud, quiet) = (app("loud"), app("quiet"));
        let flood = async {
            for _ in 0..20 {
                let ended = call(&stage, &loud, "flood").await;
                let is_refused = matches!(ended, Err(CallError::HandedOver { limit_bytes }) if limit_bytes == 16 << 20);
                assert!(is_refused, "{ended:?}");
                tokio::task::yield_now().await;
            }
        };
        let work = async {
            for _ in 0..20 {
                let answer = call(&stage, &quiet, "quiet").await.unwrap();
                assert_eq!(answer.to_json(), "7");
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(flood, work);
        assert_eq!(stage.host.usage().running, 0);
    }
    stage.set_cluster("instances.warm", "0");
    call(&stage, &app("quiet"), "quiet").await.unwrap();
    let usage = stage.host.usage();
    assert!(
        usage.instances <= 1 && usage.unread_bytes == 0,
        "{usage:?}, {:?}",
        nothing(&stage.host)
    );
}
