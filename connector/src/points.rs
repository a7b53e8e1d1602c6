//! What a request costs of the hourly quota that Confluence has for OAuth apps.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What counts of an answer.
#[derive(Deserialize)]
struct Counted {
    results: Option<Vec<IgnoredAny>>,
}

/// Points of a GET: 1 for the request, and 1 for each object in the answer, or 2 for each user,
/// group or permission. `path_and_query` is what was asked, `body` what was answered; an answer
/// that is no JSON has no object.
///
/// As Atlassian documents it (developer.atlassian.com, "Rate limiting"). API tokens are not
/// counted by points.
#[must_use]
pub fn points(path_and_query: &str, body: &[u8]) -> u64 {
    let objects = match serde_json::from_slice(body) {
        Ok(Counted {
            results: Some(results),
        }) => results.len() as u64,
        Ok(Counted { results: None }) => 1,
        Err(_) => 0,
    };
    1 + objects * weight(path_and_query)
}

/// Points of a GET whose answer nobody has seen: those of as many objects as were asked for, or of
/// Confluence's 25 where that was not said.
#[must_use]
pub fn most_points(path_and_query: &str) -> u64 {
    let query = path_and_query
        .split_once('?')
        .map_or("", |(_, query)| query);
    let limit = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("limit=")?.parse::<u64>().ok());
    1 + limit.unwrap_or(25).min(250) * weight(path_and_query)
}

/// Points of one object.
fn weight(path_and_query: &str) -> u64 {
    let path = path_and_query.split('?').next().unwrap_or_default();
    let is_dear = path.split('/').any(|segment| {
        segment.starts_with("user")
            || segment.starts_with("group")
            || segment.starts_with("member")
            || matches!(segment, "permissions" | "role-assignments")
    });
    if is_dear { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::{most_points, points};

    fn rows(count: usize) -> Vec<u8> {
        format!(
            r#"{{"results":[{}],"_links":{{}}}}"#,
            vec!["{}"; count].join(",")
        )
        .into_bytes()
    }

    #[test]
    fn what_nobody_has_seen_costs_what_was_asked_for() {
        assert_eq!(
            most_points("/wiki/api/v2/pages?status=current&limit=250"),
            251
        );
        assert_eq!(most_points("/wiki/api/v2/pages"), 26);
        assert_eq!(
            most_points("/wiki/rest/api/group?limit=18446744073709551615"),
            501
        );
    }

    #[test]
    fn a_list_costs_one_and_a_point_for_each_row() {
        assert_eq!(points("/wiki/api/v2/pages?limit=250", &rows(250)), 251);
        assert_eq!(points("/wiki/api/v2/pages", &rows(0)), 1);
    }

    #[test]
    fn users_groups_and_permissions_cost_twice_as_much() {
        for path in [
            "/wiki/rest/api/group/7/membersByGroupId?limit=200",
            "/wiki/rest/api/user/memberof?accountId=1",
            "/wiki/api/v2/spaces/7/permissions?limit=200",
            "/wiki/rest/api/search/user?cql=type=user",
        ] {
            assert_eq!(points(path, &rows(200)), 401, "{path}");
        }
    }

    #[test]
    fn one_object_is_one_and_none_is_none() {
        assert_eq!(points("/wiki/api/v2/pages/7", br#"{"id":"7"}"#), 2);
        assert_eq!(
            points("/wiki/rest/api/user/current", br#"{"accountId":"7"}"#),
            3
        );
        assert_eq!(points("/wiki/api/v2/pages/7", b"<html>"), 1);
    }
}
