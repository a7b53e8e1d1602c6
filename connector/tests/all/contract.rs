//! Functions and options that typed callers know from comparable connectors.

use crate::site::{answer, asked, ok, parameter, script, silent, site, window, with_code};
use confluence_connector::{
    Answer, AuditQuery, Confluence, ContentKind, DueTaskQuery, ErrorKind, GetOptions, LabelQuery,
    ListOptions, PageQuery, TaskQuery, TaskStatus, Transport, TransportError, Window,
};

const EMPTY: &str = r#"{"results":[],"_links":{}}"#;

fn list(rows: &str) -> Answer {
    ok(&format!(r#"{{"results":[{rows}],"_links":{{}}}}"#))
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

#[test]
fn tasks_are_due_on_or_before_the_date_of_one_space_and_one_account() {
    let mut site = script(vec![ok(EMPTY)]);
    let query = DueTaskQuery {
        due_date: text("2026-06-01"),
        space_id: text("65538"),
        assigned_to: text("712020:ada"),
        status: Some(TaskStatus::Open),
    };
    site.get_tasks(&query, &Window::default(), &ListOptions::default())
        .unwrap();
    assert_eq!(
        asked(&mut site),
        [
            "/api/v2/tasks?limit=25&due-at-to=1780358399999&status=incomplete&assigned-to=712020%3Aada&space-id=65538"
        ]
    );
}

#[test]
fn a_value_in_the_position_of_another_is_refused_with_advice() {
    let refused = |query: DueTaskQuery| {
        silent()
            .get_tasks(&query, &Window::default(), &ListOptions::default())
            .unwrap_err()
    };
    let error = refused(DueTaskQuery {
        due_date: text("65538"),
        ..DueTaskQuery::default()
    });
    assert_eq!(error.code, "date-malformed");
    assert!(error.message.contains("`due-date`") && error.resolution.contains("space"));
    let error = refused(DueTaskQuery {
        due_date: text("-1"),
        ..DueTaskQuery::default()
    });
    assert_eq!(error.code, "date-malformed");
    assert!(error.message.contains("`-1`") && error.resolution.contains("limit"));
    for word in ["complete", "Open", "incomplete", "done"] {
        let error = refused(DueTaskQuery {
            assigned_to: text(word),
            ..DueTaskQuery::default()
        });
        assert_eq!(error.code, "account-id-malformed");
        assert!(error.resolution.contains("`status`"), "{error:?}");
    }
    for word in ["complete", "incomplete", "open", "done"] {
        let error = refused(DueTaskQuery {
            space_id: text(word),
            ..DueTaskQuery::default()
        });
        assert_eq!(error.code, "key-malformed");
        assert!(error.resolution.contains("`status`"), "{error:?}");
        let query = TaskQuery {
            space_ids: Some(vec!["ENG".into(), word.into()]),
            ..TaskQuery::default()
        };
        let error = silent()
            .list_tasks(&query, &Window::default(), &ListOptions::default())
            .unwrap_err();
        assert!(error.message.contains("`space-ids`"), "{error:?}");
    }
    // A space may have such a key, in capitals.
    let mut site = script(vec![list(r#"{"id":"5","key":"OPEN"}"#), ok(EMPTY)]);
    let query = DueTaskQuery {
        space_id: text("OPEN"),
        ..DueTaskQuery::default()
    };
    site.get_tasks(&query, &Window::default(), &ListOptions::default())
        .unwrap();
}

#[test]
fn a_number_that_is_no_time_is_refused_wherever_a_date_belongs() {
    let (window, options) = (Window::default(), ListOptions::default());
    for number in ["-1", "5", "65538", "1769860800", "-1769860800000"] {
        let audit = |since: Option<&str>, until: Option<&str>| {
            let query = AuditQuery {
                since: since.map(str::to_owned),
                until: until.map(str::to_owned),
                text: None,
            };
            silent().get_audit_records(&query, &window, &options)
        };
        let from = TaskQuery {
            due_date_from: text(number),
            ..TaskQuery::default()
        };
        for error in [
            audit(Some(number), None).unwrap_err(),
            audit(None, Some(number)).unwrap_err(),
            silent().list_tasks(&from, &window, &options).unwrap_err(),
            silent()
                .get_pages_changed_since(number, &window, &options)
                .unwrap_err(),
            silent()
                .get_blog_posts_changed_since(number, &window, &options)
                .unwrap_err(),
        ] {
            assert_eq!(error.code, "date-malformed", "{number}");
        }
    }
    // The beginning of everything.
    script(vec![ok(EMPTY)])
        .get_pages_changed_since("0", &window, &options)
        .unwrap();
}

#[test]
fn an_order_is_a_direction_or_a_field_as_argument_and_as_option() {
    let options = |sort: &str| ListOptions {
        sort: text(sort),
        ..ListOptions::default()
    };
    for (sort, sent) in [
        ("asc", "modified-date"),
        ("desc", "-modified-date"),
        ("title", "title"),
        ("-title", "-title"),
    ] {
        let url = format!("/api/v2/pages?limit=25&sort={sent}");
        let mut site = script(vec![ok(EMPTY)]);
        site.list_pages(&PageQuery::default(), &Window::default(), &options(sort))
            .unwrap();
        assert_eq!(asked(&mut site), [url.as_str()]);
        let mut site = script(vec![ok(EMPTY)]);
        let none = ListOptions::default();
        site.get_pages(&PageQuery::default(), Some(sort), &Window::default(), &none)
            .unwrap();
        assert_eq!(asked(&mut site), [url.as_str()]);
    }
}

fn labels(names: &[&str]) -> String {
    let rows = names.iter().enumerate();
    let rows: Vec<String> = rows
        .map(|(id, name)| format!(r#"{{"id":"{}","name":"{name}","prefix":"global"}}"#, id + 1))
        .collect();
    rows.join(",")
}

#[test]
fn labels_are_chosen_by_the_beginning_of_their_name_over_pages_and_calls() {
    let answers = || {
        vec![
            ok(&format!(
                r#"{{"results":[{}],"_links":{{"next":"/x?cursor=b"}}}}"#,
                labels(&["alpha", "beta", "Alpine"])
            )),
            ok(r#"{"results":[{"id":"9","name":"alps"},{"id":"10"}],"_links":{}}"#),
        ]
    };
    let options = ListOptions {
        name_prefix: text("ALP"),
        ..ListOptions::default()
    };
    let mut site = script(answers());
    let listing = site
        .get_labels(None, None, &Window::default(), &options)
        .unwrap();
    let names: Vec<_> = listing
        .items
        .iter()
        .filter_map(|one| one.name.as_deref())
        .collect();
    assert_eq!(names, ["alpha", "Alpine", "alps"]);
    assert_eq!(with_code(&listing.rest.notices, "filtered-here").len(), 1);
    assert!(asked(&mut site)[0].contains("limit=250"));
    // A limit counts what is given.
    let mut site = script(answers());
    let first = site
        .get_labels(None, None, &window(2, None), &options)
        .unwrap();
    assert_eq!(first.items.len(), 2);
    let mut site = script(answers().split_off(1));
    let rest = site
        .get_labels(None, None, &window(2, first.rest.after), &options)
        .unwrap();
    assert_eq!(rest.items[0].name.as_deref(), Some("alps"));
}

#[test]
fn a_prefix_that_is_no_namespace_leads_to_the_name() {
    let query = LabelQuery {
        prefix: text("rel"),
        ..LabelQuery::default()
    };
    let error = silent()
        .list_labels(&query, &Window::default(), &ListOptions::default())
        .unwrap_err();
    assert_eq!(error.code, "prefix-unknown");
    assert!(error.resolution.contains("`name-prefix`"), "{error:?}");
    let options = ListOptions {
        name_prefix: text("rel"),
        ..ListOptions::default()
    };
    let error = silent()
        .list_pages(&PageQuery::default(), &Window::default(), &options)
        .unwrap_err();
    assert_eq!(error.code, "option-not-taken");
}

#[test]
fn blog_posts_and_attachments_have_labels_versions_and_files() {
    let (w, o) = (Window::default(), ListOptions::default());
    let mut site = script(vec![ok(EMPTY), ok(EMPTY), ok(EMPTY), ok(EMPTY)]);
    site.get_labels_by_blog_post("7", Some("my"), Some("desc"), &w, &o)
        .unwrap();
    site.get_labels_by_attachment("att8", None, None, &w, &o)
        .unwrap();
    site.get_attachments_by_blog_post("7", &Default::default(), Some("asc"), &w, &o)
        .unwrap();
    site.get_attachment_versions("att8", Some("-modified-date"), &w, &o)
        .unwrap();
    assert_eq!(
        asked(&mut site),
        [
            "/api/v2/blogposts/7/labels?limit=25&prefix=my&sort=-name",
            "/api/v2/attachments/att8/labels?limit=25",
            "/api/v2/blogposts/7/attachments?limit=25&sort=modified-date",
            "/api/v2/attachments/att8/versions?limit=25&sort=-modified-date",
        ]
    );
    let mut site = script(vec![list(
        r#"{"number":2,"createdAt":"2026-01-31T12:00:00Z","attachment":{"id":"att8","title":"p.pdf"}}"#,
    )]);
    let versions = site.get_attachment_versions("att8", None, &w, &o).unwrap();
    assert_eq!(versions.items[0].title.as_deref(), Some("p.pdf"));
}

#[test]
fn audit_records_have_times_as_iso_8601_and_are_told_apart_without_ids() {
    let record = |at: u64, summary: &str| {
        format!(
            r#"{{"author":{{"type":"user","displayName":"Ada","accountId":"712020:ada"}},"remoteAddress":"203.0.113.7","creationDate":{at},
            "summary":"{summary}","description":"","category":"Permissions","sysAdmin":false,"superAdmin":true,
            "affectedObject":{{"name":"ENG","objectType":"Space"}},
            "changedValues":[{{"name":"View","oldValue":"","newValue":"granted"}},7],"associatedObjects":[{{"name":"Ada","objectType":"User"}}]}}"#
        )
    };
    let rows = [
        record(1_769_860_800_007, "A"),
        record(1_769_860_800_007, "B"),
        record(1_769_860_800_007, "A"),
    ];
    let page = |rows: &[String]| {
        ok(&format!(
            r#"{{"results":[{}],"start":0,"limit":2,"size":2}}"#,
            rows.join(",")
        ))
    };
    let mut site = script(vec![page(&rows[..2]), page(&rows[2..])]);
    let query = AuditQuery {
        since: text("2026-01-01"),
        until: text("2026-01-31"),
        text: text("ENG"),
    };
    let listing = site
        .get_audit_records(&query, &window(2, None), &ListOptions::default())
        .unwrap();
    let one = &listing.items[0];
    assert_eq!(one.created_at.as_deref(), Some("2026-01-31T12:00:00.007Z"));
    assert_eq!(one.author_id.as_deref(), Some("712020:ada"));
    assert_eq!(
        one.affected.as_ref().unwrap().type_.as_deref(),
        Some("Space")
    );
    assert_eq!(one.changes.len(), 1);
    assert_eq!((one.sys_admin, one.super_admin), (Some(false), Some(true)));
    let listing = site
        .get_audit_records(
            &query,
            &window(2, listing.rest.after),
            &ListOptions::default(),
        )
        .unwrap();
    assert_eq!(listing.items.len(), 1);
    assert_eq!(
        asked(&mut site),
        [
            "/rest/api/audit?limit=2&startDate=1767225600000&endDate=1769903999999&searchString=ENG",
            "/rest/api/audit?limit=2&startDate=1767225600000&endDate=1769903999999&searchString=ENG&start=2"
        ]
    );
}

/// Three groups of up to 300 members, some of which are in several.
fn company() -> Confluence<crate::site::Site> {
    let members = |group: &str| -> Vec<u32> {
        match group {
            "g1" => (0..300).collect(),
            "g2" => (200..310).collect(),
            _ => vec![5, 400],
        }
    };
    site(move |_, url| {
        let start: usize = parameter(url, "start").map_or(0, |text| text.parse().unwrap());
        let limit: usize = parameter(url, "limit").unwrap().parse().unwrap();
        let rows: Vec<String> = match url.split('/').nth(4) {
            Some(group) if url.contains("membersByGroupId") => members(group)
                .iter()
                .map(|id| format!(r#"{{"accountId":"712020:{id}","displayName":"N"}}"#))
                .collect(),
            _ => ["g1", "g2", "g3"]
                .map(|id| format!(r#"{{"id":"{id}","name":"{id}"}}"#))
                .to_vec(),
        };
        let rows: Vec<String> = rows.into_iter().skip(start).take(limit).collect();
        Ok(ok(&format!(
            r#"{{"results":[{}],"start":{start},"limit":{limit},"size":{}}}"#,
            rows.join(","),
            rows.len()
        )))
    })
}

#[test]
fn all_users_are_the_members_of_all_groups_each_once() {
    let whole = company()
        .get_all_users(&window(10_000, None), &ListOptions::default())
        .unwrap();
    assert!(whole.rest.after.is_none() && whole.rest.stopped.is_none());
    let ids: std::collections::BTreeSet<_> =
        whole.items.iter().map(|one| &one.account_id).collect();
    assert_eq!((ids.len(), whole.items.len()), (311, 311));
    // With small limits every account comes, and whoever comes twice is told of.
    let (mut after, mut seen, mut calls) = (None, std::collections::BTreeSet::new(), 0);
    loop {
        let part = company()
            .get_all_users(&window(7, after), &ListOptions::default())
            .unwrap();
        assert!(part.items.len() <= 7);
        seen.extend(part.items.into_iter().map(|one| one.account_id));
        calls += 1;
        after = part.rest.after;
        if after.is_none() {
            break;
        }
        assert!(calls < 200);
    }
    assert_eq!(seen.len(), 311);
    for made_up in ["", "x", "a.b", "a.b.c.d", "..x"] {
        let error = company().get_all_users(&window(7, text(made_up)), &ListOptions::default());
        assert_eq!(error.unwrap_err().code, "after-malformed", "{made_up}");
    }
}

#[test]
fn accounts_are_asked_for_one_by_one_where_the_site_takes_only_one() {
    let ids: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
    for refuses in [true, false] {
        let mut site = site(move |_, url| {
            let ids = crate::site::parameters(url, "accountId");
            if refuses && ids.len() > 1 {
                return Ok(answer(400, &[], r#"{"message":"one accountId"}"#));
            }
            Ok(list(&format!(
                r#"{{"accountId":"{}"}}"#,
                ids.last().unwrap()
            )))
        });
        let options = ListOptions::default();
        let first = site.get_users(&ids, &window(2, None), &options).unwrap();
        let found: Vec<_> = first
            .items
            .iter()
            .map(|one| one.account_id.as_str())
            .collect();
        assert_eq!(found, ["a", "b"]);
        let rest = site
            .get_users(&ids, &window(2, first.rest.after), &options)
            .unwrap();
        assert_eq!(rest.items[0].account_id, "c");
        assert!(rest.rest.after.is_none());
        let several = asked(&mut site)
            .iter()
            .filter(|url| url.matches("accountId").count() > 1)
            .count();
        // Those together, before it is known.
        assert!((1..=2).contains(&several), "{several}");
    }
}

#[test]
fn search_says_the_space_and_the_container_of_everything_without_marks() {
    let global = |url: &str| {
        format!(r#""resultGlobalContainer":{{"title":"Operations","displayUrl":"{url}"}}"#)
    };
    let rows = [
        format!(r#"{{"content":{{"id":"71","type":"page","title":"x"}},"title":"@@@hl@@@Pump@@@endhl@@@ &amp; valve","excerpt":"a &lt;b&gt; @@@hl@@@c@@@endhl@@@","url":"/spaces/OPS/pages/71/Pump",{}}}"#, global("/spaces/OPS")),
        format!(r#"{{"content":{{"id":"att72","type":"attachment"}},"url":"/pages/viewpageattachments.action?pageId=71&preview=%2F71%2F72%2Fp.pdf","resultParentContainer":{{"title":"Pump","displayUrl":"/spaces/OPS/pages/71/Pump"}},{}}}"#, global("/spaces/OPS")),
        format!(r#"{{"content":{{"id":"73","type":"comment"}},"url":"/spaces/~712020ab/pages/9?focusedCommentId=73",{}}}"#, global("/spaces/~712020ab")),
        r#"{"content":{"id":"74","type":"blogpost","_expandable":{"space":"/rest/api/space/HR"}}}"#.to_owned(),
        r#"{"content":{"id":"75","type":"comment","container":{"id":"9","type":"page","title":"Home"},"space":{"key":"ENG"}},"url":"/display/OTHER/x"}"#.to_owned(),
        r#"{"space":{"id":1,"key":"ENG"},"url":"/spaces/ENG"}"#.to_owned(),
        r#"{"user":{"accountId":"712020:ada","displayName":"Ada","email":"ada@example.com"},"title":"Ada"}"#.to_owned(),
    ];
    let mut site = script(vec![list(&rows.join(","))]);
    let options = ListOptions {
        raw: true,
        ..ListOptions::default()
    };
    let found = site
        .search("text ~ pump", false, &Window::default(), &options)
        .unwrap()
        .items;
    let said: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one.space_key.as_deref(),
                one.container_id.as_deref(),
                one.container_title.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (Some("OPS"), None, None),
            (Some("OPS"), Some("71"), Some("Pump")),
            (Some("~712020ab"), Some("9"), None),
            (Some("HR"), None, None),
            (Some("ENG"), Some("9"), Some("Home")),
            (Some("ENG"), None, None),
            (None, None, None),
        ]
    );
    assert_eq!(found[0].title.as_deref(), Some("Pump & valve"));
    assert_eq!(found[0].excerpt.as_deref(), Some("a <b> c"));
    assert!(found[0].raw.as_deref().unwrap().contains("@@@hl@@@"));
    assert_eq!(
        found[6].user.as_ref().unwrap().display_name.as_deref(),
        Some("Ada")
    );
}

/// A site that answers one body with one header, and knows its own address.
struct Known(Answer, Option<&'static str>);

impl Transport for Known {
    fn get(&mut self, _: &str) -> Result<Answer, TransportError> {
        Ok(self.0.clone())
    }

    fn site(&mut self) -> Option<String> {
        self.1.map(str::to_owned)
    }
}

#[test]
fn a_link_is_completed_by_the_body_the_header_or_the_connection() {
    let header = [("Link", r#"<https://header.example/wiki>; rel="base""#)];
    let row = r#"{"id":"5","_links":{"webui":"/x"}}"#;
    let with_base = r#"{"id":"5","_links":{"webui":"/x","base":"https://body.example/wiki"}}"#;
    let url = |headers: &[(&str, &str)], body: &str, site| {
        let mut confluence = Confluence::new(Known(answer(200, headers, body), site));
        let single = confluence
            .get_page_by_id("5", &GetOptions::default())
            .unwrap();
        let list = format!(r#"{{"results":[{body}]}}"#);
        let mut confluence = Confluence::new(Known(answer(200, headers, &list), site));
        let listed = confluence
            .list_pages(
                &PageQuery::default(),
                &Window::default(),
                &ListOptions::default(),
            )
            .unwrap();
        (single.web_url, listed.items[0].web_url.clone())
    };
    let both = |text: &str| (self::text(text), self::text(text));
    let own = Some("https://own.example/wiki");
    assert_eq!(
        url(&header, with_base, own).0,
        text("https://body.example/wiki/x")
    );
    assert_eq!(
        url(&header, row, own),
        both("https://header.example/wiki/x")
    );
    assert_eq!(url(&[], row, own), both("https://own.example/wiki/x"));
    assert_eq!(url(&[], row, None), (None, None));
    // What is no address of a site is passed over for the next one that is.
    let bad = [("Link", r#"<wiki>; rel="base""#)];
    for base in ["/wiki", "", "https:///wiki", "https://a b/"] {
        let body = format!(r#"{{"id":"5","_links":{{"webui":"/x","base":"{base}"}}}}"#);
        let (by_header, by_site) = (url(&header, &body, own).0, url(&bad, &body, own).0);
        assert_eq!(by_header, text("https://header.example/wiki/x"), "{base}");
        assert_eq!(by_site, text("https://own.example/wiki/x"), "{base}");
    }
    let long = "https://a/".repeat(200);
    for base in ["wiki", "", "https://", "javascript:x", &long] {
        let bad = format!(r#"<{base}>; rel="base""#);
        let own = url(&[("Link", &bad)], row, own);
        assert_eq!(own, both("https://own.example/wiki/x"), "{base}");
    }
    assert_eq!(url(&bad, row, Some("wiki")), (None, None));
}

/// How a list of one page ended: what it stopped with, and whether a notice says that it links to itself.
fn ended(rows: &str, next: &str, in_header: bool) -> (Option<(ErrorKind, String)>, bool) {
    let link = format!(r#"<{next}>; rel="next""#);
    let body = format!(r#"{{"results":[{rows}],"_links":{{"next":"{next}"}}}}"#);
    let answer = match in_header {
        true => answer(
            200,
            &[("link", &link)],
            &format!(r#"{{"results":[{rows}]}}"#),
        ),
        false => ok(&body),
    };
    let listing = script(vec![answer])
        .list_pages(
            &PageQuery::default(),
            &Window::default(),
            &ListOptions::default(),
        )
        .unwrap();
    assert!(listing.rest.after.is_none());
    let stopped = listing.rest.stopped;
    (
        stopped.map(|error| (error.kind, error.code.clone())),
        !with_code(&listing.rest.notices, "empty-page").is_empty(),
    )
}

#[test]
fn a_first_page_that_links_to_itself_is_the_end_if_it_is_empty_and_a_loop_else() {
    let code = || "next-without-cursor".to_owned();
    let looping = (Some((ErrorKind::Looping, code())), false);
    let unexpected = (Some((ErrorKind::UnexpectedAnswer, code())), false);
    for in_header in [false, true] {
        for own in [
            "/wiki/api/v2/pages?limit=25",
            "https://s.example/wiki/api/v2/pages?limit=25",
            "/api/v2/pages?limit=25&",
            "/wiki/api/v2/pages",
        ] {
            assert_eq!(ended("", own, in_header), (None, true), "{own}");
            assert_eq!(ended(r#"{"id":"1"}"#, own, in_header), looping, "{own}");
        }
        for other in [
            "/wiki/api/v2/pages?limit=25&start=25",
            "/wiki/api/v2/blogposts?limit=25",
        ] {
            assert_eq!(ended("", other, in_header), unexpected, "{other}");
        }
    }
}

#[test]
fn a_later_page_that_links_to_the_first_one_is_a_loop() {
    for rows in ["", r#"{"id":"2"}"#] {
        let first = r#"{"results":[{"id":"1"}],"_links":{"next":"/wiki/api/v2/pages?cursor=a"}}"#;
        let second =
            format!(r#"{{"results":[{rows}],"_links":{{"next":"/wiki/api/v2/pages?limit=25"}}}}"#);
        let listing = script(vec![ok(first), ok(&second)])
            .list_pages(
                &PageQuery::default(),
                &Window::default(),
                &ListOptions::default(),
            )
            .unwrap();
        assert_eq!(listing.rest.stopped.unwrap().kind, ErrorKind::Looping);
        assert!(listing.rest.after.is_none());
    }
}

#[test]
fn an_empty_page_that_links_to_itself_is_the_end() {
    let mut site = script(vec![
        ok(r#"{"results":[{"id":"1"}],"_links":{"next":"/x?cursor=a"}}"#),
        ok(r#"{"results":[],"_links":{"next":"/x?cursor=a"}}"#),
    ]);
    let listing = site
        .list_pages(
            &PageQuery::default(),
            &Window::default(),
            &ListOptions::default(),
        )
        .unwrap();
    assert_eq!(listing.items.len(), 1);
    assert!(listing.rest.after.is_none() && listing.rest.stopped.is_none());
    assert_eq!(with_code(&listing.rest.notices, "empty-page").len(), 1);
}

#[test]
fn children_without_a_type_are_given_and_of_new_types_are_told() {
    let rows = r#"{"id":"1","type":"page"},{"id":"2"},{"id":"3","type":"slide"},{"id":"4","type":"folder"}"#;
    let get = |types: Option<&[String]>| {
        let listing = script(vec![list(rows)])
            .get_page_children(
                "9",
                types,
                None,
                &Window::default(),
                &ListOptions::default(),
            )
            .unwrap();
        let ids: Vec<String> = listing.items.iter().map(|one| one.id.clone()).collect();
        let told: Vec<_> = with_code(&listing.rest.notices, "row-dropped")
            .iter()
            .map(|one| one.id.clone().unwrap())
            .collect();
        (ids.join(","), told.join(","))
    };
    let expected = ("1,2".to_owned(), "3".to_owned());
    assert_eq!(get(None), expected);
    assert_eq!(get(Some(&["page".to_owned()])), expected);
}

#[test]
fn pages_of_one_space_are_counted_when_a_space_is_named() {
    let mut site = script(vec![
        ok(r#"{"type":"known","accountId":"712020:a"}"#),
        list(r#"{"id":"5","key":"ENG"}"#),
        ok(EMPTY),
        ok(r#"{"results":[],"totalSize":245}"#),
    ]);
    let report = site.test_connection(Some("eng")).unwrap();
    assert_eq!(report.pages.unwrap().value, 245);
    assert_eq!(report.space.unwrap().key.as_deref(), Some("ENG"));
    assert_eq!(
        asked(&mut site)[3],
        "/rest/api/search?cql=type%3Dpage%20and%20space%3D%22ENG%22&limit=1"
    );
}

#[test]
fn content_is_found_by_its_address_but_not_by_that_of_another_site() {
    let site = |site| Confluence::new(Known(ok(EMPTY), site));
    let own = Some("https://own.example/wiki");
    let found = site(own)
        .get_content_reference("https://own.example/wiki/spaces/ENG/blog/2026/01/31/98401/T")
        .unwrap();
    assert_eq!(
        (
            found.id.as_str(),
            found.kind.as_deref(),
            found.space_key.as_deref()
        ),
        ("98401", Some("blogpost"), Some("ENG"))
    );
    assert_eq!(site(own).get_content_reference("98401").unwrap().kind, None);
    let other = "https://other.example/wiki/x/E4AB";
    let error = site(own).get_content_reference(other).unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::InvalidArgument, "address-of-another-site")
    );
    assert_eq!(site(None).get_content_reference(other).unwrap().id, "98323");
    // Wherever an id is taken.
    let window = Window::default();
    let options = ListOptions::default();
    let single = GetOptions::default();
    let ids = |addresses: &[&str]| Some(addresses.iter().map(|one| (*one).to_owned()).collect());
    let codes = [
        site(own).get_page_by_id(other, &single).unwrap_err(),
        site(own).get_blog_post_by_id(other, &single).unwrap_err(),
        site(own).get_folder(other, &single).unwrap_err(),
        site(own)
            .list_pages(
                &PageQuery {
                    ids: ids(&["98401", other]),
                },
                &window,
                &options,
            )
            .unwrap_err(),
        site(own)
            .list_attachments_by_page(other, &window, &options)
            .unwrap_err(),
        site(own)
            .get_page_versions(other, None, &window, &options)
            .unwrap_err(),
        site(own).get_page_ancestors(other).unwrap_err(),
        site(own).get_content_restrictions(other).unwrap_err(),
        site(own)
            .get_effective_readers(ContentKind::Page, other)
            .unwrap_err(),
        site(own)
            .can_read("712020:ab", Some(other), None)
            .unwrap_err(),
        site(own)
            .get_labels_by_page(other, None, None, &window, &options)
            .unwrap_err(),
    ];
    for error in codes {
        assert_eq!(error.code, "address-of-another-site", "{error}");
        assert!(error.message.contains("`other.example`"), "{error}");
    }
    let mut pages = script(vec![ok(r#"{"id":"98323"}"#)]);
    pages.get_page_by_id(other, &GetOptions::default()).unwrap();
    assert_eq!(asked(&mut pages), ["/api/v2/pages/98323"]);
}

#[test]
fn a_result_with_only_the_address_of_its_content_has_space_and_address() {
    for (result, space, address) in [
        (
            r#"{"content":{"id":"3","type":"page","_links":{"webui":"/spaces/CC/pages/3"}}}"#,
            Some("CC"),
            Some("/spaces/CC/pages/3"),
        ),
        (
            r#"{"content":{"id":"3","type":"page","_links":{"webui":"/display/~me/Title","self":"x"}},"url":""}"#,
            Some("~me"),
            Some("/display/~me/Title"),
        ),
        (
            r#"{"content":{"id":"3","type":"comment","_links":{"webui":"/spaces/CC/pages/9?focusedCommentId=3"}}}"#,
            Some("CC"),
            Some("/spaces/CC/pages/9?focusedCommentId=3"),
        ),
        (
            r#"{"content":{"id":"3","type":"page","_expandable":{"container":"/rest/api/space/CC"}}}"#,
            Some("CC"),
            None,
        ),
        (
            r#"{"content":{"id":"3","type":"page","_links":{"webui":"/spaces/CC/pages/3"}},"url":"/spaces/DD/pages/3"}"#,
            Some("DD"),
            Some("/spaces/DD/pages/3"),
        ),
        (
            r#"{"content":{"id":"3","type":"page"},"resultGlobalContainer":{"displayUrl":"/spaces/viewspace.action?key=HH"}}"#,
            Some("HH"),
            None,
        ),
        (r#"{"content":{"id":"3","type":"page"}}"#, None, None),
    ] {
        let mut site = script(vec![ok(&format!(
            r#"{{"results":[{result}],"_links":{{"base":"https://e.example/wiki"}}}}"#
        ))]);
        let found = site
            .search(
                "type=page",
                false,
                &Window::default(),
                &ListOptions::default(),
            )
            .unwrap();
        let found = &found.items[0];
        assert_eq!(found.space_key.as_deref(), space, "{result}");
        let address = address.map(|path| format!("https://e.example/wiki{path}"));
        assert_eq!(found.web_url, address, "{result}");
    }
}
