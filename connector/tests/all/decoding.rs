//! What becomes of the JSON that sites send.

use crate::site::{answer, ids, ok, pages, script, with_code};
use confluence_connector::{
    AttachmentQuery, ErrorKind, ListOptions, Listing, Page, PageQuery, SpaceQuery, TaskQuery,
    Window,
};

fn one(body: &str) -> Listing<Page> {
    pages(&mut script(vec![ok(body)]), 25, None).unwrap()
}

fn refusal(body: &str) -> (ErrorKind, String) {
    let error = pages(&mut script(vec![ok(body)]), 25, None).unwrap_err();
    assert_eq!(
        (error.status, error.request_id.as_deref()),
        (Some(200), Some("trace-1"))
    );
    (error.kind, error.code.clone())
}

#[test]
fn a_page_is_read_whole() {
    let body = r#"{"results":[{"id":"98400","status":"current","title":"Caf\u00e9","spaceId":"5","parentId":"7",
        "parentType":"folder","position":993,"authorId":"712020:a","ownerId":"712020:b","lastOwnerId":null,
        "subtype":"live","createdAt":"2026-01-02T03:04:05.678Z","sourceTemplateEntityId":"x",
        "version":{"number":3,"message":"","minorEdit":false,"authorId":"712020:c","createdAt":"2026-01-03T00:00:00Z","ncsStepVersion":null},
        "body":{"storage":{"representation":"storage","value":"<p>x</p>"}},
        "_links":{"webui":"/spaces/A/pages/98400","editui":"/e"}}],
        "_links":{"base":"https://s.example/wiki"}}"#;
    let options = ListOptions {
        body_format: Some("storage".into()),
        ..ListOptions::default()
    };
    let listing = script(vec![ok(body)])
        .list_pages(&PageQuery::default(), &Window::default(), &options)
        .unwrap();
    let page = &listing.items[0];
    assert_eq!(page.id, "98400");
    assert_eq!(page.title.as_deref(), Some("Café"));
    assert_eq!(
        (page.position, page.last_owner_id.as_deref()),
        (Some(993), None)
    );
    assert_eq!(
        (
            page.parent_id.as_deref(),
            page.parent_type.as_deref(),
            page.subtype.as_deref()
        ),
        (Some("7"), Some("folder"), Some("live"))
    );
    let version = page.version.as_ref().unwrap();
    assert_eq!(
        (
            version.number,
            version.minor_edit,
            version.message.as_deref()
        ),
        (Some(3), Some(false), Some(""))
    );
    let body = page.body.as_ref().unwrap();
    assert_eq!(
        (body.representation.as_str(), body.value.as_str()),
        ("storage", "<p>x</p>")
    );
    assert_eq!(
        page.web_url.as_deref(),
        Some("https://s.example/wiki/spaces/A/pages/98400")
    );
    assert!(page.raw.is_none() && listing.rest.notices.is_empty());
}

#[test]
fn values_of_another_type_are_converted_or_absent_and_never_cost_the_row() {
    let listing = one(r#"{"results":[
        {"id":9007199254740993,"title":7,"status":true,"spaceId":{"a":[1]},"parentId":["x"],"position":"12","version":"3","body":[],"_links":null},
        {"id":"2","title":null,"position":1.5,"version":{"number":"4","minorEdit":"true"},"authorId":false,"body":{"storage":{"value":null},"atlas_doc_format":"x"}},
        {"id":"3","title":"a","title":"b","position":-4}]}"#);
    assert_eq!(ids(&listing), [9_007_199_254_740_993, 2, 3]);
    let [first, second, third] = &listing.items[..] else {
        panic!()
    };
    assert_eq!(
        (
            first.title.as_deref(),
            first.status.as_deref(),
            first.space_id.as_deref(),
            first.position
        ),
        (Some("7"), None, None, Some(12))
    );
    assert!(first.version.is_none() && first.body.is_none() && first.parent_id.is_none());
    let version = second.version.as_ref().unwrap();
    assert_eq!(
        (version.number, version.minor_edit, second.position),
        (Some(4), Some(true), None)
    );
    assert!(second.body.is_none());
    assert_eq!(
        (third.title.as_deref(), third.position),
        (Some("b"), Some(-4))
    );
    assert!(listing.rest.notices.is_empty());
}

