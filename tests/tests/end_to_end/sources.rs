//! Another source than the connector, with two streams of its own: the program reads and syncs it as it
//! does Confluence. And sources that lie: each lie is an error with a code of its own.

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;
use tests::{Ended, Host};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where the data of a guest begins. What the host gives lies behind the first page.
const DATA: u32 = 1024;

const WORLD: &str = "
    package test:source@0.1.0;

    world guest {
        export confluence:connector/types@0.3.0;
        export confluence:connector/source@0.3.0;
    }
";

/// Records as the canonical ABI lays them out.
#[derive(Default)]
struct Memory(Vec<u8>);

impl Memory {
    fn place(&mut self, bytes: &[u8]) -> u32 {
        while !self.0.len().is_multiple_of(8) {
            self.0.push(0);
        }
        let at = DATA + u32::try_from(self.0.len()).unwrap();
        self.0.extend_from_slice(bytes);
        at
    }

    /// The address and the length of a text, as a record has them.
    fn text(&mut self, text: &str) -> Vec<u8> {
        let at = self.place(text.as_bytes());
        pair(at, text.len())
    }

    /// The same of a list, whose items are there one behind the other.
    fn list(&mut self, items: &[Vec<u8>]) -> Vec<u8> {
        let at = self.place(&items.concat());
        pair(at, items.len())
    }

    fn texts(&mut self, texts: &[&str]) -> Vec<u8> {
        let items: Vec<Vec<u8>> = texts.iter().map(|text| self.text(text)).collect();
        self.list(&items)
    }
}

fn pair(at: u32, length: usize) -> Vec<u8> {
    let length = u32::try_from(length).unwrap();
    [at.to_le_bytes(), length.to_le_bytes()].concat()
}

/// A column of a batch.
#[derive(Debug, Clone, Default)]
struct Column {
    name: &'static str,
    validity: Vec<u8>,
    offsets: Vec<i32>,
    text: String,
    numbers: Vec<i64>,
    flags: Vec<u8>,
}

impl Column {
    fn texts(name: &'static str, texts: &[&str]) -> Self {
        let mut column = Self {
            name,
            offsets: vec![0],
            ..Self::default()
        };
        for text in texts {
            column.text.push_str(text);
            column
                .offsets
                .push(i32::try_from(column.text.len()).unwrap());
        }
        column
    }

    /// So many nulls.
    fn nulls(name: &'static str, rows: usize) -> Self {
        Self {
            validity: vec![0; rows.div_ceil(8)],
            ..Self::texts(name, &vec![""; rows])
        }
    }

    fn lower(&self, memory: &mut Memory) -> Vec<u8> {
        let bytes = |memory: &mut Memory, bytes: &[u8]| pair(memory.place(bytes), bytes.len());
        let offsets: Vec<Vec<u8>> = self
            .offsets
            .iter()
            .map(|it| it.to_le_bytes().to_vec())
            .collect();
        let numbers: Vec<Vec<u8>> = self
            .numbers
            .iter()
            .map(|it| it.to_le_bytes().to_vec())
            .collect();
        [
            memory.text(self.name),
            bytes(memory, &self.validity),
            memory.list(&offsets),
            memory.text(&self.text),
            memory.list(&numbers),
            bytes(memory, &self.flags),
        ]
        .concat()
    }
}

/// The batch of a stream of words.
fn words(words: &[&str]) -> Vec<Column> {
    vec![
        Column::texts("_key", words),
        Column::nulls("_parent", words.len()),
        Column::nulls("_container", words.len()),
        Column::texts("_fingerprint", words),
        Column::nulls("_deleted", words.len()),
        Column::texts("word", words),
    ]
}

/// The batch of a stream of numbers.
fn numbers(texts: &[&str], values: &[i64]) -> Vec<Column> {
    let mut columns = words(texts);
    columns[5].name = "name";
    columns.push(Column {
        name: "value",
        numbers: values.to_vec(),
        ..Column::default()
    });
    columns
}

/// What a step returns.
struct Step {
    rows: u32,
    columns: Vec<Column>,
    stream: &'static str,
    state: Option<String>,
    /// 0: there is more. 1: the pass is complete.
    outcome: u8,
}

