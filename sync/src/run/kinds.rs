//! Kinds of content, and spaces, that are not copied any more.

use std::collections::HashSet;

use source::Stream;

use super::content;
use super::scope::SpaceScope;
use super::{Engine, StreamReport, SyncError};
use crate::sink::{Rescope, SinkError};
use crate::spaces::SPACES;

impl Engine<'_> {
    /// The keys of spaces or content that is out of scope, if other filters may let it in as it arrives, and not
    /// once all of it is decided.
    pub(super) async fn outside(&mut self, stream: &Stream) -> Result<HashSet<String>, SinkError> {
        let scope = &self.scope;
        let may_return = scope.has_outside && scope.has_changed && !scope.decides(stream);
        if !may_return || !content::is_content(&stream.name) && stream.name != SPACES {
            return Ok(HashSet::new());
        }
        let known = self.sink.registered(&stream.name).await?;
        let outside = known.into_iter().filter(|row| !row.is_inside);
        Ok(outside.map(|row| row.key).collect())
    }

    /// Has the sets that belong to content read that was out of scope and is not any more.
    pub(super) async fn readmit(
        &mut self,
        stream: &Stream,
        outside: HashSet<String>,
    ) -> Result<(), SinkError> {
        if outside.is_empty() {
            return Ok(());
        }
        let known = self.sink.registered(&stream.name).await?;
        let inside = known.into_iter().filter(|row| row.is_inside);
        let back = inside
            .map(|row| row.key)
            .filter(|key| outside.contains(key));
        let enters: Vec<String> = back.collect();
        let followers = self.followers(stream);
        let rescope = Rescope {
            run: self.run,
            at: self.clock.now(),
            stream: &stream.name,
            enters: &enters,
            leaves: &[],
            labels: &[],
            followers: &followers,
            listed: &[],
        };
        self.sink.rescope(&rescope).await?;
        Ok(())
    }

    /// Marks rows as out of scope, with those of `followers` that belong to them. Returns how many.
    pub(super) async fn leave_rows(
        &mut self,
        stream: &str,
        leaves: &[String],
        followers: &[String],
    ) -> Result<u64, SinkError> {
        let rescope = Rescope {
            run: self.run,
            at: self.clock.now(),
            stream,
            enters: &[],
            leaves,
            labels: &[],
            followers,
            listed: &[],
        };
        self.sink.rescope(&rescope).await
    }

    /// Marks the rows of spaces that are excluded. Most follow content that is excluded with its space; the
    /// row of a page that is in a folder follows the folder, which no filter decides.
    pub(super) async fn leave_spaces(
        &mut self,
        stream: &Stream,
        report: &mut StreamReport,
    ) -> Result<(), SinkError> {
        let spaces = &self.scope.spaces;
        if stream.name == SPACES || matches!(spaces, SpaceScope::All) {
            return Ok(());
        }
        let is_excluded =
            |space: &Option<String>| space.is_some() && !spaces.admits(space.as_deref());
        let live = self.sink.live(&stream.name).await?;
        if !live.iter().any(|(space, _)| is_excluded(space)) {
            return Ok(());
        }
        let known = self.sink.registered(&stream.name).await?.into_iter();
        let leave = known.filter(|row| row.is_inside && is_excluded(&row.container));
        let leaves: Vec<String> = leave.map(|row| row.key).collect();
        let followers = self.followers(stream);
        report.counts.left += self.leave_rows(&stream.name, &leaves, &followers).await?;
        Ok(())
    }

    /// Marks the rows of streams that are not read, since their kind is off: nothing shows them again.
    /// What follows them is marked with them.
    pub(super) async fn leave_kinds(&mut self) -> Result<Vec<StreamReport>, SyncError> {
        let kinds = self.request.filters.kinds();
        let streams = self.streams;
        let mut excluded: Vec<_> = streams
            .iter()
            .filter(|stream| kinds.excludes(&stream.name))
            .collect();
        excluded.sort_by_key(|stream| content::rank(&stream.name));
        let mut reports = Vec::new();
        for stream in excluded {
            let known = self.sink.registered(&stream.name).await?;
            let inside = known.into_iter().filter(|row| row.is_inside);
            let leaves: Vec<String> = inside.map(|row| row.key).collect();
            if leaves.is_empty() {
                continue;
            }
            let followers = self.followers(stream);
            let mut report = StreamReport::of(stream);
            report.counts.left += self.leave_rows(&stream.name, &leaves, &followers).await?;
            reports.push(report);
        }
        Ok(reports)
    }
}
