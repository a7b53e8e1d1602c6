//! What is around pages and blog posts: children, ancestors, versions, properties, comments.

use crate::site::{Site, answer, asked, ok, script, silent, window};
use confluence_connector::{
    Answer, CommentKind, CommentQuery, Confluence, ContentKind, Error, ErrorKind, GetOptions,
    ListOptions, PropertyOwner, Window,
};

const EMPTY: &str = r#"{"results":[],"_links":{}}"#;

fn list(rows: &str) -> Answer {
    ok(&format!(r#"{{"results":[{rows}],"_links":{{}}}}"#))
}

fn refused<R>(get: impl FnOnce(&mut Confluence<Site>) -> Result<R, Error>) -> String {
    match get(&mut silent()) {
        Ok(_) => panic!("not refused"),
        Err(error) => error.code.clone(),
    }
}

fn status(word: &str) -> ListOptions {
    ListOptions {
        status: vec![word.into()],
        ..ListOptions::default()
    }
}

fn comments(replies: bool) -> CommentQuery {
    CommentQuery {
        owner: ContentKind::Page,
        id: "7".into(),
        kind: CommentKind::Footer,
        replies,
    }
}

#[test]
fn children_are_pages_without_drafts_unless_asked_otherwise() {
    let rows = r#"{"id":"1","type":"page","status":"current","childPosition":null},
        {"id":"2","type":"folder","status":"current","childPosition":-3},
        {"id":"3","type":"page","status":"draft"},
        {"id":"4","type":"whiteboard"},{"id":9007199254740993,"type":"page","status":"new-status"}"#;
    let children = |types: Option<&[String]>, options: &ListOptions| {
        let mut site = script(vec![list(rows)]);
        let listing = site
            .get_page_children("7", types, Some("desc"), &Window::default(), options)
            .unwrap();
        assert_eq!(
            asked(&mut site),
            ["/api/v2/pages/7/direct-children?limit=25&sort=-child-position"]
        );
        assert!(listing.rest.notices.is_empty());
        listing
            .items
            .into_iter()
            .map(|child| child.id)
            .collect::<Vec<_>>()
    };
    let all = ListOptions::default();
    assert_eq!(children(None, &all), ["1", "9007199254740993"]);
    assert_eq!(
        children(Some(&["folder".into(), "whiteboard".into()]), &all),
        ["2", "4"]
    );
    assert_eq!(children(None, &status("draft")), ["3"]);
    let w = Window::default();
    assert_eq!(
        refused(|c| c.get_page_children("7", Some(&["pages".into()]), None, &w, &all)),
        "type-unknown"
    );
    assert_eq!(
        refused(|c| c.get_page_children("7", None, None, &w, &status("deleted"))),
        "status-unknown"
    );
    assert_eq!(
        refused(|c| c.get_page_children("../7", None, None, &w, &all)),
        "id-malformed"
    );
}

#[test]
fn ancestors_beyond_one_answer_are_those_of_the_topmost() {
    let rows = |from: u32, count: u32, kind: &str| {
        let rows: Vec<String> = (from..from + count)
            .map(|id| format!(r#"{{"id":"{id}","type":"{kind}"}}"#))
            .collect();
        list(&rows.join(","))
    };
    let mut site = script(vec![rows(100, 250, "folder"), rows(10, 3, "page")]);
    let above = site.get_page_ancestors("7").unwrap();
    assert_eq!(above.len(), 253);
    assert_eq!(
        (above[0].id.as_str(), above[252].id.as_str()),
        ("10", "349")
    );
    assert_eq!(
        asked(&mut site),
        [
            "/api/v2/pages/7/ancestors?limit=250",
            "/api/v2/folders/100/ancestors?limit=250"
        ]
    );
    assert!(
        script(vec![list("")])
            .get_page_ancestors("7")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn ancestors_are_whole_or_an_error() {
    let full = |kind: &str| {
        let row = |id: u32| format!(r#"{{"id":"{id}","type":"{kind}"}}"#);
        let rows: Vec<String> = (1..=250).map(row).collect();
        list(&rows.join(","))
    };
    let error = script(vec![full("galaxy")])
        .get_page_ancestors("7")
        .unwrap_err();
    assert_eq!(error.code, "ancestors-unreadable");
    let error = crate::site::site(move |_, _| Ok(full("page")))
        .get_page_ancestors("7")
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Looping);
    let error = script(vec![list(r#"{"id":"1","type":"page"},{"type":"page"}"#)])
        .get_page_ancestors("7")
        .unwrap_err();
    assert_eq!(error.code, "ancestors-unreadable");
    assert_eq!(refused(|c| c.get_page_ancestors("7/..")), "id-malformed");
}

#[test]
fn a_folder_is_read_whatever_its_fields_are() {
    let body = r#"{"id":"5","type":"folder","status":"current","title":"漢字","parentId":null,"parentType":"page",
        "createdAt":1700000000000,"position":"3","version":{"number":2},"_links":{"webui":"/x","base":"https://s.example/wiki"},"new":[{}]}"#;
    let mut site = script(vec![ok(body)]);
    let folder = site.get_folder("5", &GetOptions::default()).unwrap();
    assert_eq!(asked(&mut site), ["/api/v2/folders/5"]);
    assert_eq!(
        folder.created_at.as_deref(),
        Some("2023-11-14T22:13:20.000Z")
    );
    assert_eq!(folder.web_url.as_deref(), Some("https://s.example/wiki/x"));
    assert_eq!(
        refused(|c| c.get_folder("~key", &GetOptions::default())),
        "id-malformed"
    );
}

#[test]
fn versions_have_a_title_and_a_body_of_their_own() {
    let w = Window::default();
    let o = ListOptions {
        body_format: Some("storage".into()),
        ..ListOptions::default()
    };
    let rows = r#"{"number":2,"message":null,"minorEdit":true,"page":{"id":"7","title":"b","body":{"storage":{"value":"<p/>"}}}},
        {"number":1,"page":null},{"message":"no number"}"#;
    let mut site = script(vec![list(rows)]);
    let listing = site.get_page_versions("7", Some("desc"), &w, &o).unwrap();
    assert_eq!(
        asked(&mut site),
        ["/api/v2/pages/7/versions?limit=25&body-format=storage&sort=-modified-date"]
    );
    assert_eq!(listing.items.len(), 2);
    assert_eq!(listing.items[0].title.as_deref(), Some("b"));
    assert_eq!(listing.items[0].body.as_ref().unwrap().value, "<p/>");
    assert_eq!(listing.rest.notices[0].code, "row-dropped");
    let mut site = script(vec![ok(EMPTY)]);
    site.get_blog_post_versions("8", None, &w, &ListOptions::default())
        .unwrap();
    assert_eq!(asked(&mut site), ["/api/v2/blogposts/8/versions?limit=25"]);
}

#[test]
fn properties_of_each_owner_have_their_path() {
    let w = Window::default();
    let o = ListOptions::default();
    for (owner, id, path) in [
        (PropertyOwner::Page, "7", "/api/v2/pages/7/properties"),
        (
            PropertyOwner::BlogPost,
            "7",
            "/api/v2/blogposts/7/properties",
        ),
        (
            PropertyOwner::Attachment,
            "att7",
            "/api/v2/attachments/att7/properties",
        ),
        (
            PropertyOwner::CustomContent,
            "7",
            "/api/v2/custom-content/7/properties",
        ),
        (PropertyOwner::Comment, "7", "/api/v2/comments/7/properties"),
        (PropertyOwner::Space, "7", "/api/v2/spaces/7/properties"),
    ] {
        let row = r#"{"id":"1","key":"k","value":{"b":[1.0,"x"]},"version":{"number":1,"createdBy":"712020:a"}},{"id":"2"}"#;
        let mut site = script(vec![list(row)]);
        let listing = site
            .get_content_properties(owner, id, Some("a&b"), None, &w, &o)
            .unwrap();
        assert_eq!(asked(&mut site), [format!("{path}?limit=25&key=a%26b")]);
        assert_eq!(
            listing.items[0].value.as_deref(),
            Some(r#"{"b":[1.0,"x"]}"#)
        );
        assert_eq!(
            listing.items[0]
                .version
                .as_ref()
                .unwrap()
                .author_id
                .as_deref(),
            Some("712020:a")
        );
    }
    let asc = Some("asc");
    let of = |owner, id: &str, key: Option<&str>, sort| {
        refused(|c| c.get_content_properties(owner, id, key, sort, &w, &o))
    };
    assert_eq!(of(PropertyOwner::Space, "7", None, asc), "sort-not-offered");
    assert_eq!(of(PropertyOwner::Space, "a b", None, None), "key-malformed");
    assert_eq!(of(PropertyOwner::Page, "att7", None, None), "id-malformed");
    assert_eq!(
        of(PropertyOwner::Attachment, "7", None, None),
        "attachment-id-malformed"
    );
    assert_eq!(
        of(PropertyOwner::Page, "7", Some("a\tb"), None),
        "text-with-controls"
    );
}

#[test]
fn comments_without_replies_are_one_list() {
    let w = Window::default();
    let query = CommentQuery {
        owner: ContentKind::BlogPost,
        kind: CommentKind::Inline,
        ..comments(false)
    };
    let row = r#"{"id":"1","status":"current","blogPostId":"7","resolutionStatus":"new","body":{},
        "properties":{"inline-marker-ref":"m","inlineOriginalSelection":"sel","inlineMarkerRef":null}}"#;
    let mut site = script(vec![list(row)]);
    let listing = site
        .get_comments(&query, Some("asc"), &w, &ListOptions::default())
        .unwrap();
    assert_eq!(
        asked(&mut site),
        ["/api/v2/blogposts/7/inline-comments?limit=25&sort=created-date"]
    );
    let comment = &listing.items[0];
    assert_eq!(comment.kind, CommentKind::Inline);
    assert_eq!(
        (comment.marker_ref.as_deref(), comment.selection.as_deref()),
        (Some("m"), Some("sel"))
    );
    assert!(comment.body.is_none());
    assert_eq!(
        refused(|c| c.get_comments(&query, None, &w, &status("archived"))),
        "status-unknown"
    );
}

#[test]
fn replies_stand_behind_what_they_reply_to() {
    let mut site = crate::site::site(|_, url| {
        Ok(list(
            if url.starts_with("/api/v2/pages/7/footer-comments") {
                r#"{"id":"1","pageId":"7"},{"id":"2","pageId":"7"}"#
            } else if url.starts_with("/api/v2/footer-comments/1/children") {
                r#"{"id":"3","parentCommentId":"1"},{"id":"4"}"#
            } else if url.starts_with("/api/v2/footer-comments/3/children") {
                // A site that goes in circles is not followed.
                r#"{"id":"5","parentCommentId":"3"},{"id":"1"}"#
            } else {
                ""
            },
        ))
    });
    let listing = site
        .get_comments(
            &comments(true),
            None,
            &Window::default(),
            &ListOptions::default(),
        )
        .unwrap();
    let found: Vec<_> = listing
        .items
        .iter()
        .map(|comment| (comment.id.as_str(), comment.parent_id.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("1", None),
            ("3", Some("1")),
            ("4", Some("1")),
            ("5", Some("3")),
            ("2", None)
        ]
    );
    assert_eq!(asked(&mut site).len(), 6);
    assert!(listing.rest.after.is_none() && listing.rest.stopped.is_none());
}

#[test]
fn a_thread_that_never_ends_is_cut_with_a_notice() {
    let mut next = 10;
    let mut site = crate::site::site(move |_, url| {
        if url.contains("/pages/") {
            return Ok(list(r#"{"id":"1"}"#));
        }
        let rows: Vec<String> = (next..next + 250)
            .map(|id| format!(r#"{{"id":"{id}"}}"#))
            .collect();
        next += 250;
        Ok(list(&rows.join(",")))
    });
    let listing = site
        .get_comments(
            &comments(true),
            None,
            &Window::default(),
            &ListOptions::default(),
        )
        .unwrap();
    assert_eq!(listing.items.len(), 501);
    assert_eq!(listing.rest.notices[0].code, "replies-cut");
    assert_eq!(listing.rest.notices[0].id.as_deref(), Some("1"));
}

#[test]
fn replies_that_fail_leave_the_threads_before_them_and_the_place_to_go_on() {
    let mut site = crate::site::site(|at, url| {
        if url.starts_with("/api/v2/pages/7/footer-comments") {
            let ids: Vec<String> = if url.contains("cursor=") {
                (21..=25).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect()
            } else {
                (1..=10).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect()
            };
            return Ok(ok(&format!(
                r#"{{"results":[{}],"_links":{{"next":"/wiki/x?cursor=c{at}"}}}}"#,
                ids.join(",")
            )));
        }
        if url.contains("/21/") {
            return Ok(answer(500, &[], ""));
        }
        Ok(ok(EMPTY))
    });
    let listing = site
        .get_comments(
            &comments(true),
            None,
            &window(30, None),
            &ListOptions::default(),
        )
        .unwrap();
    assert_eq!(listing.items.len(), 10);
    assert!(listing.rest.after.is_some());
    assert_eq!(
        listing.rest.stopped.unwrap().kind,
        ErrorKind::UpstreamFailed
    );
}

/// A page with the comments 1 to 30, in pages of the size asked for, whose children `children`
/// answers by the id of the comment.
fn thirty_threads(children: impl Fn(&str, &str) -> Answer + 'static) -> Confluence<Site> {
    crate::site::site(move |_, url| {
        let path = url.split('?').next().unwrap();
        let parts: Vec<&str> = path.split('/').collect();
        if let [.., id, "children"] = parts[..] {
            return Ok(children(id, url));
        }
        let number =
            |name| crate::site::parameter(url, name).map(|text| text.parse::<u64>().unwrap());
        let from = number("cursor").unwrap_or(1);
        let to = (from + number("limit").unwrap()).min(31);
        let ids: Vec<u64> = (from..to).collect();
        let next = (to < 31).then(|| to.to_string());
        Ok(crate::site::rows(&ids, next.as_deref()))
    })
}

fn missing() -> Answer {
    answer(404, &[("atl-traceid", "t")], r#"{"errors":[]}"#)
}

#[test]
fn a_comment_that_is_gone_when_its_replies_are_asked_for_has_none_and_is_named() {
    let gone = |id: &str, _: &str| match id {
        "1" | "15" => missing(),
        "2" => list(r#"{"id":"102"}"#),
        // A reply may go as well.
        "102" => missing(),
        _ => ok(EMPTY),
    };
    for limit in [1, 7, 30] {
        let mut site = thirty_threads(gone);
        let (mut found, mut named, mut after) = (Vec::new(), Vec::new(), None);
        loop {
            let window = window(limit, after);
            let listing = site
                .get_comments(&comments(true), None, &window, &ListOptions::default())
                .unwrap();
            assert!(listing.rest.stopped.is_none());
            found.extend(listing.items.into_iter().map(|comment| comment.id));
            named.extend(listing.rest.notices.into_iter().map(|notice| {
                assert_eq!(notice.code, "replies-missing");
                notice.id.unwrap()
            }));
            after = listing.rest.after;
            if after.is_none() {
                break;
            }
        }
        let mut all: Vec<String> = (1..=30).map(|id| id.to_string()).collect();
        all.insert(2, "102".to_owned());
        assert_eq!(found, all, "{limit}");
        assert_eq!(named, ["1", "102", "15"], "{limit}");
    }
}

#[test]
fn a_comment_that_goes_amid_its_replies_keeps_those_that_came() {
    let mut site = thirty_threads(|id, url| match id {
        "1" if url.contains("cursor=") => missing(),
        "1" => crate::site::rows(&[101, 102], Some("a")),
        _ => ok(EMPTY),
    });
    let listing = site
        .get_comments(
            &comments(true),
            None,
            &window(2, None),
            &ListOptions::default(),
        )
        .unwrap();
    let found: Vec<&str> = listing.items.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(found, ["1", "101", "102", "2"]);
    assert!(listing.rest.stopped.is_none());
    let notice = &listing.rest.notices[0];
    assert_eq!(
        (notice.code.as_str(), notice.id.as_deref()),
        ("replies-missing", Some("1"))
    );
}

#[test]
fn replies_that_may_not_be_read_and_a_page_that_is_gone_are_errors_still() {
    let get = |mut site: Confluence<Site>| {
        let (window, options) = (Window::default(), ListOptions::default());
        site.get_comments(&comments(true), None, &window, &options)
            .unwrap_err()
    };
    let error = get(thirty_threads(|_, _| answer(403, &[], "")));
    assert_eq!(error.kind, ErrorKind::Forbidden);
    // What stands before Confluence knows nothing of comments.
    let error = get(thirty_threads(|_, _| answer(404, &[], "<html>")));
    assert_eq!(error.code, "endpoint-not-found");
    let error = get(script(vec![missing()]));
    assert_eq!(error.code, "not-found");
}

#[test]
fn threads_behind_many_empty_pages_are_reached_and_no_call_reads_them_all() {
    let mut site = crate::site::site(|_, url| {
        if url.contains("/children") {
            return Ok(ok(EMPTY));
        }
        let at: u32 = crate::site::parameter(url, "cursor").map_or(0, |at| at.parse().unwrap());
        Ok(match at {
            20 => crate::site::rows(&[1], None),
            _ => crate::site::rows(&[], Some(&(at + 1).to_string())),
        })
    });
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let before = asked(&mut site).len();
        let window = window(25, after);
        let listing = site
            .get_comments(&comments(true), None, &window, &ListOptions::default())
            .unwrap();
        assert!(listing.rest.stopped.is_none());
        assert!(asked(&mut site).len() <= before + 6);
        found.extend(listing.items.into_iter().map(|comment| comment.id));
        after = listing.rest.after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, ["1"]);
}

#[test]
fn a_reply_that_was_dropped_is_told() {
    let mut site = crate::site::site(|_, url| {
        Ok(list(if url.contains("/pages/") {
            r#"{"id":"1"}"#
        } else if url.contains("/1/children") {
            r#"{"id":"2"},null"#
        } else {
            ""
        }))
    });
    let listing = site
        .get_comments(
            &comments(true),
            None,
            &Window::default(),
            &ListOptions::default(),
        )
        .unwrap();
    assert_eq!(listing.items.len(), 2);
    assert_eq!(listing.rest.notices[0].code, "row-dropped");
}

#[test]
fn what_comes_whole_is_asked_for_once_when_the_site_fails() {
    let mut site = script(vec![answer(503, &[], "")]);
    let error = site.get_page_ancestors("7").unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamFailed);
}

#[test]
fn a_comment_is_looked_for_in_both_places() {
    let options = GetOptions {
        body_format: Some("view".into()),
        version: Some(2),
        ..GetOptions::default()
    };
    let mut site = script(vec![missing(), ok(r#"{"id":"5","parentCommentId":"4"}"#)]);
    let comment = site.get_comment_by_id("5", None, &options).unwrap();
    assert_eq!(comment.kind, CommentKind::Inline);
    assert_eq!(
        asked(&mut site),
        [
            "/api/v2/footer-comments/5?body-format=view&version=2",
            "/api/v2/inline-comments/5?body-format=view&version=2"
        ]
    );
    let kind = Some(CommentKind::Footer);
    let error = script(vec![missing()])
        .get_comment_by_id("5", kind, &options)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    // Another failure is no reason to look elsewhere.
    let error = script(vec![answer(403, &[], "")])
        .get_comment_by_id("5", None, &options)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
    assert_eq!(
        refused(|c| c.get_comment_by_id("\u{0}", None, &options)),
        "id-malformed"
    );
}

#[test]
fn however_a_comment_is_said_to_be_gone_its_thread_only_lacks_replies() {
    let page = "<html><title>Not found</title></html>";
    for (status, headers, body) in [
        (404, &[("atl-traceid", "t")][..], r#"{"errors":[]}"#),
        (404, &[], ""),
        (410, &[], ""),
        (410, &[("atl-traceid", "t")], r#"{"message":"Gone"}"#),
        (410, &[], page),
    ] {
        let mut site = thirty_threads(move |id, _| match id {
            "2" => answer(status, headers, body),
            "1" => list(r#"{"id":"101"}"#),
            _ => ok(EMPTY),
        });
        let listing = site
            .get_comments(
                &comments(true),
                None,
                &window(3, None),
                &ListOptions::default(),
            )
            .unwrap();
        let found: Vec<&str> = listing.items.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(found, ["1", "101", "2", "3"], "{status} {body}");
        assert!(listing.rest.stopped.is_none());
        let notice = &listing.rest.notices[0];
        assert_eq!(notice.code, "replies-missing");
        assert!(notice.message.contains("comment `2`"), "{notice:?}");
    }
    // What is not said to be gone is an error, as before.
    for status in [403, 429, 500] {
        let mut site = thirty_threads(move |_, _| answer(status, &[], ""));
        let result = site.get_comments(
            &comments(true),
            None,
            &window(3, None),
            &ListOptions::default(),
        );
        assert_eq!(result.unwrap_err().status, Some(status));
    }
}
