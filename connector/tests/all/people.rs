//! Who is who, who may what, what is found, and what has changed.

use std::{cell::Cell, rc::Rc};

use crate::site::{Site, answer, asked, ok, parameter, script, silent, window, with_code};
use confluence_connector::{
    Answer, Changes, Confluence, Error, ErrorKind, ListOptions, Page, Window,
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

fn w() -> Window {
    Window::default()
}

fn o() -> ListOptions {
    ListOptions::default()
}

/// A page of a list that counts rows.
fn counted(start: usize, count: usize, limit: &str) -> Answer {
    let rows: Vec<String> = (start..start + count)
        .map(|at| format!(r#"{{"type":"group","id":"g-{at}","name":"n"}}"#))
        .collect();
    ok(&format!(
        r#"{{"results":[{}],"start":{start},{limit}"size":{count},"_links":{{"base":"https://s.example/wiki"}}}}"#,
        rows.join(",")
    ))
}

#[test]
fn groups_are_counted_to_their_end_without_a_next_link() {
    let mut site = script(vec![
        counted(0, 200, r#""limit":200,"#),
        counted(200, 3, r#""limit":200,"#),
    ]);
    let listing = site.get_groups(&window(500, None), &o()).unwrap();
    assert_eq!(listing.items.len(), 203);
    assert!(listing.rest.after.is_none());
    assert_eq!(
        asked(&mut site),
        [
            "/rest/api/group?limit=200",
            "/rest/api/group?limit=200&start=200"
        ]
    );
}

#[test]
fn a_site_that_answers_fewer_than_asked_for_loses_no_group() {
    // It says so in `limit`; or it says nothing, and only an empty page is the end.
    let mut site = script(vec![
        counted(0, 50, r#""limit":50,"#),
        counted(50, 1, r#""limit":50,"#),
    ]);
    assert_eq!(
        site.get_groups(&window(200, None), &o())
            .unwrap()
            .items
            .len(),
        51
    );
    let mut site = script(vec![
        counted(0, 50, ""),
        counted(50, 1, ""),
        counted(51, 0, ""),
    ]);
    let listing = site.get_groups(&window(200, None), &o()).unwrap();
    assert_eq!(listing.items.len(), 51);
    assert!(listing.rest.after.is_none() && listing.rest.stopped.is_none());
}

#[test]
fn a_site_that_ignores_where_to_go_on_ends_in_a_looping_error() {
    let mut site = crate::site::site(|_, _| Ok(counted(0, 200, r#""limit":200,"#)));
    let listing = site.get_groups(&window(10_000, None), &o()).unwrap();
    assert_eq!(listing.items.len(), 200);
    assert_eq!(listing.rest.stopped.unwrap().kind, ErrorKind::Looping);
}

#[test]
fn members_of_a_group_go_on_where_they_ended_and_never_ask_for_more_than_200() {
    let member = |id: &str| {
        list(&format!(
            r#"{{"accountId":"{id}","email":"","displayName":null}}"#
        ))
    };
    let mut site = script(vec![member("712020:a")]);
    let first = site
        .get_group_members("5b-7c", &window(1, None), &o())
        .unwrap();
    assert_eq!(first.items[0].account_id, "712020:a");
    assert_eq!(first.items[0].email, None);
    assert_eq!(
        asked(&mut site),
        ["/rest/api/group/5b-7c/membersByGroupId?limit=1"]
    );
    let mut site = script(vec![ok(EMPTY)]);
    site.get_group_members("5b-7c", &window(9, first.rest.after), &o())
        .unwrap();
    assert_eq!(
        asked(&mut site),
        ["/rest/api/group/5b-7c/membersByGroupId?limit=1&start=1"]
    );
    let mut site = script(vec![ok(EMPTY)]);
    site.get_group_members("5b-7c", &window(10_000, None), &o())
        .unwrap();
    assert_eq!(parameter(&asked(&mut site)[0], "limit"), Some("200"));
    for id in ["", "../x", "a/b", "a b", "~key", "漢字", "a\u{7}"] {
        assert_eq!(
            refused(|c| c.get_group_members(id, &w(), &o())),
            "group-id-malformed",
            "{id:?}"
        );
    }
}

#[test]
fn users_are_asked_for_by_hundreds_and_the_unknown_are_named() {
    let accounts: Vec<String> = (0..150).map(|at| format!("712020:A-{at}")).collect();
    let mut site = crate::site::site(|_, url| {
        let rows: Vec<String> = crate::site::parameters(url, "accountId")
            .iter()
            .filter(|id| !id.ends_with("-7"))
            .map(|id| {
                format!(
                    r#"{{"accountId":"{}","type":"known"}}"#,
                    id.replace("%3A", ":")
                )
            })
            .collect();
        Ok(list(&rows.join(",")))
    });
    let listing = site.get_users(&accounts, &window(250, None), &o()).unwrap();
    assert_eq!(listing.items.len(), 149);
    let unknown = with_code(&listing.rest.notices, "unknown-id");
    assert_eq!(unknown[0].id.as_deref(), Some("712020:A-7"));
    let asked = asked(&mut site);
    assert_eq!(asked.len(), 2);
    assert!(asked[0].starts_with("/rest/api/user/bulk?accountId=712020%3AA-0&"));
    assert!(!asked[0].contains("limit="));
    assert_eq!(
        refused(|c| c.get_users(&["me@example.com".into()], &w(), &o())),
        "account-id-malformed"
    );
    assert!(
        silent()
            .get_users(&[], &w(), &o())
            .unwrap()
            .items
            .is_empty()
    );
}

#[test]
fn the_current_user_is_someone() {
    let mut site = script(vec![ok(
        r#"{"type":"known","accountId":"712020:a","timeZone":"Europe/Berlin","email":"","new":1}"#,
    )]);
    let user = site.get_current_user().unwrap();
    assert_eq!(
        (
            user.account_id.as_str(),
            user.time_zone.as_deref(),
            user.email
        ),
        ("712020:a", Some("Europe/Berlin"), None)
    );
    assert_eq!(asked(&mut site), ["/rest/api/user/current"]);
    let error = script(vec![ok(r#"{"type":"anonymous"}"#)])
        .get_current_user()
        .unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::Unauthorized, "anonymous")
    );
}

#[test]
fn permissions_of_a_space_have_open_principals() {
    let rows = r#"{"id":5153177600,"principal":{"type":"access-class","id":"ALL_LICENSED_USERS"},"operation":{"key":"read","targetType":"space"}},
        {"id":"2","principal":{"type":"galaxy","id":null},"operation":null},{"id":"3"}"#;
    let mut site = script(vec![list(r#"{"id":"5","key":"~712020abc"}"#), list(rows)]);
    let listing = site
        .get_space_permissions("~712020abc", &w(), &o())
        .unwrap();
    assert_eq!(asked(&mut site)[1], "/api/v2/spaces/5/permissions?limit=25");
    assert_eq!(listing.items[0].id, "5153177600");
    assert_eq!(listing.items[0].principal.kind, "access-class");
    assert_eq!(listing.items[0].target_type.as_deref(), Some("space"));
    assert_eq!(listing.items[1].principal.kind, "galaxy");
    assert_eq!(listing.items.len(), 3);
}

fn named(operation: &str, users: &str, groups: &str) -> Answer {
    ok(&format!(
        r#"{{"operation":"{operation}","restrictions":{{"user":{{"results":[{users}],"limit":100}},"group":{{"results":[{groups}]}}}},"_links":{{}}}}"#
    ))
}

#[test]
fn a_restriction_that_names_nobody_inherits() {
    let mut site = script(vec![
        named("read", "", ""),
        named(
            "update",
            r#"{"accountId":"712020:a"}"#,
            r#"{"type":"group","name":"gone"}"#,
        ),
    ]);
    let restrictions = site.get_content_restrictions("7").unwrap();
    assert_eq!(
        asked(&mut site),
        [
            "/rest/api/content/7/restriction/byOperation/read?limit=100",
            "/rest/api/content/7/restriction/byOperation/update?limit=100"
        ]
    );
    assert!(restrictions.read.inherits && !restrictions.update.inherits);
    assert_eq!(restrictions.update.users[0].account_id, "712020:a");
    assert_eq!(restrictions.update.groups[0].name.as_deref(), Some("gone"));
}

#[test]
fn restrictions_of_many_are_read_whole_or_not_at_all() {
    let people = |from: usize, count: usize| {
        let rows: Vec<String> = (from..from + count)
            .map(|at| format!(r#"{{"accountId":"a-{at}"}}"#))
            .collect();
        rows.join(",")
    };
    let mut site = script(vec![
        named("read", &people(0, 100), ""),
        named("read", &people(100, 2), ""),
        named("update", "", ""),
    ]);
    assert_eq!(
        site.get_content_restrictions("7").unwrap().read.users.len(),
        102
    );
    assert_eq!(
        asked(&mut site)[1],
        "/rest/api/content/7/restriction/byOperation/read?start=100&limit=100"
    );
    let full = people(0, 100);
    let error = crate::site::site(move |_, _| Ok(named("read", &full, "")))
        .get_content_restrictions("7")
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Looping);
    for odd in [
        r#"{"operation":"read"}"#,
        r#"{"operation":"read","restrictions":{"user":{"results":[]}}}"#,
        r#"{"operation":"read","restrictions":{"user":{"results":null},"group":{"results":[]}}}"#,
        r#"{"operation":"read","restrictions":{"user":{"results":["x"]},"group":{"results":[]}}}"#,
        r#"{"operation":"update","restrictions":{"user":{"results":[]},"group":{"results":[]}}}"#,
        r#"{"restrictions":{"user":{"results":[{"accountId":"a"}],"limit":1},"group":{"results":[]}}}"#,
    ] {
        let error = script(vec![ok(odd)])
            .get_content_restrictions("7")
            .unwrap_err();
        assert_eq!(error.code, "restrictions-unreadable", "{odd}");
    }
    for id in ["", "../7", "7/8", "att7", "9223372036854775808"] {
        assert_eq!(refused(|c| c.get_content_restrictions(id)), "id-malformed");
    }
}

#[test]
fn a_search_sends_the_query_as_it_is_and_says_what_it_cannot_promise() {
    let rows = r#"{"content":{"id":9007199254740993,"type":"page","status":"current","space":{"key":"ENG"}},"title":"@@@hl@@@x@@@endhl@@@",
        "url":"/spaces/ENG/pages/1","entityType":"content","lastModified":"2026-01-01T00:00:00.000Z","score":0.5},
        {"space":{"id":9007199254740993,"key":"~me","status":"current"},"entityType":"space"},
        {"user":{"accountId":"712020:a"},"entityType":"user"},{"content":null,"title":"x"}"#;
    let body = format!(
        r#"{{"results":[{rows}],"totalSize":4,"_links":{{"next":"/rest/api/search?next=true&cursor=_f_abc=&cql=x","base":"https://s.example/wiki","context":"/wiki"}}}}"#
    );
    let mut site = script(vec![ok(&body), ok(EMPTY)]);
    let cql =
        r#"space = "~me" and title ~ "a\"b\\c" and lastmodified > now("-1d") or text ~ "漢字""#;
    let listing = site.search(cql, true, &w(), &o()).unwrap();
    assert_eq!(
        asked(&mut site),
        [
            "/rest/api/search?limit=25&cql=space%20%3D%20%22~me%22%20and%20title%20~%20%22a%5C%22b%5C%5Cc%22%20and%20lastmodified%20%3E%20now%28%22-1d%22%29%20or%20text%20~%20%22%E6%BC%A2%E5%AD%97%22&includeArchivedSpaces=true",
            "/rest/api/search?limit=25&cql=space%20%3D%20%22~me%22%20and%20title%20~%20%22a%5C%22b%5C%5Cc%22%20and%20lastmodified%20%3E%20now%28%22-1d%22%29%20or%20text%20~%20%22%E6%BC%A2%E5%AD%97%22&includeArchivedSpaces=true&cursor=_f_abc%3D"
        ]
    );
    let found: Vec<_> = listing
        .items
        .iter()
        .map(|found| (found.id.as_str(), found.space_key.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("9007199254740993", Some("ENG")),
            ("9007199254740993", Some("~me")),
            ("712020:a", None)
        ]
    );
    assert_eq!(
        listing.items[0].web_url.as_deref(),
        Some("https://s.example/wiki/spaces/ENG/pages/1")
    );
    for code in ["index-lags", "dates-in-time-zone", "row-dropped"] {
        assert_eq!(with_code(&listing.rest.notices, code).len(), 1, "{code}");
    }
    let listing = script(vec![ok(EMPTY)])
        .search("type=page", false, &w(), &o())
        .unwrap();
    assert_eq!(listing.rest.notices.len(), 1);
}

#[test]
fn a_query_that_cannot_be_sent_is_refused() {
    for (cql, code) in [
        (" ", "cql-empty"),
        ("type=page\nor type=blogpost", "cql-with-controls"),
        (&"漢".repeat(700), "cql-too-long"),
    ] {
        assert_eq!(refused(|c| c.search(cql, false, &w(), &o())), code);
    }
}

/// Pages by id, version and the second of their change.
fn changed(rows: &[(u32, u32, u32)], next: Option<&str>) -> Answer {
    let rows: Vec<String> = rows
        .iter()
        .map(|(id, version, second)| {
            let (minute, second) = (second / 60, second % 60);
            format!(
                r#"{{"id":"{id}","createdAt":"2020-01-01T00:00:00Z","version":{{"number":{version},"createdAt":"2026-01-31T12:{minute:02}:{second:02}.500Z"}}}}"#
            )
        })
        .collect();
    let next = next.map_or(String::new(), |cursor| {
        format!(r#""next":"/wiki/x?cursor={cursor}""#)
    });
    ok(&format!(
        r#"{{"results":[{}],"_links":{{{next}}}}}"#,
        rows.join(",")
    ))
}

fn since(site: &mut Confluence<Site>, since: &str, window: &Window) -> Changes<Page> {
    site.get_pages_changed_since(since, window, &o()).unwrap()
}

fn found(changes: &Changes<Page>) -> Vec<&str> {
    changes.items.iter().map(|page| page.id.as_str()).collect()
}

const NOON_20: &str = "2026-01-31T12:20:00Z";

#[test]
fn changes_are_read_newest_first_until_they_are_older() {
    let mut site = script(vec![changed(
        &[(1, 3, 1900), (2, 1, 1300), (3, 1, 1000), (4, 9, 800)],
        Some("c"),
    )]);
    let changes = since(&mut site, NOON_20, &window(4, None));
    // The third lies in the five minutes before, and the fourth is older still.
    assert_eq!(found(&changes), ["1", "2", "3"]);
    assert!(changes.rest.after.is_none() && changes.rest.stopped.is_none());
    assert!(changes.checkpoint.is_some());
    assert_eq!(
        asked(&mut site),
        ["/api/v2/pages?limit=4&sort=-modified-date"]
    );
}

#[test]
fn a_checkpoint_gives_new_versions_only() {
    let mut site = script(vec![changed(
        &[(1, 3, 1900), (2, 1, 1850), (3, 1, 100)],
        None,
    )]);
    let first = since(&mut site, NOON_20, &window(25, None));
    let checkpoint = first.checkpoint.unwrap();
    // The second page has a new version, a third one appeared late, in the time before.
    let rows = [
        (2, 2, 2000),
        (1, 3, 1900),
        (5, 1, 1860),
        (2, 1, 1850),
        (3, 1, 100),
    ];
    let second = since(
        &mut script(vec![changed(&rows, None)]),
        &checkpoint,
        &window(25, None),
    );
    assert_eq!(found(&second), ["2", "5"]);
    // Nothing new leaves the place.
    let checkpoint = second.checkpoint.unwrap();
    let third = since(
        &mut script(vec![changed(&rows, None)]),
        &checkpoint,
        &window(25, None),
    );
    assert!(third.items.is_empty());
    let fourth = since(
        &mut script(vec![changed(&rows, None)]),
        &third.checkpoint.unwrap(),
        &window(25, None),
    );
    assert!(fourth.items.is_empty());
    // A site without pages keeps the instant.
    let empty = since(&mut script(vec![ok(EMPTY)]), NOON_20, &window(25, None));
    assert!(empty.checkpoint.is_some());
}

#[test]
fn a_checkpoint_comes_with_the_last_answer_only_and_remembers_the_first() {
    let mut site = script(vec![changed(&[(1, 1, 1900), (2, 1, 1890)], Some("c"))]);
    let first = since(&mut site, NOON_20, &window(2, None));
    assert!(first.checkpoint.is_none());
    let after = first.rest.after.unwrap();
    let mut site = script(vec![changed(&[(3, 1, 1300), (4, 1, 10)], None)]);
    let second = since(&mut site, NOON_20, &window(2, Some(after.clone())));
    assert_eq!(parameter(&asked(&mut site)[0], "cursor"), Some("c"));
    assert_eq!(found(&second), ["3"]);
    let checkpoint = second.checkpoint.unwrap();
    let rows = changed(&[(1, 1, 1900), (2, 1, 1890), (3, 1, 1300)], None);
    assert!(
        since(&mut script(vec![rows]), &checkpoint, &window(25, None))
            .items
            .is_empty()
    );
    for (since, after, code) in [
        ("2026-01-31", Some(after.clone()), "after-of-another-query"),
        (
            NOON_20,
            Some(format!("{}x", &after[..20])),
            "after-malformed",
        ),
        (NOON_20, Some("x".into()), "after-malformed"),
        (&checkpoint[..30], None, "checkpoint-malformed"),
        ("yesterday", None, "date-malformed"),
        ("", None, "date-malformed"),
    ] {
        assert_eq!(
            refused(|c| c.get_pages_changed_since(since, &window(2, after), &o())),
            code,
            "{since}"
        );
    }
}

/// The same answer of a site whose clock is so many minutes after noon.
fn at_minute(minute: u32, mut answer: Answer) -> Answer {
    let date = format!("Sat, 31 Jan 2026 12:{minute:02}:00 GMT");
    answer.headers.push(("Date".into(), date.into_bytes()));
    answer
}

#[test]
fn no_change_is_lost_after_a_time_that_is_later_than_the_sites_clock() {
    for later in ["2027-01-31T12:20:00Z", "2026-02-01", "2026-01-31T12:40:00Z"] {
        let rows = changed(&[(1, 1, 1790), (2, 1, 100)], None);
        let first = since(
            &mut script(vec![at_minute(30, rows)]),
            later,
            &window(25, None),
        );
        // As with the time of the site's clock, five minutes are read again.
        assert_eq!(found(&first), ["1"], "{later}");
        let notices = with_code(&first.rest.notices, "since-in-future");
        assert_eq!(notices.len(), 1, "{later}");
        let rows = [(3, 1, 1830), (1, 1, 1790), (2, 1, 100)];
        let second = since(
            &mut script(vec![at_minute(31, changed(&rows, None))]),
            &first.checkpoint.unwrap(),
            &window(25, None),
        );
        assert_eq!(found(&second), ["3"], "{later}");
        assert!(second.rest.notices.is_empty());
    }
    // A second that is not over yet is not in the future.
    let now = since(
        &mut script(vec![at_minute(30, ok(EMPTY))]),
        "2026-01-31T12:30:00.900Z",
        &window(25, None),
    );
    assert!(now.rest.notices.is_empty());
}

#[test]
fn a_list_in_several_calls_ends_with_the_clock_of_its_first_answer() {
    let later = "2027-01-31T12:20:00Z";
    let rows = changed(&[(1, 1, 1790), (2, 1, 1780)], Some("c"));
    let first = since(
        &mut script(vec![at_minute(30, rows)]),
        later,
        &window(1, None),
    );
    assert_eq!(found(&first), ["1"]);
    let rows = changed(&[(1, 1, 1790), (2, 1, 1780), (3, 1, 100)], None);
    let last = since(
        &mut script(vec![at_minute(50, rows)]),
        later,
        &window(25, first.rest.after),
    );
    assert_eq!(found(&last), ["2"]);
    assert!(with_code(&last.rest.notices, "since-in-future").is_empty());
    // What changed between the two calls.
    let rows = [(4, 1, 2400), (1, 1, 1790), (2, 1, 1780), (3, 1, 100)];
    let next = since(
        &mut script(vec![at_minute(51, changed(&rows, None))]),
        &last.checkpoint.unwrap(),
        &window(25, None),
    );
    assert_eq!(found(&next), ["4"]);
}

#[test]
fn a_row_whose_time_is_yet_to_come_hides_no_change() {
    let first = [(1, 1, 3500), (2, 1, 1790), (3, 1, 1700), (4, 1, 100)];
    let first = since(
        &mut script(vec![at_minute(30, changed(&first, None))]),
        NOON_20,
        &window(25, None),
    );
    assert_eq!(found(&first), ["1", "2", "3"]);
    let second = [(1, 1, 3500), (5, 1, 1830), (2, 1, 1790), (3, 1, 1700)];
    let second = since(
        &mut script(vec![at_minute(31, changed(&second, None))]),
        &first.checkpoint.unwrap(),
        &window(25, None),
    );
    assert_eq!(found(&second), ["5"]);
}

/// A site of these changes, newest first, that fails at the body of `sick` while there is one.
fn sick_at(rows: &[(u32, u32, u32)], sick: &Rc<Cell<Option<u32>>>) -> Confluence<Site> {
    let (rows, sick) = (rows.to_vec(), Rc::clone(sick));
    crate::site::site(move |_, url| {
        let size: usize = parameter(url, "limit").unwrap().parse().unwrap();
        let skip: usize = parameter(url, "cursor").map_or(0, |skip| skip.parse().unwrap());
        let behind = rows.len().min(skip + size);
        let page = &rows[skip..behind];
        let fails = page.iter().any(|(id, ..)| Some(*id) == sick.get());
        if fails && url.contains("body-format=") {
            return Ok(answer(500, &[], ""));
        }
        let next = (behind < rows.len()).then(|| behind.to_string());
        Ok(changed(page, next.as_deref()))
    })
}

#[test]
fn a_change_that_could_not_be_read_comes_with_the_checkpoint_once_it_can() {
    // Every ten seconds one, the last of them at noon and 50 minutes; the calls take three each.
    let rows: Vec<(u32, u32, u32)> = (0..300).map(|at| (at, 1, 3000 - 10 * at)).collect();
    let with_bodies = ListOptions {
        body_format: Some("storage".into()),
        ..o()
    };
    for at in [0, 1, 7, 100, 179, 180] {
        let sick = Rc::new(Cell::new(Some(at)));
        let mut site = sick_at(&rows, &sick);
        let mut all = |since: &str| {
            let (mut given, mut after) = (Vec::<u32>::new(), None);
            loop {
                let changes = site
                    .get_pages_changed_since(since, &window(30, after), &with_bodies)
                    .unwrap();
                assert!(changes.rest.stopped.is_none());
                given.extend(
                    changes
                        .items
                        .iter()
                        .map(|page| page.id.parse::<u32>().unwrap()),
                );
                after = changes.rest.after;
                if after.is_none() {
                    return (given, changes.checkpoint.unwrap());
                }
            }
        };
        let (given, checkpoint) = all(NOON_20);
        // Down to five minutes before.
        let wanted: Vec<u32> = (0..=210).filter(|id| *id != at).collect();
        assert_eq!(given, wanted);
        let (given, again) = all(&checkpoint);
        assert_eq!(given, [0_u32; 0], "nothing twice while it fails");
        sick.set(None);
        for checkpoint in [checkpoint, again] {
            assert_eq!(all(&checkpoint).0, [at]);
        }
    }
}

#[test]
fn a_checkpoint_belongs_to_its_function_spaces_and_statuses() {
    let checkpoint = script(vec![ok(EMPTY)])
        .get_pages_changed_since(NOON_20, &w(), &o())
        .unwrap()
        .checkpoint
        .unwrap();
    let other = [
        ListOptions {
            space_ids: vec!["5".into()],
            ..o()
        },
        ListOptions {
            status: vec!["trashed".into()],
            ..o()
        },
    ];
    for options in &other {
        assert_eq!(
            refused(|c| c.get_pages_changed_since(&checkpoint, &w(), options)),
            "checkpoint-of-another-query"
        );
    }
    assert_eq!(
        refused(|c| c.get_blog_posts_changed_since(&checkpoint, &w(), &o())),
        "checkpoint-of-another-query"
    );
    // How much of each row comes is no part of the query.
    let with_raw = ListOptions { raw: true, ..o() };
    script(vec![ok(EMPTY)])
        .get_pages_changed_since(&checkpoint, &w(), &with_raw)
        .unwrap();
}

#[test]
fn changes_behind_many_empty_pages_are_reached_and_no_call_reads_them_all() {
    let mut site = crate::site::site(|_, url| {
        let at: u32 = parameter(url, "cursor").map_or(0, |cursor| cursor.parse().unwrap());
        Ok(match at {
            0 => changed(&[(1, 1, 1900)], Some("1")),
            40 => changed(&[(2, 1, 1890), (3, 1, 10)], None),
            _ => changed(&[], Some(&(at + 1).to_string())),
        })
    });
    let (mut after, mut all) = (None, Vec::new());
    let checkpoint = loop {
        let before = asked(&mut site).len();
        let part = since(&mut site, NOON_20, &window(25, after));
        assert!(part.rest.stopped.is_none());
        assert!(asked(&mut site).len() <= before + 13);
        all.extend(found(&part).into_iter().map(str::to_owned));
        after = part.rest.after;
        if after.is_none() {
            break part.checkpoint;
        }
    };
    assert_eq!(all, ["1", "2"]);
    assert!(checkpoint.is_some());
}

#[test]
fn changes_that_fail_in_the_middle_give_no_checkpoint() {
    let many: Vec<(u32, u32, u32)> = (0..250).map(|at| (at, 1, 1900)).collect();
    let mut site = crate::site::site(move |at, _| {
        Ok(if at == 0 {
            changed(&many, Some("c"))
        } else {
            answer(500, &[], "")
        })
    });
    let changes = since(&mut site, NOON_20, &window(1000, None));
    assert_eq!(changes.items.len(), 250);
    assert!(changes.checkpoint.is_none() && changes.rest.after.is_some());
    assert_eq!(
        changes.rest.stopped.unwrap().kind,
        ErrorKind::UpstreamFailed
    );
    // A site that ignores the order cannot be left early.
    let mut site = script(vec![changed(
        &[(1, 1, 1300), (2, 1, 1900), (3, 1, 1)],
        None,
    )]);
    let changes = since(&mut site, NOON_20, &window(10, None));
    assert_eq!(changes.rest.stopped.unwrap().code, "order-ignored");
    assert!(changes.checkpoint.is_none());
}

#[test]
fn changes_of_blog_posts_take_spaces_by_key_and_no_order() {
    let options = ListOptions {
        space_ids: vec!["ENG".into()],
        ..o()
    };
    let mut site = script(vec![list(r#"{"id":"5","key":"ENG"}"#), ok(EMPTY)]);
    site.get_blog_posts_changed_since(NOON_20, &w(), &options)
        .unwrap();
    assert_eq!(
        asked(&mut site)[1],
        "/api/v2/blogposts?limit=25&sort=-modified-date&space-id=5"
    );
    let sorted = ListOptions {
        sort: Some("id".into()),
        ..o()
    };
    assert_eq!(
        refused(|c| c.get_pages_changed_since(NOON_20, &w(), &sorted)),
        "option-not-taken"
    );
    let many = ListOptions {
        space_ids: (0..101).map(|id| id.to_string()).collect(),
        ..o()
    };
    assert_eq!(
        refused(|c| c.get_pages_changed_since(NOON_20, &w(), &many)),
        "spaces-too-many"
    );
}

#[test]
fn a_later_change_behind_an_earlier_one_in_the_last_response_is_found() {
    // The first two are older than what is looked for, and the third is a change.
    for rows in [
        &[(1, 1, 100), (2, 1, 100), (3, 1, 1900)][..],
        &[(1, 1, 1900), (2, 1, 100), (3, 1, 1900), (4, 1, 100)],
        // Each is less than five minutes later than the one before it.
        &[
            (1, 1, 100),
            (2, 1, 390),
            (3, 1, 680),
            (4, 1, 970),
            (5, 1, 1260),
        ],
    ] {
        let mut site = script(vec![changed(rows, None)]);
        let changes = since(&mut site, NOON_20, &window(10, None));
        assert_eq!(
            changes.rest.stopped.unwrap().code,
            "order-ignored",
            "{rows:?}"
        );
        assert!(changes.checkpoint.is_none() && changes.rest.after.is_none());
    }
    // Times that differ by less than servers' clocks do are no other order.
    let mut site = script(vec![changed(
        &[(1, 1, 890), (2, 1, 901), (3, 1, 890)],
        None,
    )]);
    let changes = since(&mut site, NOON_20, &window(10, None));
    assert_eq!(found(&changes), ["2"]);
    assert!(changes.rest.stopped.is_none() && changes.checkpoint.is_some());
}

#[test]
fn a_row_without_the_time_of_its_change_is_returned_and_named_wherever_it_is() {
    let undated = [
        r#"{"id":"7","createdAt":"2020-01-01T00:00:00Z"}"#,
        r#"{"id":"7","createdAt":"2020-01-01T00:00:00Z","version":{"number":3}}"#,
        r#"{"id":"7","createdAt":"2020-01-01T00:00:00Z","version":{"number":3,"createdAt":"yesterday"}}"#,
    ];
    let dated = |id: u32, minute: u32| {
        format!(
            r#"{{"id":"{id}","version":{{"number":1,"createdAt":"2026-01-31T12:{minute}:00Z"}}}}"#
        )
    };
    for row in undated {
        for place in 0..=3 {
            let mut rows = vec![dated(1, 40), dated(2, 30), dated(3, 10)];
            rows.insert(place, row.to_owned());
            let mut site = script(vec![ok(&format!(
                r#"{{"results":[{}],"_links":{{}}}}"#,
                rows.join(",")
            ))]);
            let changes = since(&mut site, NOON_20, &window(10, None));
            assert!(changes.rest.stopped.is_none(), "{row} at {place}");
            let mut wanted = vec!["1", "2"];
            wanted.insert(place.min(2), "7");
            assert_eq!(found(&changes), wanted, "{row} at {place}");
            let named = with_code(&changes.rest.notices, "change-undated");
            assert_eq!(named.len(), 1);
            assert_eq!(named[0].id.as_deref(), Some("7"));
            // The checkpoint is that of the newest row that says when it changed.
            let mut site = script(vec![changed(
                &[(5, 1, 2460), (6, 1, 2101), (8, 1, 2099)],
                None,
            )]);
            let again = since(&mut site, &changes.checkpoint.unwrap(), &window(10, None));
            assert_eq!(found(&again), ["5", "6"]);
        }
    }
}
