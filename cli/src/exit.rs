//! How the program ends: a number for each kind of failure.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::duration::duration;
use crate::jq_error::JqError;
use crate::remedy;
use host_runner::{
    ArgumentError, AssignComponentError, CallError, CompileError, ComponentStoreError,
    ComposeError, ConfigError, DownloadError, EditError, EndpointError, ErrorKind,
    FindComponentError, InspectError, LoadError, NoSuchFunction, OauthError, OpenError,
    PackageError, Problem, Remedy, RemoveComponentError, SaveError, SecretError, SigningKeyError,
    TenantError,
};
use sink_duckdb::LibraryError;
use sink_folder::ManifestFault;
use sink_store::StoreFault;
use source::SourceError;
use sync::{BudgetLimit, LeaseError, PathFault, ReadError, SinkError, SyncError};

/// The exit codes. They are listed in `--help` and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub(crate) enum Exit {
    Defect = 1,
    Usage = 2,
    NotConfigured = 3,
    Unauthorized = 4,
    Forbidden = 5,
    NotFound = 6,
    RateLimited = 7,
    UpstreamFailed = 8,
    NotJson = 9,
    Truncated = 10,
    TooDeep = 11,
    TooLarge = 12,
    Unreachable = 13,
    Unresolvable = 14,
    TimedOut = 15,
    Denied = 16,
    LimitExceeded = 17,
    InvalidArgument = 18,
    InvalidEndpoint = 19,
    Refused = 20,
    Looping = 21,
    Insecure = 22,
    UnexpectedAnswer = 23,
    State = 24,
    Output = 25,
    Simulator = 26,
    Configuration = 27,
    Component = 28,
    Unhealthy = 29,
    CredentialEchoed = 30,
    StreamUnavailable = 31,
    SyncPartial = 32,
    SyncHeld = 33,
    SyncBudget = 34,
    /// As shells report a program that Ctrl-C ended.
    Interrupted = 130,
    /// As shells report a program that SIGTERM ended.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// The code for a kind of error.
    pub(crate) fn of_kind(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidArgument => Self::InvalidArgument,
            ErrorKind::InvalidEndpoint => Self::InvalidEndpoint,
            ErrorKind::NotConfigured => Self::NotConfigured,
            ErrorKind::Refused => Self::Refused,
            ErrorKind::Unauthorized => Self::Unauthorized,
            ErrorKind::Forbidden => Self::Forbidden,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::RateLimited => Self::RateLimited,
            ErrorKind::UpstreamFailed => Self::UpstreamFailed,
            ErrorKind::NotJson => Self::NotJson,
            ErrorKind::Truncated => Self::Truncated,
            ErrorKind::TooDeep => Self::TooDeep,
            ErrorKind::TooLarge => Self::TooLarge,
            ErrorKind::UnexpectedAnswer => Self::UnexpectedAnswer,
            ErrorKind::Unreachable => Self::Unreachable,
            ErrorKind::Unresolvable => Self::Unresolvable,
            ErrorKind::TimedOut => Self::TimedOut,
            ErrorKind::Insecure => Self::Insecure,
            ErrorKind::Denied => Self::Denied,
            ErrorKind::Looping => Self::Looping,
            ErrorKind::LimitExceeded => Self::LimitExceeded,
            ErrorKind::CredentialEchoed => Self::CredentialEchoed,
            ErrorKind::Store => Self::State,
            ErrorKind::Configuration => Self::Configuration,
            ErrorKind::Output => Self::Output,
            _ => Self::Defect,
        }
    }
}

