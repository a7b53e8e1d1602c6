//! Who may read what of a copy, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use confluence_simulator::{ContentKind, Mutation, Simulator};
use rusqlite::Connection;
use serde_json::json;
use tests::{Ended, Host};

use crate::{faults, site_of};

struct Copy {
    host: Host,
    file: PathBuf,
}

impl Copy {
    fn of(site: &Simulator) -> Self {
        let host = Host::with_site(site);
        let file = host.state().join("site.db");
        Self { host, file }
    }

    fn sink(&self) -> String {
        format!("sqlite:{}", self.file.display())
    }

    fn run(&self, words: &[&str]) -> Ended {
        let sink = self.sink();
        let mut all = vec!["sync", "run", "--to", &sink, "--streams", "content_access"];
        all.extend_from_slice(words);
        self.host.run(&all)
    }

    fn why(&self, page: &str, words: &[&str]) -> Ended {
        let sink = self.sink();
        let mut all = vec!["sync", "why", page, "--to", &sink];
        all.extend_from_slice(words);
        self.host.run(&all)
    }

    fn database(&self) -> Connection {
        Connection::open(&self.file).unwrap()
    }

    /// Contents whose access is unknown, and why.
    fn unknown(&self) -> BTreeMap<String, String> {
        let database = self.database();
        let mut rows = database
            .prepare("SELECT content_id, reason FROM content_access WHERE state = 'unknown' AND _sync_deleted_at IS NULL")
            .unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    fn known(&self) -> BTreeSet<String> {
        let database = self.database();
        let mut rows = database
            .prepare("SELECT content_id FROM content_access WHERE state = 'known' AND _sync_deleted_at IS NULL")
            .unwrap();
        let rows = rows.query_map([], |row| row.get(0));
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// Pairs of contents and accounts, where all accounts have a licence.
    fn granted(&self, accounts: &[String]) -> BTreeSet<(String, String)> {
        let database = self.database();
        let mut rows = database
            .prepare("SELECT content_id, account_id FROM content_readers")
            .unwrap();
        let rows = rows.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
        });
        let mut granted = BTreeSet::new();
        for row in rows.unwrap() {
            match row.unwrap() {
                (content, Some(account)) => {
                    granted.insert((content, account));
                }
                (content, None) => {
                    let all = accounts.iter();
                    granted.extend(all.map(|account| (content.clone(), account.clone())));
                }
            }
        }
        granted
    }
}

