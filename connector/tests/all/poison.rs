//! Rows that the site fails at: found, told, skipped, and nothing else lost or doubled.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use crate::site::{
    Site, answer, asked, ids, pages, parameter, parameters, rows, site, window, with_code,
};
use confluence_connector::{
    Confluence, Error, ErrorKind, ListOptions, Listing, Notice, Page, PageQuery, TransportError,
};
use proptest::prelude::*;

/// The rows that a site fails at.
type Poison = Rc<RefCell<BTreeSet<u64>>>;

fn poison(ids: impl IntoIterator<Item = u64>) -> Poison {
    Rc::new(RefCell::new(ids.into_iter().collect()))
}

/// A site of the rows 1, 2, …, that answers 500 to pages with a poison row; with `in_body`, only
/// when bodies are asked for. Its cursors are the id that comes next.
fn sick(count: u64, poison: &Poison, in_body: bool) -> Confluence<Site> {
    let poison = Rc::clone(poison);
    site(move |_, url| {
        let size: usize = parameter(url, "limit").unwrap().parse().unwrap();
        let from: u64 = parameter(url, "cursor").map_or(1, |cursor| cursor.parse().unwrap());
        let wanted = parameters(url, "id");
        let all: Vec<u64> = (from..=count)
            .filter(|id| wanted.is_empty() || wanted.contains(&id.to_string().as_str()))
            .collect();
        let page = &all[..size.min(all.len())];
        let fails = page.iter().any(|id| poison.borrow().contains(id));
        if fails && (!in_body || url.contains("body-format=")) {
            return Ok(answer(500, &[("atl-traceid", "trace-9")], "<html>"));
        }
        Ok(rows(page, all.get(size).map(u64::to_string).as_deref()))
    })
}

fn with_bodies() -> ListOptions {
    ListOptions {
        body_format: Some("storage".into()),
        ..ListOptions::default()
    }
}

/// What a caller has who follows `after` to the end.
#[derive(Default)]
struct Followed {
    ids: Vec<u64>,
    notices: Vec<Notice>,
    /// The `after` of the last answer, and the error that ended the list.
    stopped: Option<(Option<String>, Error)>,
    requests: usize,
}

impl Followed {
    fn told(&self, code: &str) -> Vec<u64> {
        with_code(&self.notices, code)
            .iter()
            .map(|notice| notice.id.as_deref().unwrap().parse().unwrap())
            .collect()
    }
}

fn follow(
    confluence: &mut Confluence<Site>,
    limits: &[u32],
    mut after: Option<String>,
    list: impl Fn(&mut Confluence<Site>, u32, Option<String>) -> Result<Listing<Page>, Error>,
) -> Followed {
    let mut followed = Followed::default();
    for &limit in limits.iter().cycle().take(3_000) {
        confluence.transport_mut().asked.clear();
        let listing = list(confluence, limit, after.clone());
        followed.requests += confluence.transport_mut().asked.len();
        let listing = match listing {
            Ok(listing) => listing,
            Err(error) => {
                followed.stopped = Some((after, error));
                return followed;
            }
        };
        assert!(listing.items.len() <= limit as usize);
        followed.ids.extend(ids(&listing));
        followed.notices.extend(listing.rest.notices);
        after = listing.rest.after;
        if let Some(error) = listing.rest.stopped {
            followed.stopped = Some((after, error));
            return followed;
        }
        if after.is_none() {
            return followed;
        }
    }
    panic!("the list does not end");
}

fn all_with_bodies(
    confluence: &mut Confluence<Site>,
    limit: u32,
    after: Option<String>,
) -> Result<Listing<Page>, Error> {
    confluence.list_pages(&PageQuery::default(), &window(limit, after), &with_bodies())
}

fn by_ids(
    wanted: &[u64],
) -> impl Fn(&mut Confluence<Site>, u32, Option<String>) -> Result<Listing<Page>, Error> {
    let query = PageQuery {
        ids: Some(wanted.iter().map(u64::to_string).collect()),
    };
    move |confluence, limit, after| {
        confluence.list_pages(&query, &window(limit, after), &with_bodies())
    }
}