/// Why the program does not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The reader closed our output.
    #[error("the output was closed")]
    ClosedPipe,
    /// The answer was printed, and is not that all is well.
    #[error("the answer was printed")]
    Answered(Exit),
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    NoSuchFunction(#[from] NoSuchFunction),
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Tenant(#[from] TenantError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Download(#[from] DownloadError),
    #[error("interrupted; nothing was saved")]
    Interrupted(Exit),
    #[error("interrupted; the list is not complete")]
    ListInterrupted(Exit),
    #[error(transparent)]
    Read(Box<ReadError>),
    #[error(transparent)]
    Sync(Box<SyncError>),
    #[error(transparent)]
    DuckdbLibrary(#[from] LibraryError),
    #[error("a copy in a DuckDB file needs the DuckDB library, but no path to it is set")]
    NoDuckdbLibrary,
    #[error("the sync is partial: something could not be read; what was read is in the copy")]
    SyncPartial,
    #[error("deletions need approval: {0}; everything else is in the copy")]
    SyncHeld(u64),
    #[error(
        "the run reached its limit `{0}`; what was read is in the copy, and the next run continues there"
    )]
    SyncBudget(BudgetLimit),
    /// Several syncs were run.
    #[error("{incomplete} of {runs} did not complete")]
    SyncsIncomplete {
        incomplete: u64,
        runs: String,
        exit: Exit,
    },
    #[error("interrupted; what was committed stays, and the next run continues there")]
    SyncInterrupted(Exit),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error(transparent)]
    Oauth(Box<OauthError>),
    #[error("the login was not completed within {seconds} s; nothing was stored")]
    LoginTimedOut {
        seconds: f64,
        redirect_uri: String,
        app: String,
    },
    #[error("cannot listen at port {port}, which the redirect URI `{uri}` names: {source}")]
    Listen {
        port: u16,
        uri: String,
        source: io::Error,
    },
    #[error(transparent)]
    Assign(#[from] AssignComponentError),
    #[error(transparent)]
    RemoveComponent(#[from] RemoveComponentError),
    #[error(transparent)]
    ComponentStore(#[from] ComponentStoreError),
    #[error(transparent)]
    FindComponent(#[from] FindComponentError),
    #[error("cannot load `{path}`: {source}")]
    Inspect { path: String, source: InspectError },
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error("{0}")]
    SigningKey(SigningKeyError),
    #[error("{context}: {source}")]
    KeyFile { context: String, source: io::Error },
    #[error("{error}")]
    Endpoint { error: Box<EndpointError> },
    #[error("{0}")]
    NotThere(String),
    #[error("{0}")]
    Unhealthy(String),
    #[error("{context}: {source}")]
    Io { context: String, source: io::Error },
    /// Something that the caller named cannot be read.
    #[error("{what} cannot be read: {source}")]
    Input { what: String, source: io::Error },
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// The expression of `--jq` failed at what the result has.
    #[error(transparent)]
    Filter(JqError),
    #[error("standard output is closed, so nothing was done")]
    ClosedOutput,
    #[error(
        "cannot write metrics to `{path}`: {source}; `--metrics-file` needs an existing, writable folder"
    )]
    Metrics { path: String, source: io::Error },
    #[error(transparent)]
    Simulator(#[from] confluence_simulator::StartError),
}

/// What the call of a component says of levels and limits is told as it is for other calls.
impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        let error = match error {
            ReadError::Source(error) | ReadError::Broken { error, .. } => *error,
            other => return Self::Read(Box::new(other)),
        };
        error.into()
    }
}

impl From<OauthError> for Failure {
    fn from(error: OauthError) -> Self {
        match error {
            OauthError::Config(error) => Self::Config(error),
            OauthError::Edit(error) => Self::Edit(error),
            OauthError::Secret(error) => Self::Secret(error),
            OauthError::Denied(error) => Self::Call(CallError::EndpointDenied(error)),
            error => Self::Oauth(Box::new(error)),
        }
    }
}

impl From<SinkError> for Failure {
    fn from(error: SinkError) -> Self {
        Self::Sync(Box::new(error.into()))
    }
}

impl From<SourceError> for Failure {
    fn from(mut error: SourceError) -> Self {
        match error.take_source().map(|source| source.downcast()) {
            Some(Ok(call)) => Self::Call(*call),
            _ => Self::Read(Box::new(error.into())),
        }
    }
}

