//! What is asked of Confluence, and what never is.

use super::{Place, functions, lists, parameter, path, with};

/// Lists and content of version 1 are no longer described, and what is experimental may go
/// tomorrow.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_that_is_withdrawn_or_experimental() {
    const VERSION_1: [&str; 9] = [
        "/rest/api/audit",
        "/rest/api/user/current",
        "/rest/api/user/bulk",
        "/rest/api/group",
        "/rest/api/group/{}/membersByGroupId",
        "/rest/api/label",
        "/rest/api/search",
        "/rest/api/content/{}/restriction/byOperation/read",
        "/rest/api/content/{}/restriction/byOperation/update",
    ];
    const EXPERIMENTAL: [&str; 5] = [
        "/api/v2/space-permissions",
        "/api/v2/data-policies",
        "/api/v2/app",
        "/api/v2/user",
        "/api/v2/admin-key",
    ];
    let place = Place::new().await;
    let (mut version_1, mut version_2) = (0, 0);
    for (words, _) in functions(&place.site) {
        let (_, requests) = place.asked(|| place.call(&words).ok());
        assert!(!requests.is_empty(), "{words:?}");
        for request in requests {
            assert_eq!(request.method, "GET");
            // What comes inside of other answers is cut.
            assert!(!request.path_and_query.contains("include-"), "{request:?}");
            assert!(!request.path_and_query.contains("expand"), "{request:?}");
            assert_eq!(request.status, 200, "{request:?}");
            let below = path(&request).strip_prefix("/wiki").unwrap();
            if below.starts_with("/rest/") {
                let shape: Vec<&str> = below
                    .split('/')
                    .map(|part| {
                        if part.contains(|c: char| c.is_ascii_digit()) {
                            "{}"
                        } else {
                            part
                        }
                    })
                    .collect();
                assert!(VERSION_1.contains(&shape.join("/").as_str()), "{below}");
                version_1 += 1;
            } else {
                assert!(below.starts_with("/api/v2/"), "{below}");
                assert!(
                    !EXPERIMENTAL.iter().any(|path| below.starts_with(path)),
                    "{below}"
                );
                // Offsets mean nothing there, and bring the first page for ever.
                assert!(parameter(&request, "start").is_empty(), "{request:?}");
                version_2 += 1;
            }
        }
    }
    assert!(version_1 >= 8 && version_2 >= 40, "{version_1} {version_2}");
}

/// Confluence knows fields to order by, other ones for each resource; `asc` and `desc` it does not.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_sent_as_a_field_that_the_resource_has() {
    let place = Place::new().await;
    let mut ordered = 0;
    for words in lists(&place.site) {
        let field = match (words[0].as_str(), words.get(1).map(String::as_str)) {
            ("getSpaces", _) => "key",
            (name, _) if name.starts_with("getLabels") => "name",
            ("getPageChildren", _) => "child-position",
            ("getComments", _) => "created-date",
            // Properties of spaces have no order, and that is said before anything is sent:
            // Confluence would ignore it.
            ("getContentProperties", Some("space")) => "",
            ("getContentProperties", _) => "key",
            (
                "getTasks"
                | "getSpacePermissions"
                | "getGroups"
                | "getGroupMembers"
                | "getUsers"
                | "getAllUsers"
                | "getAuditRecords"
                | "search",
                _,
            ) => continue,
            (name, _) if name.starts_with("get") => "modified-date",
            _ => continue,
        };
        for (sort, sent) in [("asc", field.to_owned()), ("desc", format!("-{field}"))] {
            let words = with(&words, &["--sort", sort]);
            let (ended, requests) = place.asked(|| place.call(&words));
            if field.is_empty() {
                ended.fails(18, &["sort", "fix:"]);
                assert!(requests.is_empty(), "{words:?}");
                continue;
            }
            ended.ok();
            for request in requests
                .iter()
                .filter(|one| !path(one).ends_with("/children"))
            {
                assert_eq!(parameter(request, "sort"), [sent.as_str()], "{request:?}");
            }
            ordered += 1;
        }
    }
    assert!(ordered >= 30, "{ordered}");
}