#[test]
fn a_page_that_fails_is_asked_for_in_halves_down_to_the_row() {
    let mut confluence = sick(300, &poison([100]), true);
    let listing = all_with_bodies(&mut confluence, 250, None).unwrap();
    let sizes: Vec<(String, String)> = asked(&mut confluence)
        .iter()
        .map(|url| {
            let from = parameter(url, "cursor").unwrap_or("1");
            let limit = parameter(url, "limit").unwrap();
            (from.to_owned(), limit.to_owned())
        })
        .collect();
    let wanted = [
        ("1", "250"),
        ("1", "125"),
        ("1", "63"),
        ("64", "63"),
        ("64", "31"),
        ("95", "31"),
        ("95", "16"),
        ("95", "8"),
        ("95", "4"),
        ("99", "4"),
        ("99", "2"),
        ("99", "1"),
        ("100", "1"),
        // Without its body.
        ("100", "1"),
        ("101", "250"),
    ];
    let wanted = wanted.map(|(from, limit)| (from.to_owned(), limit.to_owned()));
    assert_eq!(sizes, wanted);
    let notices = with_code(&listing.rest.notices, "poison-item");
    assert_eq!(notices[0].id.as_deref(), Some("100"));
    assert!(notices[0].message.contains("after `99`") && notices[0].message.contains("`500`"));
    assert_eq!(listing.items.len(), 250);
    assert!(listing.rest.after.is_some() && listing.rest.stopped.is_none());
}

#[test]
fn a_poison_row_at_every_place_is_skipped_and_told_once_when_its_body_is_at_fault() {
    for (count, limits) in [
        (1, &[1][..]),
        (7, &[3]),
        (12, &[5, 1, 2]),
        (31, &[25]),
        (300, &[250]),
    ] {
        for place in 1..=count {
            let mut confluence = sick(count, &poison([place]), true);
            let followed = follow(&mut confluence, limits, None, all_with_bodies);
            let wanted: Vec<u64> = (1..=count).filter(|id| *id != place).collect();
            assert_eq!(followed.ids, wanted, "{count} {place}");
            assert_eq!(followed.told("poison-item"), [place]);
            assert!(followed.stopped.is_none());
            if limits == [250] {
                assert!(followed.requests <= 2 + 18, "{}", followed.requests);
            }
        }
    }
}

#[test]
fn a_poison_row_that_nothing_leads_behind_stops_the_list_and_keeps_what_is_before_it() {
    for (count, limits) in [
        (1, &[1][..]),
        (7, &[3]),
        (12, &[5, 1, 2]),
        (31, &[25]),
        (300, &[250]),
    ] {
        for place in 1..=count {
            let sickness = poison([place]);
            let mut confluence = sick(count, &sickness, false);
            for list in [all_with_bodies, pages] {
                sickness.borrow_mut().insert(place);
                let before = follow(&mut confluence, limits, None, list);
                assert_eq!(before.ids, (1..place).collect::<Vec<_>>());
                let (after, error) = before.stopped.unwrap();
                assert_eq!(
                    (error.kind, error.status),
                    (ErrorKind::UpstreamFailed, Some(500))
                );
                assert_eq!(error.request_id.as_deref(), Some("trace-9"));

                // Once the site is well, `after` brings what is left, and nothing twice.
                sickness.borrow_mut().clear();
                let behind = follow(&mut confluence, limits, after, list);
                assert_eq!(behind.ids, (place..=count).collect::<Vec<_>>());
                assert!(behind.stopped.is_none());
            }
        }
    }
}

#[test]
fn a_stop_at_a_poison_row_names_the_row_before_it_and_the_way_out() {
    let listing = pages(&mut sick(30, &poison([12]), false), 25, None).unwrap();
    assert_eq!(listing.items.len(), 11);
    let error = listing.rest.stopped.unwrap();
    assert_eq!(error.code, "poison-item");
    assert!(error.message.contains("after `11`") && error.message.contains("`500`"));
    assert!(error.resolution.contains("`sort`"));
    assert!(listing.rest.after.is_some());
}

