//! What Confluence Cloud really does, where no other test stands for it.

use crate::site::{
    Site, answer, asked, ids, ok, pages, parameter, parameters, rows, script, site, window,
};
use confluence_connector::{
    AttachmentQuery, BlogPostQuery, Confluence, CustomContentQuery, Error, LabelOwner, LabelQuery,
    ListOptions, PageQuery, Rest, SpaceQuery, TaskQuery, Window,
};

type List = fn(&mut Confluence<Site>, &Window) -> Result<Rest, Error>;

/// Every list, its path, and the scope that it needs.
fn lists() -> Vec<(&'static str, &'static str, List)> {
    macro_rules! list {
        ($path:literal, $scope:literal, $method:ident($($argument:expr),*)) => {
            ($path, $scope, (|confluence, window| {
                let options = ListOptions::default();
                Ok(confluence.$method($($argument,)* window, &options)?.rest)
            }) as List)
        };
    }
    fn labels(select: LabelOwner) -> LabelQuery {
        LabelQuery {
            select: Some(select),
            id: Some("7".into()),
            prefix: None,
        }
    }
    fn custom() -> CustomContentQuery {
        CustomContentQuery {
            type_: Some("ac:a:b".into()),
            ..CustomContentQuery::default()
        }
    }
    vec![
        list!(
            "/api/v2/spaces",
            "read:space:confluence",
            list_spaces(&SpaceQuery::default())
        ),
        list!(
            "/api/v2/pages",
            "read:page:confluence",
            list_pages(&PageQuery::default())
        ),
        list!(
            "/api/v2/labels",
            "read:label:confluence",
            list_labels(&LabelQuery::default())
        ),
        list!(
            "/api/v2/pages/7/labels",
            "read:page:confluence",
            list_labels(&labels(LabelOwner::Page))
        ),
        list!(
            "/api/v2/spaces/7/labels",
            "read:space:confluence",
            list_labels(&labels(LabelOwner::Space))
        ),
        list!(
            "/api/v2/attachments",
            "read:attachment:confluence",
            list_attachments(&AttachmentQuery::default())
        ),
        list!(
            "/api/v2/pages/7/attachments",
            "read:attachment:confluence",
            list_attachments_by_page("7")
        ),
        list!(
            "/api/v2/blogposts",
            "read:page:confluence",
            list_blog_posts(&BlogPostQuery::default())
        ),
        list!(
            "/api/v2/spaces/7/blogposts",
            "read:page:confluence",
            list_blog_posts_by_space("7")
        ),
        list!(
            "/api/v2/custom-content",
            "read:custom-content:confluence",
            list_custom_content(&custom())
        ),
        list!(
            "/api/v2/tasks",
            "read:task:confluence",
            list_tasks(&TaskQuery::default())
        ),
    ]
}

#[test]
fn every_list_asks_v2_with_a_limit_between_1_and_250_whatever_upstreams_default_is() {
    for (path, _, list) in lists() {
        for limit in [None, Some(1), Some(250), Some(251), Some(10_000)] {
            let mut confluence = site(|_, _| Ok(rows(&[], None)));
            list(&mut confluence, &Window { limit, after: None }).unwrap();
            let urls = asked(&mut confluence);
            assert_eq!(urls[0].split('?').next(), Some(path));
            let asked: u32 = parameter(&urls[0], "limit").unwrap().parse().unwrap();
            assert!((1..=250).contains(&asked), "{limit:?}: {asked}");
            assert_eq!(parameters(&urls[0], "start"), [] as [&str; 0]);
        }
    }
}

#[test]
fn each_list_names_the_scope_that_it_needs_and_blog_posts_need_that_of_pages() {
    for (path, scope, list) in lists() {
        let headers = [("X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")];
        let mut confluence = script(vec![answer(401, &headers, "")]);
        let error = list(&mut confluence, &Window::default()).unwrap_err();
        assert_eq!(error.code, "scope-missing");
        assert!(error.cause.contains(scope), "{path}: {}", error.cause);
    }
}

#[test]
fn every_list_goes_on_until_there_is_no_next_link() {
    for (path, _, list) in lists() {
        let mut confluence = site(|n, _| {
            Ok(rows(
                &[n as u64],
                (n < 4).then_some(["a", "b", "c", "d"][n.min(3)]),
            ))
        });
        let rest = list(&mut confluence, &window(250, None)).unwrap();
        assert!(rest.after.is_none() && rest.stopped.is_none());
        let urls = asked(&mut confluence);
        assert_eq!(urls.len(), 5, "{path}");
        assert!(urls.iter().all(|url| url.split('?').next() == Some(path)));
    }
}

