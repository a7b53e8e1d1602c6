//! Listings by `start` and `limit`, which tell their size and link to no next page.

use crate::answer::Answer;
use crate::call::Call;
use crate::fault::Fault;
use crate::json::Json;
use crate::listing;
use crate::query::encode;
use crate::refusal::Refusal;

/// The rows of a listing that one answer shows.
pub(super) struct Window {
    pub(super) start: usize,
    pub(super) limit: usize,
    /// Answers to what is past the end, and to those who are nobody, are empty.
    silent: bool,
}

impl Window {
    pub(super) fn of(call: &Call<'_>, default_limit: usize) -> Result<Self, Refusal> {
        let limit = number(call, "limit", default_limit)?;
        let start = match call.fault {
            Some(Fault::SamePage) => 0,
            _ => number(call, "start", 0)?,
        };
        let silent = matches!(
            call.fault,
            Some(Fault::Anonymous | Fault::EmptyPage | Fault::EmptyPagesForEver)
        );
        Ok(Self {
            start,
            limit,
            silent,
        })
    }

    /// As the inside of a JSON array, with their count.
    pub(super) fn rows<T>(
        &self,
        call: &Call<'_>,
        all: &[T],
        write: impl Fn(&T, &mut Json),
    ) -> (Vec<u8>, usize) {
        let mut json = Json::default();
        let mut starts = Vec::new();
        let limit = if self.silent { 0 } else { self.limit };
        for row in all.iter().skip(self.start).take(limit) {
            json.element();
            starts.push(json.len());
            write(row, &mut json);
        }
        listing::distorted(call, json, &starts)
    }

    /// The members around the rows, without the braces.
    pub(super) fn write(&self, rows: &(Vec<u8>, usize), json: &mut Json) {
        json.key("results")
            .open('[')
            .raw_bytes(&rows.0)
            .close(']')
            .number_at("start", self.start as u64)
            .number_at("limit", self.limit as u64)
            .number_at("size", rows.1 as u64);
    }
}

/// A listing that is all of its answer.
pub(super) fn answer<T>(
    call: &Call<'_>,
    window: &Window,
    all: &[T],
    write: impl Fn(&T, &mut Json),
) -> Answer {
    let rows = window.rows(call, all, write);
    let mut json = Json::with_capacity(rows.0.len() + 512);
    json.open('{');
    window.write(&rows, &mut json);
    if call.flag("shouldReturnTotalSize") {
        json.number_at("totalSize", all.len() as u64);
    }
    links(call, &mut json);
    json.close('}');
    Answer::json(200, json.into_bytes())
}

/// The member `_links`. It never has a next one.
pub(super) fn links(call: &Call<'_>, json: &mut Json) {
    let mut own = format!("{}{}", call.site_url, call.path);
    for (at, (name, value)) in call.query.pairs().iter().enumerate() {
        own.push(if at == 0 { '?' } else { '&' });
        encode(name, &mut own);
        own.push('=');
        encode(value, &mut own);
    }
    json.key("_links")
        .open('{')
        .text_at("base", &format!("{}/wiki", call.site_url))
        .text_at("context", "/wiki")
        .text_at("self", &own)
        .close('}');
}

/// A number from 0.
pub(super) fn number(call: &Call<'_>, name: &str, default: usize) -> Result<usize, Refusal> {
    let number = call.query.last(name).map(str::parse::<u32>).transpose();
    let number = number.map_err(|_| Refusal::wrong_type(name, "a number from 0"))?;
    Ok(number.map_or(default, |number| number as usize))
}
