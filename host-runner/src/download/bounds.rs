//! What the levels, and the caller more narrowly, let through.

use std::time::Duration;

use super::media_type::known;
use super::{AttachmentRequest, DownloadError, Location, MediaTypePattern};
use crate::limits::Limits;
use crate::outbound::{Content, ContentError};
use host_levels::{
    Bound, Effective, Kind, Precedence, Setting, Value, check_host_pattern, covers_host_pattern,
    matches_host,
};

/// The settings of downloads.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "download.file-mib",
        kind: Kind::Number {
            least: 1,
            most: 1_048_576,
        },
        precedence: Precedence::Restricts(Bound::Maximum),
        documentation: "Maximum size of a downloaded file, in MiB. 100 is Confluence's default maximum for attachments.",
        default: || Some(Value::Number(100)),
    },
    Setting {
        key: "download.allow-media-types",
        kind: Kind::List(media_type_pattern),
        precedence: Precedence::Restricts(Bound::Within(covers_media_type)),
        documentation: "Media types of files that can be downloaded: `TYPE/SUBTYPE`, `TYPE/*`, or `*/*` for all. An empty list denies all. Both the type in Confluence and the type in the response must match.",
        default: || Some(Value::List(vec!["*/*".to_owned()])),
    },
    Setting {
        key: "download.allow-hosts",
        kind: Kind::List(check_host_pattern),
        precedence: Precedence::Restricts(Bound::Within(covers_host_pattern)),
        documentation: "Hosts besides the site that files can be downloaded from: `HOST`, `*.SUFFIX`, or `*` for all. Confluence names the host of each file, such as `api.media.atlassian.com`; no credential is sent there. An empty list denies all. Private addresses are always denied.",
        default: || Some(Value::List(vec!["*".to_owned()])),
    },
];

fn media_type_pattern(text: &str) -> Result<(), String> {
    text.parse::<MediaTypePattern>()
        .map(drop)
        .map_err(|error| error.to_string())
}

/// What content may be. Who asked for less than a level lets through gets less; nobody gets more.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    most_bytes: u64,
    /// Who says so.
    size_origin: String,
    /// Each list has to have the type.
    media_types: Vec<Allowed>,
    hosts: Vec<String>,
    hosts_origin: String,
    call: Duration,
    between_bytes: Duration,
}

/// Media types, and who allows them.
#[derive(Debug, Clone)]
struct Allowed {
    patterns: Vec<MediaTypePattern>,
    origin: String,
}

/// Who says what the caller said.
const CALLER: &str = "what was asked for";

impl Bounds {
    /// What holds for a request.
    pub(crate) fn of(effective: &Effective, limits: &Limits, request: &AttachmentRequest) -> Self {
        let origin = |key: &str| effective.located(key).1;
        let level_bytes = (effective.size("download.file-mib") as u64) << 20;
        let (most_bytes, size_origin) = match request.most_bytes {
            Some(bytes) if bytes < level_bytes => (bytes, CALLER.to_owned()),
            _ => (
                level_bytes,
                format!("`download.file-mib` (from {})", origin("download.file-mib")),
            ),
        };
        let patterns = effective.list("download.allow-media-types");
        let mut media_types = vec![Allowed {
            // Files are read strictly, so that each one parses.
            patterns: patterns
                .iter()
                .filter_map(|text| text.parse().ok())
                .collect(),
            origin: format!(
                "`download.allow-media-types` (from {})",
                origin("download.allow-media-types")
            ),
        }];
        if !request.media_types.is_empty() {
            media_types.push(Allowed {
                patterns: request.media_types.clone(),
                origin: CALLER.to_owned(),
            });
        }
        Self {
            most_bytes,
            size_origin,
            media_types,
            hosts: effective.list("download.allow-hosts"),
            hosts_origin: format!(
                "`download.allow-hosts` (from {})",
                origin("download.allow-hosts")
            ),
            call: limits.call,
            between_bytes: limits.between_bytes,
        }
    }

