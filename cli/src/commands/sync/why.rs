//! `host-runner sync why`.

use std::collections::BTreeSet;

use access::{CONTENT_ACCESS, Decision, Member, Principal, Reason, layers_of};
use clap::Args;
use serde_json::{Map, Value, json};
use sync::{Doubt, Filters, PastRun, RowFailure, Sink, SinkError, StoredRow, Which};

use super::defined::CopyName;
use super::history::time;
use crate::count::count;
use crate::exit::{Exit, Failure};
use crate::formats::Format;
use crate::options::SessionOptions;
use crate::output;
use crate::output::PrintOptions;

pub(super) const AFTER_HELP: &str = "\
Answers from the copy alone, without a request. With `--as`, also whether that account may read the page, and \
which layer decides: the permissions of the space, or the restrictions of the page or of content above it. Of an \
attachment, what became of its content: `file` is `copied`, `filtered`, `failed`, `absent`, `waiting` or `off`.

`state` is `present`, `not-synced`, `filtered`, `deleted`, `failed`, `missing`, `held`, `stale`, \
`not-readable` or `unknown`.

Exit codes:
   0 the copy has the page, and the account may read it
   5 the account may not read it
   6 the copy does not have the page, or has it marked as deleted
  32 it could not be read, or who may read it is unknown

Examples:
  host-runner sync why 98304 --to sqlite:site.db
  host-runner sync why https://DOMAIN.atlassian.net/wiki/spaces/ENG/pages/98304/Design --to sqlite:site.db
  host-runner sync why 98304 --as 712020:5f0c --to sqlite:site.db --output json
  host-runner sync why att98314 --to sqlite:site.db
  host-runner sync why 98304 docs";

/// The streams of what can be asked about, and what one of their rows is.
const STREAMS: [(&str, &str); 3] = [
    ("pages", "page"),
    ("blog_posts", "blog post"),
    (ATTACHMENTS, "attachment"),
];

/// The stream of attachments, and that of their content.
const ATTACHMENTS: &str = "attachments";
const FILES: &str = "attachment_files";

/// What the ids of attachments begin with.
const ATTACHMENT: &str = "att";

#[derive(Debug, Args)]
pub(crate) struct WhyArguments {
    /// Page or blog post, by id or URL, or attachment, by id
    pub(crate) page: String,
    /// Account to check, by id, or by e-mail address if the copy has it
    #[arg(long = "as", value_name = "USER")]
    pub(crate) account: Option<String>,
    #[command(flatten)]
    pub(crate) copy: CopyName,
    #[command(flatten)]
    pub(crate) print: PrintOptions,
}

/// An answer.
struct Answer {
    state: &'static str,
    sentence: String,
    details: Map<String, Value>,
}

