//! One piece of content by its id.
//!
//! What a single call answers is read as a list of one: the same decoding puts up with the same
//! surprises, and the same rows come out.

use crate::{
    Error, Transport, answer, decode, error,
    error::quoted,
    lenient::{self, Broken, Fields, Value},
    plan::Call,
    record::Row,
    rows::Rows,
};

/// Asks for one piece. `id` is what it has to be, when it is known beforehand.
pub(crate) fn single<R: Row + Default>(
    transport: &mut dyn Transport,
    call: &Call,
    id: Option<&str>,
) -> Result<R, Error> {
    let answer = transport
        .get(&call.single())
        .map_err(|failure| error::unanswered(failure, &call.ask))?;
    let text = answer::text(&answer, &call.ask)?;
    let read = || {
        let list = as_list(text, call)?;
        let mut found = Vec::<R>::new();
        let mut rows = Rows::of(&mut found);
        decode::page(&mut rows, &list, &call.ask, call.raw)?;
        let usable = vec![true; rows.on_page()];
        rows.keep(&usable);
        drop(rows);
        let Some(mut row) = found.pop() else {
            return Err(answer::unexpected(
                call.ask.doing,
                "answer-without-id",
                "the response has no id",
            ));
        };
        let is = row.parts().face.id;
        if id.is_some_and(|id| !id.eq_ignore_ascii_case(is)) {
            return Err(answer::unexpected(
                call.ask.doing,
                "answer-of-another",
                &format!("the response is for `{}`", quoted(is, 60)),
            ));
        }
        Ok(row)
    };
    read().map_err(|error| error.answered(&answer))
}

/// The text of a list that holds nothing but an object.
fn as_list(text: &str, call: &Call) -> Result<String, Error> {
    let mut own = Own::default();
    lenient::object(text, &mut own, "")
        .map_err(|Broken| decode::unreadable(text, call.ask.doing))?;
    let base = own
        .links
        .base
        .and_then(|base| serde_json::to_string(&base).ok())
        .unwrap_or_else(|| "null".to_owned());
    Ok(format!(
        r#"{{"results":[{text}],"_links":{{"base":{base}}}}}"#
    ))
}

/// An object that says where its links are relative to.
#[derive(Default)]
struct Own {
    links: decode::Links,
}

impl Fields for Own {
    fn read(&mut self, name: &str, value: &mut Value<'_>) -> Result<(), Broken> {
        if name == "_links" {
            value.object(&mut self.links)?;
        }
        Ok(())
    }
}
