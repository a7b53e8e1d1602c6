//! Who can read a page: a row for each reader, in place of lists within one record.

use std::io::{self, Write};

use host_runner::Val;

use super::layout::{Fit, draw};
use super::left_out::LeftOut;
use super::record_fields::{list, text};

/// The function that answers it.
pub(super) const FUNCTION: &str = "get-effective-readers";

const HEADER: [&str; 3] = ["kind", "id", "passes"];

/// What those who can certainly read it pass.
const EVERY_GATE: &str = "every gate";

/// Writes the gates on a line, and a row for each reader. Returns false where the value is of
/// another form.
pub(super) fn write(value: &Val, left_out: &mut LeftOut, out: &mut impl Write) -> io::Result<bool> {
    let (Some(certain), Some(gates)) = (list(value, "certain"), list(value, "gates")) else {
        return Ok(false);
    };
    let name = |gate: &Val| format!("{} {}", text(gate, "kind"), text(gate, "id"));
    let names: Vec<String> = gates.iter().map(name).collect();
    writeln!(
        out,
        "content {} ({}): readers must pass {}",
        text(value, "content-id"),
        text(value, "status"),
        names.join(" and ")
    )?;
    let mut rows: Vec<Vec<String>> = certain.iter().map(|who| row(who, EVERY_GATE)).collect();
    for (gate, name) in gates.iter().zip(&names) {
        let principals = list(gate, "principals").unwrap_or_default();
        if principals.is_empty() {
            rows.push(vec!["nobody".to_owned(), String::new(), name.clone()]);
        }
        let others = principals.iter().filter(|who| !certain.contains(who));
        rows.extend(others.map(|who| row(who, name)));
    }
    let (table, cut) = draw(&HEADER, &rows, Fit::of_rows(), &mut None);
    for name in cut.iter().filter_map(|column| HEADER.get(*column)) {
        left_out.shortened(name);
    }
    writeln!(out, "{table}")?;
    Ok(true)
}

fn row(principal: &Val, passes: &str) -> Vec<String> {
    vec![
        text(principal, "kind").to_owned(),
        text(principal, "id").to_owned(),
        passes.to_owned(),
    ]
}
