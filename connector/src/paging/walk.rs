//! Paging: one function for all lists.
//!
//! It sends the requests of a plan one after the other, follows next links, and ends at the
//! limit, at the end of the plan, at a failure, at [`MOST_BYTES`], behind [`MOST_EMPTY`] pages
//! without rows, or when the pages turn out to go in circles. Whatever it ends at, the rows so far
//! are good, and `after` resumes behind them.
//! A page that the site fails at is asked for in smaller ones first: see [`poison`].

mod poison;

use std::collections::BTreeSet;

use crate::{
    Answer, Error, ErrorKind, Rest, Transport,
    answer::{self, Ask},
    fingerprint::{Fingerprint, id_key},
    paging::{
        after,
        circle::Circle,
        continuation::{self, Next, Request},
        hunt::Hunt,
        notices::Notices,
        plan::{Plan, Tracker},
        position::{MOST_CURSOR, MOST_EMPTY_OF_LIST, Position},
        seen_ids::SeenIds,
    },
    query::call::Paging,
    reading::{
        decode::{self, PageFacts},
        link,
        rows::Rows,
    },
};

/// Upstream bytes after which a call ends. 10 000 rows with bodies are 80 MB; a guest has 64.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Pages without rows in a row after which a call ends, with `after` and without an error.
/// Confluence sends one or two where rows are hidden from this account, and many where pages are
/// small: a caller that goes on gets behind them, in calls that each end in time.
const MOST_EMPTY: u32 = 6;

/// Pages with known rows only that are a circle. One alone is not: rows that move while they are
/// read make one.
const MOST_IDLE: u32 = 2;

/// Failures of the site after which a call ends, with `after` and without an error. Nine find a
/// row that the site fails at, so each call passes three such rows at least; a host ends a call
/// after 30 s by default, and then all of its rows are lost.
const MOST_FAILURES: u32 = 32;

/// Answers up to `limit` rows from `at` on.
pub(crate) fn walk(
    transport: &mut dyn Transport,
    plan: &Plan<'_>,
    at: Position,
    limit: usize,
    rows: &mut Rows<'_>,
) -> Result<Rest, Error> {
    let mut cursors = BTreeSet::new();
    if let Some(cursor) = &at.cursor {
        cursors.insert(Fingerprint::of(cursor));
    }
    let mut walk = Walk {
        plan,
        tracker: plan.index(&at),
        cursors,
        seen: SeenIds::default(),
        notices: Notices::default(),
        idle: 0,
        empty: 0,
        limit,
        at,
        failures: 0,
        answered: false,
        failed_here: None,
        origin: None,
        previous: None,
    };
    if plan.call.name_prefix.is_some() {
        walk.notices.tell(
            "filtered-here",
            None,
            "Confluence cannot filter by the beginning of a name: all rows were read, and the others skipped"
                .to_owned(),
        );
    }
    let mut bytes = 0;
    loop {
        let request = plan.request(&walk.at);
        let ahead = Some(&walk);
        let turn = match fetch(transport, plan, &request, rows, &mut bytes, ahead) {
            Ok(page) => {
                walk.answered = true;
                walk.take(&page, rows)
            }
            Err(error) => walk.fail(error, transport, rows, &mut bytes),
        };
        match turn {
            Ok(Turn::Cut) => return Ok(walk.rest(true, None)),
            Ok(Turn::Complete) => return Ok(walk.rest(false, None)),
            // Before rows that the caller has are passed, ending would lead nowhere.
            Ok(Turn::GoOn) if walk.origin.is_some() => {}
            Ok(Turn::GoOn)
                if rows.kept() >= limit
                    || bytes >= MOST_BYTES
                    || walk.empty >= MOST_EMPTY
                    || walk.failures >= MOST_FAILURES
                    || rows.is_full(limit, plan.page_size, 0) =>
            {
                return Ok(walk.rest(true, None));
            }
            Ok(Turn::GoOn) => {}
            Err(End::Here(error)) if !walk.answered => return Err(error),
            Err(End::Here(error)) => return Ok(walk.rest(true, Some(error))),
            Err(End::Lost(error)) => return Ok(walk.rest(false, Some(error))),
        }
    }
}