impl Failure {
    pub(crate) fn io(context: impl Into<String>, source: io::Error) -> Self {
        Self::Io {
            context: context.into(),
            source,
        }
    }

    /// A file that the caller named cannot be written.
    pub(crate) fn written_to(path: &Path, source: io::Error) -> Self {
        Self::Output(io::Error::new(
            source.kind(),
            format!("`{}`: {source}", path.display()),
        ))
    }

    pub(crate) fn input(what: impl Into<String>, source: io::Error) -> Self {
        Self::Input {
            what: what.into(),
            source,
        }
    }

    /// A failure to write an answer, which a closed pipe is not.
    pub(crate) fn output(source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else if let Some(error) = source
            .get_ref()
            .and_then(|error| error.downcast_ref::<JqError>())
        {
            Self::Filter(error.clone())
        } else {
            Self::Output(source)
        }
    }

    /// The errors in configuration files, with file and line.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Config(error)
            | Self::Open(OpenError::Config(error))
            | Self::Tenant(TenantError::Config(error))
            | Self::Edit(EditError::Config(error))
            | Self::Call(CallError::Config(error) | CallError::Edit(EditError::Config(error)))
            | Self::Download(DownloadError::Call(CallError::Config(error)))
            | Self::Assign(
                AssignComponentError::Tenant(TenantError::Config(error))
                | AssignComponentError::Edit(EditError::Config(error)),
            )
            | Self::RemoveComponent(RemoveComponentError::Config(error)) => error.problems(),
            _ => &[],
        }
    }

    /// The failure of a call, whatever wraps it.
    pub(crate) fn call_error(&self) -> Option<&CallError> {
        match self {
            Self::Call(error) => Some(error),
            Self::Save(SaveError::Call(error)) => Some(error),
            Self::Download(DownloadError::Call(error)) => Some(error),
            _ => None,
        }
    }

    /// The kind of a call's failure.
    pub(crate) fn call_kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Download(error) => Some(error.kind()),
            _ => self.call_error().map(CallError::kind),
        }
    }

    /// What can be done about it, as the library says.
    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NoSuchFunction(error) => error.remedy(),
            Self::Argument(error) => error.remedy(),
            Self::Open(error) => error.remedy(),
            Self::Tenant(error) => error.remedy(),
            Self::Call(error) => error.remedy(),
            Self::Download(error) => error.remedy(),
            Self::Edit(error) => error.remedy(),
            Self::Secret(error) => error.remedy(),
            Self::Save(error) => error.remedy(),
            Self::Assign(error) => error.remedy(),
            Self::RemoveComponent(error) => error.remedy(),
            Self::ComponentStore(error) | Self::FindComponent(FindComponentError::Store(error)) => {
                error.remedy()
            }
            Self::SigningKey(error) => error.remedy(),
            Self::Oauth(error) => error.remedy(),
            _ => None,
        }
    }

    /// The likely cause and the fix, where they are known.
    pub(crate) fn reason(&self) -> (Option<&str>, Option<String>) {
        match self {
            Self::LoginTimedOut {
                redirect_uri, app, ..
            } => {
                return (
                    Some(
                        "nobody accepted the consent page, or the callback URL is not registered with the OAuth app: then the page in the browser says so, and nothing comes back",
                    ),
                    Some(format!(
                        "register the callback URL {redirect_uri} (to the letter) for OAuth app `{app}` in the developer console, and log in again; `--timeout` allows more time"
                    )),
                );
            }
            Self::Listen { .. } => {
                return (
                    Some("another program, or another login, uses the port"),
                    Some(
                        "end it, register another port with the OAuth app and change its redirect URI, or pass `--paste`"
                            .to_owned(),
                    ),
                );
            }
            Self::Endpoint { error } => {
                return (Some(error.cause()), Some(error.resolution().to_owned()));
            }
            Self::Sync(error) => return reason_of_sync(error),
            Self::ClosedOutput => {
                return (
                    Some(
                        "the shell closed it, as with `>&-`, or the program that started this one",
                    ),
                    Some(
                        "redirect it to a file, or to `/dev/null` to discard the output".to_owned(),
                    ),
                );
            }
            Self::Output(source) | Self::Metrics { source, .. } | Self::Io { source, .. }
                if is_full(source) =>
            {
                return (
                    Some(FULL),
                    Some("free space, and run the same command again".to_owned()),
                );
            }
            Self::Filter(_) => {
                return (
                    Some("a value of the result is of another type than the expression expects"),
                    Some(
                        "look at the result without `--jq`; `?` after a part of the expression skips what it fails at"
                            .to_owned(),
                    ),
                );
            }
            Self::DuckdbLibrary(error) => return reason_of_library(error),
            Self::NoDuckdbLibrary => {
                return (
                    Some(
                        "DuckDB is not part of this program; its library is loaded from this machine",
                    ),
                    Some(FIX_OF_LIBRARY.to_owned()),
                );
            }
            _ => {}
        }
        let (cause, resolution) = self.library_reason();
        if let Self::Save(SaveError::NoConnection { elsewhere, .. }) = self
            && !elsewhere.is_empty()
        {
            return (
                cause,
                Some(format!("it is at {}", remedy::levels(elsewhere))),
            );
        }
        match self.remedy() {
            Some(remedy) => (cause, Some(remedy::words(&remedy))),
            None => (cause, resolution.map(|fix| self.with_new_token(fix))),
        }
    }

    /// The fix of a token that the site rejects, with the command that stores another one.
    fn with_new_token(&self, fix: String) -> String {
        let error = self
            .call_error()
            .filter(|error| error.kind() == ErrorKind::Unauthorized);
        match error.and_then(CallError::supplied_by) {
            Some(by) if by.is_oauth => format!(
                "log in again with `host-runner connection login {} {}`",
                by.connection,
                remedy::options(&by.level)
            ),
            Some(by) => format!(
                "{fix}; `host-runner connection set-token {} {}` stores it",
                by.connection,
                remedy::options(&by.level)
            ),
            None => fix,
        }
    }

    fn library_reason(&self) -> (Option<&str>, Option<String>) {
        match (self.call_error(), self) {
            (Some(error), _) => (
                error.cause(),
                time_to_wait(error).or_else(|| error.resolution()),
            ),
            (None, Self::Download(error)) => (error.cause(), error.resolution()),
            (None, Self::Oauth(error)) => (error.cause(), error.resolution().map(str::to_owned)),
            _ => (None, None),
        }
    }

    pub(crate) fn exit(&self) -> Exit {
        if let Some(error) = self.call_error() {
            return Exit::of_kind(&error.kind());
        }
        match self {
            Self::Answered(exit) => *exit,
            Self::ClosedPipe | Self::Usage(_) | Self::NoSuchFunction(_) => Exit::Usage,
            Self::Argument(ArgumentError::WrongType { .. }) => Exit::InvalidArgument,
            Self::Argument(_) => Exit::Usage,
            Self::Open(OpenError::Engine { .. }) => Exit::Defect,
            Self::Open(OpenError::Config(_))
            | Self::Config(_)
            | Self::Tenant(TenantError::Config(_))
            | Self::Edit(EditError::Config(_))
            | Self::Assign(
                AssignComponentError::Tenant(TenantError::Config(_))
                | AssignComponentError::Edit(EditError::Config(_)),
            )
            | Self::RemoveComponent(RemoveComponentError::Config(_)) => Exit::Configuration,
            Self::Open(_)
            | Self::Secret(_)
            | Self::SigningKey(_)
            | Self::KeyFile { .. }
            | Self::ComponentStore(_)
            | Self::FindComponent(FindComponentError::Store(_))
            | Self::Edit(EditError::Write { .. })
            | Self::Tenant(TenantError::Store(ComponentStoreError::File { .. }))
            | Self::Assign(
                AssignComponentError::Edit(EditError::Write { .. })
                | AssignComponentError::Tenant(TenantError::Store(ComponentStoreError::File {
                    ..
                })),
            ) => Exit::State,
            Self::Tenant(TenantError::Load { error, .. })
            | Self::Assign(AssignComponentError::Tenant(TenantError::Load { error, .. })) => {
                of_load(error)
            }
            Self::Tenant(_)
            | Self::Assign(AssignComponentError::Tenant(_))
            | Self::RemoveComponent(_)
            | Self::Compose(_)
            | Self::Inspect { .. } => Exit::Component,
            Self::Edit(_) | Self::Assign(_) => Exit::Refused,
            Self::Oauth(error) => Exit::of_kind(&error.kind()),
            Self::LoginTimedOut { .. } => Exit::TimedOut,
            Self::Listen { .. } => Exit::Unreachable,
            Self::Save(SaveError::UsesOauth { .. }) => Exit::Usage,
            Self::DuckdbLibrary(_) | Self::NoDuckdbLibrary => Exit::NotConfigured,
            Self::Save(_) | Self::NotThere(_) | Self::FindComponent(_) => Exit::NotConfigured,
            Self::Download(error) => Exit::of_kind(&error.kind()),
            Self::Interrupted(exit) | Self::ListInterrupted(exit) | Self::SyncInterrupted(exit) => {
                *exit
            }
            Self::Sync(error) => of_sync(error),
            Self::SyncPartial => Exit::SyncPartial,
            Self::SyncHeld(_) => Exit::SyncHeld,
            Self::SyncBudget(_) => Exit::SyncBudget,
            Self::SyncsIncomplete { exit, .. } => *exit,
            Self::Read(error) => of_read(error),
            Self::Call(_) | Self::Io { .. } => Exit::Defect,
            Self::Package(PackageError::Inspect(_)) => Exit::Component,
            Self::Input { .. }
            | Self::Package(PackageError::Tag { .. } | PackageError::NotEmpty { .. }) => {
                Exit::Usage
            }
            Self::Endpoint { .. } => Exit::InvalidEndpoint,
            Self::Output(_)
            | Self::Filter(_)
            | Self::ClosedOutput
            | Self::Metrics { .. }
            | Self::Package(_) => Exit::Output,
            Self::Simulator(_) => Exit::Simulator,
            Self::Unhealthy(_) => Exit::Unhealthy,
        }
    }
}

