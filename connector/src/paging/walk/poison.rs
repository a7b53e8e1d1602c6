//! Rows that the site fails at, or that are too large.
//!
//! A page that answers 500, 502, 503 or 504 is asked for again at half its size, down to one row
//! ([`Hunt`]). So is one whose bodies together are larger than the host lets
//! through. What happens to the row that remains depends on what leads
//! behind it:
//!
//! - Rows asked for by id or key: the values are asked for in halves, not the page. The one that
//!   remains is left out, once a light request shows that the site is up.
//! - Other rows: only the cursor of a page that holds the row leads behind it. Where bodies are
//!   asked for, the same page without them brings row and cursor: mostly it is the body that
//!   cannot be rendered. Without that there is no way on, and the list stops.
//!
//! A cursor belongs to its query. That it goes along with another `limit` holds for the keyset
//! cursors that Confluence makes, but is not documented. So a refusal of the smaller page, or a
//! smaller page that begins elsewhere, stops the list as well.
//!
//! One such row costs 9 pages that fail, 8 small ones and 1 request that asks for it without its
//! body or whether the site is up, at most.

use super::{End, Turn, Walk, fetch};
use crate::{
    Error, ErrorKind, Transport,
    fingerprint::{Fingerprint, id_key},
    paging::hunt::Hunt,
    query::call::Paging,
    reading::rows::Rows,
};

impl Walk<'_, '_> {
    /// Whether a smaller page may come where this error did. A 503 that says how long to wait speaks
    /// of the site and not of the page.
    fn is_of_the_page(&self, error: &Error) -> bool {
        match error.status {
            Some(status) => {
                matches!(status, 500 | 502 | 503 | 504) && error.retry_after_ms.is_none()
            }
            // Rows without bodies are not that large: what has no end has none in halves either.
            None => error.kind == ErrorKind::TooLarge && self.plan.call.has_bodies(),
        }
    }

    /// Finds a way on after a request that failed.
    pub(super) fn fail(
        &mut self,
        error: Error,
        transport: &mut dyn Transport,
        rows: &mut Rows<'_>,
        bytes: &mut usize,
    ) -> Result<Turn, End> {
        if error.status == Some(400) && self.at.cursor.is_some() && self.failed_here.is_some() {
            return Err(End::Here(self.bound_to_size(Some(error))));
        }
        // What comes whole has no smaller pages.
        if !self.is_of_the_page(&error) || self.plan.call.paging == Paging::Whole {
            return Err(End::Here(error));
        }
        self.failures += 1;
        self.failed_here.get_or_insert(self.at.hunt);
        if self.tracker.is_some() {
            // Which of the values have their row is known, so nothing of a page has to be kept.
            self.ask_part(usize::from(self.at.part));
            if self.plan.call.sorted {
                self.notices.tell(
                    "order-of-parts",
                    None,
                    "the site failed for some rows, so they were requested in parts: each part is ordered, but the complete list is not"
                        .to_owned(),
                );
            }
        } else if self.at.skip > 0 && self.origin.is_none() {
            self.origin = Some(self.at.clone());
        }
        let full = self.plan.full(&self.at);
        if self.at.hunt.halve(full) {
            if self.failures > 2 * super::MOST_FAILURES {
                return Err(End::Here(error));
            }
            return Ok(Turn::GoOn);
        }
        self.at.hunt = Hunt::default();
        if self.tracker.is_some() {
            self.leave_out_value(error, transport, rows, bytes)
        } else {
            self.leave_out_row(error, transport, rows, bytes)
        }
    }

    /// Leaves out the one id or key that was asked for.
    fn leave_out_value(
        &mut self,
        error: Error,
        transport: &mut dyn Transport,
        rows: &mut Rows<'_>,
        bytes: &mut usize,
    ) -> Result<Turn, End> {
        let request = self.plan.neutral_request(&self.at);
        let answered = fetch(transport, self.plan, &request, rows, bytes, None);
        rows.clear();
        if answered.is_err() {
            return Err(End::Here(error));
        }
        let place = usize::from(self.at.part);
        if !self.at.is_found(place) {
            let value = self.plan.tracked(&self.at).get(place);
            self.notices
                .add("poison-item", value.map(String::as_str), || {
                    skipped(&error, None)
                });
            self.at.mark_found(place);
        }
        self.answered = true;
        self.failed_here = None;
        self.idle = 0;
        // The part is this one value, and now it is done.
        self.at.hunt.size = 1;
        let turn = self.step(rows);
        self.at.hunt = Hunt::default();
        Ok(turn)
    }

