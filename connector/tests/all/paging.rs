//! How lists go on, end, and notice that they do not.

use crate::site::{
    Site, answer, asked, ids, library, ok, pages, pages_by_id, parameter, parameters, rows, script,
    silent, site, window, with_code,
};
use confluence_connector::{
    Answer, Confluence, CustomContentQuery, ErrorKind, GetOptions, ListOptions, PageQuery,
    SpaceQuery, TaskQuery, TransportError, Window,
};

#[test]
fn a_list_is_followed_to_its_limit_without_rows_in_vain() {
    let mut confluence = library(1_001);
    let listing = pages(&mut confluence, 300, None).unwrap();
    assert_eq!(ids(&listing), (1..=300).collect::<Vec<_>>());
    assert_eq!(
        asked(&mut confluence),
        [
            "/api/v2/pages?limit=150",
            "/api/v2/pages?limit=150&cursor=151"
        ]
    );
    assert!(listing.rest.after.is_some() && listing.rest.stopped.is_none());
}

#[test]
fn every_row_comes_once_whatever_the_limits_of_the_calls() {
    for count in [0, 1, 24, 25, 26, 251, 1_001] {
        let mut confluence = library(count);
        let (mut after, mut all) = (None, Vec::new());
        for limit in [25, 1, 7, 250, 33].into_iter().cycle() {
            let listing = pages(&mut confluence, limit, after).unwrap();
            all.extend(ids(&listing));
            after = listing.rest.after;
            if after.is_none() {
                assert!(listing.rest.stopped.is_none());
                break;
            }
            confluence.transport_mut().asked.clear();
        }
        assert_eq!(all, (1..=count).collect::<Vec<_>>());
    }
}

#[test]
fn a_limit_within_a_page_asks_for_the_same_page_again() {
    let mut confluence = library(30);
    let first = pages(&mut confluence, 25, None).unwrap();
    let second = pages(&mut confluence, 2, first.rest.after).unwrap();
    assert_eq!(ids(&second), [26, 27]);
    let third = pages(&mut confluence, 25, second.rest.after).unwrap();
    assert_eq!(ids(&third), [28, 29, 30]);
    let urls = asked(&mut confluence);
    assert_eq!(urls[1], urls[2]);
}

#[test]
fn a_page_that_changed_between_calls_is_resumed_behind_the_last_row_given() {
    let page = |ids: &'static [u64]| move || rows(ids, None);
    let run = |second: Answer| {
        let mut confluence = script(vec![rows(&[1, 2, 3, 4], None), second]);
        let first = pages(&mut confluence, 2, None).unwrap();
        assert_eq!(ids(&first), [1, 2]);
        pages(&mut confluence, 25, first.rest.after).unwrap()
    };
    assert_eq!(ids(&run(page(&[2, 3, 4])())), [3, 4]);
    assert_eq!(ids(&run(page(&[0, 1, 2, 3, 4])())), [3, 4]);
    let gone = run(page(&[1, 3, 4])());
    assert_eq!(ids(&gone), [1, 3, 4]);
    assert_eq!(with_code(&gone.rest.notices, "page-changed").len(), 1);
}

#[test]
fn only_the_cursor_of_a_next_link_is_used() {
    for next in [
        "/wiki/api/v2/pages?cursor=a%2Bb%3D%3D&limit=99",
        "/rest/api/x?depth=all&cursor=a+b==",
        "https://elsewhere.example/wiki/wiki/api?x=1&cursor=a%2Bb==#f",
        "?cursor=a+b%3D=",
    ] {
        let first = ok(&format!(
            r#"{{"results":[{{"id":"1"}}],"_links":{{"next":"{next}","base":"https://elsewhere.example/wiki"}}}}"#
        ));
        let mut confluence = script(vec![first, rows(&[2], None)]);
        let listing = pages(&mut confluence, 25, None).unwrap();
        assert_eq!(ids(&listing), [1, 2]);
        assert_eq!(
            asked(&mut confluence)[1],
            "/api/v2/pages?limit=25&cursor=a%2Bb%3D%3D"
        );
    }
}

