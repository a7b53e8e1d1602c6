//! The columns that answer what a list is usually called for.

/// Of items that describe a space.
const SPACE: &[&str] = &["id", "key", "name", "status", "createdAt"];
/// Of pages and blog posts: what it is, where it is, when it changed and who changed it.
const CONTENT: &[&str] = &[
    "id",
    "title",
    "spaceId",
    "version.createdAt",
    "version.authorId",
];
const LABEL: &[&str] = &["id", "name", "prefix"];
const ATTACHMENT: &[&str] = &[
    "id",
    "title",
    "fileSize",
    "pageId",
    "version.createdAt",
    "mediaType",
];
const CUSTOM_CONTENT: &[&str] = &["id", "title", "type", "spaceId", "version.createdAt"];
const TASK: &[&str] = &[
    "id",
    "status",
    "dueAt",
    "body.value",
    "spaceId",
    "pageId",
    "assignedTo",
];
const USER: &[&str] = &[
    "displayName",
    "publicName",
    "email",
    "accountType",
    "accountId",
];
const VERSION: &[&str] = &[
    "number",
    "createdAt",
    "title",
    "message",
    "minorEdit",
    "authorId",
];
const COMMENT: &[&str] = &[
    "id",
    "kind",
    "body.value",
    "resolutionStatus",
    "parentId",
    "version.createdAt",
    "version.authorId",
];

/// Columns by function.
const BY_FUNCTION: &[(&[&str], &[&str])] = &[
    (&["list-spaces", "get-spaces"], SPACE),
    (
        &[
            "list-pages",
            "get-pages",
            "get-pages-by-space",
            "get-pages-by-label",
            "get-pages-changed-since",
            "list-blog-posts",
            "list-blog-posts-by-space",
            "get-blog-posts",
            "get-blog-posts-by-space",
            "get-blog-posts-changed-since",
        ],
        CONTENT,
    ),
    (
        &[
            "list-labels",
            "get-labels",
            "get-labels-by-page",
            "get-labels-by-blog-post",
            "get-labels-by-attachment",
            "get-labels-by-space",
        ],
        LABEL,
    ),
    (
        &[
            "list-attachments",
            "list-attachments-by-page",
            "get-attachments",
            "get-attachments-by-page",
            "get-attachments-by-blog-post",
        ],
        ATTACHMENT,
    ),
    (
        &["list-custom-content", "get-custom-content"],
        CUSTOM_CONTENT,
    ),
    (&["list-tasks", "get-tasks"], TASK),
    (&["get-group-members", "get-all-users", "get-users"], USER),
    (&["get-groups"], &["name", "id"]),
    (
        &[
            "get-page-versions",
            "get-blog-post-versions",
            "get-attachment-versions",
        ],
        VERSION,
    ),
    (&["get-comments"], COMMENT),
    (
        &["get-content-properties"],
        &["id", "key", "version.createdAt", "value"],
    ),
    (
        &["get-page-children"],
        &["id", "title", "type", "status", "spaceId"],
    ),
    (
        &["get-space-permissions"],
        &[
            "id",
            "operation",
            "targetType",
            "principal.kind",
            "principal.id",
        ],
    ),
    (
        &["search"],
        &[
            "id",
            "title",
            "contentType",
            "spaceKey",
            "lastModified",
            "containerTitle",
            "user.displayName",
        ],
    ),
    (
        &["get-audit-records"],
        &[
            "createdAt",
            "authorName",
            "summary",
            "affected.name",
            "remoteAddress",
        ],
    ),
];

/// The columns of a function's table when none are named; `None` for functions of other
/// components.
pub(super) fn columns(function: &str) -> Option<&'static [&'static str]> {
    BY_FUNCTION
        .iter()
        .find(|(functions, _)| functions.contains(&function))
        .map(|(_, columns)| *columns)
}

/// The head of a column where a row is a line. `--columns` takes these names, too.
pub(super) fn head(column: &str) -> &str {
    HEADS
        .iter()
        .find(|(name, _)| *name == column)
        .map_or(column, |(_, head)| head)
}

/// The field that a head stands for.
pub(super) fn field_of(head: &str) -> Option<&'static str> {
    HEADS
        .iter()
        .find(|(_, there)| there.eq_ignore_ascii_case(head))
        .map(|(name, _)| *name)
}

const HEADS: [(&str, &str); 2] = [
    ("version.createdAt", "changed"),
    ("version.authorId", "changedBy"),
];

/// The day of a time as [`short_time`] writes it.
pub(super) fn day(time: &str) -> &str {
    time.split_once('T').map_or(time, |(day, _)| day)
}

/// A time as a cell of a line shows it: `2026-02-02T16:47Z`, or the day where it is midnight.
/// `None` for what is no time in UTC.
pub(super) fn short_time(text: &str) -> Option<String> {
    let (day, time) = text.split_once('T')?;
    let time = time.strip_suffix('Z')?;
    let is_digits = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = day.split('-');
    let is_day = is_digits(parts.next()?, 4)
        && is_digits(parts.next()?, 2)
        && is_digits(parts.next()?, 2)
        && parts.next().is_none();
    let (minutes, seconds) = (time.get(..5)?, time.get(5..)?);
    let (hour, minute) = minutes.split_once(':')?;
    if !is_day || !is_digits(hour, 2) || !is_digits(minute, 2) {
        return None;
    }
    let is_midnight = minutes == "00:00" && seconds.chars().all(|c| matches!(c, '0' | ':' | '.'));
    Some(if is_midnight {
        day.to_owned()
    } else {
        format!("{day}T{minutes}Z")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{BY_FUNCTION, columns, short_time};

    #[test]
    fn every_function_that_returns_a_list_has_columns() {
        let contract = [
            include_str!("../../../wit/confluence-service.wit"),
            include_str!("../../../wit/confluence.wit"),
        ]
        .concat();
        let mut lists = 0;
        for declaration in contract.split(": func(").collect::<Vec<_>>().windows(2) {
            let [before, after] = declaration else {
                continue;
            };
            let name = before.rsplit([' ', '\n']).next().unwrap();
            let result = after.split(';').next().unwrap();
            if ["-listing,", "-changes,"]
                .iter()
                .any(|end| result.contains(end))
            {
                lists += 1;
                assert!(columns(name).is_some(), "{name}");
            }
        }
        let named: usize = BY_FUNCTION.iter().map(|(names, _)| names.len()).sum();
        assert_eq!(lists, named);
        assert!(lists > 30, "{lists}");
    }

    #[test]
    fn times_are_short_and_what_is_none_stays() {
        let short = |text: &str| short_time(text).unwrap();
        assert_eq!(short("2026-02-02T16:47:41.263Z"), "2026-02-02T16:47Z");
        assert_eq!(short("2026-05-10T00:00:00.000Z"), "2026-05-10");
        assert_eq!(short("2026-05-10T00:00:01Z"), "2026-05-10T00:00Z");
        for other in [
            "",
            "T",
            "2026-05-10",
            "2026-05-10T00:00:00+01:00",
            "TeamZ",
            "aaaa-bb-ccT00:00:00Z",
        ] {
            assert_eq!(short_time(other), None, "{other}");
        }
    }
}
