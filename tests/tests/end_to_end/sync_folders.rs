//! Folders, which no list of the site has: pages and other folders name them.

use std::collections::BTreeSet;

use confluence_simulator::{ContentKind, Mutation, Simulator};
use rusqlite::Connection;
use serde_json::{Value, json};
use tests::Host;

use crate::random_changes::text;
use crate::site_of;

type Keys = BTreeSet<String>;

const FOLDERS: &str = "SELECT id FROM folders WHERE _sync_deleted_at IS NULL";

/// The folders that pages are in, and those that these are in.
pub(crate) fn above_pages(site: &Simulator) -> Keys {
    let site = site.site();
    let folders = site.inventory(ContentKind::Folder);
    let mut above = Keys::new();
    for page in site.inventory(ContentKind::Page) {
        let mut at = text(&page["parentId"]);
        if page["status"] == "trashed" {
            continue;
        }
        while let Some(folder) = folders.iter().find(|folder| folder["id"] == *at) {
            at = text(&folder["parentId"]);
            above.insert(text(&folder["id"]));
        }
    }
    above
}

fn of_space(site: &Simulator, space: &Value) -> Keys {
    let folders = site.site().inventory(ContentKind::Folder).into_iter();
    let folders = folders.filter(|folder| folder["spaceId"] == *space);
    folders.map(|folder| text(&folder["id"])).collect()
}

struct Copy {
    host: Host,
    sink: String,
}

impl Copy {
    fn of(site: &Simulator) -> Self {
        let host = Host::with_site(site);
        let sink = format!("sqlite:{}", host.state().join("site.db").display());
        Self { host, sink }
    }

    fn run(&self, words: &[&str]) -> tests::Ended {
        let run = ["sync", "run", "--to", &self.sink, "--output", "json"];
        self.host.run(&[&run[..], words].concat())
    }

    fn folders(&self) -> Keys {
        let database = Connection::open(self.sink.strip_prefix("sqlite:").unwrap()).unwrap();
        let mut rows = database.prepare(FOLDERS).unwrap();
        let rows = rows.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_copied_without_who_may_read_them() {
    let site = site_of(200).await;
    let copy = Copy::of(&site);
    let words = ["--streams", "folders"];
    copy.run(&words).ok();
    let folders = above_pages(&site);
    assert!(folders.len() > 10 && copy.folders() == folders);
    // Nothing is due, and nothing is asked for.
    let before = site.request_count();
    copy.run(&words).ok();
    let asked = |site: &Simulator, from: u64| {
        let requests = site.requests().into_iter();
        let requests = requests.filter(|request| request.number > from);
        requests
            .filter(|one| one.path_and_query.contains("/folders/"))
            .count()
    };
    assert_eq!(asked(&site, before), 0);
    // A plan counts those that a full run reads.
    let plan = [
        "sync", "plan", "--to", &copy.sink, "--full", "--output", "json",
    ];
    let planned = copy.host.run(&[&plan[..], &words].concat()).ok().json();
    let before = site.request_count();
    copy.run(&["--streams", "folders", "--full"]).ok();
    assert_eq!(asked(&site, before), folders.len());
    assert_eq!(planned["next"]["requests"], site.request_count() - before);
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_of_a_deleted_space_are_deleted() {
    let site = site_of(200).await;
    let copy = Copy::of(&site);
    copy.run(&[]).ok();
    let space = site.site().inventory(ContentKind::Space)[2]["id"].clone();
    let gone = &of_space(&site, &space) & &copy.folders();
    assert!(!gone.is_empty());
    let hide = json!({"kind": "hide-space", "space": space});
    site.mutate(&Mutation::parse(&hide.to_string()).unwrap())
        .unwrap();
    copy.run(&["--full"]).ok();
    assert!(gone.is_subset(&copy.folders()));
    site.advance_clock(std::time::Duration::from_secs(660));
    assert_eq!(copy.run(&["--full"]).code, 33);
    for stream in ["spaces", "pages", "blog_posts"] {
        let words = ["sync", "approve", stream, "--to", &copy.sink];
        copy.host.run(&words).ok();
    }
    copy.run(&["--full"]).ok();
    copy.run(&["--full"]).ok();
    assert!(gone.is_disjoint(&copy.folders()));
    assert_eq!(copy.folders(), above_pages(&site));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_folders_that_pages_are_in_are_read() {
    let site = site_of(200).await;
    let host = Host::with_site(&site);
    for columns in ["id,title", "title,id,parent_id,parent_type"] {
        let read = host.run(&["read", "folders", "--columns", columns]).ok();
        let ids = read.line_ids();
        assert_eq!(ids.iter().cloned().collect::<Keys>(), above_pages(&site));
        assert_eq!(ids.len(), above_pages(&site).len());
        let row: Value = serde_json::from_str(read.stdout.lines().next().unwrap()).unwrap();
        let members = row.as_object().unwrap().len();
        assert_eq!(members, columns.split(',').count());
    }
}
