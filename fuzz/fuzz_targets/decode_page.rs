//! Any bytes as the answer to any list: no panic, and rows that all have an id.
//!
//! The first byte says which list, with or without `raw`, and the status.

#![no_main]

use confluence_connector::{
    Answer, AttachmentQuery, Confluence, CustomContentQuery, Error, LabelOwner, LabelQuery,
    ListOptions, PageQuery, Rest, SpaceQuery, TaskQuery, Transport, TransportError, Window,
};
use libfuzzer_sys::fuzz_target;

/// Answers the same to every request.
struct Site<'a> {
    status: u16,
    body: &'a [u8],
    asked: u32,
}

impl Transport for Site<'_> {
    fn get(&mut self, path_and_query: &str) -> Result<Answer, TransportError> {
        self.asked += 1;
        assert!(self.asked < 200, "the call does not end");
        assert!(path_and_query.starts_with("/api/v2/"));
        Ok(Answer {
            status: self.status,
            headers: vec![("atl-traceid".to_owned(), b"t".to_vec())],
            body: self.body.to_vec(),
        })
    }
}

fn check<'a>(ids: impl Iterator<Item = &'a str>, rest: &Rest) {
    let mut count = 0;
    for id in ids {
        assert!(!id.is_empty());
        count += 1;
    }
    assert!(count <= 40);
    // Whatever a site sends, a list that goes on can be gone on with.
    if let Some(after) = &rest.after {
        assert!(after.len() < 8 * 1024);
    }
    assert!(rest.notices.len() < 200);
}

fuzz_target!(|data: &[u8]| {
    let Some((&how, body)) = data.split_first() else {
        return;
    };
    let mut site = Confluence::new(Site {
        status: if how & 0x40 == 0 {
            200
        } else {
            500 + u16::from(how & 3)
        },
        body,
        asked: 0,
    });
    let window = Window {
        limit: Some(40),
        after: None,
    };
    let options = ListOptions {
        raw: how & 0x80 != 0,
        ..ListOptions::default()
    };
    macro_rules! ask {
        ($list:expr) => {{
            let listing: Result<_, Error> = $list;
            if let Ok(listing) = listing {
                check(
                    listing.items.iter().map(|row| row.id.as_str()),
                    &listing.rest,
                );
            }
        }};
    }
    match how & 0x0f {
        0 => ask!(site.list_spaces(&SpaceQuery::default(), &window, &options)),
        1 => ask!(site.list_attachments(&AttachmentQuery::default(), &window, &options)),
        2 => ask!(site.list_tasks(&TaskQuery::default(), &window, &options)),
        3 => ask!(site.list_blog_posts(&Default::default(), &window, &options)),
        4 => {
            let query = CustomContentQuery {
                type_: Some("ac:a:b".to_owned()),
                ..CustomContentQuery::default()
            };
            ask!(site.list_custom_content(&query, &window, &options));
        }
        5 => {
            let query = LabelQuery {
                select: Some(LabelOwner::Page),
                id: Some("1".to_owned()),
                ..LabelQuery::default()
            };
            ask!(site.list_labels(&query, &window, &options));
        }
        6 => {
            let query = PageQuery {
                ids: Some((1..=30).map(|id| id.to_string()).collect()),
            };
            ask!(site.list_pages(&query, &window, &options));
        }
        _ => ask!(site.list_pages(&PageQuery::default(), &window, &options)),
    }
});