impl Step {
    fn done(stream: &'static str, rows: u32, columns: Vec<Column>) -> Self {
        Self {
            rows,
            columns,
            stream,
            state: None,
            outcome: 1,
        }
    }

    /// `ok` of a `progress`.
    fn lower(&self, memory: &mut Memory) -> u32 {
        let columns: Vec<Vec<u8>> = self
            .columns
            .iter()
            .map(|column| column.lower(memory))
            .collect();
        let batch = [
            memory.text(self.stream),
            self.rows.to_le_bytes().to_vec(),
            memory.list(&columns),
        ];
        let batches = memory.list(&[batch.concat()]);
        let state = match &self.state {
            Some(state) => [vec![1, 0, 0, 0], memory.text(state)].concat(),
            None => vec![0; 12],
        };
        let mut outcome = vec![0; 88];
        outcome[0] = self.outcome;
        let mut result = vec![0; 8];
        result.extend(batches);
        result.extend(state);
        // The outcome holds an error, which is aligned to eight bytes.
        result.extend([0; 4]);
        result.extend(outcome);
        // Nothing observed, and no notices.
        result.extend([0; 72]);
        memory.place(&result)
    }
}

/// `ok` of the descriptions of the two streams.
fn descriptions(memory: &mut Memory) -> u32 {
    let mut column = |name: &str, column_type: u8| {
        let mut column = memory.text(name);
        column.extend(memory.text("What it is."));
        column.extend([column_type, 0, 0, 0]);
        column
    };
    let word = [column("word", 0)];
    let number = [column("name", 0), column("value", 2)];
    let mut stream = |name: &str, key: &str, columns: &[Vec<u8>]| {
        let mut stream = memory.text(name);
        stream.extend(memory.text("Of another source."));
        stream.extend(memory.texts(&[key]));
        stream.extend(memory.texts(&[]));
        stream.extend([0; 4]);
        stream.extend(memory.list(columns));
        // The pass `full`.
        let passes = memory.place(&[0]);
        stream.extend(pair(passes, 1));
        stream.extend(memory.list(&[]));
        stream.extend([0; 4]);
        stream.extend([1, 0, 0, 0]);
        stream.extend(memory.texts(&[]));
        stream
    };
    let streams = [
        stream("words", "word", &word),
        stream("numbers", "name", &number),
    ];
    let list = memory.list(&streams);
    let mut result = vec![0; 8];
    result.extend(list);
    result.extend([0; 72]);
    memory.place(&result)
}

/// A component that returns these steps, whatever it is asked for.
fn component(words: &Step, numbers: &Step) -> Vec<u8> {
    let mut memory = Memory::default();
    let streams = descriptions(&mut memory);
    let words = words.lower(&mut memory);
    let numbers = numbers.lower(&mut memory);
    let data: String = memory
        .0
        .iter()
        .map(|byte| format!("\\{byte:02x}"))
        .collect();
    let pages = memory.0.len() / 65536 + 4;
    let module = wat::parse_str(format!(
        r#"(module
            (memory (export "memory") {pages})
            (global $free (mut i32) (i32.const {free}))
            (data (i32.const {DATA}) "{data}")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                (global.set $free (i32.add (local.get $at) (local.get 3)))
                (local.get $at))
            (func (export "confluence:connector/source@0.3.0#streams") (param i32 i32) (result i32)
                (i32.const {streams}))
            ;; The first field of a request is the name of its stream.
            (func (export "confluence:connector/source@0.3.0#step") (param i32) (result i32)
                (if (result i32)
                    (i32.eq (i32.load offset=4 (local.get 0)) (i32.const 5))
                    (then (i32.const {words}))
                    (else (i32.const {numbers})))))"#,
        free = (pages - 2) * 65536,
    ));
    let mut module = module.unwrap();
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    resolve.push_dir(wit).unwrap();
    let package = resolve.push_str("source.wit", WORLD).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}

/// A host that runs a component.
fn host(component: &[u8]) -> Host {
    let host = Host::new();
    let path = host.state().join("other.wasm");
    std::fs::write(&path, component).unwrap();
    host.run(&["config", "set", "component.require-exports", "[]"])
        .ok();
    host.run(&["component", "load", path.to_str().unwrap()])
        .ok();
    host
}