/// The fix of a call that the site has ended for a time.
fn time_to_wait(error: &CallError) -> Option<String> {
    let CallError::Component { error, .. } = error else {
        return None;
    };
    let wait = duration(error.retry_after_ms?);
    let is_limit = error.kind == ErrorKind::RateLimited;
    is_limit.then(|| format!("wait {wait}, then run the same command again"))
}

/// Why a full disk, or what has the same effect, ends a command.
const FULL: &str = "the disk is full, or a quota or a limit on the size of files is reached";

fn is_full(source: &io::Error) -> bool {
    matches!(
        source.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

/// Why a run could not be made, and what to do.
fn reason_of_sync(error: &SyncError) -> (Option<&'static str>, Option<String>) {
    match error {
        SyncError::Sink(SinkError::Full { .. }) => (
            Some(FULL),
            Some(
                "free space, then run the same command again: it continues where this run ended"
                    .to_owned(),
            ),
        ),
        SyncError::Sink(SinkError::Path { fault, .. }) => (None, fix_of_path(fault)),
        SyncError::Lease(LeaseError::Held(_)) => (
            None,
            Some("wait until that run has ended, or end its process".to_owned()),
        ),
        SyncError::Sink(SinkError::InUse { .. }) => (
            Some("DuckDB opens a file for one program to write, or for several to read"),
            Some("close it in the other program, then run the same command again".to_owned()),
        ),
        SyncError::Sink(SinkError::UnknownManifests { .. }) => (
            Some(
                "another host writes this copy, or the state or the store was lost or restored",
            ),
            Some(
                "run the sync on the host that wrote last, or rebuild the state on this one with `host-runner sync reset` and the same sink"
                    .to_owned(),
            ),
        ),
        SyncError::Sink(SinkError::Overtaken { .. }) => (
            Some("two hosts write this copy, and the other one was first"),
            Some(
                "run the sync on one host only; to go on with this one, rebuild its state with `host-runner sync reset` and the same sink"
                    .to_owned(),
            ),
        ),
        SyncError::Sink(SinkError::OtherNaming { has, .. }) => (
            Some("a copy keeps the names of columns that its first run gave it"),
            Some(format!(
                "use `--naming {has}`, or copy into another sink"
            )),
        ),
        SyncError::Sink(SinkError::OtherFormat { has, .. }) => (
            Some("a copy keeps the format that its first run gave it, so that readers find all rows"),
            Some(format!("use `--to {has}:...`, or copy into another sink")),
        ),
        SyncError::Sink(SinkError::Failed { error, .. }) => {
            let of_store = error.downcast_ref().and_then(fix_of_store);
            let fix = of_store.or_else(|| error.downcast_ref().and_then(fix_of_folder));
            (None, fix.map(str::to_owned))
        }
        SyncError::NeedsBodies { format, .. } => (
            None,
            Some(format!("add `--bodies {format}`, or omit the stream")),
        ),
        SyncError::NeedsFiles { .. } => (
            None,
            Some("add `--files FOLDER`, or omit the stream".to_owned()),
        ),
        SyncError::ExcludesFiles { .. } => (
            None,
            Some("omit `--files`, or do not exclude the stream".to_owned()),
        ),
        _ => (None, None),
    }
}

/// What to do about a path that cannot be opened.
fn fix_of_path(fault: &PathFault) -> Option<String> {
    let fix = match fault {
        PathFault::NoFolder { folder } => format!("create it with `mkdir -p {}`", folder.display()),
        PathFault::IsFolder => "name a file in it".to_owned(),
        PathFault::NotAFile | PathFault::NotAFolder { .. } => "choose another path".to_owned(),
        PathFault::NotWritable { .. } => {
            "make it writable for this user, or choose another path".to_owned()
        }
        _ => return None,
    };
    Some(fix)
}

/// What to do about a folder whose registry is lost.
const fn fix_of_folder(fault: &ManifestFault) -> Option<&'static str> {
    match fault {
        ManifestFault::Missing { .. } | ManifestFault::Damaged { .. } => {
            Some("restore it from a backup, or copy into an empty folder")
        }
        _ => None,
    }
}

/// How the DuckDB library is named.
const FIX_OF_LIBRARY: &str = "set the variable `HOST_RUNNER_DUCKDB_LIBRARY` to the absolute path of the library, such as `libduckdb.so`, or run `host-runner config set sinks.duckdb-library PATH --level cluster`";

/// Why the DuckDB library cannot be used, and what to do.
fn reason_of_library(error: &LibraryError) -> (Option<&'static str>, Option<String>) {
    let (cause, fix) = match error {
        LibraryError::RelativePath { .. } => (
            "the linker would search its own folders for a relative path",
            FIX_OF_LIBRARY,
        ),
        LibraryError::Unreadable { error, .. }
            if error.kind() == io::ErrorKind::PermissionDenied =>
        {
            (
                "this user may not read the file or open its folder",
                "make it readable for this user",
            )
        }
        LibraryError::Unreadable { .. } => (
            "it was moved or removed, or the path is wrong",
            FIX_OF_LIBRARY,
        ),
        LibraryError::NotAFile { .. } => (
            "the path is a folder, or something else that is not a file",
            FIX_OF_LIBRARY,
        ),
        LibraryError::NotLoaded { .. } => (
            "it is damaged, was built for another platform, or is another library",
            "install `libduckdb` for this platform, from DuckDB's releases for C and C++",
        ),
        LibraryError::NotDuckdb { .. } => (
            "it is the driver of another database, or a build of DuckDB without JSON",
            "install `libduckdb` for this platform, from DuckDB's releases for C and C++",
        ),
        LibraryError::TooOld { .. } => (
            "older versions were not tested",
            "install a later version of `libduckdb`",
        ),
        _ => return (None, Some(FIX_OF_LIBRARY.to_owned())),
    };
    (Some(cause), Some(fix.to_owned()))
}

/// What to do about a store that failed.
fn fix_of_store(fault: &StoreFault) -> Option<&'static str> {
    match fault {
        StoreFault::Denied { .. } => Some(
            "check the credentials in the environment, and that they permit listing, reading, creating and deleting objects",
        ),
        StoreFault::NoBucket { .. } => {
            Some("create it, or correct `--to`, the region or the endpoint")
        }
        StoreFault::Refused { answer } if answer.starts_with("301") => {
            Some("set `AWS_REGION` to the region of the bucket")
        }
        StoreFault::State { .. } => Some(
            "make the folder writable, or rebuild the state with `host-runner sync reset` and the same sink",
        ),
        StoreFault::IgnoresConditions => {
            Some("use a store or a version of it that supports conditional writes")
        }
        _ => None,
    }
}