#[test]
fn a_list_of_251_and_of_1001_rows_is_read_whole() {
    for count in [250, 251, 1_000, 1_001] {
        let listing = pages(&mut crate::site::library(count), 10_000, None).unwrap();
        assert_eq!(ids(&listing), (1..=count).collect::<Vec<_>>());
        assert!(listing.rest.after.is_none());
    }
}

#[test]
fn each_page_is_asked_for_with_the_filters_sort_and_limit_that_its_cursor_is_bound_to() {
    let query = PageQuery {
        ids: Some(vec!["1".into(), "2".into(), "3".into()]),
    };
    let options = ListOptions {
        body_format: Some("storage".into()),
        status: vec!["archived".into(), "current".into()],
        sort: Some("-modified-date".into()),
        space_ids: vec!["5".into(), "6".into()],
        ..ListOptions::default()
    };
    let mut confluence = site(|n, _| {
        Ok(rows(
            &[n as u64 + 1],
            (n < 2).then_some(["a", "b"][n.min(1)]),
        ))
    });
    let first = confluence
        .list_pages(&query, &window(2, None), &options)
        .unwrap();
    // The limit of a later call does not change what was begun.
    confluence
        .list_pages(&query, &window(250, first.rest.after), &options)
        .unwrap();
    let urls = asked(&mut confluence);
    assert!(urls.len() >= 3);
    assert!(urls[0].contains("sort=-modified-date") && urls[0].contains("status=archived"));
    assert_eq!(urls[1], format!("{}&cursor=a", urls[0]));
}

#[test]
fn words_that_nobody_has_heard_of_pass_as_they_are() {
    let body = r#"{"results":[
        {"id":"1","status":"trashed","parentType":"database"},
        {"id":"2","status":"draft","parentType":"hologram","subtype":"dead","position":1},
        {"id":"3","status":"","parentType":"whiteboard"}]}"#;
    let listing = pages(&mut script(vec![ok(body)]), 25, None).unwrap();
    let words: Vec<_> = listing
        .items
        .iter()
        .map(|page| (page.status.as_deref(), page.parent_type.as_deref()))
        .collect();
    assert_eq!(
        words,
        [
            (Some("trashed"), Some("database")),
            (Some("draft"), Some("hologram")),
            (Some(""), Some("whiteboard"))
        ]
    );
    assert!(listing.rest.notices.is_empty());
}

#[test]
fn times_pass_as_they_came_with_and_without_milliseconds() {
    let body = r#"{"results":[{"id":"1","createdAt":"2026-05-27T07:09:12Z","version":{"createdAt":"2026-04-27T11:02:09.861Z"}}]}"#;
    let listing = pages(&mut script(vec![ok(body)]), 25, None).unwrap();
    let page = &listing.items[0];
    assert_eq!(page.created_at.as_deref(), Some("2026-05-27T07:09:12Z"));
    let changed = page.version.as_ref().unwrap().created_at.as_deref();
    assert_eq!(changed, Some("2026-04-27T11:02:09.861Z"));
}

#[test]
fn ids_beyond_32_and_53_bits_stay_exact_as_text_and_as_numbers() {
    let body = r#"{"results":[{"id":"18753814575","spaceId":9007199254740993},{"id":9223372036854775807}]}"#;
    let listing = pages(&mut script(vec![ok(body)]), 25, None).unwrap();
    assert_eq!(listing.items[0].id, "18753814575");
    assert_eq!(
        listing.items[0].space_id.as_deref(),
        Some("9007199254740993")
    );
    assert_eq!(listing.items[1].id, "9223372036854775807");
}

#[test]
fn a_404_says_missing_or_hidden_and_never_deleted() {
    let missing = answer(
        404,
        &[("atl-traceid", "t")],
        r#"{"errors":[{"title":"Not Found"}]}"#,
    );
    let error = script(vec![missing])
        .get_page_by_id("5", &Default::default())
        .unwrap_err();
    assert!(error.message.contains("missing or hidden"));
    assert!(error.cause.contains("hidden from this account"));
    let listing =
        crate::site::pages_by_id(&mut script(vec![rows(&[], None)]), &[5], &Window::default())
            .unwrap();
    let notice = &listing.rest.notices[0];
    assert!(notice.code == "unknown-id" && notice.message.contains("missing or hidden"));
}

#[test]
fn a_body_of_adf_stays_the_text_that_it_is() {
    let body = r#"{"results":[{"id":"1","body":{"atlas_doc_format":{"representation":"atlas_doc_format","value":"{\"type\":\"doc\",\"n\":1e999}"}}}]}"#;
    let options = ListOptions {
        body_format: Some("atlas_doc_format".into()),
        ..ListOptions::default()
    };
    let listing = script(vec![ok(body)])
        .list_pages(&PageQuery::default(), &Window::default(), &options)
        .unwrap();
    assert_eq!(
        listing.items[0].body.as_ref().unwrap().value,
        r#"{"type":"doc","n":1e999}"#
    );
}