#[test]
fn the_link_header_is_followed_when_the_body_has_no_next() {
    let headers = [
        (
            "Link",
            r#"<https://s.example/wiki>; rel="base", </d>; rel="deprecation"; title="a, b""#,
        ),
        ("link", r#"</wiki/api/v2/pages?cursor=zz>; rel="next""#),
    ];
    let first = answer(200, &headers, r#"{"results":[{"id":"1"}]}"#);
    let last = answer(200, &headers[..1], r#"{"results":[{"id":"2"}]}"#);
    let mut confluence = script(vec![first, last]);
    let listing = pages(&mut confluence, 25, None).unwrap();
    assert_eq!(ids(&listing), [1, 2]);
    assert_eq!(parameter(&asked(&mut confluence)[1], "cursor"), Some("zz"));
    assert!(listing.rest.after.is_none());
}

#[test]
fn a_short_page_with_a_next_link_is_no_end() {
    let mut confluence = script(vec![
        rows(&[1], Some("a")),
        rows(&[2], Some("b")),
        rows(&[3], None),
    ]);
    assert_eq!(ids(&pages(&mut confluence, 25, None).unwrap()), [1, 2, 3]);
}

/// A list of one row that is behind so many pages without rows.
fn behind_a_gap(pages: u64) -> Confluence<Site> {
    site(move |_, url| {
        let at: u64 = parameter(url, "cursor").map_or(0, |cursor| cursor.parse().unwrap());
        Ok(match at < pages {
            true => rows(&[], Some(&(at + 1).to_string())),
            false => rows(&[1], None),
        })
    })
}

#[test]
fn empty_pages_are_noted_and_six_in_a_row_end_a_call_with_the_place_to_go_on() {
    let listing = pages(&mut behind_a_gap(5), 25, None).unwrap();
    assert_eq!(ids(&listing), [1]);
    assert_eq!(with_code(&listing.rest.notices, "empty-page").len(), 5);
    assert!(listing.rest.stopped.is_none());

    let mut confluence = behind_a_gap(6);
    let listing = pages(&mut confluence, 25, None).unwrap();
    assert!(listing.items.is_empty());
    assert_eq!(with_code(&listing.rest.notices, "empty-page").len(), 6);
    assert!(listing.rest.stopped.is_none());
    assert_eq!(asked(&mut confluence).len(), 6);
    let listing = pages(&mut confluence, 25, listing.rest.after).unwrap();
    assert_eq!(ids(&listing), [1]);
    assert!(listing.rest.after.is_none());
    assert_eq!(asked(&mut confluence).len(), 7);
}

#[test]
fn a_row_behind_many_empty_pages_is_reached_by_following_after() {
    for gap in [6, 7, 100, 249] {
        for limit in [1, 25, 10_000] {
            let mut confluence = behind_a_gap(gap);
            let (mut after, mut found) = (None, Vec::new());
            loop {
                let before = asked(&mut confluence).len();
                let listing = pages(&mut confluence, limit, after).unwrap();
                assert!(listing.rest.stopped.is_none(), "{gap}");
                assert!(asked(&mut confluence).len() <= before + 6, "{gap}");
                found.extend(ids(&listing));
                after = listing.rest.after;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found, [1], "{gap}");
            assert_eq!(asked(&mut confluence).len() as u64, gap + 1);
        }
    }
}

#[test]
fn empty_pages_without_end_stop_the_list_where_it_can_still_be_gone_on_with() {
    let mut confluence = behind_a_gap(300);
    let mut after = None;
    let stopped = loop {
        let listing = pages(&mut confluence, 25, after).unwrap();
        assert!(listing.items.is_empty());
        after = listing.rest.after;
        assert!(after.is_some());
        if let Some(stopped) = listing.rest.stopped {
            break stopped;
        }
    };
    assert_eq!(
        (stopped.kind, stopped.code.as_str()),
        (ErrorKind::Looping, "empty-pages")
    );
    assert_eq!(asked(&mut confluence).len(), 250);

    // Who goes on all the same gets behind them, and asks for nothing twice.
    let mut found = Vec::new();
    while after.is_some() {
        let listing = pages(&mut confluence, 25, after).unwrap();
        assert!(listing.rest.stopped.is_none());
        found.extend(ids(&listing));
        after = listing.rest.after;
    }
    assert_eq!(found, [1]);
    assert_eq!(asked(&mut confluence).len(), 301);
}

#[test]
fn a_page_with_a_row_sets_the_count_of_empty_pages_back() {
    // Every fifth page has a row, and then every hundredth.
    for every in [5, 100] {
        let mut confluence = site(move |_, url| {
            let at: u64 = parameter(url, "cursor").map_or(1, |cursor| cursor.parse().unwrap());
            let found = [at];
            let page = if at.is_multiple_of(every) {
                &found[..]
            } else {
                &[]
            };
            let next = (at < 900).then(|| (at + 1).to_string());
            Ok(rows(page, next.as_deref()))
        });
        let (mut after, mut found) = (None, Vec::new());
        loop {
            let listing = pages(&mut confluence, 250, after).unwrap();
            assert!(listing.rest.stopped.is_none());
            found.extend(ids(&listing));
            after = listing.rest.after;
            if after.is_none() {
                break;
            }
        }
        let all: Vec<u64> = (1..=900_u64)
            .filter(|at| at.is_multiple_of(every))
            .collect();
        assert_eq!(found, all);
    }
}

#[test]
fn empty_pages_of_ids_that_are_asked_for_in_parts_are_counted_too() {
    // The site fails at more than one of them, and then leads on for ever.
    let mut confluence = site(|at, url| {
        Ok(match parameters(url, "id").len() {
            1 => rows(&[], Some(&format!("c{at}"))),
            _ => answer(500, &[], ""),
        })
    });
    let mut after = None;
    let stopped = loop {
        let before = asked(&mut confluence).len();
        let listing = pages_by_id(&mut confluence, &[1, 2], &window(25, after)).unwrap();
        assert!(asked(&mut confluence).len() <= before + 7);
        after = listing.rest.after;
        assert!(after.is_some());
        if let Some(stopped) = listing.rest.stopped {
            break stopped;
        }
    };
    assert_eq!(stopped.code, "empty-pages");
}

#[test]
fn a_space_behind_empty_pages_is_not_one_that_is_missing() {
    let gap = |_: usize, url: &str| {
        let at: u64 = parameter(url, "cursor").map_or(0, |cursor| cursor.parse().unwrap());
        Ok(match (url.contains("/pages"), at) {
            (true, _) => rows(&[1], None),
            (false, 20) => ok(r#"{"results":[{"id":"5","key":"ENG"}],"_links":{}}"#),
            (false, _) => rows(&[], Some(&(at + 1).to_string())),
        })
    };
    let mut confluence = site(gap);
    let space = confluence
        .get_space_by_id("ENG", &GetOptions::default())
        .unwrap();
    assert_eq!(space.id, "5");
    let mut confluence = site(gap);
    let listing = confluence
        .get_pages_by_space("ENG", None, &Window::default(), &ListOptions::default())
        .unwrap();
    assert_eq!(ids(&listing), [1]);
    assert_eq!(
        asked(&mut confluence)[21],
        "/api/v2/spaces/5/pages?limit=25"
    );

    // Without end it is an error of the site, and the space is not said to be missing.
    let mut endless = site(|at, _| Ok(rows(&[], Some(&format!("c{at}")))));
    let error = endless
        .get_space_by_id("ENG", &GetOptions::default())
        .unwrap_err();
    assert_eq!(error.code, "empty-pages");
}

#[test]
fn a_next_link_without_a_cursor_stops_with_an_unexpected_answer() {
    let first = ok(r#"{"results":[{"id":"1"}],"_links":{"next":"/wiki/api/v2/pages?start=25"}}"#);
    let listing = pages(&mut script(vec![first]), 25, None).unwrap();
    assert_eq!(ids(&listing), [1]);
    let stopped = listing.rest.stopped.unwrap();
    assert_eq!(
        (stopped.kind, stopped.code.as_str()),
        (ErrorKind::UnexpectedAnswer, "next-without-cursor")
    );
    assert!(listing.rest.after.is_none());
}

#[test]
fn a_cursor_that_comes_back_ends_in_a_looping_error() {
    let mut confluence = site(|n, _| Ok(rows(&[n as u64 + 1], Some(["a", "b"][n % 2]))));
    let listing = pages(&mut confluence, 250, None).unwrap();
    let stopped = listing.rest.stopped.unwrap();
    assert_eq!(
        (stopped.kind, stopped.code.as_str()),
        (ErrorKind::Looping, "cursor-repeated")
    );
    assert!(listing.rest.after.is_none());
    assert_eq!(listing.items.len(), 3);
}

#[test]
fn pages_with_known_rows_only_end_in_a_looping_error() {
    let mut confluence = site(|n, _| Ok(rows(&[1, 2], Some(&format!("c{n}")))));
    let listing = pages(&mut confluence, 250, None).unwrap();
    assert_eq!(ids(&listing), [1, 2]);
    let stopped = listing.rest.stopped.unwrap();
    assert_eq!(
        (stopped.kind, stopped.code.as_str()),
        (ErrorKind::Looping, "no-progress")
    );
    assert_eq!(asked(&mut confluence).len(), 3);
}

#[test]
fn known_rows_in_ever_other_pages_end_in_a_looping_error() {
    let mut confluence = site(|n, _| {
        let page: &[u64] = [&[1, 2][..], &[2], &[1]][n % 3];
        Ok(rows(page, Some(&format!("c{n}"))))
    });
    let listing = pages(&mut confluence, 250, None).unwrap();
    assert_eq!(listing.rest.stopped.unwrap().code, "no-progress");
    assert_eq!(asked(&mut confluence).len(), 3);
}

#[test]
fn one_page_with_known_rows_is_no_circle() {
    let mut confluence = script(vec![
        rows(&[1, 2], Some("a")),
        rows(&[1, 2], Some("b")),
        rows(&[3], None),
    ]);
    let listing = pages(&mut confluence, 250, None).unwrap();
    assert_eq!(ids(&listing), [1, 2, 3]);
    assert!(listing.rest.stopped.is_none());
    let notices = with_code(&listing.rest.notices, "duplicate-row-dropped");
    assert_eq!(
        notices
            .iter()
            .map(|n| n.id.as_deref().unwrap())
            .collect::<Vec<_>>(),
        ["1", "2"]
    );
}

#[test]
fn many_duplicates_are_told_one_by_one_up_to_twenty_and_then_summed_up() {
    let many: Vec<u64> = (1..=50).collect();
    let mut confluence = script(vec![rows(&many, Some("a")), rows(&many, None)]);
    let listing = pages(&mut confluence, 250, None).unwrap();
    let notices = with_code(&listing.rest.notices, "duplicate-row-dropped");
    assert_eq!(notices.len(), 21);
    assert!(notices[20].id.is_none() && notices[20].message.contains("30"));
}

/// Follows `after` with one row a call until the list says that it stopped.
fn follow_to_the_stop(
    mut confluence: confluence_connector::Confluence<crate::site::Site>,
    limit: u32,
) -> (String, usize) {
    let mut after = None;
    for calls in 1..500 {
        confluence.transport_mut().asked.clear();
        let listing = pages(&mut confluence, limit, after).unwrap();
        if let Some(stopped) = listing.rest.stopped {
            assert_eq!(stopped.kind, ErrorKind::Looping);
            assert!(listing.rest.after.is_none());
            return (stopped.code.clone(), calls);
        }
        after = listing.rest.after;
        assert!(after.is_some());
    }
    panic!("the circle is never noticed");
}

#[test]
fn a_circle_of_cursors_over_many_calls_is_noticed() {
    // A page is a call, and the cursors go round in a circle of 7.
    let circle = site(|_, url| {
        let at: u64 = parameter(url, "cursor").map_or(0, |cursor| cursor.parse().unwrap());
        Ok(rows(
            &[at + 1],
            Some(&((at + 1) % 7 + 10 * u64::from(at == 6)).to_string()),
        ))
    });
    let (code, calls) = follow_to_the_stop(circle, 1);
    assert_eq!(code, "cursor-repeated");
    assert!(calls < 40, "{calls}");
}

#[test]
fn a_circle_of_pages_with_fresh_cursors_over_many_calls_is_noticed() {
    for limit in [1, 2, 3] {
        let mut turn = 0_u64;
        let circle = site(move |_, url| {
            let page: u64 = parameter(url, "cursor").map_or(0, |cursor| {
                cursor.split('x').next().unwrap().parse().unwrap()
            });
            turn += 1;
            Ok(rows(
                &[10 * page, 10 * page + 1],
                Some(&format!("{}x{turn}", (page + 1) % 5)),
            ))
        });
        let (code, calls) = follow_to_the_stop(circle, limit);
        assert_eq!(code, "no-progress");
        assert!(calls < 80, "{calls}");
    }
}

#[test]
fn a_call_ends_after_eight_mebibytes_with_the_place_to_go_on() {
    let filler = "x".repeat(3 * 1024 * 1024);
    let mut confluence = site(move |n, _| {
        Ok(ok(&format!(
            r#"{{"results":[{{"id":"{n}","title":"{filler}"}}],"_links":{{"next":"/x?cursor={n}"}}}}"#
        )))
    });
    let listing = pages(&mut confluence, 10_000, None).unwrap();
    assert_eq!(ids(&listing), [0, 1, 2]);
    assert!(listing.rest.after.is_some() && listing.rest.stopped.is_none());
}

#[test]
fn a_failure_of_the_first_request_is_the_error_and_a_later_one_stops_the_list() {
    let mut confluence = script(vec![answer(501, &[], "")]);
    assert_eq!(
        pages(&mut confluence, 25, None).unwrap_err().status,
        Some(501)
    );

    let mut confluence = script(vec![
        rows(&[1], Some("a")),
        answer(501, &[], ""),
        rows(&[2], None),
    ]);
    let listing = pages(&mut confluence, 25, None).unwrap();
    assert_eq!(ids(&listing), [1]);
    assert_eq!(listing.rest.stopped.unwrap().status, Some(501));
    let resumed = pages(&mut confluence, 25, listing.rest.after).unwrap();
    assert_eq!(ids(&resumed), [2]);
    let urls = asked(&mut confluence);
    assert_eq!(urls[1], urls[2]);
}

#[test]
fn a_later_transport_error_stops_the_list_too() {
    let mut confluence = site(|n, _| match n {
        0 => Ok(rows(&[1], Some("a"))),
        _ => Err(TransportError::TimedOut {
            detail: "30 s".into(),
        }),
    });
    let listing = pages(&mut confluence, 25, None).unwrap();
    assert_eq!(listing.rest.stopped.unwrap().kind, ErrorKind::TimedOut);
    assert!(listing.rest.after.is_some());
}

#[test]
fn unknown_ids_are_named_also_when_the_calls_cut_through_the_chunk() {
    let wanted = [1, 2, 3, 77, 6, 5, 4, 78];
    let mut confluence = library(10);
    let (mut after, mut given, mut named) = (None, Vec::new(), Vec::new());
    // Chunks of 4; the first call ends within the second chunk, the next ones go through it.
    for limit in [4, 1, 1] {
        let listing = pages_by_id(&mut confluence, &wanted, &window(limit, after)).unwrap();
        given.push(ids(&listing));
        named.push(
            with_code(&listing.rest.notices, "unknown-id")
                .iter()
                .map(|notice| notice.id.clone().unwrap())
                .collect::<Vec<_>>(),
        );
        after = listing.rest.after;
    }
    assert_eq!(given, [vec![1, 2, 3, 4], vec![5], vec![6]]);
    assert_eq!(named, [vec!["77"], vec![], vec!["78"]]);
    assert!(after.is_none());
}

#[test]
fn ids_that_all_came_end_the_list_without_another_request() {
    let mut confluence = script(vec![rows(&[2, 1, 3], Some("more"))]);
    let listing = pages_by_id(&mut confluence, &[1, 2], &Window::default()).unwrap();
    assert_eq!(ids(&listing), [2, 1]);
    assert!(listing.rest.after.is_none());
    assert_eq!(
        with_code(&listing.rest.notices, "foreign-row-dropped")[0]
            .id
            .as_deref(),
        Some("3")
    );
}

#[test]
fn a_site_that_ignores_ids_still_answers_each_of_them_once() {
    let all: Vec<u64> = (1..=60).collect();
    let mut confluence = site(move |_, _| Ok(rows(&all, None)));
    let wanted: Vec<u64> = (1..=30).collect();
    let first = pages_by_id(&mut confluence, &wanted, &Window::default()).unwrap();
    let second = pages_by_id(
        &mut confluence,
        &wanted,
        &window(25, first.rest.after.clone()),
    )
    .unwrap();
    let mut both = ids(&first);
    both.extend(ids(&second));
    assert_eq!(both, wanted);
    assert!(second.rest.after.is_none());
}

#[test]
fn a_row_that_comes_with_two_requests_of_a_plan_is_given_once() {
    // A task that is assigned anew while they are listed, for more accounts than one request takes.
    let mut confluence = script(vec![rows(&[1, 2], None), rows(&[2, 3], None)]);
    let query = TaskQuery {
        assigned_to: Some((0..251).map(|number| format!("account-{number}")).collect()),
        ..TaskQuery::default()
    };
    let listing = confluence
        .list_tasks(&query, &window(25, None), &ListOptions::default())
        .unwrap();
    let ids: Vec<&str> = listing.items.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    let told = with_code(&listing.rest.notices, "duplicate-row-dropped");
    assert_eq!(told[0].id.as_deref(), Some("2"));
}

/// A site of the pages 1, 2, …, 999, whose titles are in the order opposite to their ids.
fn by_title() -> Confluence<Site> {
    site(|_, url| {
        assert_eq!(parameter(url, "sort"), Some("title"));
        let size: usize = parameter(url, "limit").unwrap().parse().unwrap();
        let skip: usize = parameter(url, "cursor").map_or(0, |skip| skip.parse().unwrap());
        let wanted = parameters(url, "id");
        let mut all: Vec<u64> = wanted.iter().map(|id| id.parse().unwrap()).collect();
        all.sort_unstable_by(|one, other| other.cmp(one));
        let behind = all.len().min(skip + size);
        let next = (behind < all.len()).then(|| behind.to_string());
        Ok(rows(&all[skip..behind], next.as_deref()))
    })
}

#[test]
fn the_first_rows_in_an_order_are_the_first_of_all_ids() {
    let mut confluence = by_title();
    let query = PageQuery {
        ids: Some((1..=60).map(|id: u64| id.to_string()).collect()),
    };
    let options = ListOptions {
        sort: Some("title".into()),
        ..ListOptions::default()
    };
    let mut after = None;
    for wanted in [51..=60, 41..=50] {
        let listing = confluence
            .list_pages(&query, &window(10, after), &options)
            .unwrap();
        assert_eq!(ids(&listing), wanted.rev().collect::<Vec<u64>>());
        after = listing.rest.after;
    }
    assert_eq!(asked(&mut confluence).len(), 2);
}

#[test]
fn more_than_one_request_takes_is_in_no_order() {
    let sorted = |space_ids: Vec<String>| ListOptions {
        sort: Some("title".into()),
        space_ids,
        ..ListOptions::default()
    };
    let numbers = |count: u64| (1..=count).map(|id| id.to_string()).collect::<Vec<_>>();
    for (ids, spaces) in [
        (Some(numbers(251)), vec![]),
        (None, numbers(101)),
        // Looking up the id of the space is a request, too.
        (Some(numbers(251)), vec!["ENG".to_owned()]),
        // Two lists of long ids share the room of an URL.
        (
            Some((1..=250).map(|id| format!("{}", i64::MAX - id)).collect()),
            numbers(2),
        ),
    ] {
        let query = PageQuery { ids };
        let error = silent()
            .list_pages(&query, &window(25, None), &sorted(spaces))
            .unwrap_err();
        assert_eq!(error.code, "order-of-several-requests");
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
    }
}

#[test]
fn an_after_of_nobody_is_refused_before_a_name_is_looked_up() {
    let options = ListOptions {
        space_ids: vec!["ENG".into()],
        ..ListOptions::default()
    };
    let garbage = window(25, Some("garbage".into()));
    let of_pages = pages(&mut library(30), 1, None).unwrap().rest.after;
    for window in [garbage, window(25, of_pages)] {
        let listed = [
            silent().get_pages_by_label("runbook", None, &window, &ListOptions::default()),
            silent().get_pages_by_space("ENG", None, &window, &ListOptions::default()),
        ];
        for error in listed.map(Result::unwrap_err) {
            assert!(error.code.starts_with("after-"), "{error:?}");
        }
    }
    let garbage = window(25, Some("garbage".into()));
    let error = silent()
        .list_pages(&PageQuery::default(), &garbage, &options)
        .unwrap_err();
    assert_eq!(error.code, "after-malformed");
}

#[test]
fn rows_of_other_spaces_keys_and_types_are_dropped_with_a_notice() {
    let body = r#"{"results":[{"id":"1","spaceId":"5"},{"id":"2","spaceId":6},{"id":"3"}]}"#;
    let options = ListOptions {
        space_ids: vec!["5".into()],
        ..ListOptions::default()
    };
    let listing = script(vec![ok(body)])
        .list_pages(&PageQuery::default(), &Window::default(), &options)
        .unwrap();
    assert_eq!(ids(&listing), [1, 3]);
    assert_eq!(
        with_code(&listing.rest.notices, "foreign-row-dropped")[0]
            .id
            .as_deref(),
        Some("2")
    );

    let listing = script(vec![ok(body)])
        .list_blog_posts_by_space("5", &Window::default(), &ListOptions::default())
        .unwrap();
    assert_eq!(listing.items.len(), 2);

    let body = r#"{"results":[{"id":"1","type":"ac:a:b"},{"id":"2","type":"ac:a:c"}]}"#;
    let query = CustomContentQuery {
        type_: Some("ac:a:b".into()),
        ..CustomContentQuery::default()
    };
    let listing = script(vec![ok(body)])
        .list_custom_content(&query, &Window::default(), &ListOptions::default())
        .unwrap();
    assert_eq!(listing.items.len(), 1);

    // Of several types, each is asked for alone.
    let query = CustomContentQuery {
        type_: Some("ac:a:b, ac:a:c,ac:a:b".into()),
        ..CustomContentQuery::default()
    };
    let mut confluence = script(vec![ok(body), ok(body)]);
    let listing = confluence
        .list_custom_content(&query, &Window::default(), &ListOptions::default())
        .unwrap();
    let ids: Vec<&str> = listing.items.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["1", "2"]);
    assert_eq!(
        asked(&mut confluence),
        [
            "/api/v2/custom-content?limit=25&type=ac%3Aa%3Ab",
            "/api/v2/custom-content?limit=25&type=ac%3Aa%3Ac"
        ]
    );

    let body = r#"{"results":[{"id":"1","key":"ENG"},{"id":"2","key":"OPS"}]}"#;
    let query = SpaceQuery {
        keys: Some(vec!["eng".into(), "GONE".into()]),
        ..SpaceQuery::default()
    };
    let listing = script(vec![ok(body)])
        .list_spaces(&query, &Window::default(), &ListOptions::default())
        .unwrap();
    assert_eq!(listing.items[0].key.as_deref(), Some("ENG"));
    assert_eq!(listing.items.len(), 1);
    assert_eq!(
        with_code(&listing.rest.notices, "unknown-id")[0]
            .id
            .as_deref(),
        Some("GONE")
    );
}

#[test]
fn an_after_of_another_query_or_of_nobody_is_refused() {
    let mut confluence = library(100);
    let after = pages(&mut confluence, 25, None).unwrap().rest.after;
    let window = window(25, after);
    let sorted = ListOptions {
        sort: Some("title".into()),
        ..ListOptions::default()
    };
    let code = |result: Result<_, confluence_connector::Error>| {
        let _: confluence_connector::Listing<confluence_connector::Page> = match result {
            Err(error) => return error.code.clone(),
            Ok(listing) => listing,
        };
        "taken".to_owned()
    };
    assert_eq!(
        code(crate::site::silent().list_pages(&PageQuery::default(), &window, &sorted)),
        "after-of-another-query"
    );
    assert_eq!(
        code(pages_by_id(&mut crate::site::silent(), &[1], &window)),
        "after-of-another-query"
    );
    let blog_posts = crate::site::silent().list_blog_posts(
        &Default::default(),
        &window,
        &ListOptions::default(),
    );
    assert_eq!(blog_posts.unwrap_err().code, "after-of-another-query");
    for made_up in ["", "x", "eyJpZCI6IjMwMjczNyJ9", "AQID"] {
        assert_eq!(
            code(pages(&mut crate::site::silent(), 25, Some(made_up.into()))),
            "after-malformed"
        );
    }
}

#[test]
fn an_after_is_safe_in_a_url() {
    let after = pages(&mut library(100), 25, None)
        .unwrap()
        .rest
        .after
        .unwrap();
    assert!(
        after
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    );
}