/// Makes a request and decodes its answer. Where `ahead` knows what it asks next, the transport
/// hears of it before.
fn fetch(
    transport: &mut dyn Transport,
    plan: &Plan<'_>,
    request: &Request,
    rows: &mut Rows<'_>,
    bytes: &mut usize,
    ahead: Option<&Walk<'_, '_>>,
) -> Result<Fetched, Error> {
    let call = plan.call;
    rows.count_request();
    let answer = transport
        .get(&request.url)
        .map_err(|failure| answer::unanswered(failure, &call.ask))?;
    rows.note(&answer);
    *bytes += answer.body.len();
    let text = answer::text(&answer, &call.ask)?;
    if let Some(next) = ahead.and_then(|walk| walk.request_behind(&answer, rows, *bytes)) {
        transport.expect(&next);
    }
    let mut facts = decode::page(rows, text, &call.ask, call.raw, || {
        link::base(&answer, transport)
    })
    .map_err(|error| error.answered(&answer))?;
    rows.count_sent(facts.sent);
    let next = continuation::next(call.paging, request, &mut facts, &answer);
    Ok(Fetched { facts, next })
}

/// A page, whose rows are decoded.
struct Fetched {
    facts: PageFacts,
    next: Option<Next>,
}

enum Turn {
    /// The limit is met within the page.
    Cut,
    /// The position has moved to the next request.
    GoOn,
    /// There is no next request.
    Complete,
}

/// An end before the end of the list.
enum End {
    /// The position is good: going on from it may work later.
    Here(Error),
    /// There is no way on.
    Lost(Error),
}

struct Walk<'a, 'b> {
    plan: &'a Plan<'b>,
    at: Position,
    limit: usize,
    tracker: Option<Tracker>,
    /// Cursors of this step that were followed in this call.
    cursors: BTreeSet<u64>,
    /// Ids of this step that were seen in this call.
    seen: SeenIds,
    notices: Notices,
    idle: u32,
    /// Pages without rows in a row in this call.
    empty: u32,
    /// Pages that the site failed at.
    failures: u32,
    /// Whether a page came, or a row was skipped.
    answered: bool,
    /// The size that the page at this position had before the site failed at it.
    failed_here: Option<Hunt>,
    /// Where the caller is, while rows that it has are passed again in smaller pages.
    origin: Option<Position>,
    /// The id of the last row that came.
    previous: Option<String>,
}

impl Walk<'_, '_> {
    fn rest(self, resumable: bool, stopped: Option<Error>) -> Rest {
        let at = self.origin.as_ref().unwrap_or(&self.at);
        Rest {
            after: resumable.then(|| after::token(at, self.plan)),
            stopped,
            notices: self.notices.finish(),
        }
    }

    fn take(&mut self, page: &Fetched, rows: &mut Rows<'_>) -> Result<Turn, End> {
        for (place, reason) in &page.facts.dropped {
            self.notices.add("row-dropped", None, || {
                let number = place + 1;
                format!("row number `{number}` of a response was dropped: {reason}")
            });
        }
        // A page without usable rows brings the list no further, whatever upstream put into it.
        let usable = rows.on_page() > 0;
        self.expect_place(rows).map_err(End::Here)?;
        let start = self.resynchronise(rows, page.next.is_some());
        if self.at.skip == 0 {
            self.watch_pages(rows).map_err(End::Lost)?;
        }
        let last = rows.on_page().checked_sub(1).map(|last| rows.face(last).id);
        let last = last.map(str::to_owned);
        if self.take_rows(start, rows).map_err(End::Lost)? {
            return Ok(Turn::Cut);
        }
        self.at.skip = self
            .at
            .skip
            .saturating_sub(u16::try_from(start).unwrap_or(u16::MAX));
        if usable {
            self.end_gap();
            self.previous = last;
        }
        let next = page.next.as_ref().filter(|next| {
            // An empty page that is its own next one: no row can follow.
            let leads_here = (self.at.cursor.is_some() || **next == Next::First)
                && next.cursor() == self.at.cursor;
            let ends = page.facts.sent == 0 && leads_here;
            if ends {
                self.notices.tell(
                    "empty-page",
                    None,
                    "the list ended at a page without rows that links to itself as the next one"
                        .to_owned(),
                );
            }
            !ends
        });
        match next {
            Some(next) if !self.all_found() => {
                // While a row is looked for, pages are small, and each brings it nearer. Where ids
                // or keys are asked for in parts, that is true of the parts and not of their pages.
                let counts = !usable && (self.tracker.is_some() || !self.at.hunt.is_on());
                self.pass();
                self.follow(next).map_err(End::Lost)?;
                if counts {
                    self.count_empty().map_err(End::Here)?;
                }
                Ok(Turn::GoOn)
            }
            _ => {
                self.pass();
                Ok(self.step(rows))
            }
        }
    }

