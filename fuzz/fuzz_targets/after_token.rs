//! Any text as `after`: refused with a typed error, or a call that ends.
//!
//! The first byte says what the rest is: the text itself; or bytes laid over a good text's, from
//! a place on, with the check sum made right again, since no fuzzer guesses that.

#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use confluence_connector::{
    Answer, Confluence, ErrorKind, ListOptions, PageQuery, Transport, TransportError, Window,
};
use libfuzzer_sys::fuzz_target;

/// A list of 90 rows whose cursors are the place that comes next.
struct Site {
    asked: u32,
}

impl Transport for Site {
    fn get(&mut self, path_and_query: &str) -> Result<Answer, TransportError> {
        self.asked += 1;
        assert!(self.asked < 400, "the call does not end");
        let (path, query) = path_and_query.split_once('?').unwrap();
        assert_eq!(path, "/api/v2/pages");
        let value = |name: &str| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(given, _)| *given == name)
                .map(|(_, value)| value)
        };
        let size: u32 = value("limit").unwrap().parse().unwrap();
        assert!((1..=250).contains(&size));
        let from: u32 = match value("cursor").map(str::parse) {
            None => 0,
            Some(Ok(from)) => from,
            Some(Err(_)) => {
                return Ok(Answer {
                    status: 400,
                    ..Answer::default()
                });
            }
        };
        let to = from.saturating_add(size).min(90);
        let rows: Vec<String> = (from..to)
            .map(|id| format!("{{\"id\":\"{id}\"}}"))
            .collect();
        let next = if to < 90 {
            format!("\"next\":\"/x?cursor={to}\"")
        } else {
            String::new()
        };
        let body = format!("{{\"results\":[{}],\"_links\":{{{next}}}}}", rows.join(","));
        Ok(Answer {
            status: if self.asked % 7 == 3 { 500 } else { 200 },
            headers: Vec::new(),
            body: body.into_bytes(),
        })
    }
}

/// FNV-1a as the connector has it, folded.
fn check_sum(bytes: &[u8]) -> [u8; 4] {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes.iter().chain(&[0xff]) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    ((hash ^ (hash >> 32)) as u32).to_le_bytes()
}

fn query(with_ids: bool) -> PageQuery {
    PageQuery {
        ids: with_ids.then(|| (0..120).map(|id: u32| id.to_string()).collect()),
    }
}

fn call(with_ids: bool, after: Option<String>) -> Option<String> {
    let window = Window {
        limit: Some(40),
        after,
    };
    let mut site = Confluence::new(Site { asked: 0 });
    match site.list_pages(&query(with_ids), &window, &ListOptions::default()) {
        Ok(listing) => {
            assert!(listing.items.len() <= 40);
            listing.rest.after
        }
        Err(error) => {
            assert!(!error.code.is_empty() && !error.resolution.is_empty());
            assert!(
                error.status.is_some() || error.kind == ErrorKind::InvalidArgument,
                "{error:?}"
            );
            None
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&how, rest)) = data.split_first() else {
        return;
    };
    let with_ids = how & 1 == 1;
    if how & 2 == 0 {
        let text = String::from_utf8_lossy(rest).into_owned();
        call(with_ids, Some(text));
        return;
    }
    let good = call(with_ids, None).unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(good).unwrap();
    bytes.truncate(bytes.len() - 4);
    // Version, function and the hash of the arguments stay; all behind may be anything.
    let from = 10 + usize::from(how >> 2) % (bytes.len() - 10);
    if how & 0x80 == 0 {
        bytes.truncate(from);
        bytes.extend(rest);
    } else {
        for (to, from) in bytes.iter_mut().skip(from).zip(rest) {
            *to = *from;
        }
    }
    let check = check_sum(&bytes);
    bytes.extend(check);
    // What a good call answers to it can be gone on with.
    if let Some(next) = call(with_ids, Some(URL_SAFE_NO_PAD.encode(bytes))) {
        call(with_ids, Some(next));
    }
});
