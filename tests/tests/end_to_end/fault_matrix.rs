//! Every fault that a network or a site has, at any request of any kind of function: a result is
//! whole, or it says that it is not.
//!
//! Waits go by a clock that nobody waits for. Seeds choose the requests that go wrong, and a second
//! fault beside the first; the same seed chooses the same ones.

use std::time::Duration;

use serde_json::Value;
use tests::AUTHORIZATION;

use crate::caller::{Caller, component_error, scope};
use crate::faults;

/// On whose behalf everything is called.
const APP: &str = "matrix";

/// Seeds for each fault and each kind of function.
const SEEDS: u64 = 100;

/// Rows of one call, so that a list takes several and goes on from one to the next.
const ROWS: &str = "60";

/// The most requests that anything may take: a list here has about ten, each is made four times at
/// most, and one that fails is halved down to a row.
const MOST_REQUESTS: u64 = 400;

/// What goes wrong with the network, and what a site does that Confluence has been seen to do.
/// Faults that change what a row holds are no part: what came is then what there is.
const FAULTS: &[&str] = &[
    "429",
    "burst=7",
    "quota",
    "gateway-limit",
    "500",
    "502",
    "503",
    "504",
    "401",
    "403",
    "404",
    "truncate",
    "truncate-body",
    "empty-body",
    "html",
    "reset",
    "deep",
    "redirect",
    "wrong-shape",
    "bad-next-link",
    "repeated-cursor",
    "empty-page",
    "short-pages",
    "link-in-header",
    "empty-end",
    "same-page",
];

/// One of each kind: lists by cursor and by offset, of the site and of a piece, walks over trees and
/// comments, searches, lists that look something up first, and single pieces.
const CALLS: &[(&str, &[&str])] = &[
    ("listPages", &[]),
    ("listSpaces", &[]),
    ("listBlogPostsBySpace", &["ENG"]),
    ("getPagesByLabel", &["architecture"]),
    ("getGroups", &[]),
    ("getSpacePermissions", &["ENG"]),
    ("getPageChildren", &["98304"]),
    ("getComments", &["page", "98320", "footer", "true"]),
    ("search", &["type = page", "false"]),
    ("getPagesChangedSince", &["2026-09-01"]),
    ("getPageById", &["98304"]),
    ("getEffectiveReaders", &["page", "98304"]),
    (
        "canRead",
        &["712020:16b54e7a-f935-4dc8-9c98-d2bb9c9b6093", "98304"],
    ),
];

/// Longer than any site asks to wait.
const HOURS: Duration = Duration::from_secs(2 * 60 * 60);

/// Numbers that a seed determines (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % bound
    }
}

/// What came of following a function to its end.
struct Followed {
    rows: Vec<Value>,
    /// Comments whose replies are told to be missing.
    childless: Vec<Value>,
    /// The kind of the error that ended it.
    error: Option<String>,
}

/// Calls a function, and goes on where it has left off, until it ends or fails.
async fn follow(caller: &Caller, function: &str, words: &[&str]) -> Followed {
    let mut rows = Vec::new();
    let mut childless = Vec::new();
    let mut after: Option<String> = None;
    let is_list = {
        let tenant = caller.host.tenant(&scope(APP)).unwrap();
        let function = tenant.function(function).unwrap();
        let mut names = function.parameters().iter().map(|given| given.name());
        names.any(|name| name == "limit")
    };
    loop {
        let went_on = after.take();
        let limit = is_list.then_some(("limit", ROWS));
        let named: Vec<_> = limit
            .into_iter()
            .chain(went_on.as_deref().map(|after| ("after", after)))
            .collect();
        let answer = match caller.call(APP, function, words, &named).await {
            Ok(answer) => answer,
            Err(error) => {
                let error = Some(component_error::<()>(Err(error)).kind.to_string());
                return Followed {
                    rows,
                    childless,
                    error,
                };
            }
        };
        let value: Value = serde_json::from_str(&answer.to_json()).unwrap();
        if !is_list {
            rows.push(value);
            return Followed {
                rows,
                childless,
                error: None,
            };
        }
        rows.extend(value["items"].as_array().unwrap().iter().cloned());
        let notices = value["rest"]["notices"].as_array().unwrap().iter();
        let missing = notices.filter(|notice| notice["code"] == "replies-missing");
        childless.extend(missing.map(|notice| notice["id"].clone()));
        if let Some(stopped) = answer.stopped() {
            let error = Some(stopped.kind.to_string());
            return Followed {
                rows,
                childless,
                error,
            };
        }
        after = answer.after().map(str::to_owned);
        if after.is_none() {
            return Followed {
                rows,
                childless,
                error: None,
            };
        }
    }
}