    /// Counts an answer, unless it is one of several to the same request.
    fn pass(&mut self) {
        if self.tracker.is_none() {
            self.at.hunt.answered(self.plan.page_size);
        }
    }

    /// The first row of the page that was not given before. When the page has changed since, it
    /// is found again by the last id given; without that, rows are rather given twice than lost.
    ///
    /// Leaves in `skip` the rows that are given of this page and of those behind it.
    fn resynchronise(&mut self, rows: &mut Rows<'_>, more: bool) -> usize {
        let skip = usize::from(self.at.skip);
        if skip == 0 {
            return 0;
        }
        let count = rows.on_page();
        let mut hash = |at: usize| Fingerprint::of(rows.face(at).id.as_bytes());
        let found = if skip <= count && hash(skip - 1) == self.at.last {
            Some(skip)
        } else {
            (0..count)
                .find(|&place| hash(place) == self.at.last)
                .map(|place| place + 1)
        };
        let start = match found {
            Some(start) => {
                self.origin = None;
                self.at.skip = u16::try_from(start).unwrap_or(u16::MAX);
                start
            }
            // A smaller page than the one that was cut: the last row given is in a later one.
            None if self.origin.is_some() && more && count < skip => count,
            None => {
                self.notices.tell(
                    "page-changed",
                    None,
                    "the page where the last result ended has changed, so some of its rows may be returned again"
                        .to_owned(),
                );
                self.origin = None;
                self.at.skip = 0;
                0
            }
        };
        for place in 0..start {
            self.seen.insert(id_key(rows.face(place).id));
        }
        start
    }

    /// Notices pages that come back, also over many calls. Once may be rows that moved.
    fn watch_pages(&mut self, rows: &mut Rows<'_>) -> Result<(), Error> {
        if rows.on_page() == 0 {
            return Ok(());
        }
        let mut page = Fingerprint::new();
        for place in 0..rows.on_page() {
            page.add(rows.face(place).id.as_bytes());
        }
        if self.at.pages.step(page.value()) >= 2 {
            return Err(looping(
                self.ask(),
                "no-progress",
                "the same rows are returned repeatedly",
            ));
        }
        Ok(())
    }

