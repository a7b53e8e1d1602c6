//! Every function with its arguments at their extremes: what is wrong is refused here, and what is
//! asked is what Confluence takes.
//!
//! Functions, arguments and fields come from the component's own types, and words to try from its
//! documentation, so a new function is walked without a change here, and fails until `allowed.txt`
//! has a word on it.

mod extremes;
mod statement;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use confluence_simulator::{Settings, Simulator};
use host_runner::{CallError, Function, HostRunner, Scope, Tenant, bind};
use tests::{AUTHORIZATION, Host};
use wasmtime::component::{Type, Val};

use self::extremes::{Slot, extremes, slots, smallest};
use self::statement::Statement;

/// Pages of the site: few, so that lists end soon, and enough for one of everything.
const PAGES: u64 = 30;

/// Kinds of errors that say that the caller is at fault.
const LOCAL: [&str; 2] = ["invalid-argument", "invalid-endpoint"];

/// Calls whose arguments the site judges as well: only it can tell whether CQL is well-formed.
const JUDGED_BY_THE_SITE: &str = "/wiki/rest/api/search?";

/// Requests after which the log is looked at. The site keeps the last 10 000, and a call sends 500
/// at most.
const LOOK_AFTER: u64 = 5_000;

/// What came of one call.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It was refused without a request.
    Refused,
    /// It answered nothing without a request.
    Nothing,
    /// It sent requests, or did its work without any.
    Done,
}

/// Arguments that a function takes.
struct Beginning {
    arguments: Vec<Val>,
    /// Where their list goes on, when it does.
    after: Option<String>,
    /// How many requests the call sent.
    requests: u64,
}

/// One function on its walk.
struct Walk<'a> {
    function: &'a Function,
    tenant: &'a Tenant,
    site: &'a Simulator,
    statement: &'a Statement,
    /// Words of its documentation.
    words: BTreeSet<String>,
    /// One text of each form.
    few: Vec<String>,
    /// Where the list that was answered last goes on.
    after: Option<String>,
    /// The arguments of calls that asked, by the number of requests before them.
    asked_before: BTreeMap<u64, Vec<Val>>,
    /// Requests that were held against the statement.
    looked_at: u64,
    /// Lines of the statement that requests were allowed by.
    used: BTreeSet<String>,
    faults: BTreeMap<String, String>,
    calls: usize,
}

