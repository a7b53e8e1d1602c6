//! What a sync costs: requests of the real engine through the real component, counted by the site.

use std::collections::{BTreeMap, BTreeSet};

use confluence_simulator::{Amounts, Mutation, Settings, Simulator};
use host_runner::{HostRunner, Scope, Tenant};
use sink_sqlite::Sqlite;
use sync::{RunOutcome, SyncReport, SyncRequest};

/// A site, and a copy of it.
struct Copied {
    site: Simulator,
    tenant: Tenant,
    sink: Sqlite,
    _host: tests::Host,
    _folder: tempfile::TempDir,
}

/// What a run asked for: how often each path, with numbers for ids.
type Paths = BTreeMap<String, usize>;

impl Copied {
    /// 2 000 pages, of which 40 % have more than two versions, in three spaces: none of them is archived.
    /// A search does not find what is in archived spaces, so that it is read one by one.
    async fn new(amounts: Amounts) -> Self {
        let settings = Settings {
            pages: 2_000,
            amounts: Amounts {
                spaces: Some(3),
                with_many_versions: Some(40),
                ..amounts
            },
            ..Settings::default()
        };
        let site = Simulator::start(settings).await.unwrap();
        let host = tests::Host::with_site(&site);
        let runner = HostRunner::builder(host.config(), host.state()).open();
        let tenant = runner.unwrap().tenant(&Scope::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let sink = Sqlite::open(&folder.path().join("site.db")).unwrap();
        Self {
            site,
            tenant,
            sink,
            _host: host,
            _folder: folder,
        }
    }

    async fn run(&mut self, request: &SyncRequest) -> (SyncReport, Paths) {
        let before = self.site.request_count();
        let now = || 0;
        let report = sync::sync(&self.tenant, &mut self.sink, request, &now, &mut |_| ()).await;
        let report = report.unwrap();
        let mut paths = Paths::new();
        for asked in self.site.requests() {
            if asked.number > before {
                *paths.entry(path(&asked.path_and_query)).or_default() += 1;
            }
        }
        assert_eq!(report.outcome, RunOutcome::Complete, "{report:#?}");
        let sent = self.site.request_count() - before;
        assert_eq!(report.requests, sent, "{paths:#?}");
        (report, paths)
    }

    fn count(&self, sql: &str) -> u64 {
        let database = rusqlite::Connection::open(self._folder.path().join("site.db")).unwrap();
        let count: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
        u64::try_from(count).unwrap()
    }
}

/// A path without ids, and of a search the kind that it is for.
fn path(path_and_query: &str) -> String {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    let segments = path.split('/').map(|segment| {
        let number = segment.strip_prefix("att").unwrap_or(segment);
        let is_id = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_id { "*" } else { segment }
    });
    let path = segments.collect::<Vec<_>>().join("/");
    let cql = query.split('&').find(|pair| pair.starts_with("cql="));
    cql.map_or(path.clone(), |cql| {
        format!("{path}?{}", cql.split("and").next().unwrap_or(cql))
    })
}

fn of_streams(streams: &[&str]) -> SyncRequest {
    let mut request = SyncRequest::default();
    request.streams = streams.iter().map(|stream| (*stream).to_owned()).collect();
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sync_takes_a_quarter_of_the_requests_of_a_walk() {
    let mut copied = Copied::new(Amounts::default()).await;
    let request = of_streams(&[
        "pages",
        "page_labels",
        "page_versions",
        "page_footer_comments",
        "page_inline_comments",
    ]);
    let (report, paths) = copied.run(&request).await;
    let site = copied.site.site();
    assert_eq!(
        copied.count("SELECT count(*) FROM pages"),
        site.page_count()
    );
    // One list, and for each page its labels, its comments and its versions: 6 008 requests.
    let walk = 8 + 3 * site.page_count();
    assert!(report.requests <= walk / 4, "{paths:#?}");
}

/// What a run takes of a site that has not changed: one with nothing due, and one with all that can be,
/// in which the members of a group take a request each.
async fn of_an_unchanged_site(amounts: Amounts) -> (u64, u64) {
    let mut copied = Copied::new(amounts).await;
    let mut request = SyncRequest::default();
    copied.run(&request).await;
    let cadences = &mut request.cadences;
    cadences.census = i64::MAX;
    let (report, paths) = copied.run(&request).await;
    assert!(report.requests <= 12, "{paths:#?}");
    let cadences = &mut request.cadences;
    (
        cadences.census,
        cadences.people,
        cadences.details,
        cadences.replies,
    ) = (0, 0, 0, 0);
    let (report, paths) = copied.run(&request).await;
    let of_groups = paths
        .keys()
        .filter(|path| path.contains("/membersByGroupId"));
    (report.requests, of_groups.count() as u64)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_site_takes_a_tenth_of_a_request_for_each_page_and_one_for_each_group() {
    let (requests, of_groups) = of_an_unchanged_site(Amounts::default()).await;
    assert!(requests - of_groups <= 200, "{requests} {of_groups}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_and_comments_take_no_more_requests_than_pages_do() {
    let amounts = Amounts {
        groups: Some(50),
        attachments: Some(4_000),
        footer_comments: Some(3_000),
        inline_comments: Some(2_000),
        ..Amounts::default()
    };
    // The labels of each content that the search index omits take a request: 157 of 6 000.
    let (requests, of_groups) = of_an_unchanged_site(amounts).await;
    assert!(requests - of_groups <= 350, "{requests} {of_groups}");
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_pages_take_a_request_for_each_250_of_them_and_one_more() {
    let mut copied = Copied::new(Amounts::default()).await;
    let mut request = of_streams(&["pages"]);
    request.cadences.census = i64::MAX;
    for bodies in [None, Some("storage")] {
        request.bodies = bodies.map(str::to_owned);
        copied.run(&request).await;
        copied.run(&request).await;
        for count in [1, 249, 250, 251, 600] {
            let site = copied.site.site();
            // What is archived cannot be edited.
            let archived: BTreeSet<String> = site.archived_page_ids().collect();
            let ids = site.page_ids().filter(|id| !archived.contains(id));
            let ids: Vec<String> = ids.take(count).collect();
            assert_eq!(ids.len(), count);
            for id in ids {
                let (title, message) = (None, None);
                let edit = Mutation::Edit { id, title, message };
                copied.site.mutate(&edit).unwrap();
            }
            let (report, paths) = copied.run(&request).await;
            let pages = report
                .streams
                .iter()
                .find(|it| it.stream == "pages")
                .unwrap();
            assert_eq!(pages.counts.updated, count as u64, "{pages:#?}");
            let most = count.div_ceil(250) as u64 + 1;
            assert!(report.requests <= most, "{count} {bodies:?} {paths:#?}");
        }
    }
}