    /// Gives the rows of the page from `start` on. True when the limit is met before its end.
    fn take_rows(&mut self, start: usize, rows: &mut Rows<'_>) -> Result<bool, Error> {
        let count = rows.on_page();
        let mut wanted = vec![false; count];
        let left = self.limit.saturating_sub(rows.kept());
        let mut left = left.min(rows.fitting(start, self.limit));
        let mut fresh_ids = 0_usize;
        let mut foreign = 0;
        let mut cut = None;
        let in_parts = self.plan.in_parts(&self.at);
        for (place, wanted) in wanted.iter_mut().enumerate().skip(start) {
            let face = rows.face(place);
            let fresh = self.seen.insert(id_key(face.id));
            fresh_ids += usize::from(fresh);
            let found = self.tracker.as_ref().and_then(|t| t.place(&face));
            if in_parts && found.is_some_and(|found| self.at.is_found(found)) {
                continue;
            }
            if let Some(reason) = self.plan.foreign(&self.at, self.tracker.as_ref(), &face) {
                if fresh {
                    foreign += 1;
                    self.notices.add("foreign-row-dropped", Some(face.id), || {
                        format!("a row that Confluence sent was dropped: {reason}")
                    });
                }
                continue;
            }
            if !fresh {
                self.notices
                    .add("duplicate-row-dropped", Some(face.id), || {
                        "a row was sent twice and is returned once".to_owned()
                    });
                continue;
            }
            if let Some(found) = found {
                self.at.mark_found(found);
            }
            if !self.plan.call.is_wanted(&face) {
                continue;
            }
            *wanted = true;
            left = left.saturating_sub(1);
            if left == 0 && place + 1 < count {
                cut = Some((place + 1, Fingerprint::of(face.id.as_bytes())));
                break;
            }
        }
        rows.keep(&wanted);
        rows.count_foreign(foreign);
        if let Some((skip, last)) = cut
            && !self.all_found()
        {
            self.at.skip = u16::try_from(skip).unwrap_or(u16::MAX);
            self.at.last = last;
            return Ok(true);
        }
        if fresh_ids > 0 {
            self.idle = 0;
        } else if start < count && self.at.hunt.size == 0 {
            // Small pages with known rows only are nothing special; circles of them are noticed
            // by `watch_pages`.
            self.idle += 1;
            if self.idle >= MOST_IDLE {
                return Err(looping(
                    self.ask(),
                    "no-progress",
                    "pages contain only rows that were sent before",
                ));
            }
        }
        Ok(false)
    }

    /// Whether each value asked for has its row: nothing else can come.
    fn all_found(&self) -> bool {
        let mut part = self.plan.part(&self.at);
        !part.is_empty() && part.all(|place| self.at.is_found(place))
    }

    /// Counts a page without rows. The position is behind it.
    fn count_empty(&mut self) -> Result<(), Error> {
        self.empty += 1;
        self.at.empty += 1;
        self.notices.add("empty-page", None, || {
            "Confluence sent a page without rows and a link to a next one".to_owned()
        });
        if self.at.empty < MOST_EMPTY_OF_LIST {
            return Ok(());
        }
        // Who goes on in spite of the error means to get further than one page.
        self.at.empty = 0;
        Err(Error::new(
            ErrorKind::Looping,
            "empty-pages",
            format!(
                "cannot {} to the end: `{MOST_EMPTY_OF_LIST}` pages without rows in a row point to next ones",
                self.ask().doing
            ),
            "a defect of the site or of a proxy, or very many rows in a row that are hidden from this account",
            "the rows so far are good; go on from `after`, start again with a larger limit, or narrow the query",
        ))
    }

    /// A row came, or other ones are asked for: the pages without rows before are no endless ones.
    fn end_gap(&mut self) {
        self.empty = 0;
        self.at.empty = 0;
    }

    /// The request behind an answer whose rows are not read yet, where its header names it and
    /// nothing that may stand in the rows spares it: what the answer costs is not asked for in vain.
    fn request_behind(&self, answer: &Answer, rows: &Rows<'_>, bytes: usize) -> Option<String> {
        let plan = self.plan;
        let may_end = rows.kept() + plan.page_size as usize >= self.limit
            || bytes >= MOST_BYTES
            || rows.is_full(self.limit, 2 * plan.page_size, answer.body.len());
        let is_plain = self.tracker.is_none() && self.origin.is_none() && self.at.hunt.size == 0;
        // One more page without rows, or with known ones only, could be the end.
        let is_tired = self.empty + 1 >= MOST_EMPTY
            || self.at.empty + 1 >= MOST_EMPTY_OF_LIST
            || self.idle > 0;
        if may_end || is_tired || !is_plain || plan.call.paging != Paging::Cursor {
            return None;
        }
        let cursor = link::cursor(&link::related(answer, "next")?)?;
        // The first answer of a circle is the last that is asked for.
        let is_new =
            cursor.len() <= MOST_CURSOR && !self.cursors.contains(&Fingerprint::of(&cursor));
        is_new.then(|| {
            plan.request(&Position {
                cursor: Some(cursor),
                ..self.at.clone()
            })
            .url
        })
    }

