//! Options: which of them a list takes, and with which words.

use super::{
    choice::{choice, listed, nearest},
    ids, words,
};
use crate::{
    Error, GetOptions, ListOptions,
    error::quoted,
    query::{
        body_format,
        call::{By, Call, Dimension},
    },
};

/// What a list takes. An empty set of words means that it does not take the option.
#[derive(Debug)]
pub(crate) struct Takes {
    /// The REST parameter of `body-format`.
    pub(crate) body_parameter: &'static str,
    pub(crate) body_formats: &'static [&'static str],
    pub(crate) statuses: &'static [&'static str],
    pub(crate) sorts: &'static [&'static str],
    /// The field that `asc` and `desc` order by.
    pub(crate) order: &'static str,
    /// Space ids that one request takes, or 0.
    pub(crate) space_ids: usize,
    /// Whether earlier versions can be asked for. Of single pieces only.
    pub(crate) version: bool,
    /// Whether rows can be chosen by how their name begins.
    pub(crate) name_prefix: bool,
}

impl Takes {
    /// Nothing but `raw`.
    pub(crate) const NONE: Self = Self {
        body_parameter: "body-format",
        body_formats: &[],
        statuses: &[],
        sorts: &[],
        order: "",
        space_ids: 0,
        version: false,
        name_prefix: false,
    };

