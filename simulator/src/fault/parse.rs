//! Faults as they stand on a command line.

use std::str::FromStr;
use std::time::Duration;

use super::{Fault, Faults, LimitReason, When};

/// Why a text is no list of faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseFaultsError {
    /// A part has no colon.
    #[error("`{part}` is no fault; write when and what, such as `3:429`")]
    NoColon {
        /// The part between two commas.
        part: String,
    },
    /// What stands before the colon selects no request.
    #[error(
        "`{when}` selects no request; write a number from 1 (`3`), a range (`2-5`), every n-th (`/10`) or all (`*`)"
    )]
    UnknownWhen {
        /// What stands before the colon.
        when: String,
    },
    /// What stands behind the colon is no fault.
    #[error("`{what}` is no fault; write a status such as `429`, or one of {known}")]
    UnknownWhat {
        /// What stands behind the colon.
        what: String,
        /// The names that there are.
        known: String,
    },
}

impl FromStr for Faults {
    type Err = ParseFaultsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts
            .map(rule)
            .collect::<Result<Vec<_>, _>>()
            .map(|rules| Self { rules })
    }
}

fn rule(part: &str) -> Result<(When, Fault), ParseFaultsError> {
    let Some((when, what)) = part.split_once(':') else {
        return Err(ParseFaultsError::NoColon {
            part: part.to_owned(),
        });
    };
    let (when, what) = (when.trim(), what.trim());
    let selected = parse_when(when).ok_or_else(|| ParseFaultsError::UnknownWhen {
        when: when.to_owned(),
    })?;
    let fault = parse_what(what).ok_or_else(|| ParseFaultsError::UnknownWhat {
        what: what.to_owned(),
        known: NAMES
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    Ok((selected, fault))
}

fn parse_when(when: &str) -> Option<When> {
    let number = |text: &str| text.parse::<u64>().ok().filter(|&number| number > 0);
    if when == "*" {
        return Some(When::Always);
    }
    if let Some(step) = when.strip_prefix('/') {
        return number(step).map(When::Every);
    }
    match when.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(When::Between(first, last))
        }
        None => number(when).map(When::At),
    }
}

const NAMES: [&str; 39] = [
    "burst=SECONDS",
    "quota=SECONDS",
    "tenant-quota=SECONDS",
    "gateway-limit",
    "scope",
    "anonymous",
    "truncate",
    "truncate-body",
    "html",
    "deep",
    "huge",
    "endless",
    "slow=MILLISECONDS",
    "stall",
    "reset",
    "repeated-cursor",
    "same-page",
    "empty-page",
    "empty-pages",
    "empty-end",
    "short-pages",
    "link-in-header",
    "poison=ID",
    "poison-body=ID",
    "ignore-filter",
    "echo-credential",
    "echo-body",
    "nulls",
    "unknown-fields",
    "unknown-words",
    "drafts",
    "numeric-ids",
    "bad-row",
    "redirect",
    "bad-next-link",
    "wrong-shape",
    "empty-body",
    "burst",
    "quota",
];

