//! The component in the host.

use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use host_runner::typed::{ListOptions, Page};
use host_runner::{HostRunner, Level, Receipt, Scope, bind};
use source::{BODY, Outcome, Pass, Source as _, StepRequest};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wasmtime::component::Val;

use crate::site::Site;
use crate::{AUTHORITY, AUTHORIZATION, at_once};

/// A site, read by the component.
pub struct Hosted {
    runtime: Runtime,
    host: HostRunner,
    scope: Scope,
    _state: TempDir,
}

impl Hosted {
    /// A host with one tenant, whose connection leads to that endpoint. It trusts the site's
    /// certificate.
    #[must_use]
    pub fn new(endpoint: &str) -> Self {
        let runtime = crate::runtime();
        let state = TempDir::new().expect("a folder can be made");
        let host = HostRunner::builder(state.path().join("config"), state.path().join("state"))
            .open()
            .expect("the host opens");
        let scope = Scope {
            env: "bench".parse().expect("it is a name"),
            app: "bench".parse().expect("it is a name"),
        };
        for (key, value) in [
            ("network.allow-loopback", "true"),
            ("network.ca-file", AUTHORITY),
            ("limits.call-seconds", "600"),
        ] {
            host.config()
                .set(&scope, Level::Cluster, key, value)
                .expect("the level is written");
        }
        let hosted = Self {
            runtime,
            host,
            scope,
            _state: state,
        };
        let words = [endpoint, AUTHORIZATION, "app"].map(str::to_owned);
        hosted.call("setApiUrlAndAuth", &words, &[]);
        hosted
    }

    /// Every page, through as many calls of `limit` rows as it takes; answers how many there are
    /// and how many bytes their bodies have.
    #[must_use]
    pub fn list_pages(&self, limit: u32, options: Option<&str>) -> (usize, usize) {
        let (mut count, mut bytes) = (0, 0);
        let mut named = vec![("limit".to_owned(), limit.to_string())];
        named.extend(options.map(|options| ("options".to_owned(), options.to_owned())));
        let tenant = self.host.tenant(&self.scope).expect("the component loads");
        let function = tenant.function("listPages").expect("it is there");
        let arguments = bind(function, &[], &named).expect("arguments fit");
        let mut pages = tenant.follow(function, arguments).expect("it is a list");
        self.runtime.block_on(async {
            while let Some(answer) = pages.next().await {
                let answer = answer.expect("the call ends well");
                let items = answer.items().unwrap_or_default();
                count += items.len();
                bytes += items.iter().map(body_bytes).sum::<usize>();
            }
        });
        (count, bytes)
    }

    /// Every page as generated records, through as many calls of `limit` rows as it takes; answers
    /// how many there are, how many bytes their bodies and raw rows have, and what it cost.
    #[must_use]
    pub fn typed_pages(&self, limit: u32, options: &ListOptions) -> (usize, usize, Receipt) {
        let tenant = self.host.tenant(&self.scope).expect("the component loads");
        let client = tenant.client();
        let (mut count, mut bytes) = (0, 0);
        let mut after: Option<String> = None;
        loop {
            let listing = self
                .runtime
                .block_on(client.list_pages(None, Some(limit), after.as_deref(), Some(options)))
                .expect("the call ends well");
            assert!(listing.rest.stopped.is_none(), "{:?}", listing.rest);
            count += listing.items.len();
            bytes += listing.items.iter().map(typed_bytes).sum::<usize>();
            after = listing.rest.after;
            if after.is_none() {
                return (count, bytes, client.receipt());
            }
        }
    }