    /// Leaves out the one row at the position, when what is behind it can be reached.
    fn leave_out_row(
        &mut self,
        error: Error,
        transport: &mut dyn Transport,
        rows: &mut Rows<'_>,
        bytes: &mut usize,
    ) -> Result<Turn, End> {
        let page = self
            .plan
            .bare_request(&self.at)
            .and_then(|request| fetch(transport, self.plan, &request, rows, bytes, None).ok())
            .filter(|page| page.facts.sent <= 1);
        let Some(page) = page else {
            rows.clear();
            return Err(End::Here(self.no_way_on(error)));
        };
        if page.facts.sent > 0 {
            self.end_gap();
            let face = rows.face(0);
            let id = (!face.id.is_empty()).then_some(face.id);
            if self.at.skip > 0 {
                // It was given before the site began to fail at it.
                self.at.skip -= 1;
                let last = id.is_some_and(|id| Fingerprint::of(id.as_bytes()) == self.at.last);
                if last || self.at.skip == 0 {
                    self.at.skip = 0;
                    self.origin = None;
                }
            } else if self.plan.foreign(&self.at, None, &face).is_none()
                && id.is_none_or(|id| self.seen.insert(id_key(id)))
            {
                let previous = self.previous.as_deref();
                self.notices
                    .add("poison-item", id, || skipped(&error, previous));
            }
            if let Some(id) = id {
                self.previous = Some(id.to_owned());
            }
        }
        rows.clear();
        self.answered = true;
        self.failed_here = None;
        match &page.next {
            Some(next) => {
                self.follow(next).map_err(End::Lost)?;
                Ok(Turn::GoOn)
            }
            None => Ok(self.step(rows)),
        }
    }

    /// Notices a smaller page that begins elsewhere than the one that failed: it holds the row
    /// before it, or only rows that came before.
    pub(super) fn expect_place(&mut self, rows: &mut Rows<'_>) -> Result<(), Error> {
        let Some(hunt) = self.failed_here else {
            return Ok(());
        };
        let count = rows.on_page();
        let elsewhere = self.tracker.is_none()
            && self.at.cursor.is_some()
            && self.at.skip == 0
            && count > 0
            && ((0..count).all(|place| self.seen.contains(&id_key(rows.face(place).id)))
                || (0..count)
                    .any(|at| Fingerprint::of(rows.face(at).id.as_bytes()) == self.at.last));
        if elsewhere {
            rows.clear();
            self.at.hunt = hunt;
            return Err(self.bound_to_size(None));
        }
        self.failed_here = None;
        Ok(())
    }

    /// The error for a row that nothing leads behind.
    fn no_way_on(&self, error: Error) -> Error {
        let fault = fault(&error, &format!("the row {}", self.place()));
        let what = match error.status {
            Some(_) => "Confluence cannot read this one row",
            None => "this one row is too large",
        };
        let mut parts = error.into_parts();
        if !self.answered {
            parts.cause = format!(
                "{}; smaller pages fail as well, down to one row",
                parts.cause
            );
            return parts.into();
        }
        "poison-item".clone_into(&mut parts.code);
        parts.message = format!("cannot {} to the end: {fault}", self.ask().doing);
        parts.cause = format!(
            "{what}, and only a page that contains it has a cursor to the next one; {}",
            parts.cause
        );
        "the returned rows are valid; continue from `after` later, or use another `sort` or a narrower query to reach the remaining rows"
            .clone_into(&mut parts.resolution);
        parts.into()
    }

    /// The error for a page that comes at one size only, and not at that. Goes back to that size.
    fn bound_to_size(&mut self, refusal: Option<Error>) -> Error {
        if let Some(hunt) = self.failed_here.take() {
            self.at.hunt = hunt;
        }
        let (said, mut parts) = match refusal {
            Some(error) => ("refuses a smaller one", error.into_parts()),
            None => (
                "answers a smaller one with rows of another place",
                Error::new(ErrorKind::UpstreamFailed, "", "", "", "").into_parts(),
            ),
        };
        parts.kind = ErrorKind::UpstreamFailed;
        "cursor-bound-to-size".clone_into(&mut parts.code);
        parts.message = format!(
            "cannot {} to the end: the site fails at the page {}, and {said}",
            self.ask().doing,
            self.place()
        );
        "a row of the page cannot be read or the page is too heavy, and the site ties its cursors to the size of a page"
            .clone_into(&mut parts.cause);
        "the rows so far are good; go on from `after` later, or start again with a smaller limit"
            .clone_into(&mut parts.resolution);
        parts.into()
    }

    fn place(&self) -> String {
        match &self.previous {
            Some(id) => format!("after `{}`", crate::error::quoted(id, 60)),
            None => "at this place".to_owned(),
        }
    }
}

fn skipped(error: &Error, previous: Option<&str>) -> String {
    let place = previous.map_or(String::new(), |id| {
        format!(" after `{}`", crate::error::quoted(id, 60))
    });
    format!("a row{place} was skipped: {}", fault(error, "it"))
}

/// What happens to every page that holds `what`.
fn fault(error: &Error, what: &str) -> String {
    match error.status {
        Some(status) => {
            format!("the site responds with status `{status}` to every page with {what}")
        }
        None => format!("every page with {what} is larger than the host lets through"),
    }
}
