//! Every paged answer: rows, the cursor behind them, and the links.

use crate::answer::Answer;
use crate::call::Call;
use crate::cursor::{Cursor, Trap};
use crate::fault::{Fault, distort};
use crate::json::Json;
use crate::query::encode;
use crate::refusal::Refusal;
use crate::sequence::Sequence;

/// What a resource puts into its listing.
pub(crate) struct Rows<'a> {
    pub(crate) sequence: Sequence<'a>,
    pub(crate) falling: bool,
    pub(crate) accepts: &'a dyn Fn(u64) -> bool,
    pub(crate) id: &'a dyn Fn(u64) -> String,
    pub(crate) write: &'a dyn Fn(u64, &mut Json),
}

/// The rows of one answer, as the inside of a JSON array.
pub(crate) struct Gathered {
    pub(crate) rows: Vec<u8>,
    pub(crate) count: usize,
    /// Site-relative, with `/wiki`.
    pub(crate) next: Option<String>,
}

/// A page of REST v2.
pub(crate) fn answer(call: &Call<'_>, limit: usize, rows: &Rows<'_>) -> Result<Answer, Refusal> {
    let gathered = gather(call, limit, rows)?;
    let mut json = Json::with_capacity(gathered.rows.len() + 512);
    json.open('{')
        .key("results")
        .open('[')
        .raw_bytes(&gathered.rows)
        .close(']')
        .key("_links")
        .open('{');
    if let Some(next) = &gathered.next
        && !call.has(&Fault::LinkInHeader)
    {
        json.text_at("next", next);
    }
    json.text_at("base", &format!("{}/wiki", call.site_url))
        .close('}')
        .close('}');
    Ok(Answer::json(200, json.into_bytes())
        .with("link", &link_header(call, gathered.next.as_deref())))
}

/// The first rows from the cursor on that the filters let through.
pub(crate) fn gather(call: &Call<'_>, limit: usize, rows: &Rows<'_>) -> Result<Gathered, Refusal> {
    let fingerprint = call.fingerprint();
    let cursor = call.cursor(&fingerprint)?;
    let start = cursor.as_ref().map_or(0, |cursor| cursor.position);
    let last_id = cursor
        .as_ref()
        .map_or_else(String::new, |cursor| cursor.id.clone());
    let trap = match call.fault {
        Some(Fault::SamePage) => Some(Trap::Same),
        Some(Fault::EmptyPagesForEver) => Some(Trap::Empty),
        _ => cursor.as_ref().and_then(|cursor| cursor.trap),
    };
    if call.has(&Fault::Anonymous) {
        return Ok(Gathered {
            rows: Vec::new(),
            count: 0,
            next: None,
        });
    }
    if trap == Some(Trap::Empty) || call.has(&Fault::EmptyPage) {
        let mut next = Cursor::new(last_id, start, fingerprint);
        (next.nonce, next.trap) = (Some(call.number), trap);
        return Ok(Gathered {
            rows: Vec::new(),
            count: 0,
            next: Some(next_link(call, limit, &next.encode())),
        });
    }

    let limit = match call.fault {
        Some(Fault::ShortPages) => limit.div_ceil(2),
        _ => limit,
    };
    let poison = match call.fault {
        Some(Fault::Poison(id)) => Some(*id),
        Some(Fault::PoisonBody(id)) if call.query.last("body-format").is_some() => Some(*id),
        _ => None,
    };
    let poison = poison.map(|id| id.to_string());
    let mut json = Json::with_capacity(limit * 900);
    let mut starts = Vec::with_capacity(limit);
    let mut last = None;
    let mut more = None;
    for position in start..rows.sequence.length() {
        let Some(slot) = rows.sequence.slot(position, rows.falling) else {
            break;
        };
        if !(rows.accepts)(slot) {
            continue;
        }
        if starts.len() == limit {
            more = Some(position);
            break;
        }
        if let Some(poison) = &poison
            && (rows.id)(slot).trim_start_matches("att") == poison
        {
            return Err(Refusal::internal());
        }
        json.element();
        starts.push(json.len());
        (rows.write)(slot, &mut json);
        last = Some(slot);
    }
    let next = match (trap, more) {
        (Some(_), _) => {
            let mut next = Cursor::new(last_id, start, fingerprint);
            (next.nonce, next.trap) = (Some(call.number), trap);
            Some(next.encode())
        }
        (None, Some(position)) => {
            match (call.has(&Fault::RepeatedCursor), call.query.last("cursor")) {
                (true, Some(used)) => Some(used.to_owned()),
                _ => Some(
                    Cursor::new(last.map(rows.id).unwrap_or_default(), position, fingerprint)
                        .encode(),
                ),
            }
        }
        (None, None) if call.has(&Fault::EmptyEnd) && start < rows.sequence.length() => {
            let end = rows.sequence.length();
            let last_id = last.map(rows.id).unwrap_or_default();
            Some(Cursor::new(last_id, end, fingerprint).encode())
        }
        (None, None) => None,
    };
    let next = next.map(|cursor| next_link(call, limit, &cursor));
    let (rows, count) = distorted(call, json, &starts);
    Ok(Gathered { rows, count, next })
}