    /// The options that are taken, as WIT names them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        [
            ("body-format", !self.body_formats.is_empty()),
            ("mention-names", self.renders()),
            ("status", !self.statuses.is_empty()),
            ("sort", !self.sorts.is_empty()),
            ("space-ids", self.space_ids > 0),
            ("name-prefix", self.name_prefix),
            ("version", self.version),
            ("raw", true),
        ]
        .into_iter()
        .filter_map(|(name, is_taken)| is_taken.then_some(name))
    }

    /// Whether bodies are rendered, and so can have names in place of accounts.
    fn renders(&self) -> bool {
        self.body_formats
            .iter()
            .any(|format| body_format::rendered(format).is_some())
    }

    /// Checks the options and puts them into the call.
    pub(crate) fn apply(&self, options: &ListOptions, call: &mut Call) -> Result<(), Error> {
        let doing = call.ask.doing;
        if let Some((name, _)) = options.more.first() {
            return Err(Error::argument(
                "option-unknown",
                format!("unknown option `{}`", quoted(name, 60)),
                "this version has no options by name; Confluence would ignore it and return unfiltered rows",
                "leave it out; the options are `body-format`, `status`, `sort`, `space-ids`, `name-prefix`, `mention-names` and `raw`",
            ));
        }
        self.body_format(options, call)?;
        self.mention_names(options, call)?;
        self.status(options, call)?;
        if let Some(sort) = options.sort.as_deref() {
            taken("sort", self.sorts.is_empty(), doing)?;
            let sort = match sort {
                "asc" => self.order.to_owned(),
                "desc" => format!("-{}", self.order),
                sort => sort.to_owned(),
            };
            self.sort(&sort, doing)?;
            call.sort(&sort);
        }
        if !options.space_ids.is_empty() {
            taken("space-ids", self.space_ids == 0, doing)?;
            call.inner(Some(Dimension {
                name: "space-id",
                by: By::Space,
                values: ids::spaces("space-ids", &options.space_ids)?,
                most: self.space_ids,
            }));
        }
        if let Some(prefix) = options.name_prefix.as_deref() {
            taken("name-prefix", !self.name_prefix, doing)?;
            words::word("name-prefix", Some(prefix))?;
            // Confluence makes labels lower-case.
            call.name_prefix = Some(prefix.to_ascii_lowercase());
        }
        call.raw = options.raw;
        Ok(())
    }

    /// Checks the options of a single piece and puts them into the call.
    pub(crate) fn apply_single(&self, options: &GetOptions, call: &mut Call) -> Result<(), Error> {
        let listed = ListOptions {
            body_format: options.body_format.clone(),
            status: options.status.clone(),
            mention_names: options.mention_names,
            raw: options.raw,
            ..ListOptions::default()
        };
        self.apply(&listed, call)?;
        if let Some(version) = options.version {
            taken("version", !self.version, call.ask.doing)?;
            if i32::try_from(version).unwrap_or(0) == 0 {
                return Err(Error::argument(
                    "version-malformed",
                    format!("`version` cannot be `{version}`"),
                    "versions count up from 1, to 2147483647 at most",
                    "pass an existing version, or omit it for the current one",
                ));
            }
            call.parameter("version", Some(&version.to_string()));
        }
        Ok(())
    }

    fn body_format(&self, options: &ListOptions, call: &mut Call) -> Result<(), Error> {
        let Some(format) = options.body_format.as_deref() else {
            return Ok(());
        };
        let doing = call.ask.doing;
        taken("body-format", self.body_formats.is_empty(), doing)?;
        if body_format::SINGLE_FORMATS.contains(&format) && !self.body_formats.contains(&format) {
            return Err(Error::argument(
                "body-format-not-in-lists",
                format!("`body-format` cannot be `{format}` to {doing}"),
                "Confluence renders bodies for single pieces of content only, never in lists",
                format!("pass one of {}", listed(self.body_formats)),
            ));
        }
        choice(
            "body-format-unknown",
            "body-format",
            format,
            self.body_formats,
            doing,
        )?;
        call.ask.rendered = body_format::rendered(format);
        let format = match call.ask.rendered {
            Some(_) => body_format::SOURCE,
            None => format,
        };
        call.body(self.body_parameter, format);
        format.clone_into(&mut call.ask.wanted);
        Ok(())
    }

    fn mention_names(&self, options: &ListOptions, call: &mut Call) -> Result<(), Error> {
        if !options.mention_names {
            return Ok(());
        }
        taken("mention-names", !self.renders(), call.ask.doing)?;
        if call.ask.rendered.is_none() {
            return Err(Error::argument(
                "mention-names-without-rendering",
                "`mention-names` requires `body-format` `text` or `markdown`",
                "bodies in other formats are returned as Confluence sends them",
                "pass `body-format` `text` or `markdown`, or omit `mention-names`",
            ));
        }
        call.ask.mention_names = true;
        Ok(())
    }

    fn status(&self, options: &ListOptions, call: &mut Call) -> Result<(), Error> {
        let doing = call.ask.doing;
        if !options.status.is_empty() {
            taken("status", self.statuses.is_empty(), doing)?;
        }
        let mut given: Vec<&str> = Vec::new();
        for status in &options.status {
            choice("status-unknown", "status", status, self.statuses, doing)?;
            if !given.contains(&status.as_str()) {
                given.push(status);
            }
        }
        // Spaces take one status only; both are what comes without any.
        if self.statuses.len() == 2 && given.len() == 2 {
            return Ok(());
        }
        for status in given {
            call.parameter("status", Some(status));
        }
        Ok(())
    }

    fn sort(&self, sort: &str, doing: &str) -> Result<(), Error> {
        let field = sort.strip_prefix('-').unwrap_or(sort);
        if self.sorts.contains(&field) {
            return Ok(());
        }
        let lower = field.to_ascii_lowercase();
        let direction = lower
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|word| matches!(word, "asc" | "desc" | "ascending" | "descending"));
        let cause = if direction {
            "the direction alone is `asc` or `desc`; a field has the prefix `-` for descending order"
                .to_owned()
        } else if let Some(near) = nearest(field, self.sorts) {
            format!("Confluence does not sort by it here; `{near}` is near")
        } else {
            "Confluence does not sort by it here".to_owned()
        };
        Err(Error::argument(
            "sort-unknown",
            format!("`sort` cannot be `{}` to {doing}", quoted(sort, 60)),
            cause,
            format!(
                "pass `asc`, `desc` (by `{}`), or one of {}, with the prefix `-` for descending order",
                self.order,
                listed(self.sorts)
            ),
        ))
    }
}

/// Refuses an option that the list does not take.
fn taken(option: &str, refused: bool, doing: &str) -> Result<(), Error> {
    if !refused {
        return Ok(());
    }
    Err(Error::argument(
        "option-not-taken",
        format!("`{option}` is not accepted to {doing}"),
        "this function has no such option; were it ignored, rows would be unfiltered or in another order",
        format!("omit `{option}`"),
    ))
}