impl Walk<'_> {
    /// Calls once, and looks at what was asked and answered.
    async fn call(&mut self, arguments: &[Val]) -> Outcome {
        self.calls += 1;
        let before = self.site.request_count();
        let answer = self.tenant.call(self.function, arguments.to_vec()).await;
        let asked = self.site.request_count() - before;
        if asked > 0 {
            self.asked_before.insert(before, arguments.to_vec());
            if self.site.request_count() > self.looked_at + LOOK_AFTER {
                self.look_at_requests();
            }
        }
        if let Ok(answer) = &answer {
            self.after = answer.after().map(str::to_owned);
        }
        match answer {
            Ok(answer) if asked > 0 || answer.items().is_none() => Outcome::Done,
            Ok(answer) => {
                if answer.items().is_some_and(|items| !items.is_empty()) {
                    self.fault(arguments, "it has items, and nothing was asked");
                }
                Outcome::Nothing
            }
            Err(CallError::Component { error, .. }) => {
                let local = LOCAL.contains(&error.kind.as_str());
                if asked == 0 && !local {
                    self.fault(arguments, &format!("nothing was asked, and: {error:?}"));
                }
                // Which ids keys stand for is asked before a token is compared with them.
                let may_ask = ["refused-by-upstream", "after-of-another-query"];
                if local && asked > 0 && !may_ask.contains(&error.code.as_str()) {
                    self.fault(arguments, &format!("{asked} requests, and then: {error:?}"));
                }
                if error.kind.as_str() == "internal" {
                    self.fault(arguments, &format!("{error:?}"));
                }
                for text in [&error.code, &error.message, &error.cause, &error.resolution] {
                    if text.is_empty() || text.len() > 1_000 || text.chars().any(char::is_control) {
                        self.fault(arguments, &format!("nothing for a terminal: {text:?}"));
                    }
                }
                if asked > 0 {
                    Outcome::Done
                } else {
                    Outcome::Refused
                }
            }
            // The credential is among the arguments, and the site repeats what it is asked for.
            Err(CallError::CredentialEchoed { .. }) if asked > 0 => Outcome::Done,
            // The host's own refusal of an authorization, before the component runs.
            Err(CallError::Authorization(_)) if asked == 0 => Outcome::Refused,
            Err(error) => {
                self.fault(arguments, &format!("{error:?}"));
                Outcome::Refused
            }
        }
    }

    /// Holds the requests since the last look against the statement.
    fn look_at_requests(&mut self) {
        let mut log = self.site.requests();
        log.retain(|request| request.number > self.looked_at);
        let first = log
            .first()
            .map_or(self.looked_at, |request| request.number - 1);
        assert_eq!(first, self.looked_at, "the site forgot requests");
        self.looked_at = self.site.request_count();
        let asked = std::mem::take(&mut self.asked_before);
        for request in log {
            let url = &request.path_and_query;
            let (_, arguments) = asked.range(..request.number).next_back().unwrap();
            match self
                .statement
                .check(self.function.name(), &request.method, url)
            {
                Ok(lines) => self.used.extend(lines),
                Err(why) => self.fault(arguments, &format!("{why}: {url}")),
            }
            if request.status == 400 && !url.starts_with(JUDGED_BY_THE_SITE) {
                self.fault(arguments, &format!("the site answers 400: {url}"));
            }
        }
    }

    /// Keeps the first arguments of each fault.
    fn fault(&mut self, arguments: &[Val], what: &str) {
        let shown: String = format!("{arguments:?}").chars().take(600).collect();
        self.faults
            .entry(format!("{}: {what}", self.function.name()))
            .or_insert(shown);
    }

    /// Arguments that the function takes, for each choice among its required ones; of several,
    /// those whose list goes on.
    async fn beginnings(&mut self, candidates: &[String]) -> Vec<Beginning> {
        let mut all: Vec<Vec<Val>> = vec![Vec::new()];
        let mut choices: Vec<usize> = Vec::new();
        let texts = || candidates.iter().cloned().map(Val::String);
        for (place, parameter) in self.function.parameters().iter().enumerate() {
            let values: Vec<Val> = match parameter.ty() {
                Type::Enum(_) | Type::Bool => {
                    choices.push(place);
                    extremes(parameter.ty(), &BTreeSet::new())
                }
                Type::String => texts().collect(),
                Type::List(list) if matches!(list.ty(), Type::String) => {
                    texts().map(|text| Val::List(vec![text])).collect()
                }
                ty => vec![smallest(ty)],
            };
            all = all
                .iter()
                .flat_map(|begun| {
                    values.iter().map(|value| {
                        let mut begun = begun.clone();
                        begun.push(value.clone());
                        begun
                    })
                })
                .collect();
        }
        let mut found: BTreeMap<String, Beginning> = BTreeMap::new();
        for arguments in &all {
            let choice: Vec<&Val> = choices.iter().map(|place| &arguments[*place]).collect();
            let choice = format!("{choice:?}");
            if found.get(&choice).is_none_or(|one| one.after.is_none()) {
                self.try_beginning(choice, arguments, &mut found).await;
            }
        }
        if found.is_empty() {
            // It may need one of the arguments that its type lets be absent.
            let few: Vec<String> = self.few.clone();
            for (place, begun) in all.iter().take(few.len()).enumerate() {
                let texts = if place == 0 { candidates } else { &few };
                for slot in slots(self.function) {
                    for value in extremes(&slot.ty, &texts.iter().cloned().collect()) {
                        let mut arguments = begun.clone();
                        slot.put(self.function, &mut arguments, &value);
                        self.try_beginning(String::new(), &arguments, &mut found)
                            .await;
                    }
                }
            }
        }
        found.into_values().collect()
    }

    /// Calls with one row to a page, so that there is an `after` where there is more than one row.
    async fn try_beginning(
        &mut self,
        choice: String,
        arguments: &[Val],
        found: &mut BTreeMap<String, Beginning>,
    ) {
        let mut short = arguments.to_vec();
        for slot in slots(self.function) {
            if let Type::Option(option) = &slot.ty
                && matches!(option.ty(), Type::U32)
                && !slot.name.contains('.')
            {
                let one = Val::Option(Some(Box::new(Val::U32(1))));
                slot.put(self.function, &mut short, &one);
            }
        }
        self.after = None;
        let before = self.site.request_count();
        if self.call(&short).await != Outcome::Done {
            return;
        }
        let requests = self.site.request_count() - before;
        // One that asks more gets further.
        let is_shorter = |one: &Beginning| one.after.is_none() && one.requests < requests;
        if self.after.is_some() || found.get(&choice).is_none_or(is_shorter) {
            let beginning = Beginning {
                arguments: arguments.to_vec(),
                after: self.after.take(),
                requests,
            };
            found.insert(choice, beginning);
        }
    }

    async fn walk(&mut self, candidates: &[String]) {
        let slots = slots(self.function);
        let beginnings = self.beginnings(candidates).await;
        if beginnings.is_empty() {
            self.fault(
                &[],
                "no arguments were found that it takes: add a candidate",
            );
        }
        for (begun, beginning) in beginnings.iter().enumerate() {
            let mut words = self.words.clone();
            words.extend(self.few.iter().cloned());
            words.extend(beginning.after.clone());
            let beginning = &beginning.arguments;
            let mut brief: Vec<Vec<Val>> = Vec::new();
            for slot in &slots {
                brief.push(self.one_argument(beginning, slot, &words).await);
            }
            // Two arguments meet in the same way whatever the choice among required ones.
            if begun > 0 {
                continue;
            }
            for (place, one) in slots.iter().enumerate() {
                for (other_place, other) in slots.iter().enumerate().skip(place + 1) {
                    for value in &brief[place] {
                        for other_value in &brief[other_place] {
                            let mut arguments = beginning.clone();
                            one.put(self.function, &mut arguments, value);
                            other.put(self.function, &mut arguments, other_value);
                            self.call(&arguments).await;
                        }
                    }
                }
            }
        }
    }

    /// Gives one argument all its extremes, and answers those that are worth trying with others:
    /// the first and the last that were taken. Where none was, it may need another one beside it.
    async fn one_argument(
        &mut self,
        beginning: &[Val],
        slot: &Slot,
        words: &BTreeSet<String>,
    ) -> Vec<Val> {
        let mut taken = Vec::new();
        for value in extremes(&slot.ty, words) {
            let mut arguments = beginning.to_vec();
            slot.put(self.function, &mut arguments, &value);
            if arguments == beginning {
                continue;
            }
            if self.call(&arguments).await == Outcome::Done {
                taken.push(value);
            }
        }
        match taken.as_slice() {
            [] if slot.name.contains('.') || slot.is_required() => Vec::new(),
            [] => {
                let few = self.few.iter().cloned().collect();
                extremes(&slot.ty, &few)
                    .into_iter()
                    .rev()
                    .take(12)
                    .collect()
            }
            [one] => vec![one.clone()],
            [first, .., last] => vec![first.clone(), last.clone()],
        }
    }
}

