//! One piece of content by its id.
//!
//! Its response is decoded as a row of a list is, so it tolerates the same surprises.

use crate::{
    Error, Transport, answer,
    error::quoted,
    query::call::Call,
    reading::{decode, link, rows::Rows},
    record::Row,
};

/// Asks for one piece. `id` is what it has to be, when it is known beforehand. `base` gets what links
/// are relative to, where the body is yet to be rendered.
pub(crate) fn single<R: Row + Default>(
    transport: &mut dyn Transport,
    call: &Call,
    id: Option<&str>,
    base: &mut Option<String>,
) -> Result<R, Error> {
    let answer = transport
        .get(&call.single())
        .map_err(|failure| answer::unanswered(failure, &call.ask))?;
    let text = answer::text(&answer, &call.ask)?;
    let mut read = || {
        let mut found = Vec::<R>::new();
        let mut rows = Rows::of(&mut found);
        decode::single(&mut rows, text, &call.ask, call.raw, || {
            link::base(&answer, transport)
        })?;
        let usable = vec![true; rows.on_page()];
        rows.keep(&usable);
        *base = rows.base().map(str::to_owned);
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
