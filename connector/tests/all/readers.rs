//! Who may read, and that nobody is let in by what cannot be read.

use crate::site::{Site, answer, asked, ok, silent};
use confluence_connector::{
    Answer, Confluence, ContentKind, Error, ErrorKind, Principal, TransportError,
};

fn list(rows: &str) -> Answer {
    ok(&format!(r#"{{"results":[{rows}],"_links":{{}}}}"#))
}

fn permission(id: u32, kind: &str, principal: &str, operation: &str, target: &str) -> String {
    format!(
        r#"{{"id":"{id}","principal":{{"type":"{kind}","id":"{principal}"}},"operation":{{"key":"{operation}","targetType":"{target}"}}}}"#
    )
}

fn named(users: &[&str], groups: &[&str]) -> Answer {
    let users: Vec<String> = users
        .iter()
        .map(|id| format!(r#"{{"accountId":"{id}"}}"#))
        .collect();
    let groups: Vec<String> = groups
        .iter()
        .map(|id| format!(r#"{{"id":"{id}"}}"#))
        .collect();
    ok(&format!(
        r#"{{"operation":"read","restrictions":{{"user":{{"results":[{}]}},"group":{{"results":[{}]}}}}}}"#,
        users.join(","),
        groups.join(",")
    ))
}

/// A page 7 in space 5 under folder 3 and page 2: the folder restricts nothing, page 2 names a
/// user and a group, page 7 names two users and the group.
fn usual(url: &str) -> Answer {
    let path = url.split('?').next().unwrap();
    match path {
        "/api/v2/pages/7" => ok(r#"{"id":"7","status":"current","spaceId":"5"}"#),
        "/api/v2/blogposts/7" => ok(r#"{"id":"7","status":"trashed","spaceId":5}"#),
        "/api/v2/spaces/5/permissions" => list(
            &[
                permission(1, "user", "u1", "read", "space"),
                permission(2, "group", "g1", "read", "space"),
                permission(3, "access-class", "ALL_LICENSED_USERS", "read", "space"),
                permission(4, "user", "u9", "delete", "space"),
                permission(5, "user", "u8", "read", "page"),
            ]
            .join(","),
        ),
        "/api/v2/pages/7/ancestors" => {
            list(r#"{"id":"3","type":"folder"},{"id":"2","type":"page"}"#)
        }
        "/rest/api/content/3/restriction/byOperation/read" => named(&[], &[]),
        "/rest/api/content/2/restriction/byOperation/read" => named(&["u1"], &["g1"]),
        "/rest/api/content/7/restriction/byOperation/read" => named(&["u1", "u2"], &["g1"]),
        _ => panic!("not expected: {url}"),
    }
}

fn usual_but(
    part: &'static str,
    other: impl Fn() -> Result<Answer, TransportError> + 'static,
) -> Confluence<Site> {
    crate::site::site(move |_, url| {
        if url.split('?').next() == Some(part) {
            other()
        } else {
            Ok(usual(url))
        }
    })
}

fn error_of(part: &'static str, other: impl Fn() -> Answer + 'static) -> Error {
    usual_but(part, move || Ok(other()))
        .get_effective_readers(ContentKind::Page, "7")
        .unwrap_err()
}

fn texts(principals: &[Principal]) -> Vec<String> {
    principals
        .iter()
        .map(|one| format!("{}:{}", one.kind, one.id))
        .collect()
}

#[test]
fn every_gate_from_the_space_down_has_to_be_passed() {
    let mut site = crate::site::site(|_, url| Ok(usual(url)));
    let readers = site.get_effective_readers(ContentKind::Page, "7").unwrap();
    assert_eq!(
        (readers.content_id.as_str(), readers.space_id.as_str()),
        ("7", "5")
    );
    let gates: Vec<_> = readers
        .gates
        .iter()
        .map(|gate| {
            (
                gate.kind.as_str(),
                gate.id.as_str(),
                texts(&gate.principals),
            )
        })
        .collect();
    let strings = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        gates,
        [
            (
                "space",
                "5",
                strings(&["user:u1", "group:g1", "access-class:ALL_LICENSED_USERS"])
            ),
            ("page", "2", strings(&["user:u1", "group:g1"])),
            ("page", "7", strings(&["user:u1", "user:u2", "group:g1"])),
        ]
    );
    // The second user passes the last gate only by name.
    assert_eq!(texts(&readers.certain), ["user:u1", "group:g1"]);
    let consulted: Vec<_> = readers
        .consulted
        .iter()
        .map(|part| (part.kind.as_str(), part.id.as_str(), part.restricts))
        .collect();
    assert_eq!(
        consulted,
        [
            ("space", "5", true),
            ("folder", "3", false),
            ("page", "2", true),
            ("page", "7", true)
        ]
    );
    assert_eq!(
        asked(&mut site),
        [
            "/api/v2/pages/7",
            "/api/v2/spaces/5/permissions?limit=250",
            "/api/v2/pages/7/ancestors?limit=250",
            "/rest/api/content/3/restriction/byOperation/read?limit=100",
            "/rest/api/content/2/restriction/byOperation/read?limit=100",
            "/rest/api/content/7/restriction/byOperation/read?limit=100"
        ]
    );
}

#[test]
fn a_blog_post_hangs_under_nothing_and_tells_its_status() {
    let mut site = crate::site::site(|_, url| Ok(usual(url)));
    let readers = site
        .get_effective_readers(ContentKind::BlogPost, "7")
        .unwrap();
    assert_eq!(readers.status.as_deref(), Some("trashed"));
    assert_eq!(readers.gates.len(), 2);
    assert_eq!(asked(&mut site).len(), 3);
}

#[test]
fn whoever_has_a_role_that_sees_the_space_passes_its_gate() {
    let mut site = crate::site::site(|_, url| {
        Ok(match url.split('?').next().unwrap() {
            "/api/v2/spaces/5/permissions" => list(
                &[
                    permission(1, "role", "r-1", "read", "space"),
                    permission(2, "role", "r-1", "read", "space"),
                    permission(3, "role", "r-2", "delete", "space"),
                ]
                .join(","),
            ),
            "/api/v2/spaces/5/role-assignments" => list(
                r#"{"principal":{"principalType":"ACCESS_CLASS","principalId":"ALL_LICENSED_USERS"},"roleId":"r-1"},
                {"roleId":"r-1","principal":{"principalType":"USER","principalId":"u1"}}"#,
            ),
            _ => usual(url),
        })
    });
    let readers = site
        .get_effective_readers(ContentKind::BlogPost, "7")
        .unwrap();
    assert_eq!(
        texts(&readers.gates[0].principals),
        ["access-class:ALL_LICENSED_USERS", "user:u1"]
    );
    assert_eq!(
        asked(&mut site)[2],
        "/api/v2/spaces/5/role-assignments?limit=250&role-id=r-1"
    );
    assert_eq!(asked(&mut site).len(), 4);
}

#[test]
fn a_part_that_cannot_be_read_fails_the_whole_and_is_named() {
    for part in [
        "/api/v2/pages/7",
        "/api/v2/spaces/5/permissions",
        "/api/v2/pages/7/ancestors",
        "/rest/api/content/3/restriction/byOperation/read",
        "/rest/api/content/2/restriction/byOperation/read",
        "/rest/api/content/7/restriction/byOperation/read",
    ] {
        for (status, kind) in [
            (401, ErrorKind::Unauthorized),
            (403, ErrorKind::Forbidden),
            (404, ErrorKind::NotFound),
            (429, ErrorKind::RateLimited),
            (503, ErrorKind::UpstreamFailed),
        ] {
            let error = error_of(part, move || answer(status, &[("atl-traceid", "t")], "{}"));
            assert_eq!(
                (error.kind, error.code.as_str(), error.status),
                (kind, "readers-unreadable", Some(status)),
                "{part}"
            );
            assert!(error.message.contains("page `7`"), "{}", error.message);
        }
        for body in ["{}", "[]", "<html>", r#"{"results":null}"#, ""] {
            let error = error_of(part, move || ok(body));
            assert_eq!(error.code, "readers-unreadable", "{part} {body}");
        }
        let mut cut = usual_but(part, || {
            Err(TransportError::Truncated { detail: "x".into() })
        });
        let error = cut
            .get_effective_readers(ContentKind::Page, "7")
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Truncated);
    }
    let error = error_of("/rest/api/content/3/restriction/byOperation/read", || {
        answer(404, &[("atl-traceid", "t")], "{}")
    });
    assert!(error.message.contains("folder `3`"), "{}", error.message);
}

#[test]
fn permissions_that_cannot_be_understood_let_nobody_in() {
    for rows in [
        String::new(),
        permission(1, "galaxy", "x", "read", "space"),
        permission(1, "user", "", "read", "space"),
        permission(1, "user", "u1", "delete", "space"),
        r#"{"id":"1","principal":{"type":"user","id":"u1"}}"#.to_owned(),
        format!("{},null", permission(1, "user", "u1", "read", "space")),
    ] {
        let shown = rows.clone();
        let error = error_of("/api/v2/spaces/5/permissions", move || list(&rows));
        assert_eq!(
            (error.code.as_str(), error.kind),
            ("readers-unreadable", ErrorKind::UnexpectedAnswer),
            "{shown}"
        );
    }
    // A later page that fails is no end.
    let mut site = crate::site::site(|_, url| {
        Ok(if url.contains("cursor=") {
            answer(500, &[], "")
        } else if url.contains("/permissions") {
            let row = permission(1, "user", "u1", "read", "space");
            ok(&format!(
                r#"{{"results":[{row}],"_links":{{"next":"/wiki/x?cursor=c"}}}}"#
            ))
        } else {
            usual(url)
        })
    });
    let error = site
        .get_effective_readers(ContentKind::Page, "7")
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::UpstreamFailed);
    // Nor is a page without a space.
    let error = error_of("/api/v2/pages/7", || ok(r#"{"id":"7","spaceId":null}"#));
    assert_eq!(error.code, "readers-unreadable");
    // Nor a filter by role that is ignored.
    let mut site = crate::site::site(|_, url| {
        Ok(match url.split('?').next().unwrap() {
            "/api/v2/spaces/5/permissions" => list(&permission(1, "role", "r-1", "read", "space")),
            "/api/v2/spaces/5/role-assignments" => {
                list(r#"{"principal":{"principalType":"USER","principalId":"u1"},"roleId":"r-2"}"#)
            }
            _ => usual(url),
        })
    });
    let error = site
        .get_effective_readers(ContentKind::Page, "7")
        .unwrap_err();
    assert_eq!(error.code, "readers-unreadable");
}

#[test]
fn a_gate_that_names_only_the_deleted_lets_nobody_pass() {
    let mut site = usual_but("/rest/api/content/7/restriction/byOperation/read", || {
        Ok(ok(
            r#"{"restrictions":{"user":{"results":[]},"group":{"results":[{"name":"gone"}]}}}"#,
        ))
    });
    let readers = site.get_effective_readers(ContentKind::Page, "7").unwrap();
    assert!(readers.gates[2].principals.is_empty() && readers.certain.is_empty());
}

#[test]
fn a_hostile_id_is_refused_with_no_request() {
    for id in [
        "",
        "~key",
        "7/..",
        "../7",
        "7?x=1",
        "7\n",
        "漢字",
        "att7",
        "9223372036854775808",
    ] {
        let error = silent()
            .get_effective_readers(ContentKind::Page, id)
            .unwrap_err();
        assert_eq!(error.code, "id-malformed");
    }
}
