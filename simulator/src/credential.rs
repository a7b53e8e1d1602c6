//! What stands in `Authorization`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Whether a request has an account: with `demanded`, only that exact value has one; else every
/// well-formed Basic of `email:token` and every Bearer.
pub(crate) fn is_account(authorization: Option<&str>, demanded: Option<&str>) -> bool {
    match (authorization, demanded) {
        (None, _) => false,
        (Some(given), Some(demanded)) => given == demanded,
        (Some(given), None) => email(given).is_some() || bearer(given),
    }
}

/// The address of a well-formed Basic.
pub(crate) fn email(authorization: &str) -> Option<String> {
    let (scheme, value) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (email, token) = text.split_once(':')?;
    (email.contains('@') && !token.is_empty()).then(|| email.to_owned())
}

fn bearer(authorization: &str) -> bool {
    authorization
        .split_once(' ')
        .is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer")
                && !token.is_empty()
                && !token.contains(char::is_whitespace)
        })
}

#[cfg(test)]
mod tests {
    use super::{email, is_account};

    #[test]
    fn only_well_formed_values_are_accounts() {
        // `ada@example.com:token`
        let basic = "Basic YWRhQGV4YW1wbGUuY29tOnRva2Vu";
        assert_eq!(email(basic).as_deref(), Some("ada@example.com"));
        for good in [
            basic,
            "basic YWRhQGV4YW1wbGUuY29tOnRva2Vu",
            "Bearer abc",
            "bearer a.b-c",
        ] {
            assert!(is_account(Some(good), None), "{good}");
        }
        // `ada:token`, `ada@example.com`, `ada@example.com:`
        let bad = [
            "",
            "Basic",
            "Basic !",
            "Basic YWRhOnRva2Vu",
            "Basic YWRhQGV4YW1wbGUuY29t",
            "Basic YWRhQGV4YW1wbGUuY29tOg==",
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Token abc",
        ];
        for bad in bad {
            assert!(!is_account(Some(bad), None), "{bad}");
        }
        assert!(!is_account(None, None));
        assert!(!is_account(Some("Bearer abc"), Some(basic)));
        assert!(is_account(Some(basic), Some(basic)));
    }
}