    /// Whether content may come from a host.
    pub(crate) fn allows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|pattern| matches_host(pattern, host))
    }

    /// Refuses what was described as too large, or as of another type, before it is fetched.
    pub(crate) fn allow_described(&self, location: &Location) -> Result<(), DownloadError> {
        self.allow_size(location.size)?;
        match &location.media_type {
            Some(media_type) => self.allow_type(media_type),
            None => Ok(()),
        }
    }

    /// Refuses content that is not what was described, or not let through.
    pub(super) fn allow_answered(
        &self,
        location: &Location,
        content: &Content,
    ) -> Result<(), DownloadError> {
        let described = location.media_type.as_deref();
        let answered = known(content.media_type());
        let is_page = |media_type: &str| media_type == "text/html";
        match (&answered, described) {
            // A login page or an error, with the status of content.
            (Some(answered), Some(_))
                if is_page(answered) && !known(described).as_deref().is_some_and(is_page) =>
            {
                return Err(DownloadError::Unexpected {
                    host: content.host().to_owned(),
                    what: "a web page came in place of the content".to_owned(),
                });
            }
            (Some(answered), _) => self.allow_type(answered)?,
            // Neither says what it is.
            (None, None) => self.allow_type("application/octet-stream")?,
            (None, Some(_)) => {}
        }
        self.allow_size(content.length())?;
        match (location.size, content.length()) {
            (Some(described), Some(announced)) if announced < described => {
                Err(DownloadError::Cut {
                    came: announced,
                    expected: Some(described),
                })
            }
            (Some(described), Some(announced)) if announced > described => {
                Err(DownloadError::Longer {
                    expected: described,
                })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a size beyond the limit.
    pub(super) fn allow_size(&self, bytes: Option<u64>) -> Result<(), DownloadError> {
        match bytes {
            Some(bytes) if bytes > self.most_bytes => Err(DownloadError::TooLarge {
                bytes,
                limit: self.most_bytes,
                origin: self.size_origin.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn allow_type(&self, media_type: &str) -> Result<(), DownloadError> {
        let refusing = self
            .media_types
            .iter()
            .find(|allowed| !allowed.patterns.iter().any(|one| one.matches(media_type)));
        match refusing {
            None => Ok(()),
            Some(allowed) => Err(DownloadError::MediaType {
                media_type: media_type.to_owned(),
                allowed: allowed
                    .patterns
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
                origin: allowed.origin.clone(),
            }),
        }
    }

    /// A failure to fetch, after so many bytes, with the limits and who sets them.
    pub(crate) fn failed(&self, error: ContentError, came: u64) -> DownloadError {
        match error {
            ContentError::NotFetched { host, why } => DownloadError::NotFetched {
                host,
                why,
                origin: self.hosts_origin.clone(),
            },
            ContentError::Network { host, error } => DownloadError::network(host, &error),
            ContentError::Status {
                host,
                status,
                retry_after,
            } => DownloadError::Status {
                host,
                status: status.as_u16(),
                retry_after_s: retry_after,
            },
            ContentError::Unchecked { host, what } => DownloadError::Unexpected {
                host,
                what: what.to_owned(),
            },
            ContentError::Redirects { most } => DownloadError::Redirects { most },
            ContentError::Deadline => DownloadError::TimedOut {
                limit: self.call,
                came,
            },
            ContentError::Stalled => DownloadError::Stalled {
                limit: self.between_bytes,
                came,
            },
            ContentError::Cut => DownloadError::Cut {
                came,
                expected: None,
            },
        }
    }
}

fn covers_media_type(wide: &[String], narrow: &str) -> bool {
    let Ok(narrow) = narrow.parse::<MediaTypePattern>() else {
        return false;
    };
    let mut wide = wide.iter().filter_map(|text| text.parse().ok());
    wide.any(|wide: MediaTypePattern| wide.covers(&narrow))
}
