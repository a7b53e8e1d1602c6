//! Which scope each call needs.

use super::{Place, functions, lists, with};

/// The gateway answers 401 with a header of its own, and a new token of the same scopes helps
/// nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_named_by_every_function_and_asked_for_once() {
    let place = Place::behind_the_gateway(200).await;
    for (words, scope) in functions(&place.site) {
        let (ended, requests) = place.asked(|| place.under("*:scope", &words));
        assert_eq!(ended.stdout, "", "{words:?}");
        let trace = requests[0].trace_id.clone();
        let scopes: Vec<String> = scope.split(' ').map(|one| format!("`{one}`")).collect();
        let plural = if scopes.len() > 1 { "s" } else { "" };
        ended.fails(
            4,
            &[
                "has not the scope",
                &format!("needs the scope{plural} {}", scopes.join(" and ")),
                "fix:",
                &format!("request id: {trace}"),
            ],
        );
        assert_eq!(requests.len(), 1, "{words:?}");
    }
}

/// A token may have the scope of the first call, and not that of the next.
#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_missing_behind_a_key_is_that_of_the_look_up() {
    let place = Place::new().await;
    let key = place.site.site().space_keys().next().unwrap();
    let words = ["getPagesBySpace".to_owned(), key];
    for (fault, scope) in [
        ("1:scope", "`read:space:confluence`"),
        ("2:scope", "`read:page:confluence`"),
    ] {
        place.under(fault, &words).fails(4, &[scope]);
    }
    for (request, scope) in [
        (1, "`read:page:confluence`"),
        (2, "`read:space:confluence`"),
        (3, "`read:space.permission:confluence`"),
    ] {
        let words = ["getEffectiveReaders", "page", &place.page(0)];
        let ended = place.under(&format!("{request}:scope"), &words);
        ended.fails(4, &[scope, "without it nobody can be let in"]);
    }
}

/// In the middle of a list the error stands in the answer, whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_goes_missing_on_the_way_is_in_the_json_as_well() {
    let place = Place::of(9_000).await;
    let mut seen = 0;
    for words in lists(&place.site) {
        let words = with(&words, &["--limit", "500", "--output", "json"]);
        let (ended, requests) = place.asked(|| place.under("2:scope", &words));
        if requests.len() < 2 || ended.stdout.is_empty() {
            continue;
        }
        let stopped = ended.json()["rest"]["stopped"].clone();
        if stopped.is_null() {
            continue;
        }
        seen += 1;
        assert_eq!(stopped["kind"], "unauthorized", "{words:?}");
        assert_eq!(stopped["code"], "scope-missing");
        assert_eq!(stopped["status"], 401);
        assert_eq!(stopped["requestId"], requests[1].trace_id);
        let cause = stopped["cause"].as_str().unwrap();
        assert!(cause.contains("this call needs the scope `"), "{cause}");
        let fix = stopped["resolution"].as_str().unwrap();
        assert!(fix.contains("make a token with"), "{fix}");
        ended.fails(4, &[cause, fix, "from:"]);
    }
    assert!(seen >= 6, "{seen}");
}
