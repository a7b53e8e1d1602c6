//! The interface `confluence`: what its functions answer is what the site has.

use std::collections::BTreeSet;

use confluence_simulator::{Operation, Simulator};
use serde_json::Value;
use tests::Host;

use crate::{faults, site};

async fn host() -> (Host, Simulator) {
    let site = site().await;
    let host = Host::with_site(&site);
    (host, site)
}

/// All items of a list.
fn all(host: &Host, words: &[&str]) -> Vec<Value> {
    host.call(&[words, &["--all"]].concat())
        .ok()
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn one(host: &Host, words: &[&str]) -> Value {
    host.call(words).ok().json()
}

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

fn sorted(ids: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn each_getter_of_a_list_answers_what_the_list_has() {
    let (host, _site) = host().await;
    for (getter, list) in [
        (&["getSpaces"][..], &["listSpaces"][..]),
        (&["getPages"], &["listPages"]),
        (&["getLabels"], &["listLabels"]),
        (&["getAttachments"], &["listAttachments"]),
        (&["getBlogPosts"], &["listBlogPosts"]),
        (&["getTasks"], &["listTasks"]),
    ] {
        let (found, listed) = (all(&host, getter), all(&host, list));
        assert!(!listed.is_empty(), "{list:?}");
        assert_eq!(ids(&found), ids(&listed), "{getter:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asc_and_desc_are_opposite_orders_of_the_same_rows() {
    let (host, _site) = host().await;
    for (getter, by) in [
        ("getPages", "/version/createdAt"),
        ("getBlogPosts", "/version/createdAt"),
        ("getAttachments", "/version/createdAt"),
        ("getSpaces", "/key"),
        ("getLabels", "/name"),
    ] {
        let rows = |sort| all(&host, &[getter, "--sort", sort]);
        let (rising, falling) = (rows("asc"), rows("desc"));
        assert_eq!(sorted(ids(&rising)), sorted(ids(&falling)), "{getter}");
        let keys = |rows: &[Value]| -> Vec<String> {
            rows.iter()
                .map(|row| row.pointer(by).unwrap().as_str().unwrap().to_lowercase())
                .collect()
        };
        let (up, mut down) = (keys(&rising), keys(&falling));
        down.reverse();
        assert_eq!(up, down, "{getter}");
        assert_ne!(up.first(), up.last(), "{getter}");
    }
    host.call(&["getContentProperties", "space", "ENG", "--sort", "asc"])
        .fails(18, &["sort"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_is_named_by_id_or_by_key() {
    let (host, site) = host().await;
    let keys: Vec<String> = site.site().space_keys().collect();
    for (id, key) in site.site().space_ids().zip(&keys) {
        let by_id = all(&host, &["getPagesBySpace", &id]);
        assert_eq!(ids(&by_id), ids(&all(&host, &["getPagesBySpace", key])));
        assert_eq!(
            sorted(ids(&by_id)),
            sorted(site.site().page_ids_in(&id)),
            "{key}"
        );
        assert_eq!(one(&host, &["getSpaceById", key])["id"], *id);
        for words in [
            &["listBlogPostsBySpace"][..],
            &["listLabels", "space"],
            &["listSpaces", "--ids"],
            &["listTasks", "--space-ids"],
            &["listPages", "--space-ids"],
        ] {
            assert_eq!(
                ids(&all(&host, &[words, &[id.as_str()]].concat())),
                ids(&all(&host, &[words, &[key.as_str()]].concat())),
                "{words:?} {key}"
            );
        }
    }
    assert!(keys.iter().any(|key| key.starts_with('~')), "{keys:?}");
    for words in [
        &["getPagesBySpace", "NOPE"][..],
        &["listTasks", "--space-ids", "NOPE"],
        &["listSpaces", "--ids", "NOPE"],
    ] {
        host.call(words).fails(6, &["no space `NOPE`", "hidden"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trashed_page_is_answered_and_says_so() {
    let (host, site) = host().await;
    let id = site.site().trashed_page_ids().next().unwrap();
    assert_eq!(one(&host, &["getPageById", &id])["status"], "trashed");
    host.call(&["getPageById", "987654321012345678"])
        .fails(6, &["missing or hidden"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_the_children_and_ancestors_that_the_site_knows() {
    let (host, site) = host().await;
    let (mut with_children, mut with_ancestors) = (0, 0);
    for id in site.site().page_ids().take(60) {
        let truth = site.site().children_of(&id);
        let pages = truth.iter().filter(|(kind, _)| *kind == "page");
        let children = all(&host, &["getPageChildren", &id]);
        assert_eq!(
            sorted(ids(&children)),
            sorted(pages.map(|(_, id)| id.clone())),
            "{id}"
        );
        with_children += usize::from(!truth.is_empty());

        let truth = site.site().ancestors_of(&id);
        let found = one(&host, &["getPageAncestors", &id]);
        let found = found.as_array().unwrap();
        assert_eq!(
            sorted(ids(found)),
            sorted(truth.into_iter().map(|(_, id)| id)),
            "{id}"
        );
        with_ancestors += usize::from(!found.is_empty());
    }
    assert!(with_children > 5 && with_ancestors > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_its_comments_and_on_request_their_replies() {
    let (host, site) = host().await;
    let truth = site.site();
    let mut seen = 0;
    for id in truth.page_ids().take(40) {
        for (kind, roots) in [
            ("footer", truth.footer_comment_ids_of(&id)),
            ("inline", truth.inline_comment_ids_of(&id)),
        ] {
            let comments = |replies| all(&host, &["getComments", "page", &id, kind, replies]);
            assert_eq!(
                sorted(ids(&comments("false"))),
                sorted(roots.clone()),
                "{id}"
            );
            let mut thread: Vec<String> = roots;
            let mut at = 0;
            while let Some(comment) = thread.get(at) {
                let replies = truth.comment_reply_ids(comment);
                thread.extend(replies);
                at += 1;
            }
            seen += thread.len();
            assert_eq!(sorted(ids(&comments("true"))), sorted(thread), "{id}");
        }
    }
    assert!(seen > 20, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_an_instant_is_what_the_site_says_and_the_checkpoint_goes_on() {
    let (host, site) = host().await;
    let last = site.site().last_change();
    // The hundred days before the last change, in milliseconds.
    let since = last - 8_640_000_000;
    let truth = sorted(site.site().page_ids_changed_since(since));
    assert!(truth.len() > 1, "{truth:?}");
    let answer = one(
        &host,
        &[
            "getPagesChangedSince",
            &since.to_string(),
            "--limit",
            "10000",
        ],
    );
    let found: BTreeSet<String> = ids(answer["items"].as_array().unwrap())
        .into_iter()
        .collect();
    // The five minutes before are read again.
    for id in &truth {
        assert!(found.contains(id), "{id} is missing");
    }
    let truth = site.site();
    let early = truth.page_ids_changed_since(since - 300_000);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), sorted(early));
    let checkpoint = answer["checkpoint"].as_str().unwrap();
    let again = one(&host, &["getPagesChangedSince", checkpoint]);
    assert_eq!(again["items"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_list_of_changes_tells_its_checkpoint_in_every_format_and_no_other_does() {
    let (host, site) = host().await;
    for (function, count) in [
        ("getPagesChangedSince", site.site().page_ids().count()),
        (
            "getBlogPostsChangedSince",
            site.site().blog_post_ids().count(),
        ),
    ] {
        let since = [function, "2000-01-01"];
        let whole = one(&host, &[&since[..], &["--limit", "10000"]].concat());
        let checkpoint = whole["checkpoint"].as_str().unwrap();
        let told = format!("`--since {checkpoint}`");
        for words in [
            &["--all"][..],
            &["--all", "--limit", "7"],
            &["--all", "--output", "csv"],
            &["--limit", "10000", "--output", "csv"],
            &["--limit", "10000", "--output", "ndjson"],
            &["--limit", "10000", "--output", "table"],
        ] {
            let ended = host.call(&[&since[..], words].concat()).ok();
            assert_eq!(
                ended.stderr.matches(&told).count(),
                1,
                "{words:?}: {ended:#?}"
            );
        }
        let part = host.call(&[&since[..], &["--limit", "1"]].concat()).ok();
        assert!(count > 1 && !part.stderr.contains("--since"), "{part:#?}");
        let again = [function, "--since", checkpoint, "--all"];
        assert_eq!(host.call(&again).ok().stdout, "", "{function}");
    }
    site.set_faults(faults("*:401"));
    let broken = host.call(&["getPagesChangedSince", "2000-01-01", "--all"]);
    assert!(!broken.fails(4, &[]).stderr.contains("--since"));
}

#[tokio::test(flavor = "multi_thread")]
async fn restrictions_are_those_of_the_site_and_empty_ones_are_told_as_inherited() {
    let (host, site) = host().await;
    let mut restricted = 0;
    for id in site.site().page_ids().take(120) {
        let truth = site.site().restriction_of(&id, Operation::Read);
        let told = &one(&host, &["getContentRestrictions", &id])["read"];
        let named = |name: &str| -> Vec<String> {
            told[name]
                .as_array()
                .unwrap()
                .iter()
                .map(|who| {
                    who["id"]
                        .as_str()
                        .or(who["accountId"].as_str())
                        .unwrap()
                        .to_owned()
                })
                .collect()
        };
        assert_eq!(sorted(named("users")), sorted(truth.users.clone()), "{id}");
        assert_eq!(
            sorted(named("groups")),
            sorted(truth.groups.clone()),
            "{id}"
        );
        assert_eq!(told["inherits"], truth.is_empty(), "{id}");
        restricted += usize::from(!truth.is_empty());
    }
    assert!(restricted > 0, "no page of the site is restricted");
}

#[tokio::test(flavor = "multi_thread")]
async fn effective_readers_pass_a_gate_at_each_restriction_on_the_way_up() {
    let (host, site) = host().await;
    let truth = site.site();
    let mut restricted = 0;
    for id in truth.page_ids().take(120) {
        let chain: Vec<String> = truth
            .ancestors_of(&id)
            .into_iter()
            .map(|(_, id)| id)
            .chain([id.clone()])
            .filter(|id| !truth.restriction_of(id, Operation::Read).is_empty())
            .collect();
        if chain.is_empty() && restricted > 0 {
            continue;
        }
        let readers = one(&host, &["getEffectiveReaders", "page", &id]);
        let gates = readers["gates"].as_array().unwrap();
        assert_eq!(gates[0]["kind"], "space");
        let gates: Vec<&Value> = gates
            .iter()
            .filter(|gate| gate["kind"] != "space")
            .collect();
        assert_eq!(
            sorted(
                gates
                    .iter()
                    .map(|gate| gate["id"].as_str().unwrap().to_owned())
            ),
            sorted(chain.clone()),
            "{id}"
        );
        for gate in gates {
            let restriction = truth.restriction_of(gate["id"].as_str().unwrap(), Operation::Read);
            let named = gate["principals"].as_array().unwrap();
            assert_eq!(
                sorted(
                    named
                        .iter()
                        .map(|who| who["id"].as_str().unwrap().to_owned())
                ),
                sorted(restriction.users.into_iter().chain(restriction.groups)),
                "{id}"
            );
        }
        restricted += usize::from(!chain.is_empty());
    }
    assert!(restricted > 0, "no page of the site is restricted");
}

#[tokio::test(flavor = "multi_thread")]
async fn effective_readers_fail_closed_when_any_part_cannot_be_read() {
    let (host, site) = host().await;
    let id = site.site().page_ids().next().unwrap();
    let words = ["getEffectiveReaders", "page", &id];
    let before = site.request_count();
    host.call(&words).ok();
    let requests = site.request_count() - before;
    assert!(requests >= 4, "{requests}");
    for failing in 1..=requests {
        for fault in ["403", "404"] {
            site.set_faults(faults(&format!("{failing}:{fault}")));
            let ended = host.call(&words);
            assert_ne!(ended.code, 0, "request {failing} of {requests}: {ended:#?}");
            assert_eq!(ended.stdout, "", "request {failing} of {requests}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn can_read_never_contradicts_the_site_and_names_the_gate_that_decides() {
    let (host, site) = host().await;
    let truth = site.site();
    let restricted = |id: &String| !truth.restriction_of(id, Operation::Read).is_empty();
    let pages: Vec<String> = truth.page_ids().filter(restricted).take(2).collect();
    let posts: Vec<String> = truth.blog_post_ids().take(1).collect();
    let pages = pages
        .iter()
        .chain(truth.page_ids().take(1).collect::<Vec<_>>().iter())
        .map(|id| ("--page", id.clone()))
        .collect::<Vec<_>>();
    let posts = posts.iter().map(|id| ("--blog-post", id.clone()));
    let mut seen = BTreeSet::new();
    for (option, id) in pages.into_iter().chain(posts) {
        for account in truth.account_ids().take(6) {
            let decision = one(&host, &["canRead", option, &id, "--user", &account]);
            let answer = decision["answer"].as_str().unwrap();
            let may_view = truth.may_view(&id, &account);
            assert!(answer != if may_view { "no" } else { "yes" }, "{decision}");
            let gates = decision["gates"].as_array().unwrap();
            assert_eq!(gates[0]["kind"], "space");
            if answer == "no" {
                assert_eq!(&decision["decides"], gates.last().unwrap(), "{decision}");
            }
            for gate in gates {
                let passes = gate["answer"] == "yes";
                assert_eq!(gate["via"].is_null(), !passes, "{decision}");
            }
            seen.insert(answer.to_owned());
        }
    }
    assert!(seen.contains("yes") && seen.contains("no"), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn can_read_finds_an_account_by_the_e_mail_address_that_it_shows() {
    let (host, site) = host().await;
    let page = site.site().page_ids().next().unwrap();
    let users = all(&host, &["getAllUsers"]);
    let shows = users.iter().find(|user| user["email"].is_string());
    let shows = shows.expect("some account shows its address");
    let email = shows["email"].as_str().unwrap();
    let by_email = one(&host, &["canRead", "--page", &page, "--user", email]);
    assert_eq!(by_email["accountId"], shows["accountId"]);
    let id = shows["accountId"].as_str().unwrap();
    assert_eq!(by_email, one(&host, &["canRead", id, &page]));
    for user in ["hidden@example.com", "712020:0"] {
        host.call(&["canRead", user, &page])
            .fails(6, &["no account", user, "fix:"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn can_read_fails_closed_when_any_part_cannot_be_read() {
    let (host, site) = host().await;
    let truth = site.site();
    let (page, account) = truth
        .page_ids()
        .flat_map(|page| {
            truth
                .account_ids()
                .map(move |account| (page.clone(), account))
        })
        .find(|(page, account)| one(&host, &["canRead", account, page])["answer"] == "yes")
        .unwrap();
    let words = ["canRead", &account, &page];
    let before = site.request_count();
    host.call(&words).ok();
    let requests = site.request_count() - before;
    assert!(requests >= 5, "{requests}");
    for failing in 1..=requests {
        for fault in ["403", "404"] {
            site.set_faults(faults(&format!("{failing}:{fault}")));
            let ended = host.call(&words);
            assert_ne!(ended.code, 0, "request {failing} of {requests}: {ended:#?}");
            assert_eq!(ended.stdout, "", "request {failing} of {requests}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_members_and_users_are_those_of_the_site() {
    let (host, site) = host().await;
    let groups = all(&host, &["getGroups"]);
    assert_eq!(sorted(ids(&groups)), sorted(site.site().group_ids()));
    let mut members_seen = 0;
    for group in ids(&groups) {
        let members: Vec<String> = all(&host, &["getGroupMembers", &group])
            .iter()
            .map(|user| user["accountId"].as_str().unwrap().to_owned())
            .collect();
        members_seen += members.len();
        assert_eq!(
            sorted(members),
            sorted(site.site().group_member_ids(&group)),
            "{group}"
        );
    }
    assert!(members_seen > 0);
    let accounts: Vec<String> = site.site().account_ids().take(3).collect();
    let users = all(&host, &["getUsers", "--account-ids", &accounts.join(",")]);
    let found = users
        .iter()
        .map(|user| user["accountId"].as_str().unwrap().to_owned());
    assert_eq!(sorted(found), sorted(accounts));
    assert_eq!(one(&host, &["getCurrentUser"])["email"], "me@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_are_refused_before_anything_is_sent() {
    let (host, site) = host().await;
    let asked = site.request_count();
    for words in [
        &["getPageById", "../../admin"][..],
        &["getPageById", "1;drop"],
        &["getPageById", "漢字"],
        &["getPageById", "18446744073709551616"],
        &["getPageById", ""],
        &["getAttachmentById", "att1/../2"],
        &["getSpaceById", "a/b"],
        &["getPagesByLabel", "a\nb"],
        &["getPages", "--sort", "upwards"],
        &["getPages", "--limit", "0"],
        &["getPages", "--limit", "10001"],
        &["getPages", "--after", "no token"],
        &["getTasks", "65538"],
        &["getTasks", "null", "null", "complete"],
        &["getTasks", "null", "null", "65538"],
        &["getTasks", "null", "null", "2026-06-01"],
        &["getComments", "page", "../1", "footer", "false"],
        &["getContentRestrictions", "1 OR 1=1"],
        &["getEffectiveReaders", "page", "~key"],
        &["canRead", "712020:1", "~key"],
        &["canRead", "712020:1"],
        &["canRead", "712020:1", "98304", "98305"],
        &["getGroupMembers", "../x"],
        &["getPagesChangedSince", "yesterday"],
        &["search", "", "false"],
    ] {
        host.call(words).fails(18, &[]);
        assert_eq!(site.request_count(), asked, "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_with_a_meaning_elsewhere_are_sent_as_words() {
    let (host, site) = host().await;
    for (words, parameter) in [
        (
            &["getBlogPosts", "--title", "a&b=c \"d\" \\ 漢字 #?%2e"][..],
            "title=a%26b%3Dc",
        ),
        (
            &["getAttachments", "--filename", "../x & y.pdf"],
            "filename=..%2Fx%20%26%20y.pdf",
        ),
        (
            &["search", "title ~ \"a\" AND type = page", "false"],
            "cql=",
        ),
    ] {
        host.call(words);
        let sent = site.requests().pop().unwrap().path_and_query;
        assert!(
            sent.replace('+', "%20")
                .to_lowercase()
                .contains(&parameter.to_lowercase()),
            "{words:?}: {sent}"
        );
        assert!(sent.starts_with("/wiki/"), "{sent}");
    }
}
