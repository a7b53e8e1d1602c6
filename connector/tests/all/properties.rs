//! What holds for any site, any arguments, any `after` and any answer.

use std::collections::BTreeSet;

use crate::site::{
    Site, answer, asked, ids, ok, pages, pages_by_id, parameter, rows, script, silent, site, window,
};
use confluence_connector::{
    Answer, AttachmentQuery, BlogPostQuery, Confluence, CustomContentQuery, Error, ErrorKind,
    LabelOwner, LabelQuery, ListOptions, Listing, Page, PageQuery, SpaceQuery, TaskQuery, Window,
};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

// Paging.

/// Pages in a row as a site sends them whatever the limit: any lengths, with empty ones, with rows
/// that came before. Cursors are numbers of pages.
fn paged(pages: Vec<Vec<u64>>) -> Confluence<Site> {
    site(move |_, url| {
        let at: usize = parameter(url, "cursor").map_or(0, |cursor| cursor.parse().unwrap());
        let next = (at + 1 < pages.len()).then(|| (at + 1).to_string());
        let page = pages.get(at).map_or(&[][..], Vec::as_slice);
        Ok(rows(page, next.as_deref()))
    })
}

/// Follows `after` to the end of the list: the ids, and the error that ended it.
fn follow(confluence: &mut Confluence<Site>, limits: &[u32]) -> (Vec<u64>, Option<Error>) {
    let (mut given, mut after) = (Vec::new(), None);
    for &limit in limits.iter().cycle().take(5_000) {
        confluence.transport_mut().asked.clear();
        let listing = pages(confluence, limit, after).unwrap();
        assert!(listing.items.len() <= limit as usize);
        given.extend(ids(&listing));
        after = listing.rest.after;
        if after.is_none() || listing.rest.stopped.is_some() {
            return (given, listing.rest.stopped);
        }
    }
    panic!("the list does not end");
}

/// Cuts rows into pages of the given lengths.
fn cut(count: u64, lengths: &[usize]) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut rows = 1..=count;
    let mut empty = 0;
    for &length in lengths.iter().cycle() {
        // Five pages without rows in a row are followed.
        empty = if length == 0 { empty + 1 } else { 0 };
        if empty <= 5 {
            pages.push(rows.by_ref().take(length).collect());
        }
        if rows.is_empty() {
            return pages;
        }
    }
    pages
}

