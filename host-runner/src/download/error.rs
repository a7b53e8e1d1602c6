//! Why there is no content.

use host_levels::Remedy;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use wasmtime_wasi_http::Error;

use crate::call::CallError;
use crate::error_kind::ErrorKind;
use crate::outbound::NotFetched;

/// Why content was not fetched, or not to its end. No error repeats the location, which is a secret:
/// its host is all that is told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The component did not locate it.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The component answered a location that the site did not name in that call.
    #[error(
        "the component requested a download from `{host}`, which Confluence did not return in this call"
    )]
    NotGranted {
        /// The host that it leads to.
        host: String,
    },
    /// Nothing is fetched from where the location, or a redirect behind it, leads.
    #[error("the content is not fetched from `{host}`: {why}")]
    NotFetched {
        /// Where it leads.
        host: String,
        /// What is wrong with that.
        why: NotFetched,
        /// Who allows hosts.
        origin: String,
    },
    /// Its type is not let through.
    #[error("content of the type `{media_type}` is not let through: {origin} has `{allowed}`")]
    MediaType {
        /// What it is.
        media_type: String,
        /// What is let through.
        allowed: String,
        /// Who says so.
        origin: String,
    },
    /// It is too large.
    #[error("the content has at least {bytes} bytes, but {origin} allows at most {limit}")]
    TooLarge {
        /// What was announced, or has come.
        bytes: u64,
        /// The most.
        limit: u64,
        /// Who says so.
        origin: String,
    },
    /// Another status than that of content.
    #[error("`{host}` did not return the content: it responded with status `{status}`")]
    Status {
        /// Who answered.
        host: String,
        /// The status.
        status: u16,
        /// How long it asks to wait, in seconds.
        retry_after_s: Option<u64>,
    },
    /// Something else came.
    #[error("`{host}` did not return the content: {what}")]
    Unexpected {
        /// Who answered.
        host: String,
        /// What came.
        what: String,
    },
    /// One redirect after the other.
    #[error("the content has more than {most} redirects")]
    Redirects {
        /// How many are followed.
        most: usize,
    },
    /// The network failed.
    #[error("`{host}` did not return the content: {what}")]
    Network {
        /// Who was asked.
        host: String,
        /// What happened.
        what: String,
        /// The kind.
        kind: ErrorKind,
    },
    /// It ended early.
    #[error("the content ended early: received {}", amount(*.came, *.expected))]
    Cut {
        /// What came.
        came: u64,
        /// What should have come.
        expected: Option<u64>,
    },
    /// More came than there is.
    #[error("received more than the {expected} bytes of the attachment")]
    Longer {
        /// What should have come.
        expected: u64,
    },
    /// The whole took too long.
    #[error(
        "the download exceeded its time limit of {} ms after {came} bytes",
        .limit.as_millis()
    )]
    TimedOut {
        /// The limit.
        limit: Duration,
        /// What came.
        came: u64,
    },
    /// It stopped coming.
    #[error("received no data for {} ms, after {came} bytes", .limit.as_millis())]
    Stalled {
        /// The limit.
        limit: Duration,
        /// What came.
        came: u64,
    },
    /// There is a file already.
    #[error("`{}` is there already", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// What is there is no file, whose place no file takes.
    #[error(
        "`{}` cannot be written: it is a pipe or a device, which is never replaced; to write to it, stream the content", .path.display()
    )]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("`{}` cannot be written: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

fn amount(came: u64, expected: Option<u64>) -> String {
    match expected {
        Some(expected) => format!("{came} of {expected} bytes"),
        None => format!("{came} bytes of an unknown number"),
    }
}

impl DownloadError {
    pub(crate) fn network(host: String, error: &Error) -> Self {
        let (kind, what) = match error {
            Error::DnsError { rcode, .. } => (
                ErrorKind::Unresolvable,
                match rcode {
                    Some(rcode) => format!("its name has no address ({rcode})"),
                    None => "its name has no address".to_owned(),
                },
            ),
            Error::ConnectionTimeout => (
                ErrorKind::TimedOut,
                "the connection took too long".to_owned(),
            ),
            Error::HttpResponseTimeout => (
                ErrorKind::TimedOut,
                "the response did not start in time".to_owned(),
            ),
            Error::TlsCertificateError => (
                ErrorKind::Insecure,
                "its certificate is not trusted".to_owned(),
            ),
            Error::TlsProtocolError => (ErrorKind::Insecure, "the TLS handshake failed".to_owned()),
            Error::ConnectionRefused => (
                ErrorKind::Unreachable,
                "the connection was refused".to_owned(),
            ),
            Error::ConnectionTerminated => (
                ErrorKind::Unreachable,
                "the connection was closed".to_owned(),
            ),
            Error::HttpResponseHeaderSectionSize(_) => {
                (ErrorKind::TooLarge, "the headers are too large".to_owned())
            }
            Error::DestinationUnavailable => (
                ErrorKind::Unreachable,
                "no server is listening at its address".to_owned(),
            ),
            _ => (
                ErrorKind::Unreachable,
                "it does not speak HTTP as expected".to_owned(),
            ),
        };
        Self::Network { host, what, kind }
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Call(error) => error.kind(),
            Self::NotGranted { .. } | Self::NotFetched { .. } => ErrorKind::Denied,
            Self::MediaType { .. } => ErrorKind::Refused,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::Status { status, .. } => match status {
                401 | 403 => ErrorKind::Forbidden,
                404 | 410 => ErrorKind::NotFound,
                429 => ErrorKind::RateLimited,
                500.. => ErrorKind::UpstreamFailed,
                _ => ErrorKind::UnexpectedAnswer,
            },
            Self::Unexpected { .. } | Self::Longer { .. } => ErrorKind::UnexpectedAnswer,
            Self::Redirects { .. } => ErrorKind::Looping,
            Self::Network { kind, .. } => kind.clone(),
            Self::Cut { .. } => ErrorKind::Truncated,
            Self::TimedOut { .. } | Self::Stalled { .. } => ErrorKind::TimedOut,
            Self::Exists { .. } | Self::File { .. } | Self::NotAFile { .. } => ErrorKind::Output,
        }
    }

    /// The likely cause.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        Some(match self {
            Self::Call(error) => return error.cause(),
            Self::NotGranted { .. } => {
                "a defect of the component, or one that means harm; nothing was sent there"
            }
            Self::NotFetched {
                why: NotFetched::Host,
                origin,
                ..
            } => origin,
            Self::NotFetched { .. } => {
                "files are on other public hosts, and no credential is sent there; a proxy or login page is in front of the site, or its responses are being modified"
            }
            Self::MediaType { .. } | Self::TooLarge { .. } => {
                "such content is kept out before it costs time and room"
            }
            Self::Status { status, .. } => match status {
                401 | 403 => {
                    "the location is signed and expired, and a fresh one did not help: the clock of a proxy, or a proxy that changes requests"
                }
                404 | 410 => {
                    "the attachment is listed, and its file is gone from Atlassian's storage"
                }
                429 => "too many files are asked for at once",
                500.. => "the file service is down or overloaded",
                _ => "a proxy between this host and the file service interferes",
            },
            Self::Unexpected { .. } => "a proxy between this host and the file service interferes",
            Self::Redirects { .. } => "the redirects form a loop",
            Self::Network { kind, .. } => match kind {
                ErrorKind::Insecure => "a proxy opens TLS, or the clock of this machine is wrong",
                _ => "a firewall or proxy blocks it: files are on another host than the site",
            },
            Self::Cut { .. } => "the connection broke, or the file in the storage is damaged",
            Self::Longer { .. } => {
                "the attachment was just replaced, or a proxy between this host and the file service interferes"
            }
            Self::TimedOut { .. } => "the file is large for this connection",
            Self::Stalled { .. } => "the connection hangs, or the file service does",
            Self::Exists { .. } => "it was downloaded before, or another file has the name",
            Self::File { .. } | Self::NotAFile { .. } => return None,
        })
    }

    /// What to do about it.
    #[must_use]
    pub fn resolution(&self) -> Option<String> {
        let text = match self {
            Self::Call(error) => return error.resolution(),
            Self::NotGranted { .. } => "run the component that this host carries",
            Self::NotFetched {
                why: NotFetched::Host,
                host,
                ..
            } => {
                return Some(format!("ask the owner of that level to add `{host}`"));
            }
            Self::NotFetched { .. } => {
                "ask the operator of the network between this host and the site"
            }
            Self::MediaType { .. } => {
                "request another type, or ask the owner of that level to add it"
            }
            Self::TooLarge { .. } => {
                "raise the limit of this download, or ask the owner of that level to raise it"
            }
            Self::Status {
                retry_after_s: Some(seconds),
                ..
            } => return Some(format!("wait `{seconds}` s, then try again")),
            Self::Status { status, .. } => match status {
                404 | 410 => "attach the file again; no retry brings it back",
                _ => "try again later",
            },
            Self::Unexpected { .. } | Self::Redirects { .. } => {
                "try again; if it repeats, ask the operator of the network"
            }
            Self::Network { kind, .. } => match kind {
                ErrorKind::Insecure => {
                    "let this machine trust the proxy's certificate if there is one"
                }
                _ => "let this machine reach that host, as well as the site",
            },
            Self::Cut { .. } | Self::Longer { .. } | Self::Stalled { .. } => "try again",
            Self::TimedOut { .. } => "raise `limits.call-seconds`",
            Self::Exists { .. } => "write to another file, or allow that it is overwritten",
            Self::File { .. } | Self::NotAFile { .. } => "write to a file that can be written",
        };
        Some(text.to_owned())
    }

    /// What to do about it, as data: for whoever has commands of its own for that.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Call(error) => error.remedy(),
            Self::NotGranted { .. } => Some(Remedy::RunEmbeddedComponent),
            Self::TooLarge { .. } => Some(Remedy::ExplainSettings { prefix: "download" }),
            Self::TimedOut { .. } => Some(Remedy::RaiseLimit {
                setting: "limits.call-seconds",
            }),
            Self::Exists { .. } => Some(Remedy::ChooseOutputFile { or_overwrite: true }),
            Self::File { .. } => Some(Remedy::ChooseOutputFile {
                or_overwrite: false,
            }),
            Self::NotAFile { .. } => Some(Remedy::StreamContent),
            _ => None,
        }
    }
}