/// Words in backticks: what documentation names is worth trying.
fn words_of(documentation: &str) -> impl Iterator<Item = String> + '_ {
    documentation
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.len() < 40 && !word.contains(char::is_whitespace))
        .flat_map(|word| [word.to_owned(), format!("-{word}")])
}

/// The words of a function's documentation, and of what it refers to.
fn words(function: &Function, functions: &[Function]) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = words_of(function.documentation().unwrap()).collect();
    for other in functions {
        if words.contains(other.name()) {
            words.extend(words_of(other.documentation().unwrap()));
        }
    }
    for other in functions {
        words.remove(other.name());
        words.remove(&format!("-{}", other.name()));
    }
    words
}

/// Texts that need no site to be good: one of each form that is no id.
const TEXTS: [&str; 7] = [
    "me@example.com",
    "0d6a1b2c-3e4f-4a5b-8c6d-7e8f90a1b2c3",
    "2026-01-31",
    "1769860800000",
    "type = page order by created",
    "https://example.atlassian.net/wiki/api/v2/",
    AUTHORIZATION,
];

/// One id, key and name of each kind.
fn few(site: &Simulator) -> Vec<String> {
    let truth = site.site();
    let custom = truth.custom_content_types()[0];
    let mut few: Vec<String> = TEXTS.map(str::to_owned).into();
    few.push(custom.to_owned());
    few.extend(truth.page_ids().take(1));
    few.extend(truth.blog_post_ids().take(1));
    few.extend(truth.attachment_ids().take(1));
    few.extend(truth.account_ids().take(1));
    few.extend(truth.space_keys().take(1));
    few.extend(truth.space_keys().find(|key| key.starts_with('~')));
    few
}

