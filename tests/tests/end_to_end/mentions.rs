//! Names of the accounts that bodies mention, looked up by the component at the simulator.

use std::collections::{BTreeMap, BTreeSet};

use confluence_simulator::{Amounts, Fault, Faults, Settings, Simulator};
use serde_json::Value;
use tests::{Ended, Host};

/// A site whose bodies mention three accounts each: those of the first eight rows are known.
async fn talkative() -> Simulator {
    let settings = Settings {
        amounts: Amounts {
            mentions: 3,
            ..Amounts::default()
        },
        ..Settings::default()
    };
    Simulator::start(settings).await.unwrap()
}

/// The display names of the site, by account.
fn names(host: &Host, site: &Simulator) -> BTreeMap<String, String> {
    let accounts: Vec<String> = site.site().account_ids().collect();
    let words = ["getUsers", "--account-ids", &accounts.join(",")];
    let users = host.call(&[&words[..], &["--limit", "100"]].concat()).ok();
    let text = |user: &Value, field: &str| user[field].as_str().unwrap().to_owned();
    let items = users.json()["items"].as_array().unwrap().clone();
    items
        .iter()
        .map(|user| (text(user, "accountId"), text(user, "displayName")))
        .collect()
}

fn bodies(ended: &Ended) -> Vec<String> {
    let items = ended.json()["items"].as_array().unwrap().clone();
    let body = |item: &Value| item["body"]["value"].as_str().unwrap().to_owned();
    items.iter().map(body).collect()
}

fn notices(ended: &Ended) -> Vec<String> {
    let listed = ended.json()["rest"]["notices"].as_array().unwrap().clone();
    let missing = listed
        .iter()
        .filter(|one| one["code"] == "mention-names-missing");
    missing
        .map(|one| one["message"].as_str().unwrap().to_owned())
        .collect()
}

/// The accounts of each look-up after the first `before` requests.
fn look_ups(site: &Simulator, before: usize) -> Vec<Vec<String>> {
    let requests = site.requests().into_iter().skip(before);
    let urls = requests.map(|request| request.path_and_query);
    urls.filter(|url| url.contains("/rest/api/user/bulk"))
        .map(|url| {
            let (_, query) = url.split_once('?').unwrap();
            let ids = query
                .split('&')
                .filter_map(|pair| pair.strip_prefix("accountId="));
            ids.map(str::to_owned).collect()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_show_names_with_the_option_and_ids_without() {
    let site = talkative().await;
    let host = Host::with_site(&site);
    let names = names(&host, &site);
    let list = |more: &[&str]| {
        let words = ["listPages", "--limit", "60", "--body-format", "text"];
        host.call(&[&words[..], more].concat()).ok()
    };
    let before = site.request_count();
    let plain = list(&[]);
    assert_eq!(site.request_count(), before + 1);
    let named = list(&["--mention-names"]);
    let mut shown = 0;
    for (plain, named) in bodies(&plain).iter().zip(bodies(&named)) {
        let mut expected = plain.clone();
        for (account, name) in &names {
            assert!(!named.contains(&format!("@{account}")), "{named}");
            shown += plain.matches(&format!("@{account}")).count();
            expected = expected.replace(&format!("@{account}"), &format!("@{name}"));
        }
        assert_eq!(named, expected);
    }
    assert!(shown > 20, "{shown}");
    // Markdown escapes names, which have `<` and quotes on this site.
    let words = ["--body-format", "markdown", "--mention-names"];
    let markdown = host.call(&[&["listPages", "--limit", "60"], &words[..]].concat());
    let markdown = bodies(&markdown.ok()).concat();
    assert!(
        markdown.contains("@Ada Vogel") && markdown.contains(r"@Søren \<Ops"),
        "{markdown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_looks_up_at_most_100_accounts_and_none_twice() {
    let site = talkative().await;
    let host = Host::with_site(&site);
    let before = usize::try_from(site.request_count()).unwrap();
    let words = ["listPages", "--limit", "120", "--body-format", "text"];
    let ended = host.call(&[&words[..], &["--mention-names"]].concat()).ok();
    let look_ups = look_ups(&site, before);
    assert!(look_ups.iter().all(|ids| ids.len() <= 100), "{look_ups:?}");
    let all: Vec<&String> = look_ups.iter().flatten().collect();
    let distinct: BTreeSet<&String> = all.iter().copied().collect();
    assert_eq!(all.len(), distinct.len());
    assert_eq!(look_ups.len(), all.len().div_ceil(100));
    // Three for each row, and one that many bodies of the simulator have.
    assert!(all.len() >= 360, "{}", all.len());
    // Most of them have left: their ids stay, with one notice.
    let text = bodies(&ended).concat();
    assert!(
        text.contains("@712020:00000000-0000-4000-8000-000000000000"),
        "{text}"
    );
    let told = notices(&ended);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        ended.stderr.contains("mentioned accounts"),
        "{}",
        ended.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_look_up_leaves_the_ids_and_says_so() {
    let site = talkative().await;
    let host = Host::with_site(&site);
    let words = ["listPages", "--limit", "5", "--body-format", "text"];
    let plain = bodies(&host.call(&words).ok());
    for fault in [Fault::Status(403), Fault::ScopeMismatch, Fault::Status(500)] {
        site.set_faults(Faults::none().at(2, fault.clone()));
        let ended = host.call(&[&words[..], &["--mention-names"]].concat()).ok();
        assert_eq!(bodies(&ended), plain, "{fault:?}");
        assert_eq!(notices(&ended).len(), 1, "{fault:?}: {ended:#?}");
        assert!(ended.json()["rest"]["stopped"].is_null());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_pieces_and_threads_have_names() {
    let site = talkative().await;
    let host = Host::with_site(&site);
    let names = names(&host, &site);
    let has_name = |text: &str| {
        names
            .values()
            .any(|name| text.contains(&format!("@{name}")))
    };
    let options = ["--body-format", "text", "--mention-names"];
    let page = site.site().page_ids().next().unwrap();
    let found = host
        .call(&[&["getPageById", &page], &options[..]].concat())
        .ok()
        .json();
    let body = &found["body"];
    assert!(has_name(body["value"].as_str().unwrap()), "{body}");
    let named: Vec<String> = site
        .site()
        .page_ids()
        .filter_map(|page| {
            let words = ["getComments", "page", &page, "footer", "true"];
            let before = usize::try_from(site.request_count()).unwrap();
            let ended = host.call(&[&words[..], &options].concat()).ok();
            let look_ups = look_ups(&site, before);
            let accounts = look_ups.iter().map(Vec::len).sum::<usize>();
            assert_eq!(look_ups.len(), accounts.div_ceil(100));
            bodies(&ended).into_iter().find(|text| has_name(text))
        })
        .take(1)
        .collect();
    assert_eq!(named.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_option_is_in_the_help_and_refused_where_nothing_is_rendered() {
    let site = talkative().await;
    let host = Host::with_site(&site);
    let help = host.run(&["help", "call", "listPages"]).ok().stdout;
    assert!(help.contains("  --mention-names\n"), "{help}");
    let before = site.request_count();
    for words in [
        &["listPages", "--mention-names"][..],
        &["listPages", "--body-format", "storage", "--mention-names"],
        &[
            "getPageById",
            "1",
            "--body-format",
            "view",
            "--mention-names",
        ],
        &["getGroups", "--mention-names"],
    ] {
        host.call(words).fails(18, &["`mention-names`"]);
    }
    assert_eq!(site.request_count(), before);
}