fn of_sync(error: &SyncError) -> Exit {
    match error {
        SyncError::Sink(
            SinkError::Busy { .. } | SinkError::InUse { .. } | SinkError::Superseded { .. },
        )
        | SyncError::Lease(_) => Exit::Refused,
        SyncError::Sink(SinkError::OtherNaming { .. } | SinkError::OtherFormat { .. }) => {
            Exit::Usage
        }
        SyncError::Sink(_) => Exit::Output,
        SyncError::Source(error) => Exit::of_kind(&(*error.kind).into()),
        SyncError::NoSuchSpace { .. } => Exit::NotFound,
        _ => Exit::Usage,
    }
}

fn of_read(error: &ReadError) -> Exit {
    match error {
        ReadError::Unsupported { .. } => Exit::StreamUnavailable,
        ReadError::NoSuchSpace { .. } => Exit::NotFound,
        ReadError::Source(error) | ReadError::Broken { error, .. } => {
            Exit::of_kind(&(*error.kind).into())
        }
        _ => Exit::Usage,
    }
}

/// A component that exceeds a limit of compiling may be a good one on a slow machine.
fn of_load(error: &LoadError) -> Exit {
    match error {
        LoadError::Compile(
            CompileError::TimedOut { setting, .. } | CompileError::Busy { setting, .. },
        ) if *setting == "limits.call-seconds" => Exit::TimedOut,
        LoadError::Compile(
            CompileError::TimedOut { .. } | CompileError::Busy { .. } | CompileError::Memory { .. },
        ) => Exit::LimitExceeded,
        _ => Exit::Component,
    }
}