fn parse_what(what: &str) -> Option<Fault> {
    if let Ok(status) = what.parse::<u16>() {
        return (200..600)
            .contains(&status)
            .then_some(Fault::Status(status));
    }
    if let Some((name, value)) = what.split_once('=') {
        let value = value.parse::<u64>().ok()?;
        let limited = |reason| {
            Some(Fault::RateLimited {
                retry_after: Some(value),
                reason,
            })
        };
        return match name {
            "burst" => limited(LimitReason::Burst),
            "quota" => limited(LimitReason::QuotaGlobal),
            "tenant-quota" => limited(LimitReason::QuotaTenant),
            "gateway-limit" => limited(LimitReason::Gateway),
            "poison" => Some(Fault::Poison(value)),
            "poison-body" => Some(Fault::PoisonBody(value)),
            "slow" => Some(Fault::Slow(Duration::from_millis(value))),
            _ => None,
        };
    }
    let limited = |retry_after, reason| {
        Some(Fault::RateLimited {
            retry_after,
            reason,
        })
    };
    match what {
        "burst" => limited(Some(1), LimitReason::Burst),
        "quota" => limited(Some(1_847), LimitReason::QuotaGlobal),
        "tenant-quota" => limited(Some(1_847), LimitReason::QuotaTenant),
        "gateway-limit" => limited(None, LimitReason::Gateway),
        "scope" => Some(Fault::ScopeMismatch),
        "anonymous" => Some(Fault::Anonymous),
        "truncate" => Some(Fault::TruncatedJson),
        "truncate-body" => Some(Fault::TruncatedBody),
        "html" => Some(Fault::Html),
        "deep" => Some(Fault::DeepNesting),
        "huge" => Some(Fault::Huge),
        "endless" => Some(Fault::Endless),
        "stall" => Some(Fault::Stall),
        "reset" => Some(Fault::Reset),
        "repeated-cursor" => Some(Fault::RepeatedCursor),
        "same-page" => Some(Fault::SamePage),
        "empty-page" => Some(Fault::EmptyPage),
        "empty-pages" => Some(Fault::EmptyPagesForEver),
        "empty-end" => Some(Fault::EmptyEnd),
        "short-pages" => Some(Fault::ShortPages),
        "link-in-header" => Some(Fault::LinkInHeader),
        "ignore-filter" => Some(Fault::IgnoreFilter),
        "echo-credential" => Some(Fault::EchoCredential),
        "echo-body" => Some(Fault::EchoInBody),
        "nulls" => Some(Fault::NullFields),
        "unknown-fields" => Some(Fault::UnknownFields),
        "unknown-words" => Some(Fault::UnknownWords),
        "drafts" => Some(Fault::Drafts),
        "numeric-ids" => Some(Fault::NumericIds),
        "bad-row" => Some(Fault::BadRow),
        "redirect" => Some(Fault::Redirect),
        "bad-next-link" => Some(Fault::BadNextLink),
        "wrong-shape" => Some(Fault::WrongShape),
        "empty-body" => Some(Fault::EmptyBody),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing unwrap fails the test")]
    use super::super::{Fault, Faults, LimitReason};
    use super::{NAMES, ParseFaultsError, parse_what};
    use std::time::Duration;

    #[test]
    fn every_form_of_when_is_read() {
        let faults: Faults = " 3:429, 2-5:truncate,/10:quota=60 ,*:slow=20"
            .parse()
            .unwrap();
        let quota = Fault::RateLimited {
            retry_after: Some(60),
            reason: LimitReason::QuotaGlobal,
        };
        let expected = Faults::none()
            .at(3, Fault::Status(429))
            .between(2, 5, Fault::TruncatedJson)
            .every(10, quota)
            .always(Fault::Slow(Duration::from_millis(20)));
        assert_eq!(faults, expected);
        assert_eq!("".parse::<Faults>().unwrap(), Faults::none());
    }

    #[test]
    fn every_name_in_the_error_text_is_a_fault() {
        for name in NAMES {
            let (name, value) = name
                .split_once('=')
                .map_or((name, ""), |(name, _)| (name, "=5"));
            assert!(parse_what(&format!("{name}{value}")).is_some(), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_way_out() {
        let error = |text: &str| text.parse::<Faults>().unwrap_err();
        assert!(matches!(error("429"), ParseFaultsError::NoColon { .. }));
        for when in ["0", "5-2", "x", "/0", ""] {
            assert!(
                matches!(
                    error(&format!("{when}:429")),
                    ParseFaultsError::UnknownWhen { .. }
                ),
                "{when}"
            );
        }
        for what in ["", "99", "600", "nonsense", "slow", "quota=x", "html=1"] {
            assert!(
                matches!(
                    error(&format!("*:{what}")),
                    ParseFaultsError::UnknownWhat { .. }
                ),
                "{what}"
            );
        }
    }
}