#[test]
fn a_site_that_is_down_is_no_poison_row_and_costs_nine_requests() {
    for status in [500, 502, 503, 504] {
        let mut confluence = site(move |_, _| Ok(answer(status, &[], "")));
        let error = pages(&mut confluence, 250, None).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.status),
            ("upstream-failed", Some(status))
        );
        assert!(error.cause.contains("down to one row"));
        assert_eq!(asked(&mut confluence).len(), 9);

        // With ids, the tenth asks whether it is up.
        let wanted: Vec<u64> = (1..=250).collect();
        let mut confluence = site(move |_, _| Ok(answer(status, &[], "")));
        let error = by_ids(&wanted)(&mut confluence, 250, None).unwrap_err();
        assert_eq!(error.code, "upstream-failed");
        assert_eq!(asked(&mut confluence).len(), 10);
    }
}

/// A site of the rows 1, 2, …, of which each weighs 1 with its body and those in `heavy` weigh 100, where
/// the host lets 20 through.
fn weighty(count: u64, heavy: &'static [u64]) -> Confluence<Site> {
    site(move |_, url| {
        let size: u64 = parameter(url, "limit").unwrap().parse().unwrap();
        let from: u64 = parameter(url, "cursor").map_or(1, |cursor| cursor.parse().unwrap());
        let page: Vec<u64> = (from..=count).take(size as usize).collect();
        let weight = |id: &u64| if heavy.contains(id) { 100 } else { 1 };
        if url.contains("body-format=") && page.iter().map(weight).sum::<u64>() > 20 {
            return Err(TransportError::TooLarge {
                detail: String::new(),
            });
        }
        let next = page.last().map(|last| last + 1).filter(|id| *id <= count);
        Ok(rows(&page, next.map(|id| id.to_string()).as_deref()))
    })
}

#[test]
fn pages_whose_bodies_are_too_large_together_come_in_smaller_ones() {
    let mut confluence = weighty(100, &[]);
    let listing = all_with_bodies(&mut confluence, 250, None).unwrap();
    assert_eq!(ids(&listing), (1..=100).collect::<Vec<_>>());
    assert_eq!(listing.rest.notices, []);
    assert!(listing.rest.after.is_none() && listing.rest.stopped.is_none());
}

#[test]
fn a_row_that_is_too_large_alone_is_skipped_and_told() {
    let mut confluence = weighty(100, &[40]);
    let listing = all_with_bodies(&mut confluence, 250, None).unwrap();
    let wanted: Vec<u64> = (1..=100).filter(|id| *id != 40).collect();
    assert_eq!(ids(&listing), wanted);
    let told = with_code(&listing.rest.notices, "poison-item");
    assert_eq!(told[0].id.as_deref(), Some("40"));
    assert_eq!(
        told[0].message,
        "a row after `39` was skipped: every page with it is larger than the host lets through"
    );
}

#[test]
fn an_answer_without_bodies_that_is_too_large_is_not_asked_for_in_halves() {
    let mut confluence = site(|_, _| {
        Err(TransportError::TooLarge {
            detail: String::new(),
        })
    });
    pages(&mut confluence, 250, None).unwrap_err();
    assert_eq!(asked(&mut confluence).len(), 1);
    // With bodies, down to one row and to that without its body.
    let error = all_with_bodies(&mut confluence, 250, None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge);
    assert_eq!(asked(&mut confluence).len(), 1 + 9 + 1);
}

#[test]
fn other_failures_are_not_asked_for_in_halves() {
    for (status, headers) in [
        (429, &[][..]),
        (400, &[]),
        (403, &[]),
        (501, &[]),
        (503, &[("Retry-After", "7")]),
    ] {
        let mut confluence = site(move |_, _| Ok(answer(status, headers, "")));
        pages(&mut confluence, 250, None).unwrap_err();
        assert_eq!(asked(&mut confluence).len(), 1, "{status}");
    }
    let mut confluence = site(|_, _| {
        Err(TransportError::TimedOut {
            detail: String::new(),
        })
    });
    pages(&mut confluence, 250, None).unwrap_err();
    assert_eq!(asked(&mut confluence).len(), 1);
}