impl Answer {
    fn new(state: &'static str, sentence: String) -> Self {
        Self {
            state,
            sentence,
            details: Map::new(),
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    fn exit(&self) -> Option<Exit> {
        match self.state {
            "present" => None,
            "not-readable" => Some(Exit::Forbidden),
            "not-synced" | "filtered" | "deleted" => Some(Exit::NotFound),
            _ => Some(Exit::SyncPartial),
        }
    }
}

pub(super) async fn why(session: &SessionOptions, arguments: &WhyArguments) -> Result<(), Failure> {
    let id = id_of(&arguments.page)?;
    if id.starts_with(ATTACHMENT) && arguments.account.is_some() {
        return Err(Failure::Usage(format!(
            "`--as` is about pages and blog posts, and `{id}` is an attachment: name the page that it is on"
        )));
    }
    let mut sink = arguments.copy.sink(session)?.open_existing(session).await?;
    let answer = answer(sink.as_mut(), &id, arguments.account.as_deref()).await?;
    match arguments.print.asked()? {
        None => output::say(&answer.sentence)?,
        Some(printing) => {
            let mut object = Map::new();
            object.insert("id".to_owned(), json!(id));
            object.insert("state".to_owned(), json!(answer.state));
            object.insert("message".to_owned(), json!(answer.sentence));
            object.extend(answer.details.clone());
            output::object(&Value::Object(object), &printing)?;
        }
    }
    answer
        .exit()
        .map_or(Ok(()), |exit| Err(Failure::Answered(exit)))
}

/// The id in a text: itself, or that in the URL of a page or blog post.
fn id_of(text: &str) -> Result<String, Failure> {
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_id(text.strip_prefix(ATTACHMENT).unwrap_or(text)) {
        return Ok(text.to_owned());
    }
    let address = text.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let of_query = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("pageId="));
    let mut parts = path.split('/');
    let mut of_path = None;
    while let Some(part) = parts.next() {
        if matches!(part, "pages" | "blog") {
            // The path of a blog post has its date before its id, or its id at once.
            of_path = parts.clone().rfind(|part| is_id(part) && part.len() > 4);
            of_path = of_path.or_else(|| parts.clone().next());
        }
    }
    let found = of_query.or(of_path).filter(|id| is_id(id));
    found.map(str::to_owned).ok_or_else(|| {
        Failure::Usage(format!(
            "`{text}` is not a page, blog post or attachment: expected an id, or a URL that contains one, such as `https://DOMAIN.atlassian.net/wiki/spaces/ENG/pages/98304`"
        ))
    })
}

async fn one(
    sink: &mut dyn Sink,
    stream: &str,
    columns: &[&str],
    key: &str,
) -> Result<Option<StoredRow>, SinkError> {
    let keys = [key.to_owned()];
    let found = sink.rows(stream, columns, Which::Keyed(&keys)).await?;
    Ok(found.into_iter().next())
}

async fn answer(sink: &mut dyn Sink, id: &str, account: Option<&str>) -> Result<Answer, Failure> {
    let mut found = None;
    for (stream, noun) in STREAMS {
        if let Some(row) = one(sink, stream, &["title"], id).await? {
            found = Some((stream, noun, row));
        }
    }
    let runs = sink.runs(1).await?;
    let filters = runs.first().map(PastRun::filters).unwrap_or_default();
    let Some((stream, noun, row)) = found else {
        let last = runs.first().map_or_else(
            || "no run has been made".to_owned(),
            |run| format!("the last run began at {}", time(run.started, Format::Json)),
        );
        let is_attachment = id.starts_with(ATTACHMENT);
        let of_kind = STREAMS
            .iter()
            .filter(|(stream, _)| (*stream == ATTACHMENTS) == is_attachment);
        let off: Vec<&str> = of_kind
            .clone()
            .filter(|(stream, _)| filters.have_off(stream))
            .map(|(_, noun)| *noun)
            .collect();
        let nouns: Vec<&str> = of_kind.map(|(_, noun)| *noun).collect();
        let kinds = match off.as_slice() {
            [] => String::new(),
            off => format!("is a {}, which `--kinds` does not have, ", off.join(" or ")),
        };
        let sentence = format!(
            "the copy has no {} `{id}`: it does not exist, {kinds}is outside of what is copied, is hidden from the account, or is newer than the copy ({last})",
            nouns.join(" or ")
        );
        return Ok(Answer::new("not-synced", sentence).with("kindsOff", off));
    };
    let name = match row.value(0) {
        Some(title) => format!("{noun} `{id}` ({title})"),
        None => format!("{noun} `{id}`"),
    };
    let answer = of_row(sink, stream, &name, &row, &filters).await?;
    let answer = match answer {
        Some(answer) => answer,
        None if stream == ATTACHMENTS => of_file(sink, &name, &row, runs.first()).await?,
        None => of_access(sink, id, &name, &row, account).await?,
    };
    let answer = answer.with("type", noun).with("title", row.value(0));
    Ok(answer.with("spaceId", row.container.as_deref()))
}

/// What the row alone answers.
async fn of_row(
    sink: &mut dyn Sink,
    stream: &str,
    name: &str,
    row: &StoredRow,
    filters: &Filters,
) -> Result<Option<Answer>, SinkError> {
    if let Some((at, reason)) = &row.deleted {
        let at = time(*at, Format::Json);
        let (state, words) = match reason.as_str() {
            "filtered" => ("filtered", "is outside of the filters of this copy"),
            "trashed" => ("deleted", "is in the trash"),
            "deleted" => ("deleted", "is deleted"),
            "parent" => ("deleted", "was deleted with what it belongs to"),
            _ => ("deleted", "is deleted, or hidden from the account"),
        };
        let answer = Answer::new(state, format!("{name} {words}, since {at} (`{reason}`)"));
        return Ok(Some(
            answer.with("reason", reason.as_str()).with("since", at),
        ));
    }
    let Some(doubt) = row.doubt else {
        return Ok(None);
    };
    let answer = match doubt {
        Doubt::Failed => {
            let failures = sink.failures().await?;
            let is_it = |failure: &RowFailure| failure.stream == stream && failure.key == row.key;
            match failures.into_iter().find(is_it) {
                Some(failure) => {
                    let next = time(failure.next, Format::Json);
                    Answer::new(
                        "failed",
                        format!(
                            "{name} could not be read in {}: {}; the first run after {next} reads it again",
                            count(failure.attempts.unsigned_abs(), "run"), failure.message
                        ),
                    )
                    .with("reason", failure.code)
                    .with("next", next)
                }
                None => Answer::new("failed", format!("{name} could not be read")),
            }
        }
        Doubt::Filtered if filters.have_off(stream) => Answer::new(
            "filtered",
            format!("{name} is of a kind that `--kinds` does not have"),
        )
        .with("reason", "kind-off"),
        Doubt::Filtered => Answer::new(
            "filtered",
            format!("{name} is outside of the filters of this copy"),
        ),
        Doubt::Held => Answer::new(
            "held",
            format!(
                "{name} is missing on the site, and its deletion waits for `host-runner sync approve {stream}`"
            ),
        ),
        Doubt::Missing => Answer::new(
            "missing",
            format!(
                "the last complete list did not contain {name}: the next run confirms that it is deleted or hidden"
            ),
        ),
        _ => Answer::new(
            "stale",
            format!("{name} has a newer version that could not be read yet"),
        ),
    };
    Ok(Some(answer))
}

/// Whether a run has read the content of all attachments that it was to have.
fn was_read(run: Option<&PastRun>) -> bool {
    let streams = run.and_then(|run| run.streams.as_deref());
    let streams: Option<Value> = streams.and_then(|text| serde_json::from_str(text).ok());
    let stopped = streams
        .as_ref()
        .and_then(|it| it.get(FILES)?.get("stopped"));
    stopped == Some(&Value::Bool(false))
}

/// What became of the content of an attachment.
async fn of_file(
    sink: &mut dyn Sink,
    name: &str,
    row: &StoredRow,
    last: Option<&PastRun>,
) -> Result<Answer, SinkError> {
    let is_there = format!("{name} is in the copy");
    let present = |file: &str, words: &str| {
        Answer::new("present", format!("{is_there}; {words}")).with("file", file)
    };
    let Some(folder) = sync::folder_of_files(sink).await? else {
        let words = "the content of attachments is not copied; `--files` copies it";
        return Ok(present("off", words));
    };
    let failures = sink.failures().await?;
    let is_it = |failure: &&RowFailure| failure.stream == FILES && failure.key == row.key;
    if let Some(failure) = failures.iter().find(is_it) {
        let next = time(failure.next, Format::Json);
        let sentence = format!(
            "{is_there}; its content could not be copied in {}: {}; the first run after {next} tries again",
            count(failure.attempts.unsigned_abs(), "run"),
            failure.message
        );
        let answer = Answer::new("failed", sentence).with("file", "failed");
        return Ok(answer.with("reason", &*failure.code).with("next", next));
    }
    let file = one(sink, FILES, &["path", "sha256", "absent"], &row.key).await?;
    let file = file.filter(|file| file.deleted.is_none());
    let filtered =
        "its content is excluded by `--files-types`, `--files-max-size` or another filter";
    Ok(match file {
        Some(file) if file.doubt == Some(Doubt::Filtered) => present("filtered", filtered),
        Some(file) => match (file.value(0), file.value(2)) {
            (Some(path), _) => {
                let words = format!("its content is `{path}` in `{folder}`");
                let answer = present("copied", &words).with("path", path);
                answer.with("sha256", file.value(1))
            }
            (None, absent) => {
                let words = "Confluence does not have its content any more";
                present("absent", words).with("reason", absent)
            }
        },
        None if was_read(last) => present("filtered", filtered),
        None => present("waiting", "the next run copies its content"),
    })
}

/// What its access answers.
async fn of_access(
    sink: &mut dyn Sink,
    id: &str,
    name: &str,
    row: &StoredRow,
    account: Option<&str>,
) -> Result<Answer, Failure> {
    const COLUMNS: [&str; 5] = ["state", "reason", "layers", "layer_origins", "content_hash"];
    let access = one(sink, CONTENT_ACCESS, &COLUMNS, id).await?;
    let access = access.filter(|access| access.deleted.is_none());
    let unknown = |reason: &str, words: &str| {
        let state = if account.is_some() {
            "unknown"
        } else {
            "present"
        };
        let sentence = format!("{name} is in the copy; who may read it is unknown: {words}");
        let answer = Answer::new(state, sentence).with("access", "unknown");
        answer.with("reason", reason)
    };
    let Some(access) = access else {
        return Ok(unknown(
            "not-computed",
            "the copy does not have it in `content_access`",
        ));
    };
    if access.value(4) != Some(row.fingerprint.as_str()) {
        return Ok(unknown(
            "outdated",
            "it has changed since that was computed, and the next complete run computes it",
        ));
    }
    if access.value(0) != Some("known") {
        let code = access.value(1).unwrap_or_default();
        let words = Reason::of_code(code).map_or(code, |reason| reason.message());
        return Ok(unknown(code, words));
    }
    let Some(layers) = access.value(2).and_then(layers_of) else {
        return Ok(unknown(
            "unreadable",
            "`content_access` has no layers for it",
        ));
    };
    let present = |sentence: String| {
        let answer = Answer::new("present", sentence).with("access", "known");
        let parsed = access
            .value(2)
            .and_then(|text| serde_json::from_str(text).ok());
        answer.with("layers", parsed.unwrap_or(Value::Null))
    };
    let Some(account) = account else {
        return Ok(present(format!("{name} is in the copy")));
    };
    let Some(member) = member(sink, account, &layers).await? else {
        return Ok(unknown(
            "no-such-account",
            "the copy has no account with this e-mail address; pass its id",
        ));
    };
    let origins: Vec<String> = access
        .value(3)
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let who = member.account.clone();
    Ok(match Decision::of(&layers, &member) {
        Decision::Yes => present(format!("{name} is in the copy, and `{who}` may read it"))
            .with("account", who)
            .with("readable", true),
        Decision::No(place) => {
            let origin = origins.get(place).cloned().unwrap_or_default();
            let words = words_of(&origin, id);
            Answer::new(
                "not-readable",
                format!("{name} is in the copy, but `{who}` may not read it: {words}"),
            )
            .with("account", who)
            .with("readable", false)
            .with("layer", origin)
        }
        Decision::If(classes) => {
            let classes: Vec<String> = classes.into_iter().collect();
            let words = format!(
                "`{who}` may read it if the account belongs to `{}`, which the copy does not have",
                classes.join("` and `")
            );
            unknown("depends-on-class", &words)
                .with("account", who)
                .with("classes", classes)
        }
        _ => unknown("undecided", "this version does not know its kind of layer"),
    })
}

/// A layer in words.
fn words_of(origin: &str, id: &str) -> String {
    match origin.split_once(':') {
        Some(("space", space)) => format!("the permissions of space `{space}` do not include it"),
        Some((_, of)) if of == id => "its own restrictions do not include it".to_owned(),
        Some((kind, of)) => {
            format!("the restrictions of the {kind} `{of}` above it do not include it")
        }
        None => "a layer does not include it".to_owned(),
    }
}

/// An account and those of its groups that layers name. None: nobody has this e-mail address.
async fn member(
    sink: &mut dyn Sink,
    account: &str,
    layers: &[Vec<Principal>],
) -> Result<Option<Member>, SinkError> {
    let id = if account.contains('@') {
        match account_of_email(sink, account).await? {
            Some(id) => id,
            None => return Ok(None),
        }
    } else {
        account.to_owned()
    };
    let groups: BTreeSet<&String> = layers
        .iter()
        .flatten()
        .filter_map(|principal| match principal {
            Principal::Group(group) => Some(group),
            _ => None,
        })
        .collect();
    let keys: Vec<String> = groups.iter().map(|group| format!("{group}/{id}")).collect();
    let found = sink
        .rows("group_members", &["group_id"], Which::Keyed(&keys))
        .await?;
    let live = found.into_iter().filter(|row| row.deleted.is_none());
    let groups = live.filter_map(|row| row.values.into_iter().next().flatten());
    Ok(Some(Member {
        account: id,
        groups: groups.collect(),
    }))
}

async fn account_of_email(sink: &mut dyn Sink, email: &str) -> Result<Option<String>, SinkError> {
    for stream in ["users", "group_members"] {
        let mut after = String::new();
        loop {
            let columns = ["account_id", "email"];
            let rows = sink.rows(stream, &columns, Which::After(&after)).await?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.key);
            let has_it = |row: &&StoredRow| {
                row.value(1)
                    .is_some_and(|known| known.eq_ignore_ascii_case(email))
            };
            if let Some(row) = rows.iter().find(has_it) {
                return Ok(row.value(0).map(str::to_owned));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::id_of;

    #[test]
    fn a_page_is_named_by_its_id_or_its_address() {
        for text in [
            "98304",
            "https://a.atlassian.net/wiki/spaces/ENG/pages/98304/Design+2026",
            "https://a.atlassian.net/wiki/spaces/ENG/pages/98304",
            "https://a.atlassian.net/wiki/spaces/ENG/pages/98304/Design?focusedCommentId=1#x",
            "https://a.atlassian.net/wiki/spaces/ENG/blog/2026/04/28/98304/News",
            "https://a.atlassian.net/wiki/spaces/ENG/blog/98304/News",
            "https://a.atlassian.net/wiki/pages/viewpage.action?pageId=98304",
        ] {
            assert_eq!(id_of(text).unwrap(), "98304", "{text}");
        }
        assert_eq!(id_of("att98314").unwrap(), "att98314");
        for text in [
            "",
            "att",
            "Design",
            "https://a.atlassian.net/wiki/spaces/ENG/overview",
        ] {
            assert!(id_of(text).is_err(), "{text}");
        }
    }
}
