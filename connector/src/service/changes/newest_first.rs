//! A list that is read newest first and left as soon as it is older than an instant.

use super::{
    Changes,
    change::{Change, OVERLAP_MS},
    place::Place,
    seen::{self, Seen},
    since::Since,
};
use crate::{
    Error, ListOptions, Notice, Rest, Transport, Version, Window, answer,
    error::quoted,
    paging::{after, notices::Notices},
    query::{call::Call, options::Takes},
    reading::rows::Rows,
    record::Row,
    service::{places, read},
};

/// The notice of a row that the site fails at.
const LEFT_OUT: &str = "poison-item";

/// Rows that are read at once.
const ROWS_AT_ONCE: u32 = 250;

/// What a `Date` omits of the time: it is in seconds.
const LESS_THAN_A_SECOND: i64 = 999;

/// Reads a list newest first, until it is older than `since`. Compiled for each kind of row, so it is
/// short.
pub(super) fn changes<R: Row + Default>(
    transport: &mut dyn Transport,
    mut call: Call,
    takes: &Takes,
    since: &str,
    window: &Window,
    options: &ListOptions,
    change: impl Fn(&R) -> (&str, Option<&Version>),
) -> Result<Changes<R>, Error> {
    let mut reading = Reading::new(transport, &mut call, takes, since, window, options)?;
    let mut items = Vec::new();
    loop {
        let mut page = Vec::<R>::new();
        if !reading.page(transport, &call, &mut Rows::of(&mut page))? {
            break;
        }
        let is_empty = page.is_empty();
        for row in page {
            let (id, version) = change(&row);
            match reading.see(id, version) {
                Verdict::New => items.push(row),
                Verdict::Known => {}
                Verdict::Unordered => break,
            }
        }
        if reading.ends(is_empty) {
            break;
        }
    }
    reading.rest.notices.extend(reading.undated.finish());
    Ok(Changes {
        items,
        checkpoint: reading.checkpoint,
        rest: reading.rest,
    })
}

/// What becomes of a row.
enum Verdict {
    New,
    /// It was returned before, or is too old.
    Known,
    /// It is later than one before it, so that the list cannot be left early.
    Unordered,
}

/// A list of changes that is being read.
struct Reading<'a> {
    doing: &'static str,
    since: &'a str,
    query: u64,
    known: Seen,
    /// The instant since which changes are listed.
    begin: i64,
    place: Place,
    left: u32,
    /// Rows are large, so that a call ends with a page.
    is_heavy: bool,
    /// The latest time that a change can have. None before the first page.
    now: Option<i64>,
    /// When the oldest row changed.
    oldest: i64,
    /// Rows that do not say when they changed.
    undated: Notices,
    /// A row of the page was left out.
    has_gap: bool,
    is_complete: bool,
    checkpoint: Option<String>,
    rest: Rest,
}

impl<'a> Reading<'a> {
    #[inline(never)]
    fn new(
        transport: &mut dyn Transport,
        call: &mut Call,
        takes: &Takes,
        since: &'a str,
        window: &Window,
        options: &ListOptions,
    ) -> Result<Self, Error> {
        let query = seen::query(call.function.number(), options);
        let Since { known, begin } = Since::read(since, query)?;
        let left = after::limit(window)?;
        if options.space_ids.len() > 100 {
            return Err(Error::argument(
                "spaces-too-many",
                format!("`space-ids` has `{}` spaces", options.space_ids.len()),
                "one request accepts 100, and each request is ordered separately",
                "ask for up to 100 spaces at a time, or for all without `space-ids`",
            ));
        }
        call.sort("-modified-date");
        takes.apply(options, call)?;
        let reading = Self {
            doing: call.ask.doing,
            since,
            query,
            known,
            begin,
            place: Place::read(window.after.as_deref(), since)?,
            left,
            is_heavy: options.body_format.is_some() || options.raw,
            now: None,
            oldest: i64::MAX,
            undated: Notices::default(),
            has_gap: false,
            is_complete: false,
            checkpoint: None,
            rest: Rest::default(),
        };
        places::resolve(transport, call, &reading.window())?;
        Ok(reading)
    }

