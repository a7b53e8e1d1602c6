//! Which space was probably meant by a key that no space has.

use host_runner::{Answer, CallError, Tenant, Val, bind};

/// The code of the error for such a key.
const NOT_FOUND: &str = "space-not-found";

/// The code of the notice for such a key in a list of keys.
const UNKNOWN: &str = "unknown-id";

/// Maximum number of spaces whose keys are compared: four requests.
const SPACES: &str = "1000";

/// Maximum number of keys that are suggested.
const SUGGESTED: usize = 3;

/// A sentence with the keys that are most like the one that an error is about. Lists spaces, with
/// the failed call's connection.
pub(super) async fn of_error(tenant: &Tenant, error: &CallError) -> Option<String> {
    let CallError::Component { error, .. } = error else {
        return None;
    };
    if error.code != NOT_FOUND {
        return None;
    }
    let key = error.message.split('`').nth(1)?;
    sentence(key, &keys(tenant).await?)
}

/// The same for the keys of a list that came back without a space.
pub(super) async fn of_answer(
    tenant: &Tenant,
    answer: &Answer,
    asked: &[(String, String)],
) -> Vec<String> {
    if !asked.iter().any(|(name, _)| name == "keys") {
        return Vec::new();
    }
    let unknown = unknown(answer);
    if unknown.is_empty() {
        return Vec::new();
    }
    let keys = keys(tenant).await.unwrap_or_default();
    unknown
        .iter()
        .filter_map(|key| sentence(key, &keys))
        .collect()
}

fn unknown(answer: &Answer) -> Vec<String> {
    let Some(Val::Record(rest)) = answer.rest() else {
        return Vec::new();
    };
    let Some((_, Val::List(notices))) = rest.iter().find(|(name, _)| name == "notices") else {
        return Vec::new();
    };
    let field = |notice: &Val, wanted: &str| {
        let Val::Record(fields) = notice else {
            return None;
        };
        match fields.iter().find(|(name, _)| name == wanted) {
            Some((_, Val::String(text))) => Some(text.clone()),
            Some((_, Val::Option(Some(inner)))) => match inner.as_ref() {
                Val::String(text) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        }
    };
    notices
        .iter()
        .filter(|notice| field(notice, "code").as_deref() == Some(UNKNOWN))
        .filter_map(|notice| field(notice, "id"))
        .collect()
}

/// The keys of the spaces that the account sees.
async fn keys(tenant: &Tenant) -> Option<Vec<String>> {
    let list = tenant.function("listSpaces").ok()?;
    let limit = [("limit".to_owned(), SPACES.to_owned())];
    let answer = tenant
        .call(list, bind(list, &[], &limit).ok()?)
        .await
        .ok()?;
    let document: serde_json::Value = serde_json::from_str(&answer.to_json()).ok()?;
    let items = document.get("items")?.as_array()?;
    let keys = items.iter().filter_map(|item| item.get("key")?.as_str());
    Some(keys.map(str::to_owned).collect())
}

fn sentence(key: &str, keys: &[String]) -> Option<String> {
    let near: Vec<&str> = nearest(key, keys);
    if near.is_empty() {
        return None;
    }
    let is_case = near.iter().any(|near| near.eq_ignore_ascii_case(key));
    let rule = if is_case {
        "keys are case-sensitive: "
    } else {
        ""
    };
    Some(format!(
        "{rule}no space has the key `{key}`; did you mean `{}`?",
        near.join("` or `")
    ))
}

/// Those that differ in case, or else in one letter.
fn nearest<'a>(key: &str, keys: &'a [String]) -> Vec<&'a str> {
    let upper = key.to_uppercase();
    let by = |most: usize| {
        let near = keys
            .iter()
            .map(String::as_str)
            .filter(|there| strsim::osa_distance(&there.to_uppercase(), &upper) <= most);
        near.take(SUGGESTED).collect::<Vec<_>>()
    };
    let same = by(0);
    if same.is_empty() { by(1) } else { same }
}

#[cfg(test)]
mod tests {
    use super::{nearest, sentence};

    #[test]
    fn keys_that_differ_in_case_or_one_letter_are_near() {
        let keys = ["ENG", "ENG1", "OPS", "~712020ab"].map(str::to_owned);
        assert_eq!(nearest("eng", &keys), ["ENG"]);
        assert_eq!(nearest("ENQ", &keys), ["ENG"]);
        assert_eq!(nearest("EGN", &keys), ["ENG"]);
        assert_eq!(nearest("OP", &keys), ["OPS"]);
        assert_eq!(nearest("~712020AB", &keys), ["~712020ab"]);
        assert!(nearest("XYZZY", &keys).is_empty());
        assert_eq!(sentence("XYZZY", &keys), None);
    }
}