#[test]
fn rows_without_an_id_are_dropped_with_their_place_and_reason() {
    let listing =
        one(r#"{"results":[{"id":"1"},null,{"title":"x"},{"id":true},7,"x",[1],{"id":"2"}]}"#);
    assert_eq!(ids(&listing), [1, 2]);
    let dropped = with_code(&listing.rest.notices, "row-dropped");
    assert_eq!(dropped.len(), 6);
    assert!(
        dropped[0].message.contains("number `2`") && dropped[0].message.contains("not an object")
    );
    assert!(dropped[1].message.contains("number `3`") && dropped[1].message.contains("no id"));
}

#[test]
fn half_characters_and_huge_numbers_cost_a_field_and_not_the_row() {
    let listing = one(
        r#"{"results":[{"id":"1","title":"cut \ud83d"},{"id":"2","position":1e999,"title":"t"},{"id":"3","title":"\ud83d\ude00"}]}"#,
    );
    assert_eq!(ids(&listing), [1, 2, 3]);
    assert_eq!(listing.items[0].title.as_deref(), Some("cut \u{fffd}"));
    assert_eq!(
        (listing.items[1].title.as_deref(), listing.items[1].position),
        (Some("t"), None)
    );
    assert_eq!(listing.items[2].title.as_deref(), Some("😀"));
}

#[test]
fn raw_rows_are_the_exact_text_of_upstream() {
    let row = r#"{ "id" : 1,  "new": [1.0, "\u00e9"] }"#;
    let options = ListOptions {
        raw: true,
        ..ListOptions::default()
    };
    let body =
        format!(r#"{{"results":[ {row} ,null],"_links":{{"base":"https://s.example/wiki"}}}}"#);
    let listing = script(vec![ok(&body)])
        .list_pages(&PageQuery::default(), &Window::default(), &options)
        .unwrap();
    assert_eq!(listing.items[0].raw.as_deref(), Some(row));
    assert_eq!(listing.items[0].id, "1");
    assert_eq!(with_code(&listing.rest.notices, "row-dropped").len(), 1);
}

#[test]
fn links_are_completed_with_a_web_base_only() {
    let page = |base: &str, webui: &str| {
        one(&format!(r#"{{"results":[{{"id":"1","_links":{{"webui":"{webui}"}}}}],"_links":{{"base":"{base}"}}}}"#)).items[0].web_url.clone()
    };
    assert_eq!(
        page("https://s.example/wiki/", "/x").as_deref(),
        Some("https://s.example/wiki/x")
    );
    assert_eq!(page("javascript:alert(1)//", "/x"), None);
    assert_eq!(page("", "/x"), None);
    assert_eq!(page("https://s.example", "javascript:x"), None);
}

#[test]
fn attachments_have_links_in_either_place() {
    let body = r#"{"results":[
        {"id":"att1","fileSize":77,"mediaType":"image/png","webuiLink":"/w","downloadLink":"/d","_links":{"webui":"/other","download":"/other"}},
        {"id":"att2","fileSize":-1,"_links":{"webui":"/w2","download":"/d2"}}],"_links":{"base":"https://s.example/wiki"}}"#;
    let listing = script(vec![ok(body)])
        .list_attachments(
            &AttachmentQuery::default(),
            &Window::default(),
            &ListOptions::default(),
        )
        .unwrap();
    let [first, second] = &listing.items[..] else {
        panic!()
    };
    assert_eq!(
        (
            first.web_url.as_deref(),
            first.download_path.as_deref(),
            first.file_size
        ),
        (Some("https://s.example/wiki/w"), Some("/d"), Some(77))
    );
    assert_eq!(
        (
            second.web_url.as_deref(),
            second.download_path.as_deref(),
            second.file_size
        ),
        (Some("https://s.example/wiki/w2"), Some("/d2"), None)
    );
}

#[test]
fn of_several_bodies_the_wanted_one_is_given_and_else_the_one_that_is_there() {
    let options = ListOptions {
        body_format: Some("atlas_doc_format".into()),
        ..ListOptions::default()
    };
    let body = r#"{"results":[{"id":"1","body":{"storage":{"value":"s"},"atlas_doc_format":{"value":"{}"}}},{"id":"2","body":{"atlas_doc_format":null,"storage":{"value":"s"}}},{"id":"3","body":{}}]}"#;
    let listing = script(vec![ok(body)])
        .list_tasks(&TaskQuery::default(), &Window::default(), &options)
        .unwrap();
    let formats: Vec<Option<&str>> = listing
        .items
        .iter()
        .map(|task| task.body.as_ref().map(|body| body.representation.as_str()))
        .collect();
    assert_eq!(formats, [Some("atlas_doc_format"), Some("storage"), None]);
}

#[test]
fn spaces_have_owner_alias_and_description() {
    let body = r#"{"results":[{"id":"1","key":"~a","spaceOwnerId":"712020:o","currentActiveAlias":"al","description":{"plain":{"value":"d","representation":"plain"},"view":null},"icon":null,"homepageId":null}]}"#;
    let listing = script(vec![ok(body)])
        .list_spaces(
            &SpaceQuery::default(),
            &Window::default(),
            &ListOptions::default(),
        )
        .unwrap();
    let space = &listing.items[0];
    assert_eq!(
        (
            space.owner_id.as_deref(),
            space.alias.as_deref(),
            space.homepage_id.as_deref()
        ),
        (Some("712020:o"), Some("al"), None)
    );
    assert_eq!(space.description.as_ref().unwrap().value, "d");
}

#[test]
fn answers_that_are_not_json_say_so() {
    let code = |body| {
        let (kind, code) = refusal(body);
        assert_eq!(kind, ErrorKind::NotJson);
        code
    };
    assert_eq!(code("\n <!DOCTYPE html><html>"), "answer-is-html");
    assert_eq!(code("Service OK"), "answer-not-json");
    assert_eq!(code(r#"{"results":[}"#), "answer-malformed");
    assert_eq!(code(r#"{"results":[]} x"#), "answer-malformed");
    let mut bytes = ok("");
    bytes.body = vec![0x1f, 0x8b, 8, 0, 0xff];
    let error = pages(&mut script(vec![bytes]), 25, None).unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::NotJson, "answer-not-utf8")
    );
}

#[test]
fn json_that_ends_early_is_truncated_wherever_it_is_cut() {
    let whole =
        r#"{"results":[{"id":"1","title":"é","position":1,"_links":{"webui":"/x"}}],"_links":{}}"#;
    for end in 0..whole.len() {
        let mut cut = ok("");
        cut.body = whole.as_bytes()[..end].to_vec();
        let error = pages(&mut script(vec![cut]), 25, None).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Truncated, "{end}");
    }
}

#[test]
fn json_of_another_shape_is_unexpected() {
    for body in [
        "{}",
        r#"{"results":null}"#,
        r#"{"results":{"id":"1"}}"#,
        r#"{"message":"hi"}"#,
        "[]",
        "7",
        "null",
    ] {
        assert_eq!(refusal(body).0, ErrorKind::UnexpectedAnswer, "{body}");
    }
}

#[test]
fn an_answer_that_nests_too_deep_is_refused_and_a_deep_one_is_read() {
    let nested = |levels: usize| {
        format!(
            r#"{{"results":[{{"id":"1","x":{}{}}}]}}"#,
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    assert_eq!(refusal(&nested(62)).0, ErrorKind::TooDeep);
    assert_eq!(refusal(&"[".repeat(100_000)).0, ErrorKind::TooDeep);
    assert_eq!(ids(&one(&nested(61))), [1]);
    assert_eq!(
        ids(&one(&format!(
            r#"{{"results":[{{"id":"1","title":"{}"}}]}}"#,
            "[".repeat(500)
        ))),
        [1]
    );
}

#[test]
fn a_byte_order_mark_and_blanks_do_no_harm() {
    assert_eq!(
        ids(&one("\u{feff} \n{\"results\":[{\"id\":\"1\"}]}\n")),
        [1]
    );
}

#[test]
fn an_answer_to_an_anonymous_visitor_is_an_error() {
    let headers = [("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")];
    let error = pages(
        &mut script(vec![answer(200, &headers, r#"{"results":[]}"#)]),
        25,
        None,
    )
    .unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::Unauthorized, "anonymous")
    );
}

#[test]
fn an_answer_with_more_rows_than_any_page_is_refused() {
    let page = |count: usize, row: &str| {
        let rows = vec![row; count].join(",");
        format!(r#"{{"results":[{rows}]}}"#)
    };
    // The least row that there is, and what is none.
    for row in [r#"{"id":1}"#, "{}", "0"] {
        let listing = script(vec![ok(&page(10_000, row))]).list_pages(
            &PageQuery::default(),
            &Window::default(),
            &ListOptions::default(),
        );
        assert!(listing.is_ok());
        for raw in [false, true] {
            let options = ListOptions {
                raw,
                ..ListOptions::default()
            };
            let error = script(vec![ok(&page(10_001, row))])
                .list_pages(&PageQuery::default(), &Window::default(), &options)
                .unwrap_err();
            assert_eq!(
                (error.kind, error.code.as_str()),
                (ErrorKind::UnexpectedAnswer, "too-many-rows")
            );
        }
    }
}
