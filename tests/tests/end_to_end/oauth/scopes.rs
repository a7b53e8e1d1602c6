//! The least scopes, compared with those that calls name when they are missing.

use host_runner::needed_scopes;
use tests::{AUTHORIZATION, Host};

use crate::{faults, site};

fn scopes(words: &[&str]) -> Vec<String> {
    let host = Host::bare();
    let printed = host.run(&[&["connection", "scopes"], words].concat()).ok();
    printed.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn everything_fits_into_one_login() {
    let all = scopes(&[]);
    assert!(all.len() < 50, "{all:?}");
    let functions = scopes(&["--for", "functions"]);
    let streams = scopes(&["--for", "streams"]);
    for part in [&functions, &streams] {
        assert!(part.contains(&"offline_access".to_owned()));
        assert!(part.len() <= all.len());
    }
    assert_eq!(scopes(&["--for", "streams", "--for", "functions"]), all);
    assert_eq!(
        scopes(&["--for", "functions", "listSpaces"]),
        ["offline_access", "read:space:confluence"]
    );
    let some = scopes(&["--for", "streams", "pages", "audit_records"]);
    assert_eq!(
        some,
        [
            "offline_access",
            "read:audit-log:confluence",
            "read:page:confluence"
        ]
    );
    let host = Host::bare();
    host.run(&["connection", "scopes", "--for", "functions", "listPage"])
        .fails(2, &["did you mean", "listPages"]);
    host.run(&["connection", "scopes", "--for", "pages"])
        .fails(2, &["`functions` or `streams`"]);
    let json = host
        .run(&["connection", "scopes", "--output", "json"])
        .ok()
        .json();
    let kinds: Vec<&str> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"granular") && kinds.contains(&"classic"));
}

/// Functions, and arguments with which each sends a request.
const CALLS: &[&[&str]] = &[
    &["getAllUsers"],
    &["getAttachmentById", "att1"],
    &["getAttachmentLocation", "att1"],
    &["getAttachmentVersions", "att1"],
    &["getAttachments"],
    &["getAttachmentsByPage", "1"],
    &["getAuditRecords"],
    &["getBlogPostById", "1"],
    &["getBlogPosts"],
    &["getCommentById", "--id", "1"],
    &["getContentRestrictions", "1"],
    &["getCurrentUser"],
    &["getFolder", "1"],
    &["getGroups"],
    &["getLabelByName", "a"],
    &["getLabels"],
    &["getLabelsByPage", "1"],
    &["getLabelsBySpace", "1"],
    &["getPageAncestors", "1"],
    &["getPageById", "1"],
    &["getPageChildren", "1"],
    &["getPageVersions", "1"],
    &["getPages"],
    &["getPagesBySpace", "1"],
    &["getSpaceById", "1"],
    &["getSpacePermissions", "1"],
    &["getSpaces"],
    &["getTaskById", "1"],
    &["getTasks"],
    &["getUsers", "a"],
    &["listAttachments"],
    &["listBlogPosts"],
    &["listLabels"],
    &["listPages"],
    &["listSpaces"],
    &["listTasks"],
    &["search", "type=page"],
];

#[tokio::test(flavor = "multi_thread")]
async fn the_scope_that_each_call_misses_is_in_its_set() {
    let site = site().await;
    let host = Host::new();
    host.set(&site.endpoint(), AUTHORIZATION, "app").ok();
    site.set_faults(faults("*:scope"));
    for call in CALLS {
        let ended = host.run(&[&["--message-format", "json", "call"], *call].concat());
        assert_eq!(ended.code, 4, "{call:?}: {ended:#?}");
        // Missing scopes are in backticks.
        let missing: Vec<&str> = ended
            .stderr
            .split('`')
            .filter(|word| word.contains("confluence") && word.contains(':') && !word.contains(' '))
            .filter(|word| !word.contains('/'))
            .collect();
        assert!(!missing.is_empty(), "{call:?}: {ended:#?}");
        let names = [call[0].to_owned()];
        let needed = needed_scopes(Some(&names), Some(&[])).unwrap().scopes;
        for scope in missing {
            let alternatives = scope == "read:confluence-content.all"
                && needed.contains(&"read:content-details:confluence");
            assert!(
                alternatives || needed.contains(&scope),
                "{call:?}: {scope} {needed:?}"
            );
        }
    }
}
