//! The spaces of a site, which streams can be read by.

use std::collections::BTreeSet;

use source::{
    Batch, Observed, Outcome, Projection, Source, SourceError, SourceSettings, StepRequest, Stream,
};

/// The stream whose rows are the spaces.
pub(crate) const SPACES: &str = "spaces";

/// Its columns with the id and the key of a space.
const ID: &str = "id";
const KEY: &str = "key";

/// A name that no space has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no space `{space}`, or this account does not see it{}",
    similar.as_ref().map(|key| format!("; did you mean `{key}`?")).unwrap_or_default()
)]
#[non_exhaustive]
pub struct NoSuchSpace {
    /// The id or the key.
    pub space: String,
    /// A key that differs in the case of letters only.
    pub similar: Option<String>,
}

/// The spaces of a site.
#[derive(Debug, Default)]
pub(crate) struct Spaces {
    all: Vec<Space>,
    /// Whether some could not be read.
    has_gaps: bool,
}

#[derive(Debug)]
struct Space {
    id: String,
    key: Option<String>,
}

impl Spaces {
    /// Reads them. A source without such a stream has none.
    pub(crate) async fn read(
        source: &dyn Source,
        streams: &[Stream],
        settings: &SourceSettings,
    ) -> Result<(Self, Observed), SourceError> {
        let mut spaces = Self::default();
        let mut observed = Observed::default();
        let Ok(stream) = Stream::find(streams, SPACES) else {
            return Ok((spaces, observed));
        };
        let mut request = StepRequest::new(SPACES, stream.census());
        let columns = [ID, KEY]
            .into_iter()
            .filter(|name| stream.column(name).is_some());
        request.projection = Projection {
            columns: columns.map(str::to_owned).collect(),
            ..Projection::default()
        };
        request.settings.clone_from(settings);
        loop {
            let progress = source.step(streams, &request).await?;
            observed.add(progress.observed);
            spaces.has_gaps |= !progress.notices.is_empty();
            progress.batches.iter().for_each(|batch| spaces.add(batch));
            match progress.outcome {
                Outcome::More => request.state = progress.state,
                Outcome::Failed(error) => return Err(error),
                Outcome::Done => return Ok((spaces, observed)),
                _ => {
                    spaces.has_gaps = true;
                    return Ok((spaces, observed));
                }
            }
        }
    }

    fn add(&mut self, batch: &Batch) {
        self.all.extend((0..batch.rows()).filter_map(|row| {
            Some(Space {
                id: batch.text(ID, row)?.to_owned(),
                key: batch.text(KEY, row).map(str::to_owned),
            })
        }));
    }

    /// The ids of those with these ids or keys, each once.
    pub(crate) fn ids<N: AsRef<str>>(
        &self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Vec<String>, NoSuchSpace> {
        let mut seen = BTreeSet::new();
        let mut ids = Vec::new();
        for name in names {
            let name = name.as_ref();
            let is_it = |space: &&Space| space.id == name || space.key.as_deref() == Some(name);
            let Some(space) = self.all.iter().find(is_it) else {
                let mut keys = self.all.iter().filter_map(|space| space.key.as_ref());
                let similar = keys.find(|key| key.eq_ignore_ascii_case(name));
                return Err(NoSuchSpace {
                    space: name.to_owned(),
                    similar: similar.cloned(),
                });
            };
            if seen.insert(&space.id) {
                ids.push(space.id.clone());
            }
        }
        Ok(ids)
    }

    /// Whether some could not be read.
    pub(crate) const fn has_gaps(&self) -> bool {
        self.has_gaps
    }

    /// The ids of all.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|space| space.id.as_str())
    }

    /// The ids of all.
    pub(crate) fn into_ids(self) -> Vec<String> {
        self.all.into_iter().map(|space| space.id).collect()
    }
}