fn limits() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(prop_oneof![1..12_u32, 20..60_u32, 240..1_000_u32], 1..8)
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn each_row_comes_once_and_in_order_whatever_the_pages_and_limits(
        count in 0..300_u64,
        lengths in prop::collection::vec(prop_oneof![Just(0_usize), 1..40_usize], 0..12),
        limits in limits(),
    ) {
        let mut lengths = lengths;
        lengths.push(3);
        let (given, stopped) = follow(&mut paged(cut(count, &lengths)), &limits);
        prop_assert_eq!(given, (1..=count).collect::<Vec<_>>());
        prop_assert!(stopped.is_none());
    }

    #[test]
    fn rows_that_repeat_come_once_in_a_call_and_no_row_is_lost_unless_told(
        pages_sent in prop::collection::vec(prop::collection::vec(1..60_u64, 0..20), 1..20),
        limits in limits(),
    ) {
        let all: BTreeSet<u64> = pages_sent.iter().flatten().copied().collect();
        let mut in_one_call = paged(pages_sent.clone());
        let listing = pages(&mut in_one_call, 10_000, None).unwrap();
        let given = ids(&listing);
        let distinct: BTreeSet<u64> = given.iter().copied().collect();
        prop_assert_eq!(distinct.len(), given.len());
        prop_assert!(listing.rest.after.is_none());
        if listing.rest.stopped.is_none() {
            prop_assert_eq!(&distinct, &all);
        }
        let (given, stopped) = follow(&mut paged(pages_sent), &limits);
        let distinct: BTreeSet<u64> = given.into_iter().collect();
        match stopped {
            None => prop_assert_eq!(distinct, all),
            Some(error) => prop_assert_eq!(error.kind, ErrorKind::Looping),
        }
    }

    #[test]
    fn rows_that_stay_come_though_others_move_come_and_go_between_calls(
        moves in prop::collection::vec((0..80_u64, any::<bool>()), 0..20),
        limits in limits(),
    ) {
        // Keyset cursors: a row before the cursor is behind the reader.
        let mut there: BTreeSet<u64> = (0..80).map(|n| 10 * n).collect();
        let (mut given, mut after) = (Vec::new(), None);
        let mut moves = moves.into_iter();
        let mut touched = BTreeSet::new();
        for &limit in limits.iter().cycle().take(500) {
            let now = there.clone();
            let mut confluence = site(move |_, url| {
                let size: usize = parameter(url, "limit").unwrap().parse().unwrap();
                let from: u64 = parameter(url, "cursor").map_or(0, |c| c.parse().unwrap());
                let ids: Vec<u64> = now.range(from..).copied().take(size + 1).collect();
                let next = ids.get(size).map(u64::to_string);
                Ok(rows(&ids[..size.min(ids.len())], next.as_deref()))
            });
            let listing = pages(&mut confluence, limit, after).unwrap();
            given.extend(ids(&listing));
            prop_assert!(listing.rest.stopped.is_none());
            after = listing.rest.after;
            if after.is_none() {
                break;
            }
            if let Some((at, leaves)) = moves.next() {
                let (id, new) = (10 * at, 10 * at + 1);
                touched.extend([id, new]);
                if leaves { there.remove(&id); } else { there.insert(new); }
            }
        }
        prop_assert!(after.is_none());
        let given: BTreeSet<u64> = given.into_iter().collect();
        let stayed: BTreeSet<u64> = (0..80).map(|n| 10 * n).filter(|id| !touched.contains(id)).collect();
        prop_assert!(given.is_superset(&stayed));
    }

    #[test]
    fn ids_come_once_and_the_missing_ones_are_named_once(
        wanted in prop::collection::btree_set(1..600_u64, 1..300),
        count in 0..600_u64,
        limits in limits(),
    ) {
        let wanted: Vec<u64> = wanted.into_iter().collect();
        let mut confluence = crate::site::library(count);
        let (mut given, mut named, mut after) = (Vec::new(), Vec::new(), None);
        for &limit in limits.iter().cycle().take(5_000) {
            confluence.transport_mut().asked.clear();
            let listing = pages_by_id(&mut confluence, &wanted, &window(limit, after)).unwrap();
            given.extend(ids(&listing));
            named.extend(crate::site::with_code(&listing.rest.notices, "unknown-id").iter()
                .map(|notice| notice.id.as_deref().unwrap().parse::<u64>().unwrap()));
            prop_assert!(listing.rest.stopped.is_none());
            after = listing.rest.after;
            if after.is_none() { break; }
        }
        let (there, missing): (Vec<u64>, Vec<u64>) = wanted.iter().partition(|id| **id <= count);
        prop_assert_eq!(given, there);
        prop_assert_eq!(named, missing);
    }
}

// Queries.

/// Path and parameters of the one request that a call sends; none when it is refused. The site
/// has no space of any key, so a call with a key ends after asking for it.
fn sent<T>(
    list: impl FnOnce(&mut Confluence<Site>) -> Result<Listing<T>, Error>,
) -> Option<(String, Vec<(String, String)>)> {
    let mut confluence = site(|_, _| Ok(rows(&[], None)));
    let result = list(&mut confluence);
    let urls = asked(&mut confluence);
    match result {
        Ok(_) => assert_eq!(urls.len(), 1),
        Err(error) if error.kind == ErrorKind::NotFound => {
            assert_eq!(urls.len(), 1);
            assert!(urls[0].starts_with("/api/v2/spaces?"), "{}", urls[0]);
        }
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::InvalidArgument);
            assert!(urls.is_empty() && !error.resolution.is_empty());
            return None;
        }
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/?&=%".contains(&b);
    assert!(urls[0].bytes().all(plain), "{}", urls[0]);
    let (path, query) = urls[0].split_once('?').unwrap();
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), decode(value)))
        .collect();
    Some((path.to_owned(), pairs))
}