/// Rows as the inside of a JSON array with their count, after the fault was at them.
pub(crate) fn distorted(call: &Call<'_>, json: Json, starts: &[usize]) -> (Vec<u8>, usize) {
    let Some(fault) = call.fault else {
        return (json.into_bytes(), starts.len());
    };
    let bytes = json.as_bytes();
    // Between two rows stands one comma.
    let ends = starts
        .iter()
        .skip(1)
        .map(|start| start - 1)
        .chain([bytes.len()]);
    let rows: Vec<&[u8]> = starts
        .iter()
        .zip(ends)
        .filter_map(|(&start, end)| bytes.get(start..end))
        .collect();
    match distort(fault, call.authorization, &rows) {
        Some(rows) => (rows.join(&b","[..]), rows.len()),
        None => (json.into_bytes(), starts.len()),
    }
}

/// A single resource: `json` with the fault's distortion.
pub(crate) fn single(call: &Call<'_>, json: Json) -> Answer {
    let distorted = call
        .fault
        .and_then(|fault| distort(fault, call.authorization, &[json.as_bytes()]));
    let body = distorted
        .and_then(|rows| rows.into_iter().next())
        .unwrap_or_else(|| json.into_bytes());
    Answer::json(200, body)
}

/// Site-relative. The place of the cursor in it, and whether its `+` is escaped, vary with the
/// number of the request, as they vary with the resource in the live service.
fn next_link(call: &Call<'_>, limit: usize, cursor: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (name, value) in call
        .query
        .pairs()
        .iter()
        .filter(|(name, _)| name != "cursor")
    {
        let mut part = String::new();
        encode(name, &mut part);
        part.push('=');
        encode(value, &mut part);
        parts.push(part);
    }
    if call.query.last("limit").is_none() {
        parts.push(format!("limit={limit}"));
    }
    if !call.has(&Fault::BadNextLink) {
        let cursor = if (call.number / 3).is_multiple_of(2) {
            cursor.replace('+', "%2B")
        } else {
            cursor.to_owned()
        };
        let place = match call.number % 3 {
            0 => 0,
            1 => parts.len().div_ceil(2),
            _ => parts.len(),
        };
        parts.insert(place, format!("cursor={cursor}"));
    }
    format!("{}?{}", call.path, parts.join("&"))
}

fn link_header(call: &Call<'_>, next: Option<&str>) -> String {
    let mut links = Vec::with_capacity(3);
    if call.number.is_multiple_of(5) {
        links.push("<https://developer.example.com/changelog>; rel=\"deprecation\"".to_owned());
    }
    if let Some(next) = next {
        links.push(format!("<{next}>; rel=\"next\""));
    }
    links.push(format!("<{}/wiki>; rel=\"base\"", call.site_url));
    links.join(", ")
}
