//! Every fault that a network or a site has, at any request of any kind of function: a result is
//! whole, or it says that it is not.
//!
//! Waits go by a clock that nobody waits for. Seeds choose the requests that go wrong, and a second
//! fault beside the first; the same seed chooses the same ones.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use confluence_simulator::Simulator;
use host_runner::{CallError, Clock, HostRunner, Scope, Setup, bind};
use serde_json::Value;
use tempfile::TempDir;
use tests::AUTHORIZATION;

use crate::{allow_loopback, faults};

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
];

/// A clock that moves when somebody sleeps.
#[derive(Debug)]
struct Virtual {
    start: Instant,
    slept: Mutex<Duration>,
}

impl Clock for Virtual {
    fn now(&self) -> Instant {
        self.start + *self.slept.lock().unwrap()
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        *self.slept.lock().unwrap() += wait;
        Box::pin(tokio::task::yield_now())
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

impl Virtual {
    fn pass(&self, time: Duration) {
        *self.slept.lock().unwrap() += time;
    }
}

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

struct Caller {
    host: HostRunner,
    clock: Arc<Virtual>,
    scope: Scope,
    _folder: TempDir,
}

/// What came of following a function to its end.
struct Followed {
    rows: Vec<Value>,
    /// The kind of the error that ended it.
    error: Option<String>,
}

impl Caller {
    async fn new(site: &Simulator) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(Virtual {
            start: Instant::now(),
            slept: Mutex::default(),
        });
        let host = Setup::new(folder.path().join("config"), folder.path().join("state"))
            .clock(clock.clone())
            .open()
            .unwrap();
        allow_loopback(&host);
        let caller = Self {
            host,
            clock,
            scope: Scope::default(),
            _folder: folder,
        };
        let words = [&site.endpoint(), AUTHORIZATION, "app"].map(str::to_owned);
        caller.call("setApiUrlAndAuth", &words, &[]).await.unwrap();
        caller
    }

    async fn call(
        &self,
        function: &str,
        words: &[String],
        named: &[(String, String)],
    ) -> Result<host_runner::Answer, CallError> {
        let tenant = self.host.tenant(&self.scope).unwrap();
        let function = tenant.function(function).unwrap();
        let arguments = bind(function, words, named).unwrap();
        tenant.call(function, arguments).await
    }

    /// Calls a function, and goes on where it has left off, until it ends or fails.
    async fn follow(&self, function: &str, words: &[&str]) -> Followed {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        let is_list = {
            let tenant = self.host.tenant(&self.scope).unwrap();
            let function = tenant.function(function).unwrap();
            let mut names = function.parameters().iter().map(|given| given.name());
            names.any(|name| name == "limit")
        };
        loop {
            let limit = is_list.then(|| ("limit".to_owned(), ROWS.to_owned()));
            let named: Vec<_> = limit
                .into_iter()
                .chain(after.take().map(|after| ("after".to_owned(), after)))
                .collect();
            let answer = match self.call(function, &words, &named).await {
                Ok(answer) => answer,
                Err(error) => {
                    let error = Some(kind(&error));
                    return Followed { rows, error };
                }
            };
            let value: Value = serde_json::from_str(&answer.to_json()).unwrap();
            if !is_list {
                rows.push(value);
                return Followed { rows, error: None };
            }
            rows.extend(value["items"].as_array().unwrap().iter().cloned());
            if let Some(stopped) = answer.stopped() {
                let error = Some(stopped.kind);
                return Followed { rows, error };
            }
            after = answer.after().map(str::to_owned);
            if after.is_none() {
                return Followed { rows, error: None };
            }
        }
    }
}

fn kind(error: &CallError) -> String {
    match error {
        CallError::Component { error, .. } => error.kind.clone(),
        other => panic!("no error of the component's: {other}"),
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

/// One fault, at requests that seeds choose, in all calls.
async fn every_call_survives(fault: &str) {
    let site = crate::site().await;
    let caller = Caller::new(&site).await;
    for (function, words) in CALLS {
        if *function == "getGroups" && fault == "empty-page" {
            // By offset, an empty answer is what the end looks like.
            continue;
        }
        site.set_faults(faults(""));
        caller.clock.pass(HOURS);
        let before = site.request_count();
        let whole = caller.follow(function, words).await;
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
                tokio::time::timeout(Duration::from_secs(60), caller.follow(function, words))
                    .await
                    .unwrap_or_else(|_| panic!("{what} hangs"));
            assert!(
                site.request_count() - before <= MOST_REQUESTS,
                "{what} goes on"
            );
            match followed.error {
                None => assert!(
                    followed.rows == whole.rows,
                    "{what} looks whole with {} of {} rows",
                    followed.rows.len(),
                    whole.rows.len()
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
                        whole.rows.starts_with(&rows),
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