#[cfg(test)]
mod tests {
    use host_runner::ErrorKind;

    use super::Exit;

    /// The `error-kind` of the WIT, read from the WIT.
    fn kinds() -> Vec<ErrorKind> {
        include_str!("../../wit/types.wit")
            .split("enum error-kind {")
            .nth(1)
            .and_then(|text| text.split('}').next())
            .unwrap_or_default()
            .lines()
            .map(str::trim)
            .filter(|line| line.ends_with(','))
            .map(|line| ErrorKind::from(line.trim_end_matches(',')))
            .collect()
    }

    #[test]
    fn a_credential_in_answers_has_an_exit_code_of_its_own() {
        let error = host_runner::CallError::CredentialEchoed { answers: 3 };
        let code = Exit::of_kind(&error.kind()) as u8;
        assert_eq!(code, 30);
        let of_kinds = kinds().iter().any(|kind| Exit::of_kind(kind) as u8 == code);
        assert!(!of_kinds);
    }

    #[test]
    fn every_kind_of_error_has_an_exit_code_of_its_own() {
        let kinds = kinds();
        assert!(kinds.len() > 15, "{kinds:?}");
        let mut codes: Vec<u8> = kinds.iter().map(|kind| Exit::of_kind(kind) as u8).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), kinds.len());
    }
}