#[test]
fn a_poison_id_at_every_place_is_left_out_and_named() {
    for (count, limits) in [
        (1, &[1][..]),
        (7, &[3]),
        (12, &[5, 1, 2]),
        (31, &[25]),
        (300, &[250]),
    ] {
        let wanted: Vec<u64> = (1..=count).collect();
        for place in 1..=count {
            // Whether the body is at fault or not: the id is known.
            for in_body in [true, false] {
                let mut confluence = sick(count + 1, &poison([place]), in_body);
                // The row that says whether the site is up is another one.
                let mut asked_for = wanted.clone();
                asked_for.rotate_left(usize::try_from(count / 2).unwrap());
                let followed = follow(&mut confluence, limits, None, by_ids(&asked_for));
                if !in_body && place == 1 {
                    // The light request brings this very row: the site seems to be down.
                    assert!(followed.stopped.is_some());
                    continue;
                }
                let mut given = followed.ids.clone();
                given.sort_unstable();
                let left: Vec<u64> = (1..=count).filter(|id| *id != place).collect();
                assert_eq!(given, left, "{count} {place}");
                assert_eq!(followed.told("poison-item"), [place]);
                assert_eq!(followed.told("unknown-id"), [] as [u64; 0]);
                assert!(followed.stopped.is_none());
            }
        }
    }
}

#[test]
fn missing_ids_beside_a_poison_one_are_still_named() {
    let mut confluence = sick(20, &poison([5]), true);
    let followed = follow(&mut confluence, &[4], None, by_ids(&[3, 77, 5, 6, 78, 9]));
    assert_eq!(followed.ids, [3, 6, 9]);
    assert_eq!(followed.told("poison-item"), [5]);
    assert_eq!(followed.told("unknown-id"), [77, 78]);
}

#[test]
fn a_call_with_many_failures_ends_with_the_place_to_go_on() {
    let mut confluence = sick(2_000, &poison((1..=2_000).filter(|id| id % 7 == 0)), true);
    let first = all_with_bodies(&mut confluence, 250, None).unwrap();
    let failures = asked(&mut confluence).len() - first.items.len() / 250;
    assert!(first.rest.after.is_some() && first.rest.stopped.is_none());
    assert!(!first.items.is_empty() && failures < 32 * 3, "{failures}");
}

#[test]
fn a_page_that_was_cut_and_then_fails_gives_its_other_rows_once() {
    for cut in 1..20 {
        for place in 1..=20 {
            let sickness = poison([]);
            let mut confluence = sick(20, &sickness, true);
            let pinned = cut_within(&mut confluence, cut);
            sickness.borrow_mut().insert(place);
            let rest = follow(&mut confluence, &[7, 2], Some(pinned), all_with_bodies);
            let wanted: Vec<u64> = (u64::from(cut) + 1..=20)
                .filter(|id| *id != place)
                .collect();
            assert_eq!(rest.ids, wanted, "{cut} {place}");
            let told = u64::from(cut) < place;
            assert_eq!(
                rest.told("poison-item").len(),
                usize::from(told),
                "{cut} {place}"
            );
            assert!(with_code(&rest.notices, "page-changed").is_empty());
        }
    }
}

/// The `after` of a caller who has `cut` rows of a page of 20. The first limit pins the size, so
/// the list begins with an empty page.
fn cut_within(confluence: &mut Confluence<Site>, cut: u32) -> String {
    let mut empty_first = site(|n, _| {
        Ok(match n {
            0 => rows(&[], Some("1")),
            _ => answer(403, &[], ""),
        })
    });
    let pinned = all_with_bodies(&mut empty_first, 20, None).unwrap();
    let listing = all_with_bodies(confluence, cut, pinned.rest.after).unwrap();
    assert_eq!(ids(&listing), (1..=u64::from(cut)).collect::<Vec<_>>());
    assert_eq!(asked(confluence).len(), 1);
    listing.rest.after.unwrap()
}

