//! The file with the cases.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::SuiteError;

/// One case: what is called where, and what has to come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Case {
    /// A statement.
    pub(crate) name: String,
    /// What the simulator is generated from.
    #[serde(default)]
    pub(crate) site: Site,
    /// What goes wrong, in the notation of `simulator serve --fault`.
    #[serde(default)]
    pub(crate) faults: String,
    /// Whether the host has a connection to begin with.
    #[serde(default = "yes")]
    pub(crate) connected: bool,
    /// Where that connection leads, if not to the simulator. `SITE` is the simulator's host and port.
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
    /// Abilities that not every host has: `deadline`, to give up waiting for a site.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// Errors are worded by the host, and only their kind is the same everywhere.
    #[serde(default)]
    pub(crate) host_errors: bool,
    /// The calls, one after another.
    pub(crate) calls: Vec<Box<RawValue>>,
    /// What each call answers, in the canonical form.
    #[serde(default)]
    pub(crate) outcomes: Vec<Box<RawValue>>,
    /// What the site is asked: method, path and query.
    #[serde(default)]
    pub(crate) requests: Vec<String>,
}

/// What the simulator is generated from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Site {
    pub(crate) seed: u64,
    pub(crate) pages: u64,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            seed: 42,
            pages: 200,
        }
    }
}

/// One call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Call {
    /// In camelCase.
    pub(crate) function: String,
    /// By name, in camelCase. `{"afterOf": 0}` stands for the `rest.after` of the call with that
    /// number, counted from 0.
    #[serde(default)]
    pub(crate) arguments: serde_json::Map<String, serde_json::Value>,
    /// The state of the step has the time of the site, which is another one in each run: the report says
    /// whether there is a state.
    #[serde(default)]
    pub(crate) timed_state: bool,
}

fn yes() -> bool {
    true
}

/// Reads the cases.
pub(crate) fn read(path: &Path) -> Result<Vec<Case>, SuiteError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| SuiteError::io(format!("`{}` cannot be read", path.display()), source))?;
    serde_json::from_str(&text).map_err(|source| SuiteError::Cases {
        path: path.to_owned(),
        source,
    })
}

/// The cases as they stand in the file: a line for each call, outcome and request, so that a change
/// of one is a change of one line.
pub(crate) fn write(cases: &[Case]) -> String {
    let mut out = String::from("[\n");
    for (index, case) in cases.iter().enumerate() {
        // Writing to a `String` does not fail.
        let _ = writeln!(out, "  {{\n    \"name\": {},", text(&case.name));
        if case.site != Site::default() {
            let Site { seed, pages } = case.site;
            let _ = writeln!(
                out,
                "    \"site\": {{\"seed\": {seed}, \"pages\": {pages}}},"
            );
        }
        if !case.faults.is_empty() {
            let _ = writeln!(out, "    \"faults\": {},", text(&case.faults));
        }
        if !case.connected {
            out.push_str("    \"connected\": false,\n");
        }
        if let Some(endpoint) = &case.endpoint {
            let _ = writeln!(out, "    \"endpoint\": {},", text(endpoint));
        }
        if !case.needs.is_empty() {
            let needs: Vec<String> = case.needs.iter().map(|need| text(need)).collect();
            let _ = writeln!(out, "    \"needs\": [{}],", needs.join(", "));
        }
        if case.host_errors {
            out.push_str("    \"hostErrors\": true,\n");
        }
        let calls: Vec<&str> = case.calls.iter().map(|call| call.get()).collect();
        let outcomes: Vec<&str> = case.outcomes.iter().map(|outcome| outcome.get()).collect();
        let requests: Vec<String> = case.requests.iter().map(|request| text(request)).collect();
        lines("calls", &calls, &mut out);
        out.push_str(",\n");
        lines("outcomes", &outcomes, &mut out);
        out.push_str(",\n");
        lines("requests", &requests, &mut out);
        out.push_str(if index + 1 == cases.len() {
            "\n  }\n"
        } else {
            "\n  },\n"
        });
    }
    out.push_str("]\n");
    out
}

fn lines(name: &str, lines: &[impl AsRef<str>], out: &mut String) {
    let _ = write!(out, "    \"{name}\": [");
    for (index, line) in lines.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(out, "{comma}\n      {}", line.as_ref());
    }
    out.push_str(if lines.is_empty() { "]" } else { "\n    ]" });
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    #[test]
    fn what_is_written_is_read_as_the_same_and_written_alike() {
        let text = r#"[
  {
    "name": "one",
    "site": {"seed": 1, "pages": 10},
    "faults": "1:404",
    "connected": false,
    "endpoint": "http://SITE/wiki",
    "needs": ["deadline"],
    "hostErrors": true,
    "calls": [
      {"function": "listSpaces"},
      {"function": "listPages", "arguments": {"limit": 9007199254740993}}
    ],
    "outcomes": [
      {"value":{"id":"9007199254740993","n":9007199254740993}}
    ],
    "requests": []
  }
]
"#;
        let cases: Vec<super::Case> = serde_json::from_str(text).unwrap();
        assert_eq!(super::write(&cases), text);
    }
}