    /// The part of the list that comes next.
    fn window(&self) -> Window {
        Window {
            limit: Some(self.left.min(ROWS_AT_ONCE)),
            after: self.place.list.clone(),
        }
    }

    /// Reads a page. False when the list stopped before it.
    #[inline(never)]
    fn page(
        &mut self,
        transport: &mut dyn Transport,
        call: &Call,
        rows: &mut Rows<'_>,
    ) -> Result<bool, Error> {
        let rest = match read(transport, call, &self.window(), rows) {
            Ok(rest) => rest,
            Err(error) if self.now.is_none() => return Err(error),
            Err(error) => {
                self.rest.after = self.place.text(self.since);
                self.rest.stopped = Some(error);
                return Ok(false);
            }
        };
        if self.now.is_none() {
            self.set_clock(rows.begun());
        }
        self.has_gap = rest.notices.iter().any(|one| one.code == LEFT_OUT);
        self.rest.notices.extend(rest.notices);
        self.is_complete = rest.after.is_none() && rest.stopped.is_none();
        self.place.list = rest.after;
        self.rest.stopped = rest.stopped;
        Ok(true)
    }

    /// A change of a later time is in no list yet, so no checkpoint is later than the site's clock,
    /// whatever the caller or a row says. Other calls of a list are bound by what the first one saw.
    fn set_clock(&mut self, date: Option<i64>) {
        let now = match (self.place.seen.newest, date) {
            (Some(newest), _) => newest,
            (None, Some(date)) => date.saturating_add(LESS_THAN_A_SECOND),
            (None, None) => i64::MAX,
        };
        if self.begin > now && self.place.list.is_none() {
            self.rest.notices.push(Notice {
                code: "since-in-future".to_owned(),
                message: "`since` is later than the site's clock, whose time was used".to_owned(),
                id: None,
            });
        }
        self.begin = self.begin.min(now);
        self.place.seen.newest.get_or_insert(self.begin);
        self.now = Some(now);
    }

    #[inline(never)]
    fn see(&mut self, id: &str, version: Option<&Version>) -> Verdict {
        let mut change = Change::of(id, version);
        if let Some(at) = &mut change.at {
            *at = self.now.map_or(*at, |now| now.min(*at));
            let at = *at;
            // Of the rows behind the first one that is too old, too: a list in another order has changes there.
            if at > self.oldest.saturating_add(OVERLAP_MS) {
                // What changed may be anywhere.
                self.is_complete = false;
                self.place.list = None;
                self.rest.stopped = Some(answer::unexpected(
                    self.doing,
                    "order-ignored",
                    "a later change follows an earlier one",
                ));
                return Verdict::Unordered;
            }
            self.oldest = self.oldest.min(at);
            if at < self.begin.saturating_sub(OVERLAP_MS) {
                self.is_complete = true;
                return Verdict::Known;
            }
        } else {
            self.undated.add("change-undated", Some(id), || {
                format!(
                    "row `{}` has no time of its change: it is returned each time",
                    quoted(id, 60)
                )
            });
        }
        self.place.seen.add(&change);
        if self.known.has(&change) {
            return Verdict::Known;
        }
        self.left = self.left.saturating_sub(1);
        Verdict::New
    }

    /// Whether the call ends with the page.
    #[inline(never)]
    fn ends(&mut self, is_empty: bool) -> bool {
        if self.has_gap {
            self.place.seen.left_out();
        }
        if self.is_complete {
            self.rest.stopped = None;
            self.checkpoint = Some(self.place.seen.checkpoint(self.query, self.begin));
            return true;
        }
        let ends = self.left == 0 || self.is_heavy || is_empty || self.rest.stopped.is_some();
        if ends {
            self.rest.after = self.place.text(self.since);
        }
        ends
    }
}
