//! `after`: where a list goes on, as a text that its caller keeps.
//!
//! Nothing is kept on this side, so everything needed stands in the text: the function and a
//! hash of its arguments, the step of the plan, the upstream cursor, how many rows of that page
//! were given, which ids of the chunk were found, and the state that notices circles. It comes
//! back from a caller and is trusted with nothing; the worst that a forged one does is to start
//! at another place of the same query.
//!
//! Layout, little-endian, then base64url without padding:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version, 3 |
//! | 1 | function |
//! | 8 | hash of the arguments without the limit |
//! | 1 | rows of a full upstream page |
//! | 4, 4 | chunk of the outer and of the inner dimension |
//! | 1 | values of the outer chunk that are done, while it is asked for in parts |
//! | 1, 1, 1 | rows to ask for when not a full page, rows suspected, pages since |
//! | 2, 8 | rows of the page that were given, hash of the id before this place |
//! | 14, 14 | circle of cursors, circle of pages |
//! | 1 | pages without rows before this place |
//! | 1, n | bitmap of what was found |
//! | 2, n | upstream cursor; of length 0 at the start of a step |
//! | 4 | check sum |

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    Error, Window,
    fingerprint::Fingerprint,
    paging::{
        circle::Circle,
        hunt::Hunt,
        plan::Plan,
        position::{MOST_CURSOR, MOST_EMPTY_OF_LIST, Position},
    },
    query::{
        call::{Call, MOST_PER_PAGE},
        function::Function,
    },
};

/// Goes up with every change of the layout. Within a version every text stays good.
const VERSION: u8 = 3;
/// Characters of an `after` that are looked at. The longest that is ever made has 5 600.
const MOST_CHARACTERS: usize = 8 * 1024;
/// The most rows that a call answers.
const MOST_ROWS: u32 = 10_000;
const DEFAULT_ROWS: u32 = 25;

/// The text that resumes at `at`.
pub(crate) fn token(at: &Position, plan: &Plan<'_>) -> String {
    let mut bytes = Vec::with_capacity(73 + at.found.len());
    bytes.extend([VERSION, plan.call.function.number()]);
    bytes.extend(plan.call.fingerprint().to_le_bytes());
    bytes.push(u8::try_from(plan.page_size).unwrap_or(u8::MAX));
    bytes.extend(at.outer.to_le_bytes());
    bytes.extend(at.inner.to_le_bytes());
    let Hunt {
        size,
        suspects,
        calm,
    } = at.hunt;
    bytes.extend([at.part, size, suspects, calm]);
    bytes.extend(at.skip.to_le_bytes());
    bytes.extend(at.last.to_le_bytes());
    for circle in [&at.cursors, &at.pages] {
        bytes.extend(circle.kept.to_le_bytes());
        bytes.extend(circle.steps.to_le_bytes());
        bytes.extend([circle.power, circle.hits]);
    }
    bytes.push(at.empty);
    bytes.push(u8::try_from(at.found.len()).unwrap_or(u8::MAX));
    bytes.extend(at.found.iter().take(usize::from(u8::MAX)));
    let cursor = at.cursor.as_deref().unwrap_or_default();
    bytes.extend(u16::try_from(cursor.len()).unwrap_or(0).to_le_bytes());
    bytes.extend(cursor);
    let check = check_sum(&bytes);
    bytes.extend(check);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Checks what can be checked before ids stand in the place of keys and names: the limit, whose
/// `after` it is, and that rows in an order come with one request.
pub(crate) fn check(call: &Call, window: &Window) -> Result<(), Error> {
    limit(window)?;
    if let Some(text) = window.after.as_deref() {
        let bytes = decoded(text)?;
        head(call.function.number(), &bytes)?;
    }
    call.is_in_one_order()
}

/// Whether an `after` is one of a function.
pub(crate) fn is_of(text: &str, function: Function) -> bool {
    decoded(text).is_ok_and(|bytes| head(function.number(), &bytes).is_ok())
}

/// Checks limit and `after`, and finds where a call begins. The first number is the most rows
/// to answer.
pub(crate) fn begin<'a>(
    call: &'a Call,
    window: &Window,
) -> Result<(usize, Plan<'a>, Position), Error> {
    let limit = limit(window)?;
    match window.after.as_deref() {
        None => {
            let plan = Plan::new(call, call.rows_of_page(limit));
            plan.is_in_one_order()?;
            Ok((limit as usize, plan, Position::default()))
        }
        Some(text) => {
            let (plan, position) = resume(call, text)?;
            Ok((limit as usize, plan, position))
        }
    }
}