    /// Moves the position to the page that a next link means.
    fn follow(&mut self, next: &Next) -> Result<(), Error> {
        let Some(cursor) = next.cursor() else {
            let code = "next-without-cursor";
            return Err(match next {
                Next::First => looping(
                    self.ask(),
                    code,
                    "the link to the next page has no cursor and leads to the first one",
                ),
                _ => answer::unexpected(
                    self.ask().doing,
                    code,
                    "the link to the next page has no cursor",
                ),
            });
        };
        if cursor.len() > MOST_CURSOR {
            return Err(answer::unexpected(
                self.ask().doing,
                "cursor-too-long",
                &format!("the cursor of the next page is longer than `{MOST_CURSOR}` bytes"),
            ));
        }
        let hash = Fingerprint::of(&cursor);
        if !self.cursors.insert(hash) || self.at.cursors.step(hash) > 0 {
            return Err(looping(
                self.ask(),
                "cursor-repeated",
                "the site returned a cursor that was already used",
            ));
        }
        self.at.cursor = Some(cursor);
        if self.at.skip == 0 {
            let previous = self.previous.as_deref().unwrap_or_default();
            self.at.last = Fingerprint::of(previous.as_bytes());
        }
        Ok(())
    }

    /// Moves the position to the next part of the chunk, or to the next step of the plan.
    fn step(&mut self, rows: &mut Rows<'_>) -> Turn {
        self.origin = None;
        let tracked = self.plan.tracked(&self.at).len();
        let behind = self.plan.part(&self.at).end;
        // What came along with others is not asked for again.
        if let Some(part) = (behind..tracked).find(|&place| !self.at.is_found(place)) {
            self.at.hunt.answered(self.plan.full(&self.at));
            self.ask_part(part);
            return Turn::GoOn;
        }
        let all_found = tracked > 0 && (0..tracked).all(|place| self.at.is_found(place));
        let next = self.plan.step_behind(&self.at, all_found);
        if next.as_ref().is_none_or(|next| next.outer != self.at.outer) {
            for (place, value) in self.plan.tracked(&self.at).iter().enumerate() {
                if !self.at.is_found(place) {
                    self.notices.tell(
                        "unknown-id",
                        Some(value),
                        format!("no row for `{value}`: it is missing or hidden from this account"),
                    );
                }
            }
        }
        let Some(next) = next else {
            return Turn::Complete;
        };
        if next.outer != self.at.outer {
            self.tracker = self.plan.index(&next);
        }
        self.at = next;
        self.cursors.clear();
        self.idle = 0;
        self.end_gap();
        // Rows dropped as foreign in the last step may be the ones that this step asks for.
        self.seen.clear();
        for at in 0..rows.kept() {
            self.seen.insert(id_key(rows.kept_id(at)));
        }
        Turn::GoOn
    }

    /// Moves the position to the values of the chunk from `part` on. They are a query of their
    /// own, so no cursor leads there.
    fn ask_part(&mut self, part: usize) {
        self.at.part = u8::try_from(part).unwrap_or(u8::MAX);
        self.at.cursor = None;
        self.at.cursors = Circle::default();
        self.at.skip = 0;
        self.at.last = 0;
        self.cursors.clear();
        self.idle = 0;
        self.end_gap();
    }

    fn ask(&self) -> &Ask {
        &self.plan.call.ask
    }
}

fn looping(ask: &Ask, code: &str, what: &str) -> Error {
    Error::new(
        ErrorKind::Looping,
        code,
        format!("cannot {} to the end: {what}", ask.doing),
        "a defect of the site or of a proxy that ignores the cursor; following on would never end",
        "the returned rows are valid; try another `sort`, or narrow the query to one page",
    )
}
