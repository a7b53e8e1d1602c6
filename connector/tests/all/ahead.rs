//! What is asked next is told before the answer is read, and never in vain.

use crate::site::{answer, ids, pages, pages_by_id, rows, site, window};
use confluence_connector::Answer;

/// A page whose header names the next one.
fn linked(ids: &[u64], next: Option<&str>) -> Answer {
    let mut page = rows(ids, next);
    if let Some(cursor) = next {
        let link = format!(r#"</wiki/api/v2/pages?cursor={cursor}>; rel="next""#);
        page.headers.push(("Link".to_owned(), link.into_bytes()));
    }
    page
}

#[test]
fn each_request_but_the_first_is_told_before_the_answer_before_it_is_read() {
    let mut confluence = site(|at, _| {
        let first = at as u64 * 200 + 1;
        let all: Vec<u64> = (first..first + 200).collect();
        Ok(linked(&all, Some(&format!("{at}%3D"))))
    });
    let listing = pages(&mut confluence, 600, None).unwrap();
    assert_eq!(ids(&listing).len(), 600);
    let site = confluence.transport_mut();
    let wanted: Vec<_> = site.asked.iter().cloned().enumerate().skip(1).collect();
    assert_eq!(site.expected, wanted);
    assert_eq!(wanted.len(), 2);
}

#[test]
fn nothing_is_told_where_the_answer_may_be_the_last_that_is_asked_for() {
    // The limit may be met in it.
    let mut confluence = site(|_, _| Ok(linked(&[1, 2], Some("a"))));
    pages(&mut confluence, 2, None).unwrap();
    assert_eq!(confluence.transport_mut().expected, []);

    // The ids asked for may all be in it.
    let mut confluence = site(|_, _| Ok(linked(&[1, 2], Some("a"))));
    pages_by_id(&mut confluence, &[1, 2], &window(1000, None)).unwrap();
    assert_eq!(confluence.transport_mut().expected, []);

    // Its cursor was followed before.
    let mut confluence = site(|at, _| Ok(linked(&[at as u64], Some("same"))));
    let listing = pages(&mut confluence, 1000, None).unwrap();
    assert_eq!(listing.rest.stopped.unwrap().code, "cursor-repeated");
    let told = confluence.transport_mut();
    assert_eq!((told.asked.len(), told.expected.len()), (2, 1));

    // So many answers before it had no rows that one more ends the call, or the whole list.
    let mut confluence = site(|at, _| Ok(linked(&[], Some(&at.to_string()))));
    let mut after = None;
    for calls in 1..42 {
        after = pages(&mut confluence, 1000, after).unwrap().rest.after;
        let told = confluence.transport_mut();
        assert_eq!(
            (told.asked.len(), told.expected.len()),
            (6 * calls, 5 * calls)
        );
    }
    let listing = pages(&mut confluence, 1000, after).unwrap();
    assert_eq!(listing.rest.stopped.unwrap().code, "empty-pages");
    let told = confluence.transport_mut();
    assert_eq!((told.asked.len(), told.expected.len()), (250, 5 * 41 + 3));

    // The answer before it had known rows only.
    let mut confluence = site(|at, _| {
        let next = (at < 3).then(|| at.to_string());
        Ok(linked(&[[1, 1, 2, 3][at]], next.as_deref()))
    });
    let listing = pages(&mut confluence, 1000, None).unwrap();
    assert_eq!(ids(&listing), [1, 2, 3]);
    let told = confluence.transport_mut();
    assert_eq!((told.asked.len(), told.expected.len()), (4, 2));

    // It is as large as a call reads.
    let mut confluence = site(|_, _| {
        let mut page = linked(&[1], Some("a"));
        page.body.extend(vec![b' '; 8 << 20]);
        Ok(page)
    });
    let listing = pages(&mut confluence, 1000, None).unwrap();
    assert!(listing.rest.after.is_some());
    assert_eq!(confluence.transport_mut().expected, []);
}

#[test]
fn nothing_is_told_after_an_error_or_while_smaller_pages_are_asked_for() {
    let mut confluence = site(|at, _| {
        Ok(match at {
            0 => answer(500, &[("link", r#"</x?cursor=a>; rel="next""#)], ""),
            _ => linked(&[at as u64], (at < 4).then(|| at.to_string()).as_deref()),
        })
    });
    let listing = pages(&mut confluence, 500, None).unwrap();
    assert_eq!(ids(&listing), [1, 2, 3, 4]);
    assert_eq!(confluence.transport_mut().expected, []);
}
