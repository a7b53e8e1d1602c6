//! The getters: what they send, and what comes of the answers.

use crate::site::{Site, answer, asked, ok, rows, script, silent, window};
use confluence_connector::{
    Answer, AttachmentQuery, BlogPostQuery, Confluence, CustomContentQuery, DueTaskQuery, Error,
    ErrorKind, GetOptions, LabelOwner, LabelQuery, ListOptions, PageQuery, PropertyOwner,
    SpaceQuery, TaskQuery, Window,
};

const EMPTY: &str = r#"{"results":[],"_links":{}}"#;

/// What no key, name or id may smuggle into a request.
const HOSTILE: [&str; 8] = [
    "",
    "a/b",
    "../x",
    "a\nb",
    "a\"b",
    "a\\b",
    "a?b=c",
    "1 OR type=page",
];

fn strings(values: &[&str]) -> Option<Vec<String>> {
    Some(values.iter().map(|value| (*value).to_owned()).collect())
}

fn spaces(rows: &str) -> Answer {
    ok(&format!(r#"{{"results":[{rows}],"_links":{{}}}}"#))
}

/// The requests that a getter sends to a site that answers every list with nothing.
fn sent<R>(get: impl FnOnce(&mut Confluence<Site>) -> Result<R, Error>) -> Vec<String> {
    let mut site = crate::site::site(|_, _| Ok(ok(EMPTY)));
    if let Err(error) = get(&mut site) {
        panic!("{error:?}");
    }
    asked(&mut site)
}

fn refused<R>(get: impl FnOnce(&mut Confluence<Site>) -> Result<R, Error>) -> String {
    match get(&mut silent()) {
        Ok(_) => panic!("not refused"),
        Err(error) => error.code.clone(),
    }
}

#[test]
fn asc_and_desc_are_a_field_of_each_resource() {
    let w = Window::default();
    let o = ListOptions::default();
    let (asc, desc) = (Some("asc"), Some("desc"));
    let q = AttachmentQuery::default();
    let custom = CustomContentQuery {
        type_: Some("ac:a:b".into()),
        ..CustomContentQuery::default()
    };
    for (sent, wanted) in [
        (
            sent(|c| c.get_spaces(&SpaceQuery::default(), asc, &w, &o)),
            "/api/v2/spaces?limit=25&sort=key",
        ),
        (
            sent(|c| c.get_pages(&PageQuery::default(), desc, &w, &o)),
            "/api/v2/pages?limit=25&sort=-modified-date",
        ),
        (
            sent(|c| c.get_pages_by_space("7", asc, &w, &o)),
            "/api/v2/spaces/7/pages?limit=25&sort=modified-date",
        ),
        (
            sent(|c| c.get_pages_by_label("7", desc, &w, &o)),
            "/api/v2/labels/7/pages?limit=25&sort=-modified-date",
        ),
        (
            sent(|c| c.get_labels(Some("team"), desc, &w, &o)),
            "/api/v2/labels?limit=25&prefix=team&sort=-name",
        ),
        (
            sent(|c| c.get_labels_by_page("7", Some("global"), asc, &w, &o)),
            "/api/v2/pages/7/labels?limit=25&prefix=global&sort=name",
        ),
        (
            sent(|c| c.get_labels_by_space("7", Some("my"), None, &w, &o)),
            "/api/v2/spaces/7/labels?limit=25&prefix=my",
        ),
        (
            sent(|c| c.get_attachments(&q, asc, &w, &o)),
            "/api/v2/attachments?limit=25&sort=modified-date",
        ),
        (
            sent(|c| c.get_attachments_by_page("7", &q, desc, &w, &o)),
            "/api/v2/pages/7/attachments?limit=25&sort=-modified-date",
        ),
        (
            sent(|c| c.get_blog_posts(&BlogPostQuery::default(), desc, &w, &o)),
            "/api/v2/blogposts?limit=25&sort=-modified-date",
        ),
        (
            sent(|c| c.get_blog_posts_by_space("7", asc, &w, &o)),
            "/api/v2/spaces/7/blogposts?limit=25&sort=modified-date",
        ),
        (
            sent(|c| c.get_custom_content(&custom, asc, &w, &o)),
            "/api/v2/custom-content?limit=25&type=ac%3Aa%3Ab&sort=modified-date",
        ),
        (
            sent(|c| c.get_tasks(&DueTaskQuery::default(), &w, &o)),
            "/api/v2/tasks?limit=25",
        ),
    ] {
        assert_eq!(sent, [wanted]);
    }
}

#[test]
fn an_order_is_refused_where_there_is_none_and_where_there_are_two() {
    let w = Window::default();
    let o = ListOptions::default();
    let asc = Some("asc");
    assert_eq!(
        refused(|c| c.get_content_properties(PropertyOwner::Space, "7", None, asc, &w, &o)),
        "sort-not-offered"
    );
    let o = ListOptions {
        sort: Some("-id".into()),
        ..o
    };
    assert_eq!(
        refused(|c| c.get_pages(&PageQuery::default(), asc, &w, &o)),
        "sort-twice"
    );
    assert_eq!(
        sent(|c| c.get_pages(&PageQuery::default(), None, &w, &o)),
        ["/api/v2/pages?limit=25&sort=-id"]
    );
}

#[test]
fn filters_are_sent_as_they_are_meant() {
    let w = Window::default();
    let o = ListOptions::default();
    let q = AttachmentQuery {
        filename: Some("a&b=c \"漢字\".pdf".into()),
        media_type: Some("image/png".into()),
    };
    assert_eq!(
        sent(|c| c.get_attachments_by_page("7", &q, None, &w, &o)),
        [
            "/api/v2/pages/7/attachments?limit=25&filename=a%26b%3Dc%20%22%E6%BC%A2%E5%AD%97%22.pdf&mediaType=image%2Fpng"
        ]
    );
    let q = BlogPostQuery {
        ids: strings(&["9223372036854775807", "2", "2"]),
        title: Some("a\\b".into()),
    };
    assert_eq!(
        sent(|c| c.get_blog_posts(&q, None, &w, &o)),
        ["/api/v2/blogposts?limit=25&title=a%5Cb&id=9223372036854775807&id=2"]
    );
}

#[test]
fn a_space_key_is_resolved_with_one_request() {
    let w = Window::default();
    let o = ListOptions::default();
    let found = || spaces(r#"{"id":"5","key":"eng","currentActiveAlias":null}"#);
    let mut site = script(vec![found(), ok(EMPTY)]);
    site.get_pages_by_space("ENG", None, &w, &o).unwrap();
    assert_eq!(
        asked(&mut site),
        [
            "/api/v2/spaces?limit=1&keys=ENG",
            "/api/v2/spaces/5/pages?limit=25"
        ]
    );
    let mut site = script(vec![
        spaces(r#"{"id":18753814575,"key":"~712020abc"}"#),
        ok(EMPTY),
    ]);
    site.get_blog_posts_by_space("~712020abc", None, &w, &o)
        .unwrap();
    assert_eq!(
        asked(&mut site),
        [
            "/api/v2/spaces?limit=1&keys=~712020abc",
            "/api/v2/spaces/18753814575/blogposts?limit=25"
        ]
    );
    // Several at once, beside an id, and one of them the same space under its alias.
    let mut site = script(vec![
        spaces(r#"{"id":"5","key":"A","currentActiveAlias":"B"},{"id":"6","key":"C"}"#),
        ok(EMPTY),
    ]);
    let query = TaskQuery {
        space_ids: strings(&["4", "A", "B", "C", "c"]),
        ..TaskQuery::default()
    };
    site.list_tasks(&query, &w, &o).unwrap();
    assert_eq!(
        asked(&mut site),
        [
            "/api/v2/spaces?limit=3&keys=A&keys=B&keys=C",
            "/api/v2/tasks?limit=25&space-id=4&space-id=5&space-id=6"
        ]
    );
}

#[test]
fn a_space_key_is_taken_wherever_the_id_of_a_space_is() {
    let w = Window::default();
    let none = ListOptions::default();
    let o = ListOptions {
        space_ids: strings(&["4", "ENG"]).unwrap(),
        ..ListOptions::default()
    };
    let mixed = || strings(&["4", "ENG"]);
    let custom = CustomContentQuery {
        type_: Some("ac:a:b".into()),
        space_ids: mixed(),
        ..CustomContentQuery::default()
    };
    let tasks = TaskQuery {
        space_ids: mixed(),
        ..TaskQuery::default()
    };
    let ids = SpaceQuery {
        ids: mixed(),
        keys: None,
    };
    let both = SpaceQuery {
        ids: mixed(),
        keys: strings(&["HR"]),
    };
    let labels = LabelQuery {
        select: Some(LabelOwner::Space),
        id: Some("ENG".into()),
        prefix: None,
    };
    let (posts, pages) = (BlogPostQuery::default(), PageQuery::default());
    let second = |get: &dyn Fn(&mut Confluence<Site>) -> Result<(), Error>| {
        let mut site = script(vec![spaces(r#"{"id":"5","key":"ENG"}"#), ok(EMPTY)]);
        get(&mut site).unwrap();
        let asked = asked(&mut site);
        assert_eq!(
            (asked.len(), asked[0].as_str()),
            (2, "/api/v2/spaces?limit=1&keys=ENG")
        );
        asked[1].clone()
    };
    for (sent, wanted) in [
        (
            second(&|c| c.list_spaces(&ids, &w, &none).map(drop)),
            "/api/v2/spaces?limit=25&ids=4&ids=5",
        ),
        (
            second(&|c| c.list_spaces(&both, &w, &none).map(drop)),
            "/api/v2/spaces?limit=25&ids=4&ids=5&keys=HR",
        ),
        (
            second(&|c| c.get_spaces(&ids, None, &w, &none).map(drop)),
            "/api/v2/spaces?limit=25&ids=4&ids=5",
        ),
        (
            second(&|c| c.list_pages(&pages, &w, &o).map(drop)),
            "/api/v2/pages?limit=25&space-id=4&space-id=5",
        ),
        (
            second(&|c| c.get_pages(&pages, None, &w, &o).map(drop)),
            "/api/v2/pages?limit=25&space-id=4&space-id=5",
        ),
        (
            second(&|c| c.list_blog_posts(&posts, &w, &o).map(drop)),
            "/api/v2/blogposts?limit=25&space-id=4&space-id=5",
        ),
        (
            second(&|c| c.list_blog_posts_by_space("ENG", &w, &none).map(drop)),
            "/api/v2/spaces/5/blogposts?limit=25",
        ),
        (
            second(&|c| c.list_labels(&labels, &w, &none).map(drop)),
            "/api/v2/spaces/5/labels?limit=25",
        ),
        (
            second(&|c| c.list_custom_content(&custom, &w, &none).map(drop)),
            "/api/v2/custom-content?limit=25&type=ac%3Aa%3Ab&space-id=4&space-id=5",
        ),
        (
            second(&|c| c.list_tasks(&tasks, &w, &none).map(drop)),
            "/api/v2/tasks?limit=25&space-id=4&space-id=5",
        ),
    ] {
        assert_eq!(sent, wanted);
    }
}

#[test]
fn keys_are_looked_up_250_at_a_time_however_many_there_are() {
    let keys: Vec<String> = (0..10_001).map(|number| format!("K{number}")).collect();
    let mut site = crate::site::site(|_, url| {
        let rows: Vec<String> = crate::site::parameters(url, "keys")
            .iter()
            .map(|key| format!(r#"{{"id":"{}","key":"{key}"}}"#, &key[1..]))
            .collect();
        Ok(spaces(&rows.join(",")))
    });
    let query = TaskQuery {
        space_ids: Some(keys),
        ..TaskQuery::default()
    };
    let w = window(1, None);
    site.list_tasks(&query, &w, &ListOptions::default())
        .unwrap();
    let asked = asked(&mut site);
    let looked_up: Vec<usize> = asked
        .iter()
        .map(|url| crate::site::parameters(url, "keys").len())
        .filter(|count| *count > 0)
        .collect();
    assert_eq!(looked_up, [vec![250; 40], vec![1]].concat());
}

#[test]
fn rows_of_spaces_given_by_key_are_counted_like_those_given_by_id() {
    let w = Window::default();
    let o = ListOptions::default();
    let query = SpaceQuery {
        ids: strings(&["4", "ENG"]),
        keys: None,
    };
    // Of the ids, 4 is not there; of the rows, 6 was not asked for.
    let mut site = script(vec![
        spaces(r#"{"id":"5","key":"ENG"}"#),
        spaces(r#"{"id":"5","key":"ENG"},{"id":"6","key":"HR"}"#),
    ]);
    let listing = site.list_spaces(&query, &w, &o).unwrap();
    assert_eq!(listing.items.len(), 1);
    let mut notices: Vec<_> = listing
        .rest
        .notices
        .iter()
        .map(|notice| (notice.code.as_str(), notice.id.as_deref()))
        .collect();
    notices.sort_unstable();
    assert_eq!(
        notices,
        [
            ("foreign-row-dropped", Some("6")),
            ("unknown-id", Some("4"))
        ]
    );
}

#[test]
fn a_key_without_a_space_is_missing_or_hidden() {
    let w = Window::default();
    let o = ListOptions::default();
    let error = script(vec![ok(EMPTY)])
        .get_pages_by_space("NOPE", None, &w, &o)
        .unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::NotFound, "space-not-found")
    );
    assert!(error.message.contains("`NOPE`") && error.message.contains("hidden"));
    let error = script(vec![ok(EMPTY)])
        .get_space_by_id("NOPE", &GetOptions::default())
        .unwrap_err();
    assert_eq!(error.code, "space-not-found");
    // A site that ignores `keys` answers other spaces: none of them is the one.
    let error = script(vec![spaces(r#"{"id":"5","key":"OTHER"}"#)])
        .get_pages_by_space("NOPE", None, &w, &o)
        .unwrap_err();
    assert_eq!(error.code, "space-not-found");
}

#[test]
fn a_space_that_the_site_fails_at_is_not_one_that_is_missing() {
    let failing = || {
        crate::site::site(|_, url| {
            Ok(if url.contains("keys=") {
                answer(500, &[], "")
            } else {
                ok(EMPTY)
            })
        })
    };
    let error = failing()
        .get_pages_by_space("ENG", None, &Window::default(), &ListOptions::default())
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamFailed);
    let error = failing()
        .get_space_by_id("ENG", &GetOptions::default())
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamFailed);
}

#[test]
fn a_resolved_list_goes_on_behind_its_after_and_keeps_to_the_space() {
    let w = window(1, None);
    let o = ListOptions::default();
    let key = || spaces(r#"{"id":"5","key":"ENG"}"#);
    let page = |next: &str| {
        ok(&format!(
            r#"{{"results":[{{"id":"1","spaceId":"5"}},{{"id":"2","spaceId":"6"}}],"_links":{{{next}}}}}"#
        ))
    };
    let mut site = script(vec![key(), page(r#""next":"/wiki/x?cursor=c""#)]);
    let first = site.get_pages_by_space("ENG", None, &w, &o).unwrap();
    assert_eq!(first.items.len(), 1);
    let after = first.rest.after;
    let mut site = script(vec![key(), page("")]);
    let second = site
        .get_pages_by_space("eng", None, &window(5, after.clone()), &o)
        .unwrap();
    assert_eq!(second.rest.notices[0].code, "foreign-row-dropped");
    // Another space, or an `after` of no kind, is refused before the key is looked up.
    for (space, after, code) in [
        ("OTHER", after, "after-of-another-query"),
        ("ENG", Some("x".into()), "after-malformed"),
    ] {
        assert_eq!(
            refused(|c| c.get_pages_by_space(space, None, &window(5, after), &o)),
            code
        );
    }
}

#[test]
fn a_hostile_space_id_or_name_is_refused_with_no_request() {
    let w = Window::default();
    let o = ListOptions::default();
    let g = GetOptions::default();
    for text in HOSTILE {
        assert_eq!(
            refused(|c| c.get_pages_by_space(text, None, &w, &o)),
            "key-malformed",
            "{text:?}"
        );
        assert_eq!(refused(|c| c.get_space_by_id(text, &g)), "key-malformed");
        assert_eq!(refused(|c| c.get_page_by_id(text, &g)), "id-malformed");
        assert_eq!(refused(|c| c.get_blog_post_by_id(text, &g)), "id-malformed");
        assert_eq!(refused(|c| c.get_task_by_id(text, &g)), "id-malformed");
        assert_eq!(
            refused(|c| c.get_labels_by_page(text, None, None, &w, &o)),
            "id-malformed"
        );
        assert_eq!(
            refused(|c| c.get_attachment_by_id(&format!("att{text}"), &g)),
            "attachment-id-malformed"
        );
    }
    for id in ["9223372036854775808", "att1"] {
        assert_eq!(refused(|c| c.get_page_by_id(id, &g)), "id-malformed");
    }
    assert_eq!(
        refused(|c| c.get_pages_by_space("9223372036854775808", None, &w, &o)),
        "id-malformed"
    );
    assert_eq!(
        refused(|c| c.get_label_by_name("a\u{0}b")),
        "text-with-controls"
    );
    assert_eq!(refused(|c| c.get_label_by_name(" ")), "text-empty");
}

#[test]
fn a_label_is_found_by_its_name_with_the_name_escaped() {
    for (name, encoded) in [
        ("漢字", "%E6%BC%A2%E5%AD%97"),
        ("../x", "..%2Fx"),
        ("a\"b\\c", "a%22b%5Cc"),
        ("~key", "~key"),
    ] {
        let json = serde_json_string(name);
        let body = format!(
            r#"{{"label":{{"prefix":"global","name":{json},"id":"9007199254740993","label":"x"}},"associatedContents":{{"results":[{{"id":1}}]}}}}"#
        );
        let mut site = script(vec![ok(&body)]);
        let label = site.get_label_by_name(name).unwrap();
        assert_eq!(label.id, "9007199254740993");
        assert_eq!(
            asked(&mut site),
            [format!("/rest/api/label?name={encoded}&limit=1")]
        );
    }
}

fn serde_json_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[test]
fn pages_by_label_take_its_name_or_its_id() {
    let w = Window::default();
    let o = ListOptions::default();
    let label = ok(r#"{"label":{"id":"8","name":"runbook","prefix":"global"}}"#);
    let mut site = script(vec![label, rows(&[1], None)]);
    let listing = site.get_pages_by_label("Runbook", None, &w, &o).unwrap();
    assert_eq!(listing.items[0].id, "1");
    assert_eq!(
        asked(&mut site),
        [
            "/rest/api/label?name=Runbook&limit=1",
            "/api/v2/labels/8/pages?limit=25"
        ]
    );
    let missing = [
        answer(404, &[("atl-traceid", "t")], r#"{"statusCode":404}"#),
        ok(r#"{"label":{"id":"8","name":"another"}}"#),
        ok(r#"{"label":null}"#),
    ];
    for missing in missing {
        let error = script(vec![missing])
            .get_pages_by_label("runbook", None, &w, &o)
            .unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_str()),
            (ErrorKind::NotFound, "label-not-found")
        );
    }
    let bad = ListOptions {
        status: vec!["current".into()],
        ..ListOptions::default()
    };
    assert_eq!(
        refused(|c| c.get_pages_by_label("runbook", None, &w, &bad)),
        "option-not-taken"
    );
}

#[test]
fn a_single_page_takes_rendered_bodies_a_status_and_a_version() {
    let body = r#"{"id":"18753814575","status":"trashed","title":null,"parentId":null,"unknown":{"a":[1]},
        "body":{"view":{"representation":"view","value":"<p>x</p>"}},
        "_links":{"webui":"/spaces/A/pages/1","base":"https://s.example/wiki"}}"#;
    let options = GetOptions {
        body_format: Some("view".into()),
        status: vec!["trashed".into(), "current".into()],
        version: Some(3),
        mention_names: false,
        raw: true,
    };
    let mut site = script(vec![ok(body)]);
    let page = site.get_page_by_id("018753814575", &options).unwrap();
    assert_eq!(
        asked(&mut site),
        ["/api/v2/pages/18753814575?body-format=view&status=trashed&status=current&version=3"]
    );
    assert_eq!(page.status.as_deref(), Some("trashed"));
    assert_eq!(page.body.unwrap().representation, "view");
    assert_eq!(page.raw.as_deref(), Some(body));
    assert_eq!(
        page.web_url.as_deref(),
        Some("https://s.example/wiki/spaces/A/pages/1")
    );
}

#[test]
fn each_single_piece_takes_its_own_options_only() {
    let format = |word: &str| GetOptions {
        body_format: Some(word.into()),
        ..GetOptions::default()
    };
    let version = |number| GetOptions {
        version: Some(number),
        ..GetOptions::default()
    };
    let archived = GetOptions {
        status: vec!["archived".into()],
        ..GetOptions::default()
    };
    for (got, wanted) in [
        (
            refused(|c| c.get_page_by_id("1", &format("raw"))),
            "body-format-unknown",
        ),
        (
            refused(|c| c.get_page_by_id("1", &version(0))),
            "version-malformed",
        ),
        (
            refused(|c| c.get_page_by_id("1", &version(2_147_483_648))),
            "version-malformed",
        ),
        (
            refused(|c| c.get_blog_post_by_id("1", &archived)),
            "status-unknown",
        ),
        (
            refused(|c| c.get_task_by_id("1", &format("view"))),
            "body-format-not-in-lists",
        ),
        (
            refused(|c| c.get_task_by_id("1", &version(1))),
            "option-not-taken",
        ),
        (
            refused(|c| c.get_space_by_id("1", &archived)),
            "option-not-taken",
        ),
        (
            refused(|c| c.get_attachment_by_id("att1", &format("storage"))),
            "option-not-taken",
        ),
    ] {
        assert_eq!(got, wanted);
    }
}

#[test]
fn each_single_piece_is_asked_for_by_its_path() {
    let g = GetOptions::default();
    let one = |id: &str| script(vec![ok(&format!(r#"{{"id":"{id}"}}"#))]);
    let mut site = one("1");
    site.get_blog_post_by_id("1", &g).unwrap();
    assert_eq!(asked(&mut site), ["/api/v2/blogposts/1"]);
    let mut site = one("1");
    site.get_task_by_id("1", &g).unwrap();
    assert_eq!(asked(&mut site), ["/api/v2/tasks/1"]);
    let mut site = one("1");
    site.get_space_by_id("1", &g).unwrap();
    assert_eq!(asked(&mut site), ["/api/v2/spaces/1"]);
    let mut site = one("att1");
    site.get_attachment_by_id("att1", &g).unwrap();
    assert_eq!(asked(&mut site), ["/api/v2/attachments/att1"]);
    let mut site = script(vec![spaces(r#"{"id":"5","key":"ENG"}"#)]);
    let g = GetOptions {
        body_format: Some("plain".into()),
        ..GetOptions::default()
    };
    assert_eq!(site.get_space_by_id("ENG", &g).unwrap().id, "5");
    assert_eq!(
        asked(&mut site),
        ["/api/v2/spaces?limit=1&description-format=plain&keys=ENG"]
    );
}

#[test]
fn an_answer_about_another_page_or_none_is_no_answer() {
    let g = GetOptions::default();
    for (body, code) in [
        (r#"{"id":"2"}"#, "answer-of-another"),
        (r#"{"title":"x"}"#, "answer-without-id"),
        (r#"{"id":"1","title":"#, "answer-cut"),
        (r#"{"id":"1"}]}"#, "answer-malformed"),
    ] {
        let error = script(vec![ok(body)]).get_page_by_id("1", &g).unwrap_err();
        assert_eq!(error.code, code, "{body}");
        assert_eq!(error.status, Some(200));
    }
    let error = script(vec![answer(404, &[("atl-traceid", "t")], "{}")])
        .get_page_by_id("1", &g)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.message.contains("missing or hidden"));
}