fn value(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap();
    (name.to_owned(), value.to_owned())
}

/// Text of every kind, with much that means something in URLs, CQL and JSON.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[~a-zA-Z0-9 \"'\\\\&=#?%+/;,.:@漢字é\u{1}\n\u{202e}-]{0,20}",
        prop::sample::select(vec![
            "..",
            "../../x",
            "a&limit=1",
            "a#b",
            "%2e%2e",
            "~key",
            "a OR type=page",
            "\0",
            "?",
            "&&",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn any_text_arrives_as_it_is_or_is_refused_before_anything_is_sent(one in hostile(), other in hostile()) {
        let window = Window::default();
        let options = ListOptions::default();
        let query = BlogPostQuery { title: Some(one.clone()), ..BlogPostQuery::default() };
        if let Some((path, pairs)) = sent(|c| c.list_blog_posts(&query, &window, &options)) {
            prop_assert_eq!(path, "/api/v2/blogposts");
            prop_assert_eq!(pairs, [value("limit=25"), ("title".to_owned(), one.clone())]);
        }
        let query = AttachmentQuery { filename: Some(one.clone()), media_type: Some(other.clone()) };
        if let Some((path, mut pairs)) = sent(|c| c.list_attachments(&query, &window, &options)) {
            pairs.sort();
            let mut wanted = vec![
                value("limit=25"),
                ("filename".to_owned(), one.clone()),
                ("mediaType".to_owned(), other.clone()),
            ];
            wanted.sort();
            prop_assert_eq!(path, "/api/v2/attachments");
            prop_assert_eq!(pairs, wanted);
        }
        // Commas stand between several types.
        let of_type = one.replace(',', ";");
        let query = CustomContentQuery { type_: Some(of_type.clone()), ..CustomContentQuery::default() };
        if let Some((path, pairs)) = sent(|c| c.list_custom_content(&query, &window, &options)) {
            prop_assert_eq!(path, "/api/v2/custom-content");
            prop_assert_eq!(pairs, [value("limit=25"), ("type".to_owned(), of_type)]);
        }
        let query = SpaceQuery { keys: Some(vec![one.clone()]), ..SpaceQuery::default() };
        if let Some((path, pairs)) = sent(|c| c.list_spaces(&query, &window, &options)) {
            prop_assert_eq!(path, "/api/v2/spaces");
            prop_assert_eq!(pairs, [value("limit=25"), ("keys".to_owned(), one.clone())]);
        }
        let query = TaskQuery { assigned_to: Some(vec![one.clone()]), ..TaskQuery::default() };
        if let Some((path, pairs)) = sent(|c| c.list_tasks(&query, &window, &options)) {
            prop_assert_eq!(path, "/api/v2/tasks");
            prop_assert_eq!(pairs, [value("limit=25"), ("assigned-to".to_owned(), one)]);
        }
    }

    #[test]
    fn a_path_never_leaves_its_prefix(id in prop_oneof![hostile(), "[0-9]{1,20}"], word in hostile()) {
        let window = Window::default();
        let options = ListOptions::default();
        let whole = |id: &str| id.parse::<i64>().unwrap().to_string();
        // A key is asked for as it is, and goes into no path.
        let is_looked_up = |path: &str, pairs: &[(String, String)]| {
            path == "/api/v2/spaces" && pairs.contains(&("keys".to_owned(), id.clone()))
        };
        for (owner, prefix) in [(LabelOwner::Page, "pages"), (LabelOwner::Space, "spaces")] {
            let query = LabelQuery { select: Some(owner), id: Some(id.clone()), prefix: None };
            if let Some((path, pairs)) = sent(|c| c.list_labels(&query, &window, &options))
                && !is_looked_up(&path, &pairs)
            {
                prop_assert_eq!(path, format!("/api/v2/{prefix}/{}/labels", whole(&id)));
            }
        }
        if let Some((path, pairs)) = sent(|c| c.list_blog_posts_by_space(&id, &window, &options))
            && !is_looked_up(&path, &pairs)
        {
            prop_assert_eq!(path, format!("/api/v2/spaces/{}/blogposts", whole(&id)));
        }
        // Words that are one of a set are that or are refused.
        for options in [
            ListOptions { sort: Some(word.clone()), ..ListOptions::default() },
            ListOptions { body_format: Some(word.clone()), ..ListOptions::default() },
            ListOptions { status: vec![word.clone()], ..ListOptions::default() },
            ListOptions { space_ids: vec![id.clone(), word.clone()], ..ListOptions::default() },
            ListOptions { more: vec![(word.clone(), id.clone())], ..ListOptions::default() },
        ] {
            if let Some((path, pairs)) = sent(|c| c.list_pages(&PageQuery::default(), &window, &options))
                && path != "/api/v2/spaces"
            {
                prop_assert_eq!(path, "/api/v2/pages");
                let known = ["limit", "sort", "body-format", "status", "space-id"];
                prop_assert!(pairs.iter().all(|(name, _)| known.contains(&name.as_str())));
            }
        }
    }
}

// `after`.

fn some_after(limit: u32, with_ids: bool) -> String {
    let wanted: Vec<u64> = (1..=300).collect();
    let mut confluence = crate::site::library(300);
    let listing = if with_ids {
        pages_by_id(&mut confluence, &wanted, &window(limit, None))
    } else {
        pages(&mut confluence, limit, None)
    };
    listing.unwrap().rest.after.unwrap()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn any_text_that_is_no_after_is_refused_and_nothing_is_sent(
        text in prop_oneof![any::<String>(), "[A-Za-z0-9_-]{0,300}", "[A-Za-z0-9+/=]{0,9000}"],
    ) {
        let error = pages(&mut silent(), 25, Some(text)).unwrap_err();
        prop_assert_eq!((error.kind, error.code.as_str()), (ErrorKind::InvalidArgument, "after-malformed"));
    }

    #[test]
    fn any_change_to_an_after_is_refused(
        limit in 1..299_u32,
        with_ids: bool,
        at in any::<prop::sample::Index>(),
        how in 0..5,
        put in "[A-Za-z0-9_-]",
    ) {
        let good = some_after(limit, with_ids);
        let at = at.index(good.len());
        let (before, behind) = good.split_at(at);
        let changed = match how {
            0 => format!("{before}{put}{}", &behind[1..]),
            1 => format!("{before}{}", &behind[1..]),
            2 => format!("{before}{put}{behind}"),
            3 => before.to_owned(),
            _ => format!("{behind}{before}"),
        };
        prop_assume!(changed != good);
        let wanted: Vec<u64> = (1..=300).collect();
        let error = if with_ids {
            pages_by_id(&mut silent(), &wanted, &window(limit, Some(changed)))
        } else {
            pages(&mut silent(), limit, Some(changed))
        }.unwrap_err();
        prop_assert_eq!(error.code.as_str(), "after-malformed");
    }

    #[test]
    fn an_after_serves_its_own_query_only(
        limit in 1..299_u32,
        sort in prop::sample::select(vec![None, Some("id"), Some("-id"), Some("title")]),
        status in prop::sample::subsequence(vec!["current", "archived", "trashed"], 0..=3),
        raw: bool,
        wanted in prop::option::of(prop::collection::vec(1..40_u64, 1..9)),
    ) {
        let after = some_after(limit, false);
        let options = ListOptions {
            sort: sort.map(str::to_owned),
            status: status.iter().map(|s| (*s).to_owned()).collect(),
            raw,
            ..ListOptions::default()
        };
        let query = PageQuery { ids: wanted.as_ref().map(|ids| ids.iter().map(u64::to_string).collect()) };
        let own = sort.is_none() && status.is_empty() && !raw && wanted.is_none();
        let window = window(7, Some(after));
        if own {
            prop_assert!(crate::site::library(300).list_pages(&query, &window, &options).is_ok());
        } else {
            let error = silent().list_pages(&query, &window, &options).unwrap_err();
            prop_assert_eq!(error.code.as_str(), "after-of-another-query");
        }
    }
}

// Decoding.

/// Any JSON, of no great depth.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let name = prop_oneof![any::<String>(), field_name()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn field_name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "status",
        "title",
        "spaceId",
        "parentId",
        "position",
        "version",
        "body",
        "_links",
        "createdAt",
        "storage",
        "value",
        "number",
        "webui",
        "results",
        "next",
        "base",
        "subtype",
        "minorEdit",
    ])
    .prop_map(str::to_owned)
}