/// The most rows to answer.
pub(crate) fn limit(window: &Window) -> Result<u32, Error> {
    match window.limit {
        None => Ok(DEFAULT_ROWS),
        Some(limit @ 1..=MOST_ROWS) => Ok(limit),
        Some(limit) => Err(Error::argument(
            "limit-out-of-range",
            format!("limit `{limit}` is not between `1` and `{MOST_ROWS}`"),
            "a limit is the maximum number of rows of one result",
            format!(
                "pass a limit from 1 to {MOST_ROWS}, and use `after` for more; the default is {DEFAULT_ROWS}"
            ),
        )),
    }
}

pub(crate) fn malformed() -> Error {
    Error::argument(
        "after-malformed",
        "the value of `after` was not issued by this connector",
        "it was truncated or changed, or it is a cursor or URL from Confluence",
        "pass `rest.after` of an earlier result unchanged, or start without `after`",
    )
}

/// The content of a text, its check sum taken off.
fn decoded(text: &str) -> Result<Vec<u8>, Error> {
    if text.len() > MOST_CHARACTERS {
        return Err(malformed());
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed())?;
    let (content, check) = bytes.split_last_chunk::<4>().ok_or_else(malformed)?;
    if check_sum(content) != *check {
        return Err(malformed());
    }
    bytes.truncate(content.len());
    Ok(bytes)
}

/// Checks version and function. Answers the hash of the arguments, and what follows.
fn head(function: u8, content: &[u8]) -> Result<(u64, Reader<'_>), Error> {
    let mut reader = Reader(content);
    let (version, made_by, fingerprint) = reader.head().ok_or_else(malformed)?;
    if version != VERSION {
        return Err(Error::argument(
            "after-of-another-version",
            "the value of `after` was issued by another version of the connector",
            "its format has changed since",
            "start without `after`",
        ));
    }
    if made_by != function {
        return Err(of_another_query());
    }
    Ok((fingerprint, reader))
}

fn of_another_query() -> Error {
    Error::argument(
        "after-of-another-query",
        "the value of `after` belongs to another query",
        "it comes from another function, or an argument other than `limit` has changed since",
        "pass all arguments of the call that returned it, or start without `after`",
    )
}

/// Where the list of `call` goes on.
pub(crate) fn resume<'a>(call: &'a Call, text: &str) -> Result<(Plan<'a>, Position), Error> {
    let bytes = decoded(text)?;
    let (fingerprint, mut reader) = head(call.function.number(), &bytes)?;
    if fingerprint != call.fingerprint() {
        return Err(of_another_query());
    }
    let (page_size, position) = reader.position().ok_or_else(malformed)?;
    if !(1..=MOST_PER_PAGE).contains(&page_size) {
        return Err(malformed());
    }
    let plan = Plan::new(call, page_size);
    plan.is_in_one_order()?;
    let sound = plan.has(&position)
        && plan.has_part(&position)
        && position.hunt.is_sound(page_size)
        && position.found.len() <= plan.tracked(&position).len().div_ceil(8)
        && position.cursors.is_sound()
        && position.pages.is_sound()
        && position.empty < MOST_EMPTY_OF_LIST
        && position
            .cursor
            .as_ref()
            .is_none_or(|cursor| cursor.len() <= MOST_CURSOR);
    sound.then_some((plan, position)).ok_or_else(malformed)
}

