//! What is to be read.

use source::{BODY, Budget, Pass, Projection, SourceSettings, Stream};

use super::error::ReadError;

/// Passes that a request can name, in the order in which one is chosen. A look-up needs keys, which a
/// request does not have.
const PREFERRED: [Pass; 6] = [
    Pass::Full,
    Pass::Details,
    Pass::Versions,
    Pass::Access,
    Pass::Census,
    Pass::Changes,
];

/// What is to be read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadRequest {
    /// The name of the stream.
    pub stream: String,
    /// How it is read. Absent: every row with all columns, as the stream supports it.
    pub pass: Option<Pass>,
    /// What is returned of each row.
    pub projection: Projection,
    /// Ids or keys of the spaces whose rows are read. Empty: all.
    pub spaces: Vec<String>,
    /// The bounds of each step.
    pub budget: Budget,
    /// Settings of the source.
    pub settings: SourceSettings,
    /// How many steps run at once, 1 or more.
    pub at_once: usize,
    /// Whether rows come in the order of the source, one step after the other.
    pub in_order: bool,
}

impl ReadRequest {
    /// All of a stream, one step at a time.
    #[must_use]
    pub fn new(stream: impl Into<String>) -> Self {
        Self {
            stream: stream.into(),
            pass: None,
            projection: Projection::default(),
            spaces: Vec::new(),
            budget: Budget::default(),
            settings: SourceSettings::new(),
            at_once: 1,
            in_order: false,
        }
    }

    /// Checks it before anything is asked, and chooses the pass.
    pub(super) fn check(&self, stream: &Stream) -> Result<Pass, ReadError> {
        let columns = || stream.columns.iter().map(|column| &column.name);
        let unknown = self
            .projection
            .columns
            .iter()
            .find(|wanted| !columns().any(|column| column == *wanted));
        if let Some(column) = unknown {
            return Err(ReadError::NoSuchColumn {
                stream: stream.name.clone(),
                column: column.clone(),
                columns: columns().cloned().collect(),
            });
        }
        if self.projection.body_format.is_some() && !columns().any(|column| column == BODY) {
            return Err(ReadError::NoBodies {
                stream: stream.name.clone(),
            });
        }
        match self.pass {
            Some(pass) if PREFERRED.contains(&pass) && stream.has(pass) => Ok(pass),
            Some(pass) => Err(ReadError::PassNotSupported {
                stream: stream.name.clone(),
                pass,
                passes: PREFERRED
                    .into_iter()
                    .filter(|pass| stream.has(*pass))
                    .collect(),
            }),
            None => Ok(chosen(stream)),
        }
    }
}

/// The pass that shows most of a stream.
pub(super) fn chosen(stream: &Stream) -> Pass {
    let found = PREFERRED.into_iter().find(|pass| stream.has(*pass));
    found.unwrap_or(Pass::Full)
}
