//! Passes over changes: what they read, and where they end.

use confluence_connector::{
    Confluence, Outcome, Pass, Progress, StepRequest, Transport, TransportError,
};

use crate::simulated::Simulated;
use crate::site::{Site, answer, asked, ok, parameter, site};

/// Milliseconds since 1970 of noon.
const NOON: i64 = 1_769_860_800_000;
const MINUTE: i64 = 60_000;

fn iso(ms: i64) -> String {
    let seconds = (ms - NOON).div_euclid(1_000) + 12 * 3_600;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!(
        "2026-01-31T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        ms.rem_euclid(1_000)
    )
}

/// A site whose pages were changed at these times, in the order that it sends them, so many to a
/// page.
fn changed(times: Vec<i64>, size: usize) -> Confluence<Site> {
    site(move |_, url| {
        let from: usize = parameter(url, "cursor").map_or(0, |cursor| cursor.parse().unwrap());
        let rows: Vec<String> = times
            .iter()
            .enumerate()
            .skip(from)
            .take(size)
            .map(|(place, time)| {
                format!(
                    r#"{{"id":"{}","version":{{"createdAt":"{}"}}}}"#,
                    100 + place,
                    iso(*time)
                )
            })
            .collect();
        let next = from + size;
        let links = if next < times.len() {
            format!(r#""next":"/wiki/api/v2/pages?cursor={next}""#)
        } else {
            String::new()
        };
        let body = format!(r#"{{"results":[{}],"_links":{{{links}}}}}"#, rows.join(","));
        Ok(answer(
            200,
            &[("date", "Sat, 31 Jan 2026 12:30:00 GMT")],
            &body,
        ))
    })
}

fn request(stream: &str, state: Option<String>) -> StepRequest {
    StepRequest {
        state,
        ..StepRequest::new(stream, Pass::Changes)
    }
}

/// Reads a pass to its end: its keys and its state.
fn pass<T: Transport>(
    confluence: &mut Confluence<T>,
    stream: &str,
    state: Option<String>,
) -> (Vec<String>, String, Vec<Progress>) {
    let mut request = request(stream, state);
    let (mut keys, mut steps) = (Vec::new(), Vec::new());
    loop {
        let step = confluence.step(&request).unwrap();
        let key = step.batches[0]
            .columns
            .iter()
            .find(|column| column.name == "_key")
            .unwrap();
        for place in key.offsets.windows(2) {
            let (start, end) = (place[0] as usize, place[1] as usize);
            keys.push(key.text[start..end].to_owned());
        }
        request.state.clone_from(&step.state);
        let is_done = step.outcome == Outcome::Done;
        steps.push(step);
        if is_done {
            return (keys, request.state.unwrap(), steps);
        }
    }
}

#[test]
fn a_first_pass_reads_one_page_and_the_next_what_has_changed_since() {
    let times: Vec<i64> = (0..30).map(|place| NOON - place * MINUTE).collect();
    let mut before = changed(times.clone(), 10);
    let (keys, state, _) = pass(&mut before, "pages", None);
    assert_eq!(keys.len(), 10);
    assert_eq!(
        asked(&mut before),
        [
            "/api/v2/pages?limit=250&sort=-modified-date&status=current&status=archived&status=trashed"
        ]
    );
    // Nothing has changed: the five minutes before the newest are read again.
    let mut same = changed(times.clone(), 10);
    let (keys, state, _) = pass(&mut same, "pages", Some(state));
    assert_eq!(keys.len(), 6);
    assert_eq!(asked(&mut same).len(), 1);
    // Fourteen changes later.
    let later: Vec<i64> = (1..=14)
        .rev()
        .map(|place| NOON + place * MINUTE)
        .chain(times)
        .collect();
    let mut site = changed(later, 10);
    let (keys, state, _) = pass(&mut site, "pages", Some(state));
    assert_eq!(keys.len(), 20);
    assert_eq!(asked(&mut site).len(), 3);
    let (keys, ..) = pass(
        &mut changed(vec![NOON + 14 * MINUTE, NOON], 10),
        "pages",
        Some(state),
    );
    assert_eq!(keys, ["100"]);
}

#[test]
fn what_changes_while_a_pass_is_read_comes_with_the_next() {
    let times: Vec<i64> = (0..30).map(|place| NOON - place * MINUTE).collect();
    let (_, state, _) = pass(&mut changed(vec![NOON - 60 * MINUTE], 10), "pages", None);
    // The pass is left after one page, and more changes before it goes on.
    let mut first = request("pages", Some(state));
    first.budget.requests = Some(1);
    let step = changed(times.clone(), 10).step(&first).unwrap();
    assert_eq!((step.outcome, step.batches[0].rows), (Outcome::More, 10));
    let moved: Vec<i64> = [NOON + 9 * MINUTE].into_iter().chain(times).collect();
    let (_, state, _) = pass(&mut changed(moved.clone(), 10), "pages", step.state);
    let (keys, ..) = pass(&mut changed(moved, 10), "pages", Some(state));
    assert_eq!(keys.len(), 7, "{keys:?}");
}

#[test]
fn a_list_whose_order_is_not_kept_is_read_to_its_end() {
    let (_, state, _) = pass(&mut changed(vec![NOON - 60 * MINUTE], 10), "pages", None);
    let mut times: Vec<i64> = (0..30).map(|place| NOON - 3 * place * MINUTE).collect();
    // One that is older than what is looked for comes before newer ones.
    times.swap(2, 25);
    let mut site = changed(times, 10);
    let (keys, _, steps) = pass(&mut site, "pages", Some(state));
    assert_eq!(keys.len(), 30);
    let codes: Vec<&str> = steps
        .iter()
        .flat_map(|step| &step.notices)
        .map(|notice| notice.code.as_str())
        .collect();
    assert_eq!(codes, ["order-ignored"]);
}

#[test]
fn changes_of_a_list_without_rows_are_read_from_its_beginning_later() {
    let (keys, state, _) = pass(&mut changed(Vec::new(), 10), "pages", None);
    assert!(keys.is_empty());
    let times: Vec<i64> = (0..30).map(|place| NOON - place * MINUTE).collect();
    let (keys, ..) = pass(&mut changed(times, 10), "pages", Some(state));
    assert_eq!(keys.len(), 30);
}

#[test]
fn a_row_whose_time_is_yet_to_come_hides_no_change() {
    // The site's clock is at half past.
    let times = vec![NOON + 600 * MINUTE, NOON + 20 * MINUTE, NOON];
    let (_, state, _) = pass(&mut changed(times, 10), "pages", None);
    let times = vec![NOON + 600 * MINUTE, NOON + 28 * MINUTE, NOON + 20 * MINUTE];
    let (keys, ..) = pass(&mut changed(times, 10), "pages", Some(state));
    assert_eq!(keys, ["100", "101"]);
}

#[test]
fn tasks_are_asked_for_by_creation_and_completion_since_the_first_response() {
    let mut first = changed(Vec::new(), 10);
    let (_, state, _) = pass(&mut first, "tasks", None);
    assert_eq!(asked(&mut first), ["/api/v2/tasks?limit=250"]);
    let mut next = changed(Vec::new(), 10);
    pass(&mut next, "tasks", Some(state));
    let since = NOON + 25 * MINUTE;
    assert_eq!(
        asked(&mut next),
        [
            format!("/api/v2/tasks?limit=250&created-at-from={since}"),
            format!("/api/v2/tasks?limit=250&completed-at-from={since}"),
        ]
    );
}

#[test]
fn a_row_that_cannot_be_read_keeps_the_watermark_where_it_was() {
    let (_, state, _) = pass(&mut changed(vec![NOON - 60 * MINUTE], 10), "pages", None);
    // With bodies, the row that the site fails at is left out of the pass.
    let mut broken = site(|_, url| {
        if parameter(url, "body-format").is_some() {
            return Ok(answer(500, &[], ""));
        }
        let time = iso(NOON);
        Ok(ok(&format!(
            r#"{{"results":[{{"id":"1","version":{{"createdAt":"{time}"}}}}],"_links":{{}}}}"#
        )))
    });
    let mut request = request("pages", Some(state.clone()));
    request.projection.body_format = Some("storage".to_owned());
    let step = broken.step(&request).unwrap();
    assert_eq!(step.outcome, Outcome::Done);
    assert!(
        step.notices
            .iter()
            .any(|notice| notice.code == "poison-item")
    );
    // The next pass reads from the same instant.
    let times: Vec<i64> = (0..90).map(|place| NOON - place * MINUTE).collect();
    let (keys, ..) = pass(&mut changed(times, 100), "pages", step.state);
    assert_eq!(keys.len(), 66);
}

#[test]
fn a_failure_within_a_pass_keeps_the_rows_and_the_position() {
    let mut site = site(|number, _| match number {
        0 => Ok(ok(
            r#"{"results":[{"id":"1"}],"_links":{"next":"/wiki/api/v2/pages?cursor=2"}}"#,
        )),
        _ => Err(TransportError::TimedOut {
            detail: "test".to_owned(),
        }),
    });
    let step = site.step(&StepRequest::new("pages", Pass::Full)).unwrap();
    assert!(
        matches!(&step.outcome, Outcome::Failed(error) if error.code == "timed-out"),
        "{:?}",
        step.outcome
    );
    assert_eq!(step.batches[0].rows, 1);
    let mut rest = site_of_the_second_page();
    let request = StepRequest {
        state: step.state,
        ..StepRequest::new("pages", Pass::Full)
    };
    let step = rest.step(&request).unwrap();
    assert_eq!((step.outcome, step.batches[0].rows), (Outcome::Done, 1));
    assert_eq!(asked(&mut rest), ["/api/v2/pages?limit=250&cursor=2"]);
}

fn site_of_the_second_page() -> Confluence<Site> {
    site(|_, _| Ok(ok(r#"{"results":[{"id":"2"}],"_links":{}}"#)))
}

#[test]
fn changes_of_a_simulated_site_are_those_that_are_as_new_as_its_newest() {
    let site = Simulated::of_pages(600);
    for stream in [
        "pages",
        "blog_posts",
        "attachments",
        "page_footer_comments",
        "page_inline_comments",
    ] {
        let (first, state, _) = pass(&mut site.confluence(), stream, None);
        assert!(!first.is_empty(), "{stream}");
        let (again, _, steps) = pass(&mut site.confluence(), stream, Some(state));
        assert!(
            again.len() < first.len() && steps[0].observed.requests == 1,
            "{stream}"
        );
        assert!(again.iter().all(|key| first.contains(key)), "{stream}");
    }
}