#[test]
fn a_cursor_that_is_refused_at_another_size_stops_the_list_and_goes_on_at_its_own() {
    let down = Rc::new(RefCell::new(true));
    let is_down = Rc::clone(&down);
    let mut confluence = site(move |_, url| {
        Ok(match (parameter(url, "cursor"), parameter(url, "limit")) {
            (None, _) => rows(&[1, 2], Some("a")),
            (_, Some("25")) if *is_down.borrow() => answer(504, &[], ""),
            (_, Some("25")) => rows(&[3, 4], None),
            _ => answer(
                400,
                &[],
                r#"{"errors":[{"title":"Expected type is Cursor"}]}"#,
            ),
        })
    });
    let listing = pages(&mut confluence, 25, None).unwrap();
    assert_eq!(ids(&listing), [1, 2]);
    let error = listing.rest.stopped.unwrap();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::UpstreamFailed, "cursor-bound-to-size")
    );
    assert!(error.message.contains("after `2`"));
    *down.borrow_mut() = false;
    let rest = pages(&mut confluence, 25, listing.rest.after).unwrap();
    assert_eq!(ids(&rest), [3, 4]);
}

#[test]
fn a_smaller_page_that_begins_elsewhere_stops_the_list() {
    // Its cursors are numbers of pages: at half the size, page 1 begins within page 0.
    let sick_site = || {
        site(|_, url| {
            let size: u64 = parameter(url, "limit").unwrap().parse().unwrap();
            let page: u64 = parameter(url, "cursor").map_or(0, |cursor| cursor.parse().unwrap());
            let ids: Vec<u64> = (page * size + 1..=page * size + size).collect();
            Ok(if ids.contains(&35) {
                answer(500, &[], "")
            } else {
                rows(&ids, Some(&(page + 1).to_string()))
            })
        })
    };
    let code = |listing: Listing<Page>| listing.rest.stopped.unwrap().code.clone();
    // Known by the rows of this call, and in a fresh call by the row before the page.
    let listing = pages(&mut sick_site(), 40, None).unwrap();
    assert_eq!(ids(&listing), (1..=20).collect::<Vec<_>>());
    assert_eq!(code(listing), "cursor-bound-to-size");
    let first = pages(&mut sick_site(), 20, None).unwrap();
    let second = pages(&mut sick_site(), 20, first.rest.after).unwrap();
    assert!(second.items.is_empty());
    assert_eq!(code(second), "cursor-bound-to-size");
}