    /// Every page as columns, through as many steps as it takes; answers how many there are, how many
    /// bytes their bodies and raw rows have, and what it cost.
    #[must_use]
    pub fn page_columns(&self, format: Option<&str>, raw: bool) -> (usize, usize, Receipt) {
        let tenant = self.host.tenant(&self.scope).expect("the component loads");
        let client = tenant.client();
        let ended = self.runtime.block_on(async {
            let streams = client.streams(&Vec::new()).await;
            let streams = streams.expect("the call ends well");
            let mut request = StepRequest::new("pages", Pass::Full);
            request.projection.body_format = format.map(str::to_owned);
            request.projection.raw = raw;
            let (mut count, mut bytes) = (0, 0);
            loop {
                let step = client.step(&streams, &request).await;
                let step = step.expect("the call ends well");
                for batch in &step.batches {
                    count += batch.records().num_rows();
                    bytes += [BODY, "raw"]
                        .map(|name| text_bytes(batch.records(), name))
                        .iter()
                        .sum::<usize>();
                }
                match step.outcome {
                    Outcome::More => request.state = step.state,
                    Outcome::Done => return (count, bytes),
                    other => panic!("{other:?}"),
                }
            }
        });
        (ended.0, ended.1, client.receipt())
    }

    /// What the first `limit` pages cost.
    #[must_use]
    pub fn first_pages(&self, limit: u32, options: &ListOptions) -> Receipt {
        let tenant = self.host.tenant(&self.scope).expect("the component loads");
        let client = tenant.client();
        self.runtime
            .block_on(client.list_pages(None, Some(limit), None, Some(options)))
            .expect("the call ends well");
        client.receipt()
    }

    /// Each of these pages by its id, a call each; each range one after another, the ranges at once.
    /// Answers how many there are.
    #[must_use]
    pub fn single_pages(&self, ranges: &[Range<usize>]) -> usize {
        let tasks = ranges.iter().cloned().map(|range| {
            let (host, scope) = (self.host.clone(), self.scope.clone());
            async move {
                let mut count = 0;
                for number in range {
                    let id = Site::id(number);
                    let tenant = host.tenant(&scope).expect("the component loads");
                    let page = tenant.client().get_page_by_id(&id, None).await;
                    count += usize::from(page.expect("the call ends well").id == id);
                }
                count
            }
        });
        self.runtime.block_on(at_once(tasks))
    }

    /// The first pages, as many as each of these limits says, a call each, the calls at once; answers
    /// how many rows there are.
    #[must_use]
    pub fn lists_at_once(&self, limits: &[u32]) -> usize {
        let tasks = limits.iter().map(|&limit| {
            let (host, scope) = (self.host.clone(), self.scope.clone());
            async move {
                let tenant = host.tenant(&scope).expect("the component loads");
                let client = tenant.client();
                let listing = client.list_pages(None, Some(limit), None, None).await;
                let listing = listing.expect("the call ends well");
                assert!(listing.rest.stopped.is_none(), "{:?}", listing.rest);
                listing.items.len()
            }
        });
        self.runtime.block_on(at_once(tasks))
    }

    fn call(
        &self,
        function: &str,
        positional: &[String],
        named: &[(String, String)],
    ) -> host_runner::Answer {
        let tenant = self.host.tenant(&self.scope).expect("the component loads");
        let function = tenant.function(function).expect("it is there");
        let arguments = bind(function, positional, named).expect("arguments fit");
        self.runtime
            .block_on(tenant.call(function, arguments))
            .expect("the call ends well")
    }
}

fn text_bytes(records: &RecordBatch, name: &str) -> usize {
    let column = records.column_by_name(name);
    let text = column.and_then(|column| column.as_string_opt::<i32>());
    text.map_or(0, |text| text.values().len())
}

fn typed_bytes(page: &Page) -> usize {
    page.body.as_ref().map_or(0, |body| body.value.len()) + page.raw.as_ref().map_or(0, String::len)
}

/// The length of a row's body.
fn body_bytes(row: &Val) -> usize {
    match field(row, "body") {
        Some(Val::Option(Some(body))) => match field(body, "value") {
            Some(Val::String(value)) => value.len(),
            _ => 0,
        },
        _ => 0,
    }
}

fn field<'a>(record: &'a Val, name: &str) -> Option<&'a Val> {
    match record {
        Val::Record(fields) => fields
            .iter()
            .find_map(|(given, value)| (given == name).then_some(value)),
        _ => None,
    }
}