fn check_sum(bytes: &[u8]) -> [u8; 4] {
    let hash = Fingerprint::of(bytes);
    let folded = (hash ^ (hash >> 32)) & u64::from(u32::MAX);
    u32::try_from(folded).unwrap_or_default().to_le_bytes()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn head(&mut self) -> Option<(u8, u8, u64)> {
        let [version, function] = self.take()?;
        Some((version, function, u64::from_le_bytes(self.take()?)))
    }

    /// All that follows the head; none when anything is left over.
    fn position(&mut self) -> Option<(u32, Position)> {
        let [page_size] = self.take()?;
        let outer = u32::from_le_bytes(self.take()?);
        let inner = u32::from_le_bytes(self.take()?);
        let [part, size, suspects, calm] = self.take()?;
        let mut position = Position {
            outer,
            inner,
            part,
            hunt: Hunt {
                size,
                suspects,
                calm,
            },
            skip: u16::from_le_bytes(self.take()?),
            last: u64::from_le_bytes(self.take()?),
            cursors: self.circle()?,
            pages: self.circle()?,
            ..Position::default()
        };
        let [empty, found] = self.take()?;
        position.empty = empty;
        position.found = self.slice(usize::from(found))?.to_vec();
        let cursor = usize::from(u16::from_le_bytes(self.take()?));
        let cursor = self.slice(cursor)?;
        position.cursor = (!cursor.is_empty()).then(|| cursor.to_vec());
        self.0
            .is_empty()
            .then_some((u32::from(page_size), position))
    }

    fn circle(&mut self) -> Option<Circle> {
        let kept = u64::from_le_bytes(self.take()?);
        let steps = u32::from_le_bytes(self.take()?);
        let [power, hits] = self.take()?;
        Some(Circle {
            kept,
            steps,
            power,
            hits,
        })
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::query::{
        call::{By, Dimension},
        function::Function,
    };

    fn call() -> Call {
        let mut call = Call::new(Function::ListLabels, "list pages", "scope", "/api/v2/pages");
        call.outer(Some(Dimension {
            name: "id",
            by: By::Id,
            values: (1..=60).map(|id| id.to_string()).collect(),
            most: 250,
        }));
        call
    }

    fn position() -> Position {
        Position {
            outer: 2,
            inner: 0,
            part: 3,
            hunt: Hunt {
                size: 2,
                suspects: 3,
                calm: 1,
            },
            cursor: Some(b"eyJpZCI6IjEifQ==".to_vec()),
            skip: 7,
            last: 99,
            found: vec![0b101, 1],
            cursors: Circle {
                kept: 5,
                steps: 1,
                power: 3,
                hits: 0,
            },
            pages: Circle {
                kept: 6,
                steps: 0,
                power: 1,
                hits: 1,
            },
            empty: 12,
        }
    }

    fn window(after: &str) -> Window {
        Window {
            limit: None,
            after: Some(after.to_owned()),
        }
    }

    #[test]
    fn a_position_survives_its_text() {
        let call = call();
        let token = super::token(&position(), &Plan::new(&call, 25));
        assert!(token.len() < 140, "{}", token.len());
        let (_, plan, read) = begin(&call, &window(&token)).unwrap();
        assert_eq!((plan.page_size, read), (25, position()));
    }

    #[test]
    fn every_change_to_the_text_is_refused() {
        let call = call();
        let token = super::token(&position(), &Plan::new(&call, 25));
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(
                begin(&call, &window(&changed)).unwrap_err().code,
                "after-malformed"
            );
            assert!(begin(&call, &window(&token[..at])).is_err());
        }
        for made_up in ["", "AAAA", "eyJpZCI6IjEifQ", "é", &"A".repeat(9_000)] {
            assert_eq!(
                begin(&call, &window(made_up)).unwrap_err().code,
                "after-malformed"
            );
        }
    }

    #[test]
    fn a_place_outside_of_the_plan_is_refused() {
        let call = call();
        let plan = Plan::new(&call, 25);
        let beyond = [
            Position {
                outer: 3,
                ..position()
            },
            Position {
                inner: 1,
                ..position()
            },
            Position {
                part: 10,
                ..position()
            },
            Position {
                hunt: Hunt {
                    size: 26,
                    ..Hunt::default()
                },
                ..position()
            },
            Position {
                hunt: Hunt {
                    calm: 200,
                    ..Hunt::default()
                },
                ..position()
            },
            Position {
                found: vec![0; 9],
                ..position()
            },
            Position {
                cursors: Circle {
                    power: 200,
                    ..Circle::default()
                },
                ..position()
            },
            Position {
                cursors: Circle {
                    steps: 9,
                    ..Circle::default()
                },
                ..position()
            },
            Position {
                empty: MOST_EMPTY_OF_LIST,
                ..position()
            },
        ];
        for position in beyond {
            let error = begin(&call, &window(&token(&position, &plan))).unwrap_err();
            assert_eq!(error.code, "after-malformed");
        }
    }

    #[test]
    fn the_text_of_other_arguments_is_refused_as_such() {
        let call = call();
        let token = super::token(&position(), &Plan::new(&call, 25));
        let mut other = call.clone();
        other.parameter("sort", Some("id"));
        assert_eq!(
            begin(&other, &window(&token)).unwrap_err().code,
            "after-of-another-query"
        );
        let mut other = call.clone();
        other.function = Function::ListAttachments;
        assert_eq!(
            begin(&other, &window(&token)).unwrap_err().code,
            "after-of-another-query"
        );
    }

    fn circle() -> impl proptest::strategy::Strategy<Value = Circle> {
        use proptest::prelude::*;
        (any::<u64>(), any::<u32>(), any::<u8>(), any::<u8>()).prop_map(
            |(kept, steps, power, hits)| Circle {
                kept,
                steps,
                power,
                hits,
            },
        )
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            ..Default::default()
        })]

        #[test]
        fn any_position_survives_its_text_or_is_refused(
            outer in 0..4_u32,
            inner in 0..2_u32,
            part in 0..30_u8,
            size in 0..30_u8,
            suspects in 0..30_u8,
            calm in 0..6_u8,
            cursor in proptest::option::of(proptest::collection::vec(0..=u8::MAX, 1..5_000)),
            skip: u16,
            last: u64,
            found in proptest::collection::vec(0..=u8::MAX, 0..6),
            (cursors, pages, empty) in (circle(), circle(), 0..=u8::MAX),
        ) {
            let call = call();
            let position = Position {
                outer, inner, part, cursor, skip, last, found, cursors, pages, empty,
                hunt: Hunt { size, suspects, calm },
            };
            match begin(&call, &window(&token(&position, &Plan::new(&call, 25)))) {
                Ok((_, plan, back)) => {
                    proptest::prop_assert_eq!(plan.page_size, 25);
                    proptest::prop_assert_eq!(back, position);
                }
                Err(error) => proptest::prop_assert_eq!(error.code.as_str(), "after-malformed"),
            }
        }

        #[test]
        fn any_bytes_with_a_right_check_sum_are_a_place_or_refused(
            head: bool,
            bytes in proptest::collection::vec(0..=u8::MAX, 0..120),
        ) {
            let call = call();
            let mut content = Vec::new();
            if head {
                content.extend([VERSION, call.function.number()]);
                content.extend(call.fingerprint().to_le_bytes());
            }
            content.extend(bytes);
            let check = check_sum(&content);
            content.extend(check);
            match begin(&call, &window(&URL_SAFE_NO_PAD.encode(&content))) {
                Ok((_, plan, position)) => {
                    // Reading on from there does not panic.
                    let url = plan.request(&position).url;
                    proptest::prop_assert!(url.starts_with("/api/v2/pages?limit="));
                }
                Err(error) => proptest::prop_assert!(error.code.starts_with("after-")),
            }
        }
    }

    #[test]
    fn the_text_of_another_version_is_refused_as_such() {
        let call = call();
        let token = super::token(&position(), &Plan::new(&call, 25));
        let mut bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
        bytes.truncate(bytes.len() - 4);
        bytes[0] = 1;
        let check = check_sum(&bytes);
        bytes.extend(check);
        assert_eq!(
            begin(&call, &window(&URL_SAFE_NO_PAD.encode(bytes)))
                .unwrap_err()
                .code,
            "after-of-another-version"
        );
    }
}
