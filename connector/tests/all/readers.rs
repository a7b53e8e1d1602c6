//! Who may read, and that nobody is let in by what cannot be read.

use crate::simulated::Simulated;
use crate::site::{Site, answer, asked, ok, silent};
use confluence_connector::{
    Answer, Confluence, ContentKind, EffectiveReaders, Error, ErrorKind, Principal, ReadAnswer,
    ReadDecision, TransportError,
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

fn account(id: &str, kind: &str, email: &str) -> String {
    format!(r#"{{"accountId":"{id}","type":"{kind}","email":"{email}"}}"#)
}

/// The usual site with accounts: `u1` shows an address, `u4` is in the group `g1`, `gone` is deleted.
fn with_people(url: &str) -> Answer {
    let rows = |rows: &[String]| {
        let rows = rows.join(",");
        ok(&format!(
            r#"{{"results":[{rows}],"start":0,"limit":200,"size":1,"_links":{{}}}}"#
        ))
    };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let asked = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("accountId="))
        .unwrap_or_default();
    match path {
        "/rest/api/user/bulk" if asked == "nobody" => rows(&[]),
        "/rest/api/user/bulk" => {
            let kind = if asked == "gone" { "unknown" } else { "known" };
            rows(&[account(asked, kind, "")])
        }
        "/rest/api/user/memberof" if asked == "u4" => {
            rows(&[r#"{"id":"g0"}"#.to_owned(), r#"{"id":"g1"}"#.to_owned()])
        }
        "/rest/api/user/memberof" => rows(&[r#"{"id":"g0"}"#.to_owned()]),
        "/rest/api/group" => rows(&[r#"{"id":"g0"}"#.to_owned(), r#"{"id":"g1"}"#.to_owned()]),
        "/rest/api/group/g0/membersByGroupId" => rows(&[account("u9", "known", "")]),
        "/rest/api/group/g1/membersByGroupId" => rows(&[
            account("u4", "known", ""),
            account("u1", "known", "Me@example.com"),
        ]),
        "/api/v2/spaces/5/permissions" => list(
            &[
                permission(1, "user", "u1", "read", "space"),
                permission(2, "group", "g1", "read", "space"),
                permission(3, "user", "gone", "read", "space"),
            ]
            .join(","),
        ),
        _ => usual(url),
    }
}

fn decide(user: &str) -> (Confluence<Site>, ReadDecision) {
    let mut site = crate::site::site(|_, url| Ok(with_people(url)));
    let decision = site.can_read(user, Some("7"), None).unwrap();
    (site, decision)
}

fn shown(decision: &ReadDecision) -> (ReadAnswer, String) {
    let decides = decision.decides.as_ref();
    let gate = decides.map(|gate| format!("{} {}", gate.kind, gate.id));
    (decision.answer, gate.unwrap_or_default())
}

#[test]
fn an_account_that_is_named_at_every_gate_can_read_without_its_groups_being_read() {
    let (mut site, decision) = decide("u1");
    assert_eq!(shown(&decision), (ReadAnswer::Yes, "page 7".to_owned()));
    let passed: Vec<_> = decision.gates.iter().map(|gate| gate.via.clone()).collect();
    let named = Some(Principal {
        kind: "user".to_owned(),
        id: "u1".to_owned(),
    });
    assert_eq!(passed, [named.clone(), named.clone(), named]);
    assert_eq!(
        asked(&mut site),
        [
            "/rest/api/user/bulk?accountId=u1",
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
fn an_account_passes_by_its_groups_which_are_read_once() {
    let (mut site, decision) = decide("u4");
    assert_eq!(shown(&decision), (ReadAnswer::Yes, "page 7".to_owned()));
    let requests = asked(&mut site);
    let memberships = requests.iter().filter(|url| url.contains("memberof"));
    assert_eq!(memberships.count(), 1);
    assert_eq!(requests.len(), 8);
}

#[test]
fn the_first_gate_that_turns_an_account_away_decides_and_ends_the_requests() {
    let (mut site, decision) = decide("u2");
    assert_eq!(shown(&decision), (ReadAnswer::No, "space 5".to_owned()));
    assert_eq!(asked(&mut site).len(), 4);
    // The account passes the space, and not the ancestor.
    let mut site = crate::site::site(|_, url| {
        Ok(match url.split('?').next().unwrap() {
            "/api/v2/spaces/5/permissions" => list(&permission(1, "group", "g0", "read", "space")),
            _ => with_people(url),
        })
    });
    let decision = site.can_read("u2", Some("7"), None).unwrap();
    assert_eq!(shown(&decision), (ReadAnswer::No, "page 2".to_owned()));
    assert_eq!(decision.gates.len(), 2);
}

#[test]
fn an_e_mail_address_is_that_of_the_account_that_shows_it() {
    let (mut site, decision) = decide("me@EXAMPLE.com");
    assert_eq!(decision.account_id, "u1");
    assert_eq!(decision.answer, ReadAnswer::Yes);
    assert!(
        asked(&mut site)
            .iter()
            .all(|url| !url.contains("user/bulk"))
    );
    let mut site = crate::site::site(|_, url| Ok(with_people(url)));
    let error = site
        .can_read("hidden@example.com", Some("7"), None)
        .unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_str()),
        (ErrorKind::NotFound, "user-not-found")
    );
    assert!(asked(&mut site).iter().all(|url| !url.contains("/api/v2/")));
}

#[test]
fn what_cannot_be_decided_is_unknown_and_never_yes() {
    // A class lets the account pass the space, or not: Confluence does not show who is in it.
    let mut site = crate::site::site(|_, url| {
        Ok(match url.split('?').next().unwrap() {
            "/api/v2/spaces/5/permissions" => usual(url),
            _ => with_people(url),
        })
    });
    let decision = site.can_read("u2", None, Some("7")).unwrap();
    assert_eq!(
        shown(&decision),
        (ReadAnswer::Unknown, "space 5".to_owned())
    );
    // A later gate that turns it away decides all the same.
    let decision = site.can_read("u2", Some("7"), None).unwrap();
    assert_eq!(shown(&decision), (ReadAnswer::No, "page 2".to_owned()));
    // The blog post is in the trash.
    let mut site = crate::site::site(|_, url| Ok(with_people(url)));
    let decision = site.can_read("u1", None, Some("7")).unwrap();
    assert_eq!(shown(&decision), (ReadAnswer::Unknown, String::new()));
    assert!(decision.reason.contains("trashed"), "{}", decision.reason);
    // The account is deleted, and still named everywhere.
    let mut site = crate::site::site(|_, url| {
        Ok(if url.contains("/content/") {
            named(&["gone"], &[])
        } else {
            with_people(url)
        })
    });
    let decision = site.can_read("gone", Some("7"), None).unwrap();
    assert_eq!(shown(&decision), (ReadAnswer::Unknown, String::new()));
}

#[test]
fn a_part_that_cannot_be_read_is_an_error_and_no_answer() {
    for part in [
        "/rest/api/user/bulk",
        "/rest/api/user/memberof",
        "/api/v2/pages/7",
        "/api/v2/spaces/5/permissions",
        "/api/v2/pages/7/ancestors",
        "/rest/api/content/3/restriction/byOperation/read",
        "/rest/api/content/2/restriction/byOperation/read",
        "/rest/api/content/7/restriction/byOperation/read",
    ] {
        for body in ["{}", "[]", "<html>", r#"{"results":null}"#, ""] {
            let mut site = crate::site::site(move |_, url| {
                Ok(if url.split('?').next() == Some(part) {
                    ok(body)
                } else {
                    with_people(url)
                })
            });
            let decided = site.can_read("u4", Some("7"), None);
            assert!(decided.is_err(), "{part} {body}: {decided:?}");
        }
        let mut site = crate::site::site(move |_, url| {
            Ok(if url.split('?').next() == Some(part) {
                answer(403, &[("atl-traceid", "t")], "{}")
            } else {
                with_people(url)
            })
        });
        let error = site.can_read("u4", Some("7"), None).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Forbidden, "{part}");
        let unread = match part {
            "/rest/api/user/memberof" => Some("the groups of account `u4` cannot be read"),
            "/api/v2/spaces/5/permissions" => Some("space `5` cannot be read"),
            _ => None,
        };
        if let Some(unread) = unread {
            assert_eq!(
                error.message,
                format!("cannot determine the readers of page `7`: {unread}")
            );
            assert_eq!(error.code, "readers-unreadable");
        }
    }
    let mut site = crate::site::site(|_, url| Ok(with_people(url)));
    let error = site.can_read("nobody", Some("7"), None).unwrap_err();
    assert_eq!(error.code, "user-not-found");
}

#[test]
fn wrong_arguments_are_refused_with_no_request() {
    for (user, page, post, code) in [
        ("u1", None, None, "one-content-needed"),
        ("u1", Some("7"), Some("7"), "one-content-needed"),
        ("u1", Some("~key"), None, "id-malformed"),
        ("u1", None, Some("7/.."), "id-malformed"),
        ("u 1", Some("7"), None, "account-id-malformed"),
        ("", Some("7"), None, "account-id-malformed"),
    ] {
        let error = silent().can_read(user, page, post).unwrap_err();
        assert_eq!(error.code, code, "{user} {page:?} {post:?}");
    }
}

/// What the gates of a page say of an account in these groups.
fn by_gates(readers: &EffectiveReaders, account: &str, groups: &[String]) -> ReadAnswer {
    let mut answer = ReadAnswer::Yes;
    for gate in &readers.gates {
        let passes = gate.principals.iter().any(|one| match one.kind.as_str() {
            "user" => one.id == account,
            "group" => groups.contains(&one.id),
            _ => false,
        });
        match gate.principals.iter().any(|one| one.kind == "access-class") {
            _ if passes => {}
            true => answer = ReadAnswer::Unknown,
            false => return ReadAnswer::No,
        }
    }
    answer
}

#[test]
fn every_answer_agrees_with_the_effective_readers_of_the_page() {
    let simulated = Simulated::of_pages(60);
    let site = simulated.simulator.site();
    let mut confluence = simulated.confluence();
    let groups: Vec<String> = site.group_ids().collect();
    let members: Vec<Vec<String>> = groups.iter().map(|id| site.group_member_ids(id)).collect();
    let mut accounts: Vec<String> = members.iter().flatten().cloned().collect();
    accounts.sort();
    accounts.dedup();
    let mut seen = [0; 3];
    for page in site.page_ids().take(60) {
        let readers = confluence
            .get_effective_readers(ContentKind::Page, &page)
            .unwrap();
        for account in &accounts {
            let own: Vec<String> = groups
                .iter()
                .zip(&members)
                .filter(|(_, members)| members.contains(account))
                .map(|(id, _)| id.clone())
                .collect();
            let expected = by_gates(&readers, account, &own);
            let decision = confluence.can_read(account, Some(&page), None).unwrap();
            assert_eq!(decision.answer, expected, "{account} {page}: {decision:?}");
            let may_view = site.may_view(&page, account);
            let contradicts = match decision.answer {
                ReadAnswer::Yes => !may_view,
                ReadAnswer::No => may_view,
                ReadAnswer::Unknown => false,
            };
            assert!(!contradicts, "{account} {page}: {decision:?}");
            seen[expected as usize] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