/// An answer of the service's shape, with invented values.
const PAGE: &str = r#"{"results":[{"parentType":"page","parentId":"98404","spaceId":"98306","lastOwnerId":null,"ownerId":"712020:5f0e-aa","createdAt":"2026-04-27T11:02:09.861Z","authorId":"712020:5f0e-aa","version":{"number":3,"message":"","minorEdit":false,"authorId":"712020:5f0e-aa","createdAt":"2026-05-27T07:09:12Z","ncsStepVersion":null},"position":1298,"title":"Öffnungszeiten \"neu\"","status":"current","body":{"storage":{"representation":"storage","value":"<p>Montag \u2013 Freitag \ud83d\ude00</p>"}},"sourceTemplateEntityId":null,"id":"18753814575","_links":{"editui":"/pages/resumedraft.action?draftId=18753814575","webui":"/spaces/ENG/pages/18753814575/x","edituiv2":"/spaces/ENG/pages/edit-v2/18753814575","tinyui":"/x/AYAB"}},{"id":98404,"spaceId":98306,"title":null,"body":{},"version":null,"position":null,"_links":{}}],"_links":{"base":"https://s.example/wiki"}}"#;

fn listed(body: Vec<u8>, raw: bool) -> Result<Listing<Page>, Error> {
    let mut given = ok("");
    given.body = body;
    let options = ListOptions {
        raw,
        body_format: Some("storage".into()),
        ..ListOptions::default()
    };
    let mut first = Some(given);
    let mut confluence = site(move |_, _| Ok(first.take().unwrap_or_else(|| answer(403, &[], ""))));
    confluence.list_pages(&PageQuery::default(), &window(10_000, None), &options)
}

