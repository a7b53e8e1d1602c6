//! Whether a user can read a page: the answer on a line, and a row for each gate.

use std::io::{self, Write};

use host_runner::Val;

use super::layout::{Fit, draw};
use super::left_out::LeftOut;
use super::record_fields::{field, list, text};

/// The function that answers it.
pub(super) const FUNCTION: &str = "can-read";

const HEADER: [&str; 4] = ["kind", "id", "passes", "through"];

/// Writes the answer and its reason on a line, and a row for each gate. Returns false where the value is
/// of another form.
pub(super) fn write(value: &Val, left_out: &mut LeftOut, out: &mut impl Write) -> io::Result<bool> {
    let Some(gates) = list(value, "gates") else {
        return Ok(false);
    };
    writeln!(out, "{}: {}", text(value, "answer"), text(value, "reason"))?;
    let rows: Vec<Vec<String>> = gates.iter().map(row).collect();
    let (table, cut) = draw(&HEADER, &rows, Fit::of_rows(), &mut None);
    for name in cut.iter().filter_map(|column| HEADER.get(*column)) {
        left_out.shortened(name);
    }
    writeln!(out, "{table}")?;
    Ok(true)
}

fn row(gate: &Val) -> Vec<String> {
    let via = match field(gate, "via") {
        Some(Val::Option(Some(via))) => format!("{} {}", text(via, "kind"), text(via, "id")),
        _ => String::new(),
    };
    let cell = |name| text(gate, name).to_owned();
    vec![cell("kind"), cell("id"), cell("answer"), via]
}