#[test]
fn a_failure_that_does_not_repeat_leaves_the_list_whole() {
    for failing in 0..12 {
        let mut count = 0;
        let inner = RefCell::new(sick(1_000, &poison([]), false));
        let mut confluence = site(move |_, url| {
            count += 1;
            if count == failing + 1 {
                return Ok(answer(502, &[], ""));
            }
            confluence_connector::Transport::get(inner.borrow_mut().transport_mut(), url)
        });
        let followed = follow(&mut confluence, &[250], None, pages);
        assert_eq!(followed.ids, (1..=1_000).collect::<Vec<_>>());
        assert!(followed.stopped.is_none() && followed.notices.is_empty());
        assert!(followed.requests <= 9, "{}", followed.requests);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_poison_rows_with_bodies_are_told_and_all_others_come_once(
        count in 1..400_u64,
        sickness in prop::collection::btree_set(1..400_u64, 0..6),
        limits in prop::collection::vec(prop_oneof![1..30_u32, 200..600_u32], 1..6),
    ) {
        let mut confluence = sick(count, &poison(sickness.clone()), true);
        let followed = follow(&mut confluence, &limits, None, all_with_bodies);
        let wanted: Vec<u64> = (1..=count).filter(|id| !sickness.contains(id)).collect();
        let there: Vec<u64> = sickness.into_iter().filter(|id| *id <= count).collect();
        prop_assert_eq!(&followed.ids, &wanted);
        prop_assert_eq!(followed.told("poison-item"), there);
        prop_assert!(followed.stopped.is_none());
    }

    #[test]
    fn any_poison_ids_are_told_and_all_others_come_once(
        count in 2..400_u64,
        sickness in prop::collection::btree_set(1..400_u64, 0..6),
        limits in prop::collection::vec(prop_oneof![1..30_u32, 200..600_u32], 1..6),
        missing in prop::collection::btree_set(500..600_u64, 0..3),
    ) {
        let mut confluence = sick(count, &poison(sickness.clone()), true);
        let wanted: Vec<u64> = (1..=count).chain(missing.iter().copied()).collect();
        let followed = follow(&mut confluence, &limits, None, by_ids(&wanted));
        let left: Vec<u64> = (1..=count).filter(|id| !sickness.contains(id)).collect();
        let there: Vec<u64> = sickness.into_iter().filter(|id| *id <= count).collect();
        prop_assert_eq!(&followed.ids, &left);
        prop_assert_eq!(followed.told("poison-item"), there);
        prop_assert_eq!(followed.told("unknown-id"), missing.into_iter().collect::<Vec<_>>());
        prop_assert!(followed.stopped.is_none());
    }

    #[test]
    fn failures_at_any_requests_lose_and_double_nothing(
        count in 1..400_u64,
        failing in prop::collection::btree_set(0..60_usize, 0..30),
        limits in prop::collection::vec(prop_oneof![1..30_u32, 200..600_u32], 1..6),
        with_ids: bool,
    ) {
        let mut asked = 0;
        let inner = RefCell::new(sick(count, &poison([]), false));
        let mut confluence = site(move |_, url| {
            asked += 1;
            if failing.contains(&(asked - 1)) {
                return Ok(answer(503, &[], ""));
            }
            inner.borrow_mut().transport_mut().asked.clear();
            confluence_connector::Transport::get(inner.borrow_mut().transport_mut(), url)
        });
        let wanted: Vec<u64> = (1..=count).collect();
        let (mut after, mut given, mut told) = (None, Vec::new(), Vec::new());
        // Whoever goes on from `after` whenever the list stops has everything in the end.
        for _ in 0..40 {
            let followed = if with_ids {
                follow(&mut confluence, &limits, after, by_ids(&wanted))
            } else {
                follow(&mut confluence, &limits, after, pages)
            };
            given.extend(followed.ids.iter().copied());
            told.extend(followed.told("poison-item"));
            let Some((resume, error)) = followed.stopped else { break };
            prop_assert_eq!(error.kind, ErrorKind::UpstreamFailed);
            after = resume;
        }
        if with_ids {
            // A single id that fails while the site is up is taken for poison, and told.
            given.extend(told);
            given.sort_unstable();
        } else {
            prop_assert!(told.is_empty());
        }
        prop_assert_eq!(given, wanted);
    }
}

#[test]
fn a_small_page_that_a_call_ended_in_is_asked_for_at_its_size_again() {
    // A site that is too slow for more than 7 rows.
    let mut confluence = site(|_, url| {
        let size: u64 = parameter(url, "limit").unwrap().parse().unwrap();
        let from: u64 = parameter(url, "cursor").map_or(1, |cursor| cursor.parse().unwrap());
        Ok(match size {
            0..=7 => rows(
                &(from..from + size).collect::<Vec<_>>(),
                Some(&(from + size).to_string()),
            ),
            _ => answer(504, &[], ""),
        })
    });
    let first = pages(&mut confluence, 25, None).unwrap();
    let before = asked(&mut confluence);
    assert_eq!(parameter(before.last().unwrap(), "limit"), Some("7"));
    let second = pages(&mut confluence, 1, first.rest.after).unwrap();
    assert_eq!(ids(&second), [26]);
    assert_eq!(asked(&mut confluence).get(before.len()), before.last());
}