/// Everything on the site that an argument may name, so that among it there is what has much below
/// it.
async fn many(site: &Simulator, tenant: &Tenant) -> Vec<String> {
    let truth = site.site();
    let mut many = few(site);
    many.extend(truth.page_ids().take(20));
    many.extend(truth.blog_post_ids());
    many.extend(truth.space_ids());
    many.extend(truth.attachment_ids().take(20));
    for custom in truth.custom_content_types() {
        many.extend(truth.custom_content_ids(custom).take(20));
    }
    let mut lists = vec![vec!["get-groups"], vec!["list-labels"]];
    let pages: Vec<String> = truth.page_ids().take(20).collect();
    for page in &pages {
        lists.push(vec!["get-comments", "page", page, "footer", "false"]);
    }
    for words in lists {
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let function = tenant.function(&words[0]).unwrap();
        let arguments = bind(function, &words[1..], &[]).unwrap();
        let answer = tenant.call(function, arguments).await.unwrap().to_json();
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let items = answer["items"].as_array().unwrap();
        many.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned()),
        );
    }
    many
}

fn open(folder: &std::path::Path) -> HostRunner {
    let host = HostRunner::builder(folder.join("config"), folder.join("state"))
        .open()
        .unwrap();
    crate::allow_loopback(&host);
    host
}