fn is_an_answer_or_a_typed_error(result: &Result<Listing<Page>, Error>) {
    match result {
        Ok(listing) => assert!(listing.items.iter().all(|page| !page.id.is_empty())),
        Err(error) => assert!(
            matches!(
                error.kind,
                ErrorKind::NotJson
                    | ErrorKind::Truncated
                    | ErrorKind::TooDeep
                    | ErrorKind::UnexpectedAnswer
            ),
            "{error:?}"
        ),
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn any_bytes_are_an_answer_or_a_typed_error(
        bytes in prop::collection::vec(any::<u8>(), 0..400), raw: bool,
    ) {
        is_an_answer_or_a_typed_error(&listed(bytes, raw));
    }

    #[test]
    fn any_change_to_an_answer_of_the_service_is_an_answer_or_a_typed_error(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4, any::<u8>(), 0..40_usize), 1..6),
        raw: bool,
    ) {
        let mut bytes = PAGE.as_bytes().to_vec();
        for (at, how, byte, length) in changes {
            if bytes.is_empty() { break; }
            let at = at.index(bytes.len());
            let end = (at + length).min(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.drain(at..end); }
                2 => { let part = bytes[at..end].to_vec(); bytes.splice(at..at, part); }
                _ => bytes.insert(at, b"{}[],:\"\\0eu"[usize::from(byte) % 11]),
            }
        }
        is_an_answer_or_a_typed_error(&listed(bytes, raw));
    }

    #[test]
    fn no_well_formed_row_is_lost_whatever_is_beside_it_and_in_it(
        rows in prop::collection::vec((any::<bool>(), json(), prop::collection::vec((field_name(), json()), 0..5)), 0..12),
        beside in prop::collection::vec((any::<String>(), json()), 0..3),
        half in prop::option::of(0..12_usize),
        raw: bool,
    ) {
        let mut wanted = Vec::new();
        let mut texts = Vec::new();
        for (at, (sound, other, fields)) in rows.into_iter().enumerate() {
            if !sound {
                // Whatever it is, it has no id: a row without one is none.
                let other = match other {
                    serde_json::Value::Object(mut fields) => { fields.remove("id"); fields.into() }
                    other => other,
                };
                texts.push(other.to_string());
                continue;
            }
            let id = 1_000 + at as u64;
            wanted.push(id);
            let fields: serde_json::Map<_, _> = fields.into_iter().collect();
            let mut text = serde_json::Value::Object(fields).to_string();
            text.pop();
            let comma = if text.len() > 1 { "," } else { "" };
            // Half a character and a number that no type holds.
            let broken = if half == Some(at) { r#","x":"\ud83d","y":1e999"# } else { "" };
            texts.push(format!(r#"{text}{comma}"id":"{id}"{broken}}}"#));
        }
        let mut beside_text = String::new();
        for (name, value) in beside {
            if !["results", "_links"].contains(&name.as_str()) {
                beside_text.push_str(&format!("{}:{value},", serde_json::Value::from(name)));
            }
        }
        let body = format!(r#"{{{beside_text}"results":[{}],"_links":{{}}}}"#, texts.join(","));
        let listing = listed(body.into_bytes(), raw).unwrap();
        prop_assert_eq!(ids(&listing), wanted);
    }

    #[test]
    fn any_next_link_is_followed_by_its_cursor_only(link in prop_oneof![hostile(), any::<String>().prop_map(|c| format!("https://elsewhere.example/x?a=b&cursor={c}"))]) {
        let body = serde_json::json!({"results": [{"id": "1"}], "_links": {"next": link, "base": "https://elsewhere.example"}});
        let mut confluence = script(vec![ok(&body.to_string()), answer(403, &[], "")]);
        let listing = pages(&mut confluence, 25, None).unwrap();
        prop_assert_eq!(ids(&listing), [1]);
        prop_assert!(listing.rest.stopped.is_some());
        for url in asked(&mut confluence).iter().skip(1) {
            prop_assert!(url.starts_with("/api/v2/pages?limit=25&cursor="));
            prop_assert!(!url.contains("elsewhere.example/"));
        }
    }

    #[test]
    fn any_link_header_is_read_or_left(value in prop::collection::vec(any::<u8>(), 0..200), text in "[<>;,=\" relnxt/?cursor&a-]{0,80}") {
        for value in [value, text.into_bytes()] {
            let mut first = ok(r#"{"results":[{"id":"1"}]}"#);
            first.headers.push(("link".to_owned(), value));
            let mut first: Option<Answer> = Some(first);
            let mut confluence = site(move |_, _| Ok(first.take().unwrap_or_else(|| answer(403, &[], ""))));
            let listing = pages(&mut confluence, 25, None).unwrap();
            prop_assert_eq!(ids(&listing), [1]);
        }
    }
}
