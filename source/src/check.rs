//! Checks of what an untrusted source says about its streams.

use std::collections::BTreeSet;

use crate::stream::Stream;
use crate::system::SystemColumn;

/// Maximum number of streams of a source.
pub const MAX_STREAMS: usize = 1_000;

/// Maximum number of columns of a stream.
pub const MAX_COLUMNS: usize = 500;

/// Maximum length of the name of a stream or a column, in bytes: what PostgreSQL allows.
pub const MAX_NAME_BYTES: usize = 63;

/// Why the description of a stream is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// There are too many streams.
    #[error("the source describes {0} streams; at most {MAX_STREAMS} are allowed")]
    TooManyStreams(usize),
    /// A stream has too many columns.
    #[error("the stream `{stream}` has {count} columns; at most {MAX_COLUMNS} are allowed")]
    TooManyColumns {
        /// The stream.
        stream: String,
        /// How many.
        count: usize,
    },
    /// A name is not one.
    #[error(
        "`{0}` is not a name: names have 1 to {MAX_NAME_BYTES} lower-case letters, digits and underscores, and begin with a letter"
    )]
    Name(String),
    /// Two streams, or two columns of a stream, have the same name.
    #[error("the name `{0}` is there twice")]
    NameTwice(String),
    /// A stream has no key.
    #[error("the stream `{0}` has no key")]
    NoKey(String),
    /// A key names a column that is not there, or that can be absent.
    #[error(
        "the key of the stream `{stream}` names `{column}`, which is not a column that always has a value"
    )]
    Key {
        /// The stream.
        stream: String,
        /// The column.
        column: String,
    },
    /// A stream has no pass.
    #[error("the stream `{0}` supports no pass")]
    NoPass(String),
    /// A stream has a parent that is not a stream.
    #[error("the stream `{stream}` has the parent `{parent}`, which is not a stream")]
    Parent {
        /// The stream.
        stream: String,
        /// The parent.
        parent: String,
    },
}

impl Stream {
    /// Checks the descriptions of all streams of a source: names can be tables and columns of a
    /// database, and keys and parents exist.
    ///
    /// # Errors
    ///
    /// [`StreamError`] for the first mistake.
    pub fn check_all(streams: &[Self]) -> Result<(), StreamError> {
        if streams.len() > MAX_STREAMS {
            return Err(StreamError::TooManyStreams(streams.len()));
        }
        let mut names = BTreeSet::new();
        for stream in streams {
            check_name(&stream.name, &mut names)?;
        }
        for stream in streams {
            stream.check(&names)?;
        }
        Ok(())
    }

    fn check(&self, streams: &BTreeSet<&str>) -> Result<(), StreamError> {
        let stream = || self.name.clone();
        if self.columns.len() > MAX_COLUMNS {
            return Err(StreamError::TooManyColumns {
                stream: stream(),
                count: self.columns.len(),
            });
        }
        let mut names = BTreeSet::from([SystemColumn::Raw.name()]);
        for column in &self.columns {
            check_name(&column.name, &mut names)?;
        }
        if self.key.is_empty() {
            return Err(StreamError::NoKey(stream()));
        }
        for key in &self.key {
            let has_always = |name: &String| {
                let column = self.columns.iter().find(|column| column.name == *name);
                column.is_some_and(|column| !column.nullable && !column.on_request)
            };
            if !has_always(key) {
                return Err(StreamError::Key {
                    stream: stream(),
                    column: cut(key),
                });
            }
        }
        if self.passes.is_empty() {
            return Err(StreamError::NoPass(stream()));
        }
        let unknown = self
            .parents
            .iter()
            .find(|parent| !streams.contains(parent.as_str()));
        match unknown {
            Some(parent) => Err(StreamError::Parent {
                stream: stream(),
                parent: cut(parent),
            }),
            None => Ok(()),
        }
    }
}

fn check_name<'a>(name: &'a str, names: &mut BTreeSet<&'a str>) -> Result<(), StreamError> {
    let begins = name.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
    let goes_on = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !begins || !goes_on || name.len() > MAX_NAME_BYTES {
        return Err(StreamError::Name(cut(name)));
    }
    if !names.insert(name) {
        return Err(StreamError::NameTwice(name.to_owned()));
    }
    Ok(())
}

/// A name that may be of any length, as an error shows it.
fn cut(name: &str) -> String {
    name.chars().take(MAX_NAME_BYTES).collect()
}