async fn walk_one(
    host: &HostRunner,
    place: usize,
    statement: &Statement,
) -> (BTreeSet<String>, BTreeMap<String, String>, usize) {
    let site = Simulator::start(Settings {
        pages: PAGES,
        ..Settings::default()
    })
    .await
    .unwrap();
    // A function of its own app: what one stores is nothing to the others.
    let scope = Scope {
        env: format!("e{place}").parse().unwrap(),
        app: "walk".parse().unwrap(),
    };
    let tenant = host.tenant(&scope).unwrap();
    let set = tenant.function("setApiUrlAndAuth").unwrap();
    let connection = [site.endpoint(), AUTHORIZATION.to_owned(), "app".to_owned()];
    tenant
        .call(set, bind(set, &connection, &[]).unwrap())
        .await
        .unwrap();
    let function = &tenant.functions()[place];
    let texts = function
        .parameters()
        .iter()
        .filter(|parameter| matches!(parameter.ty(), Type::String));
    // Each with each of the others.
    let candidates = if texts.count() > 1 {
        few(&site)
    } else {
        many(&site, &tenant).await
    };
    let mut walk = Walk {
        function,
        tenant: &tenant,
        site: &site,
        statement,
        words: words(function, tenant.functions()),
        few: few(&site),
        after: None,
        asked_before: BTreeMap::new(),
        looked_at: site.request_count(),
        used: BTreeSet::new(),
        faults: BTreeMap::new(),
        calls: 0,
    };
    if !statement.knows(function.name()) {
        walk.fault(&[], "`allowed.txt` does not say what it may ask");
    }
    walk.walk(&candidates).await;
    walk.look_at_requests();
    (walk.used, walk.faults, walk.calls)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_argument_at_its_extremes_is_refused_here_or_asks_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let host = open(folder.path());
    let names: Vec<String> = host
        .tenant(&Scope::default())
        .unwrap()
        .functions()
        .iter()
        .map(|function| function.name().to_owned())
        // What a step asks depends on its state, and is tested with the connector.
        .filter(|name| !matches!(name.as_str(), "streams" | "step"))
        .collect();
    let statement = Statement::read();
    let next = AtomicUsize::new(0);
    let seen = Mutex::new((BTreeSet::new(), BTreeMap::new(), 0));
    let runtime = tokio::runtime::Handle::current();
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(place) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|place| *place < names.len())
                {
                    let (used, faults, calls) =
                        runtime.block_on(walk_one(&host, place, &statement));
                    let mut seen = seen.lock().unwrap();
                    seen.0.extend(used);
                    seen.1.extend(faults);
                    seen.2 += calls;
                }
            });
        }
    });
    let (used, faults, calls) = seen.into_inner().unwrap();
    let of = |name: &String| format!("{name}: ");
    let shown: Vec<_> = names
        .iter()
        .flat_map(|name| {
            let own = faults
                .iter()
                .filter(move |(what, _)| what.starts_with(&of(name)));
            own.take(4)
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} faults, such as {shown:#?}",
        faults.len()
    );
    // Most arguments have some 80 extremes.
    assert!(calls > 100 * names.len(), "{calls} calls");
    // What nothing asks has no business in the statement, and would hide a walk that is too short.
    let unused: Vec<String> = statement.lines().difference(&used).cloned().collect();
    assert!(unused.is_empty(), "nothing asks {unused:#?}");
    let known: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(statement.functions(), known);
}

/// The words of the command line go the same way as the values above.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_of_the_command_line_ask_what_is_allowed_or_nothing() {
    let site = crate::site().await;
    let host = Host::with_site(&site);
    let statement = Statement::read();
    for (function, words) in [
        ("list-pages", &["../spaces"][..]),
        ("list-pages", &["1&limit=251"]),
        ("list-blog-posts", &["--title", "\"漢字\" \\ & ~key"]),
        ("list-blog-posts-by-space", &["~712020:x/../y"]),
        ("list-spaces", &["--keys", "~key,漢字"]),
        ("list-tasks", &["--assigned-to", "me@example.com"]),
        ("get-page-by-id", &["1/labels"]),
        ("get-label-by-name", &["a\"b\\c"]),
        ("get-group-members", &["../user/current"]),
        (
            "search",
            &["text ~ \"a\\\"b\" and space = \"~key\"", "false"],
        ),
        ("search", &["type = page\ntype = user", "false"]),
    ] {
        let before = site.request_count();
        let ended = host.call(&[&[function], words].concat());
        let mut asked = site.requests();
        asked.retain(|request| request.number > before);
        assert!(
            ended.code != 18 || asked.is_empty() || function == "search",
            "{ended:#?} {asked:#?}"
        );
        assert!(
            ended.code == 18 || !asked.is_empty(),
            "{words:?} {ended:#?}"
        );
        for request in asked {
            let url = &request.path_and_query;
            let checked = statement.check(function, &request.method, url);
            assert!(checked.is_ok(), "{function} {words:?}: {checked:?}");
        }
    }
}

/// What the simulator records is what the statement is asked about: a forbidden request that gets
/// there is seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_request_that_reaches_the_site_is_seen() {
    let site = crate::site().await;
    let mut stream = std::net::TcpStream::connect(site.address()).unwrap();
    write!(
        stream,
        "GET /wiki/api/v2/pages?limit=5&space-key=ENG HTTP/1.1\r\nHost: x\r\nAuthorization: {AUTHORIZATION}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    let request = site.requests().pop().unwrap();
    // Confluence ignores what it does not know, and answers the pages of all spaces.
    assert_eq!(request.status, 200);
    let caught = Statement::read().check("list-pages", &request.method, &request.path_and_query);
    assert!(caught.unwrap_err().contains("space-key"));
}