fn once_each(rows: Vec<Value>) -> Vec<Value> {
    let mut seen = Vec::new();
    for row in rows {
        if !seen.contains(&row) {
            seen.push(row);
        }
    }
    seen
}

/// The rows without the replies to these comments, and the replies to those.
fn without_replies(rows: &[Value], mut childless: Vec<Value>) -> Vec<Value> {
    let mut left = Vec::new();
    for row in rows {
        if childless.contains(&row["parentId"]) {
            childless.push(row["id"].clone());
        } else {
            left.push(row.clone());
        }
    }
    left
}

/// One fault, at requests that seeds choose, in all calls.
async fn every_call_survives(fault: &str) {
    let site = crate::site().await;
    let caller = Caller::new();
    caller.connect(APP, &site.endpoint(), AUTHORIZATION).await;
    for (function, words) in CALLS {
        if matches!(*function, "getGroups" | "canRead") && fault == "empty-page" {
            // By offset, an empty answer is what the end looks like. An account that seems to be in no
            // group may read less than it may, never more.
            continue;
        }
        site.set_faults(faults(""));
        caller.clock.pass(HOURS);
        let before = site.request_count();
        let whole = follow(&caller, function, words).await;
        assert_eq!(whole.error, None, "{function} without a fault");
        let requests = site.request_count() - before;
        for seed in 0..SEEDS {
            let mut chance = Chance(seed);
            let first = 1 + chance.below(requests);
            // Every other time something else goes wrong as well, later or before.
            let second = (seed % 2 == 1).then(|| {
                let other = FAULTS[usize::try_from(chance.below(FAULTS.len() as u64)).unwrap()];
                let other = if other == "empty-page" { "502" } else { other };
                format!(",{}:{other}", first + 1 + chance.below(requests))
            });
            let all = format!("{first}:{fault}{}", second.unwrap_or_default());
            site.set_faults(faults(&all));
            // Whatever the one before was told to wait for is over.
            caller.clock.pass(HOURS);
            let before = site.request_count();
            let what = format!("{function} with {all}");
            let followed =
                tokio::time::timeout(Duration::from_secs(60), follow(&caller, function, words))
                    .await
                    .unwrap_or_else(|_| panic!("{what} hangs"));
            assert!(
                site.request_count() - before <= MOST_REQUESTS,
                "{what} goes on"
            );
            let wanted = without_replies(&whole.rows, followed.childless);
            match followed.error {
                None => assert!(
                    followed.rows == wanted,
                    "{what} looks whole with {} of {} rows",
                    followed.rows.len(),
                    wanted.len()
                ),
                Some(kind) => {
                    assert!(!kind.is_empty(), "{what}");
                    // A circle is noticed by what comes again, and some of that has been handed
                    // on by then: what an `after` remembers does not grow.
                    let rows = if all.contains("same-page") {
                        once_each(followed.rows)
                    } else {
                        followed.rows
                    };
                    assert!(
                        wanted.starts_with(&rows),
                        "{what} ended in `{kind}`, and its rows are not the first ones"
                    );
                }
            }
        }
    }
}

macro_rules! each_fault {
    ($($name:ident: $($fault:literal),+;)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            for fault in [$($fault),+] {
                assert!(FAULTS.contains(&fault), "{fault}");
                every_call_survives(fault).await;
            }
        }
    )+};
}

each_fault! {
    limits_lose_and_double_nothing: "429", "burst=7", "quota", "gateway-limit";
    failures_of_the_site_lose_and_double_nothing: "500", "502", "503", "504";
    refusals_lose_and_double_nothing: "401", "403", "404";
    answers_that_break_off_lose_and_double_nothing: "truncate", "truncate-body", "empty-body", "reset";
    answers_of_another_kind_lose_and_double_nothing: "html", "deep", "redirect", "wrong-shape";
    links_that_lead_nowhere_lose_and_double_nothing: "bad-next-link", "repeated-cursor", "same-page";
    pages_of_other_sizes_lose_and_double_nothing: "empty-page", "short-pages", "link-in-header", "empty-end";
}