fn lines(ended: &Ended) -> Vec<Value> {
    let lines = ended.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_source_that_is_not_the_connector_is_read_and_synced() {
    let host = host(&component(
        &Step::done("words", 2, words(&["one", "two"])),
        &Step::done("numbers", 2, numbers(&["one", "two"], &[1, 2])),
    ));
    let streams = host.run(&["streams", "--output", "json"]).ok().json();
    assert_eq!(streams[1]["name"], "numbers");
    let read = host.run(&["read", "numbers"]).ok();
    let expected = [
        serde_json::json!({"name": "one", "value": 1}),
        serde_json::json!({"name": "two", "value": 2}),
    ];
    assert_eq!(lines(&read), expected);
    let file = host.state().join("copy.db");
    let sink = format!("sqlite:{}", file.display());
    for new in [4, 0] {
        let run = host
            .run(&["sync", "run", "--to", &sink, "--output", "json"])
            .ok()
            .json();
        let streams = run["streams"].as_array().unwrap();
        let inserted: u64 = streams.iter().map(|it| it["new"].as_u64().unwrap()).sum();
        assert_eq!(inserted, new, "{run}");
    }
    let database = Connection::open(&file).unwrap();
    let sum: i64 = database
        .query_row("SELECT sum(value) FROM numbers", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sum, 3);
}

#[test]
fn each_lie_of_a_source_is_an_error_of_its_own() {
    let good = || words(&["one", "two"]);
    let with = |change: &dyn Fn(&mut Vec<Column>)| {
        let mut columns = good();
        change(&mut columns);
        Step::done("words", 2, columns)
    };
    let more = |state: Option<&str>| Step {
        state: state.map(str::to_owned),
        outcome: 0,
        ..Step::done("words", 0, words(&[]))
    };
    let lies: Vec<(Step, &str)> = vec![
        (
            with(&|it| it[5].offsets = vec![0, 9, 6]),
            "the offset behind row 1 falls",
        ),
        (
            with(&|it| it[5].offsets = vec![0, 3]),
            "2 `offsets` instead of 3",
        ),
        (
            with(&|it| it[5].offsets = vec![0, 3, 1_000_000]),
            "offsets go from 0 to 1000000",
        ),
        (
            with(&|it| it[5].offsets = vec![-5, 3, 6]),
            "offsets go from -5 to 6",
        ),
        (
            with(&|it| it[5].text = "onétw".to_owned()),
            "is inside a character",
        ),
        (
            with(&|it| it[5].validity = vec![1, 2, 3]),
            "bitmap `validity` has 3 bytes",
        ),
        (
            with(&|it| it[5].numbers = vec![1, 2]),
            "has `numbers`, and its type is `text`",
        ),
        (
            with(&|it| it[5].validity = vec![0]),
            "are null, and it is not nullable",
        ),
        (
            with(&|it| it[0].offsets = vec![0, 0, 6]),
            "the key of row 0 is empty",
        ),
        (
            with(&|it| it[5].name = "other"),
            "a column `other` where `word` should be",
        ),
        (
            with(&|it| it[4] = it[5].clone()),
            "a column `word` where `_deleted` should be",
        ),
        (with(&|it| it.truncate(5)), "5 columns instead of 6"),
        (
            with(&|it| *it = vec![Column::texts("a", &[]); 1_000]),
            "1000 columns instead of 6",
        ),
        (Step::done("words", 1_000_000, good()), "has 1000000 rows"),
        (Step::done("words", 3, good()), "3 `offsets` instead of 4"),
        (
            Step::done("nothing", 2, good()),
            "the stream `nothing`, which does not exist",
        ),
        (more(None), "says that there is more and has not moved on"),
        (
            Step {
                state: Some("x".repeat(20_000)),
                ..Step::done("words", 2, good())
            },
            "the state of a step has 20000 bytes",
        ),
    ];
    for (lie, told) in lies {
        let host = host(&component(
            &lie,
            &Step::done("numbers", 0, numbers(&[], &[])),
        ));
        let ended = host.run(&["read", "words"]);
        assert_eq!(ended.code, 1, "{told}: {ended:#?}");
        assert!(ended.stderr.contains(told), "{told}: {ended:#?}");
        assert_eq!(ended.stdout, "", "{told}");
    }
}
