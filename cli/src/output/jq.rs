//! `--jq`: JSON filtered with an expression of the language of `jq`.

use std::fmt;
use std::io::{self, Write};

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, Error, File, Loader, lex};
use jaq_core::{Compiler, Ctx, Vars, unwrap_valr};
use jaq_json::{Val, read, write};

use crate::exit::Failure;
use crate::jq_error::JqError;

/// Characters of an error that are shown of its beginning.
const BEGIN: usize = 120;

/// Characters that are shown of its end: what was to be done with the value.
const END: usize = 60;

/// A compiled expression.
pub(crate) struct Filter(jaq_core::compile::Filter<jaq_core::Native<JustLut<Val>>>);

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter")
    }
}

impl Filter {
    /// Compiles an expression such as `.items[].title`.
    pub(crate) fn parse(expression: &str) -> Result<Self, Failure> {
        let definitions = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs());
        let functions = jaq_core::funs()
            .chain(jaq_std::funs())
            .chain(jaq_json::funs());
        let arena = Arena::default();
        let program = File {
            code: expression,
            path: (),
        };
        let modules = Loader::new(definitions)
            .load(&arena, program)
            .map_err(|errors| invalid(expression, &misread(expression, &errors)))?;
        let filter = Compiler::default()
            .with_funs(functions)
            .compile(modules)
            .map_err(|errors| invalid(expression, &undefined(&errors)))?;
        Ok(Self(filter))
    }

    /// Filters a document, and writes each result on a line: texts as they are, everything else as
    /// JSON.
    pub(super) fn run(&self, document: &[u8], out: &mut impl Write) -> io::Result<()> {
        let input = read::parse_single(document).map_err(|error| failed(&error))?;
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        for result in self.0.id.run((context, input)).map(unwrap_valr) {
            match result.map_err(|error| failed(&error))? {
                Val::TStr(text) | Val::BStr(text) => out.write_all(&text)?,
                other => write::write(out, &write::Pp::default(), 0, &other)?,
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// An error has the value that it is about, which can be the whole document: of a long one, what it
/// begins and ends with is shown.
fn failed(error: &dyn fmt::Display) -> io::Error {
    let text = error.to_string();
    let begin: String = text.chars().take(BEGIN).collect();
    let rest = text.get(begin.len()..).unwrap_or_default();
    let shown = match rest.char_indices().rev().nth(END) {
        None => text,
        Some((at, _)) => {
            let end = rest.get(at..).unwrap_or_default();
            format!("{begin} … {end}")
        }
    };
    io::Error::other(JqError(shown))
}

fn invalid(expression: &str, why: &str) -> Failure {
    Failure::Usage(format!(
        "`{expression}` is not a valid `--jq` expression: {why}"
    ))
}

/// Where the syntax of an expression is wrong, and what is expected there.
fn misread(expression: &str, errors: &jaq_core::load::Errors<&str, ()>) -> String {
    let first = errors.iter().find_map(|(_, error)| match error {
        Error::Lex(errors) => errors.first().map(|(expected, rest)| match expected {
            // It is the part of the expression where it was opened.
            lex::Expect::Delim(delimiter) => (*delimiter, format!("`{delimiter}` is not closed")),
            expected => (*rest, format!("expected {}", expected.as_str())),
        }),
        Error::Parse(errors) => errors
            .first()
            .map(|(expected, rest)| (*rest, format!("expected {}", expected.as_str()))),
        Error::Io(errors) => errors.first().map(|(path, error)| (*path, error.clone())),
    });
    let Some((rest, what)) = first else {
        return "its syntax is wrong".to_owned();
    };
    // What is left of the expression is a part of it.
    let at = (rest.as_ptr() as usize).checked_sub(expression.as_ptr() as usize);
    match at.and_then(|at| expression.get(..at)) {
        Some(before) => format!(
            "its syntax is wrong at character {}: {what}",
            before.chars().count() + 1
        ),
        None => format!("its syntax is wrong: {what}"),
    }
}

/// The names that an expression uses and nothing defines.
fn undefined<S: fmt::Display, P>(errors: &jaq_core::compile::Errors<S, P>) -> String {
    let names: Vec<String> = errors
        .iter()
        .flat_map(|(_, errors)| errors)
        .map(|(name, kind)| format!("the {} `{name}` is not defined", kind.as_str()))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::Filter;

    fn run(expression: &str, document: &str) -> Result<String, String> {
        let filter = Filter::parse(expression).map_err(|error| error.to_string())?;
        let mut out = Vec::new();
        filter
            .run(document.as_bytes(), &mut out)
            .map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn results_are_lines_and_texts_are_raw() {
        let document = r#"{"items":[{"id":"9007199254740993","n":9007199254740993,"t":"a \"b\""},{"id":"2"}]}"#;
        assert_eq!(
            run(".items[].id", document).unwrap(),
            "9007199254740993\n2\n"
        );
        assert_eq!(run(".items[0].n", document).unwrap(), "9007199254740993\n");
        assert_eq!(
            run(".items[0].t, .items[1].t", document).unwrap(),
            "a \"b\"\nnull\n"
        );
        assert_eq!(
            run(".items | map(select(.n)) | length, (.[0] | {id})", document).unwrap(),
            "1\n{\"id\":\"9007199254740993\"}\n"
        );
        assert_eq!(
            run(
                r#"[.items[].id | test("^9")] | @json, (first | tostring)"#,
                document
            )
            .unwrap(),
            "[true,false]\ntrue\n"
        );
        assert_eq!(run("empty", document).unwrap(), "");
    }

    #[test]
    fn wrong_expressions_are_named() {
        let wrong = run(".items[", "{}").unwrap_err();
        assert!(
            wrong.contains("`.items[`") && wrong.contains("syntax"),
            "{wrong}"
        );
        let wrong = run("nope(1)", "{}").unwrap_err();
        assert!(wrong.contains("`nope`"), "{wrong}");
        let wrong = run("$nope", "{}").unwrap_err();
        assert!(wrong.contains("nope"), "{wrong}");
        let wrong = run(".a.b", r#"{"a":1}"#).unwrap_err();
        assert!(wrong.contains("failed"), "{wrong}");
        let rows = format!(
            r#"{{"items":[{}"é"]}}"#,
            r#"{"id":"98304"},"#.repeat(10_000)
        );
        let wrong = run(".items.id", &rows).unwrap_err();
        assert!(wrong.len() < 300, "{} bytes", wrong.len());
        assert!(wrong.contains("98304") && wrong.contains("id\""), "{wrong}");
    }
}
