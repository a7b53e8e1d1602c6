//! What stands in a value, field by field.

use host_runner::Val;
use host_runner::camel_case;

/// The name of what is no record, and so has no field.
const ALONE: &str = "value";

/// The fields of a value that are there, nested ones behind a dot, in the order of the contract.
pub(super) fn fields(value: &Val) -> Vec<(String, &Val)> {
    let mut found = Vec::new();
    collect("", value, &mut found);
    found
}

fn collect<'a>(path: &str, value: &'a Val, found: &mut Vec<(String, &'a Val)>) {
    match value {
        Val::Option(None) => {}
        Val::Option(Some(value)) => collect(path, value, found),
        Val::Record(fields) => {
            for (name, value) in fields {
                let name = camel_case(name);
                if path.is_empty() {
                    collect(&name, value, found);
                } else {
                    collect(&format!("{path}.{name}"), value, found);
                }
            }
        }
        value if path.is_empty() => found.push((ALONE.to_owned(), value)),
        value => found.push((path.to_owned(), value)),
    }
}