fn expected(
    site: &Simulator,
    accounts: &[String],
    known: &BTreeSet<String>,
) -> BTreeSet<(String, String)> {
    let truth = site.site();
    let may = |id: &String, account: &&String| truth.may_view(id, account);
    known
        .iter()
        .flat_map(|id| {
            let readers = accounts.iter().filter(|account| may(id, account));
            readers.map(|account| (id.clone(), account.clone()))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_grants_what_the_site_grants_to_each_account() {
    let site = site_of(300).await;
    let copy = Copy::of(&site);
    let first = copy.run(&["--output", "json"]).ok();
    let accounts: Vec<String> = site.site().account_ids().collect();
    let known = copy.known();
    let unknown = copy.unknown();
    let contents = site.site().page_count() + site.site().blog_post_count();
    assert_eq!((known.len() + unknown.len()) as u64, contents);
    assert!(known.len() > 150, "{unknown:?}");
    let granted = copy.granted(&accounts);
    let expected = expected(&site, &accounts, &known);
    let missing: Vec<_> = expected.difference(&granted).take(5).collect();
    let over: Vec<_> = granted.difference(&expected).take(5).collect();
    assert!(
        missing.is_empty() && over.is_empty(),
        "missing {missing:?}, over {over:?}"
    );
    assert!(granted.len() > 500);
    // What it could not find out. Restrictions of more people than a response has are read to their end.
    for (id, reason) in &unknown {
        assert_eq!(reason, "ancestor-not-copied", "{id}");
    }
    let json = first.json();
    let streams = json["streams"].as_array().unwrap();
    let report = streams
        .iter()
        .find(|row| row["stream"] == "content_access")
        .unwrap();
    assert_eq!(report["access"]["known"], known.len());
    assert_eq!(report["access"]["unknown"], unknown.len());
    assert!(report["access"]["readersWithoutEmail"].as_u64().unwrap() > 0);
    assert!(first.stderr.contains("Who can see this?"), "{first:?}");
    // What has not changed costs nothing.
    let second = copy.run(&["--output", "json"]).ok().json();
    let streams = second["streams"].as_array().unwrap();
    let again = streams
        .iter()
        .find(|row| row["stream"] == "content_access")
        .unwrap();
    assert_eq!(
        (&again["new"], &again["changed"]),
        (&0.into(), &0.into()),
        "{again}"
    );
    assert_eq!(again["unchanged"], contents);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_requests_fail_nobody_gets_more_than_the_site_grants() {
    let site = site_of(100).await;
    let copy = Copy::of(&site);
    copy.run(&[]).ok();
    let accounts: Vec<String> = site.site().account_ids().collect();
    let all = copy.known();
    let granted = copy.granted(&accounts);
    for every in [7, 3, 2] {
        site.set_faults(faults(&format!("/{every}:503")));
        copy.run(&["--full"]);
        let now = copy.granted(&accounts);
        assert!(now.is_subset(&granted), "{every}");
    }
    assert!(copy.known().len() < all.len());
    site.set_faults(faults(""));
    copy.run(&["--full"]).ok();
    assert_eq!(copy.granted(&accounts), granted);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_with_a_small_budget_complete_a_copy_and_take_back_nothing() {
    let site = site_of(300).await;
    let copy = Copy::of(&site);
    let accounts: Vec<String> = site.site().account_ids().collect();
    let mut granted = BTreeSet::new();
    let mut runs = 0;
    loop {
        runs += 1;
        assert!(runs < 40, "{:?}", copy.unknown());
        let ended = copy.run(&["--max-requests", "18"]);
        let now = copy.granted(&accounts);
        assert!(granted.is_subset(&now), "run {runs}");
        granted = now;
        if ended.code == 0 {
            break;
        }
        assert_eq!(ended.code, 34, "{ended:?}");
    }
    let known = copy.known();
    assert_eq!(granted, expected(&site, &accounts, &known));
    for (id, reason) in copy.unknown() {
        assert_eq!(reason, "ancestor-not-copied", "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn why_answers_for_pages_that_are_there_that_are_not_and_that_somebody_may_not_read() {
    let site = site_of(200).await;
    let copy = Copy::of(&site);
    copy.run(&[]).ok();
    let truth = site.site();
    let accounts: Vec<String> = truth.account_ids().collect();
    let known = copy.known();
    let page = known.iter().next().unwrap();
    copy.why(page, &[]).ok();
    let address = format!("https://x.example/wiki/spaces/ENG/pages/{page}/A");
    let answer = copy.why(&address, &["--output", "json"]).ok().json();
    assert_eq!(
        (&answer["state"], &answer["id"]),
        (&"present".into(), &page.as_str().into())
    );
    let gone = copy.why("999999999", &["--output", "json"]);
    gone.fails(6, &[]);
    // Somebody whom a restriction keeps out, and somebody whom all layers let pass.
    let restricted = known.iter().filter(|id| truth.readers_of(id).is_some());
    let (mut denied, mut permitted) = (0, 0);
    for id in restricted.take(12) {
        for account in accounts.iter().take(3) {
            let ended = copy.why(id, &["--as", account, "--output", "json"]);
            let may = truth.may_view(id, account);
            let answer = ended.json();
            match answer["state"].as_str().unwrap() {
                "present" => {
                    assert!(may, "{answer}");
                    permitted += 1;
                }
                "not-readable" => {
                    assert!(!may, "{answer}");
                    assert_eq!(ended.code, 5);
                    assert!(answer["layer"].is_string());
                    denied += 1;
                }
                _ => {
                    assert_eq!(answer["reason"], "depends-on-class", "{answer}");
                    assert_eq!(ended.code, 32);
                }
            }
        }
    }
    assert!(denied > 3, "{denied} {permitted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_only_got_older_are_no_changes_in_the_log() {
    let site = site_of(40).await;
    let copy = Copy::of(&site);
    copy.run(&["--history", "on"]).ok();
    copy.run(&["--full"]).ok();
    let lines = || -> i64 {
        let sql = "SELECT count(*) FROM content_access__changes";
        let database = copy.database();
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let before = lines();
    assert!(before > 40);
    // Their inputs are read again, so that each has another age.
    copy.run(&["--full"]).ok();
    assert_eq!(lines(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_one_space_grants_what_the_site_grants_to_members_of_groups() {
    let site = site_of(300).await;
    let copy = Copy::of(&site);
    let accounts: Vec<String> = site.site().account_ids().collect();
    let key = site.site().space_keys().next().unwrap();
    copy.run(&["--spaces", &key]).ok();
    let known = copy.known();
    let expected = expected(&site, &accounts, &known);
    assert_eq!(copy.granted(&accounts), expected);
    let by_group = "SELECT count(*) FROM content_access WHERE state = 'known' AND layers LIKE '%],[%\"group:%'";
    let by_group = copy
        .database()
        .query_row(by_group, [], |row| row.get::<_, i64>(0));
    assert!(by_group.unwrap() > 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn restrictions_that_search_omits_are_read_by_a_full_run() {
    let site = site_of(200).await;
    let copy = Copy::of(&site);
    copy.run(&[]).ok();
    let accounts: Vec<String> = site.site().account_ids().collect();
    let known = copy.known();
    assert_eq!(copy.granted(&accounts), expected(&site, &accounts, &known));
    // Search has no content of archived spaces.
    let spaces = site.site().inventory(ContentKind::Space);
    let archived = spaces.iter().find(|space| space["status"] == "archived");
    let space = archived.unwrap()["id"].as_str().unwrap();
    let pages = site.site().page_ids_in(space).collect::<Vec<_>>();
    let page = pages.iter().find(|id| {
        let is_open = site.site().readers_of(id).is_none();
        is_open && known.contains(*id)
    });
    let restriction = json!({
        "kind": "restrict", "id": page.unwrap(), "operation": "read", "user": accounts[0],
    });
    site.mutate(&Mutation::parse(&restriction.to_string()).unwrap())
        .unwrap();
    site.advance_clock(Duration::from_secs(6 * 60 * 60 + 1));
    copy.run(&["--full"]).ok();
    assert_eq!(copy.granted(&accounts), expected(&site, &accounts, &known));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_groups_are_due_by_the_clock_of_the_site() {
    let site = site_of(60).await;
    let copy = Copy::of(&site);
    copy.run(&[]).ok();
    let accounts: Vec<String> = site.site().account_ids().collect();
    let (group, user) = {
        let truth = site.site();
        let mut groups = truth.group_ids().map(|group| {
            let members = truth.group_member_ids(&group);
            let user = accounts
                .iter()
                .find(|user| !members.contains(user))
                .cloned();
            (group, user)
        });
        groups.find(|(_, user)| user.is_some()).unwrap()
    };
    let joined = json!({"kind": "add-member", "group": group, "user": user});
    site.mutate(&Mutation::parse(&joined.to_string()).unwrap())
        .unwrap();
    // The host has another time: nothing is due by that.
    site.advance_clock(Duration::from_secs(6 * 60 * 60 + 1));
    copy.run(&[]).ok();
    let members = "SELECT count(*) FROM group_members WHERE group_id = ?1 AND account_id = ?2 \
                   AND _sync_deleted_at IS NULL";
    let count: i64 = copy
        .database()
        .query_row(members, [Some(group), user], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 1);
}
