//! `host-runner policy`: the effective policy, with the level that set each part of it.

use confluence_simulator::Simulator;
use serde_json::Value;
use tests::{AUTHORIZATION, Ended, Host, TOKEN};

use crate::site;

async fn site_and_host() -> (Simulator, Host) {
    let site = site().await;
    let host = Host::with_site(&site);
    (site, host)
}

/// The rule whose sentence has these words.
#[track_caller]
fn rule<'a>(rules: &'a [Value], words: &str) -> &'a Value {
    rules
        .iter()
        .find(|rule| rule["rule"].as_str().unwrap().contains(words))
        .unwrap_or_else(|| panic!("no rule has `{words}`: {rules:#?}"))
}

fn rules(ended: &Ended) -> Vec<Value> {
    ended.json().as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_is_told_with_the_level_and_the_line_that_set_it() {
    let (site, host) = site_and_host().await;
    host.write(
        "cluster.toml",
        "final = [\"limits.memory-mib\"]\nnetwork.allow-loopback = true\nlimits.memory-mib = 64\n",
    );
    host.write("env/default.toml", "\nnetwork.requests-per-second = 7\n");
    let ended = host.run(&["policy", "--output", "json"]).ok();
    let rules = rules(&ended);

    let memory = rule(&rules, "64 MiB of memory");
    assert_eq!(memory["setBy"], "cluster, locked by cluster");
    assert_eq!(memory["line"], 3);
    let second = rule(&rules, "7 per second");
    assert_eq!(second["setBy"], "env/default");
    assert_eq!(second["line"], 2);
    assert!(second["file"].as_str().unwrap().ends_with("default.toml"));
    let where_to = rule(&rules, "and nowhere else");
    assert!(
        where_to["rule"]
            .as_str()
            .unwrap()
            .contains(site.site_url().trim_end_matches('/'))
    );
    assert_eq!(where_to["setBy"], "env/default/app/default");
    assert_eq!(rule(&rules, "only GET")["setBy"], "built in");
    rule(&rules, "`api/v2/users-bulk`");
    rule(&rules, "no host besides the site");
    assert_eq!(rule(&rules, "`embedded`")["setBy"], "default");
    rule(&rules, "connections to this machine are allowed");
    rule(&rules, "private addresses are never dialed");

    for secret in [TOKEN, &AUTHORIZATION[6..]] {
        assert!(!ended.stdout.contains(secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_beside_the_site_are_told_with_the_line_that_allows_them() {
    let (_site, host) = site_and_host().await;
    host.write(
        "env/default.toml",
        "network.allow-hosts = [\"https://*.example.com:8443/a/\", \"https://b.example\"]\n",
    );
    let ended = host.run(&["policy", "--output", "json"]).ok();
    let rules = rules(&ended);
    let hosts = rule(
        &rules,
        "`https://*.example.com:8443/a/`, `https://b.example`",
    );
    assert_eq!(hosts["about"], "site");
    assert_eq!(hosts["setBy"], "env/default");
    assert_eq!(hosts["line"], 1);
    rule(&rules, "and to other hosts without the authorization");
    assert!(!ended.stdout.contains("nowhere else"));
}

#[test]
fn an_app_without_a_connection_is_told_that_nothing_leaves() {
    let ended = Host::bare().run(&["policy", "--output", "json"]).ok();
    let rules = rules(&ended);
    rule(&rules, "every request is denied");
    rule(&rules, "connections to this machine are denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_forbids_the_connection_is_told_and_fails() {
    let (_site, host) = site_and_host().await;
    host.write("cluster.toml", "network.allow-loopback = false\n");
    let ended = host
        .run(&["policy", "--output", "json"])
        .fails(20, &["network.allow-loopback"]);
    rule(&rules(&ended), "connections to this machine are denied");
}

#[test]
fn a_component_that_is_not_there_is_told_and_fails() {
    let host = Host::new();
    let digest = format!("sha256:{}", "0".repeat(64));
    host.write(
        "cluster.toml",
        &format!("component.digest = \"{digest}\"\n"),
    );
    let ended = host
        .run(&["policy", "--output", "json"])
        .fails(28, &[&digest]);
    rule(&rules(&ended), &digest);
}

#[test]
fn the_old_name_of_the_command_still_works_and_is_not_listed() {
    let host = Host::bare();
    let by = |name: &str| host.run(&[name, "--output", "json"]).ok().stdout;
    assert_eq!(by("check"), by("policy"));
    let help = host.run(&["--help"]).ok().stdout;
    assert!(help.contains("\n  policy "), "{help}");
    assert!(!help.contains("\n  check "), "{help}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_a_table_shortens_ends_in_an_ellipsis() {
    let (_site, host) = site_and_host().await;
    let rules = rules(&host.run(&["policy", "--output", "json"]).ok());
    let complete: Vec<&str> = rules
        .iter()
        .filter_map(|rule| rule["rule"].as_str())
        .collect();
    let shown = host.on_terminal(120, &["policy"], &[("PAGER", "cat")]).ok();
    let rows = shown.stdout.lines().filter(|line| line.starts_with('│'));
    let mut shortened = 0;
    for row in rows.skip(1) {
        let rule = row.split('┆').nth(1).unwrap().trim();
        if !complete.contains(&rule) {
            assert!(rule.ends_with('…'), "{rule}");
            shortened += 1;
        }
    }
    assert!(shortened > 5, "{shown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_signers_are_told_as_no_signature() {
    let (_site, host) = site_and_host().await;
    host.write("env/default.toml", "component.signed-by = []\n");
    let ended = host.run(&["policy", "--output", "json"]).ok();
    let rules = rules(&ended);
    assert_eq!(
        rule(&rules, "no signature is required")["about"],
        "component"
    );
    assert!(!ended.stdout.contains("is nothing"), "{ended:#?}");
}
