//! Names of accounts that bodies mention.

use std::collections::BTreeSet;

use confluence_connector::{
    Answer, CommentKind, CommentQuery, Confluence, ContentKind, GetOptions, ListOptions, Listing,
    Page, PageQuery, TransportError, Window,
};

use crate::site::{Site, answer, asked, ok, parameters, script, silent, site, window, with_code};

fn named(format: &str) -> ListOptions {
    ListOptions {
        body_format: Some(format.to_owned()),
        mention_names: true,
        ..ListOptions::default()
    }
}

fn single(format: &str) -> GetOptions {
    GetOptions {
        body_format: Some(format.to_owned()),
        mention_names: true,
        ..GetOptions::default()
    }
}

fn mention(id: &str) -> String {
    format!(r#"<ac:link><ri:user ri:account-id=\"{id}\" /></ac:link>"#)
}

fn row(id: usize, storage: &str) -> String {
    format!(
        r#"{{"id":"{id}","body":{{"storage":{{"value":"{storage}"}}}},"_links":{{"webui":"/spaces/ENG/pages/{id}"}}}}"#
    )
}

fn list(rows: &[String]) -> Answer {
    let rows = rows.join(",");
    ok(&format!(
        r#"{{"results":[{rows}],"_links":{{"base":"https://s.example/wiki"}}}}"#
    ))
}

fn user(id: &str, name: &str) -> String {
    format!(r#"{{"accountId":"{id}","displayName":"{name}"}}"#)
}

/// Answers look-ups: who begins with `gone` is unknown, the others are `N. ID`.
fn users(url: &str) -> Answer {
    let ids = parameters(url, "accountId");
    let known = ids.iter().filter(|id| !id.starts_with("gone"));
    list(
        &known
            .map(|id| user(id, &format!("N. {id}")))
            .collect::<Vec<_>>(),
    )
}

fn is_look_up(url: &str) -> bool {
    url.starts_with("/rest/api/user/bulk?")
}

/// A site with these pages, whose accounts are looked up with `look_up`.
fn pages(
    rows: Vec<String>,
    look_up: impl Fn(&str) -> Result<Answer, TransportError> + 'static,
) -> Confluence<Site> {
    site(move |_, url| {
        if is_look_up(url) {
            return look_up(url);
        }
        Ok(list(&rows))
    })
}

fn read(confluence: &mut Confluence<Site>, options: &ListOptions) -> Listing<Page> {
    confluence
        .list_pages(&PageQuery::default(), &window(250, None), options)
        .unwrap()
}

fn texts(listing: &Listing<Page>) -> Vec<&str> {
    let bodies = listing.items.iter().map(|page| page.body.as_ref().unwrap());
    bodies.map(|body| body.value.trim()).collect()
}

fn look_ups(confluence: &mut Confluence<Site>) -> Vec<String> {
    let mut urls = asked(confluence);
    urls.retain(|url| is_look_up(url));
    urls
}

#[test]
fn text_and_markdown_show_the_names_of_mentioned_accounts() {
    let rows = || {
        vec![
            row(
                1,
                &format!("<p>Ask {} or {}.</p>", mention("a-1"), mention("a-2")),
            ),
            row(2, &format!("<p>{}</p>", mention("a-1"))),
        ]
    };
    for format in ["text", "markdown"] {
        let mut site = pages(rows(), |url| Ok(users(url)));
        let listing = read(&mut site, &named(format));
        assert_eq!(texts(&listing), ["Ask @N. a-1 or @N. a-2.", "@N. a-1"]);
        let body = listing.items[0].body.as_ref().unwrap();
        assert_eq!(
            (body.representation.as_str(), &body.degraded),
            (format, &None)
        );
        assert!(
            listing.rest.notices.is_empty(),
            "{:?}",
            listing.rest.notices
        );
        // Each account once, though two pages mention it.
        let urls = look_ups(&mut site);
        assert_eq!(parameters(&urls[0], "accountId"), ["a-1", "a-2"]);
        assert_eq!(urls.len(), 1);
    }
}

#[test]
fn names_are_escaped_in_markdown_and_lose_nothing_else() {
    let rows = vec![row(1, &format!("<p>{}</p>", mention("a-1")))];
    let mut site = pages(rows, |_| Ok(list(&[user("a-1", "@_Ada_ *<b>*")])));
    let listing = read(&mut site, &named("markdown"));
    assert_eq!(texts(&listing), [r"@\_Ada\_ \*\<b>\*"]);
}

#[test]
fn without_the_option_the_account_id_stays_and_no_further_request_is_made() {
    let rows = vec![row(1, &format!("<p>{}</p>", mention("a-1")))];
    let mut site = pages(rows, |_| panic!("accounts were looked up"));
    let options = ListOptions {
        mention_names: false,
        ..named("text")
    };
    let listing = read(&mut site, &options);
    assert_eq!(texts(&listing), ["@a-1"]);
    assert_eq!(asked(&mut site).len(), 1);
}

#[test]
fn bodies_without_mentions_take_no_further_request_and_are_rendered_with_their_links() {
    let link = r#"<p><ac:link><ri:page ri:content-title=\"Plan\" /></ac:link></p>"#;
    let mut site = pages(vec![row(1, link)], |_| panic!("accounts were looked up"));
    let listing = read(&mut site, &named("markdown"));
    assert_eq!(
        texts(&listing),
        ["[Plan](https://s.example/wiki/display/ENG/Plan)"]
    );
}

#[test]
fn a_request_looks_up_100_accounts_and_a_call_each_account_once() {
    let body = |from: usize| {
        let ids = (from..from + 3).map(|at| mention(&format!("a-{at}")));
        format!("<p>{}</p>", ids.collect::<String>())
    };
    // Neighbours share one account: 2 * 130 + 1 different ones.
    let rows: Vec<String> = (0..130).map(|at| row(at + 1, &body(2 * at))).collect();
    let mut site = pages(rows, |url| Ok(users(url)));
    let listing = read(&mut site, &named("text"));
    assert!(texts(&listing).iter().all(|text| !text.contains("@a-")));
    let urls = look_ups(&mut site);
    let ids: Vec<Vec<&str>> = urls
        .iter()
        .map(|url| parameters(url, "accountId"))
        .collect();
    assert_eq!(ids.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 61]);
    let distinct: BTreeSet<&str> = ids.iter().flatten().copied().collect();
    assert_eq!(distinct.len(), 261);
}

#[test]
fn a_call_looks_up_at_most_1000_accounts() {
    let ids = (0..1_500).map(|at| mention(&format!("a-{at:04}")));
    let mut site = pages(
        vec![row(1, &format!("<p>{}</p>", ids.collect::<String>()))],
        |url| Ok(users(url)),
    );
    let listing = read(&mut site, &named("text"));
    let text = texts(&listing).concat();
    assert!(text.contains("@N. a-0999") && text.contains("@a-1000"));
    assert_eq!(look_ups(&mut site).len(), 10);
    let notice = &with_code(&listing.rest.notices, "mention-names-missing")[0];
    assert!(
        notice.message.contains("`500` of `1500`"),
        "{}",
        notice.message
    );
}

#[test]
fn accounts_that_the_site_does_not_know_keep_their_id_with_a_notice() {
    let rows = vec![
        row(
            1,
            &format!("<p>{}{}</p>", mention("a-1"), mention("gone-1")),
        ),
        row(2, &format!("<p>{}</p>", mention("a-1"))),
        row(3, &format!("<p>{}</p>", mention("no id"))),
    ];
    let mut site = pages(rows, |url| Ok(users(url)));
    let listing = read(&mut site, &named("text"));
    assert_eq!(texts(&listing), ["@N. a-1 @gone-1", "@N. a-1", "@no id"]);
    let degraded = |at: usize| listing.items[at].body.as_ref().unwrap().degraded.as_deref();
    assert_eq!(
        degraded(0),
        Some("no names for `1` mentioned account: the id was kept")
    );
    assert_eq!(degraded(1), None);
    let notices = with_code(&listing.rest.notices, "mention-names-missing");
    assert_eq!(notices.len(), 1);
    assert!(
        notices[0].message.contains("`2` of `3`"),
        "{}",
        notices[0].message
    );
    // What cannot be an id is not sent, and what was unknown is not asked for again.
    let urls = look_ups(&mut site);
    assert_eq!(urls.len(), 1);
    assert_eq!(parameters(&urls[0], "accountId"), ["a-1", "gone-1"]);
}

#[test]
fn hundreds_of_unknown_accounts_do_not_hide_the_known_ones_after_them() {
    let ids = (0..900).map(|at| mention(&format!("gone-{at:03}")));
    let body = format!("<p>{}{}</p>", ids.collect::<String>(), mention("z-1"));
    let mut site = pages(vec![row(1, &body)], |url| Ok(users(url)));
    let listing = read(&mut site, &named("text"));
    assert!(texts(&listing)[0].ends_with("@N. z-1"));
    assert_eq!(look_ups(&mut site).len(), 10);
}

#[test]
fn a_look_up_that_fails_costs_names_and_no_rows() {
    let forbidden = |_: &str| Ok(answer(403, &[("atl-traceid", "t")], r#"{"message":"no"}"#));
    let rows = vec![row(1, &format!("<p>{}</p>", mention("a-1")))];
    let mut site = pages(rows.clone(), forbidden);
    let listing = read(&mut site, &named("text"));
    assert_eq!(texts(&listing), ["@a-1"]);
    assert!(listing.rest.stopped.is_none());
    let notice = &with_code(&listing.rest.notices, "mention-names-missing")[0];
    assert!(notice.message.contains("(403)"), "{}", notice.message);
    let mut site = pages(rows, |_| {
        Err(TransportError::Unreachable {
            detail: "refused".into(),
        })
    });
    let listing = read(&mut site, &named("text"));
    assert_eq!(texts(&listing), ["@a-1"]);
    assert_eq!(
        with_code(&listing.rest.notices, "mention-names-missing").len(),
        1
    );
}

#[test]
fn names_of_the_first_requests_are_used_when_a_later_one_fails() {
    let ids = (0..150).map(|at| mention(&format!("a-{at:03}")));
    let rows = vec![row(1, &format!("<p>{}</p>", ids.collect::<String>()))];
    let mut site = pages(rows, |url| {
        Ok(match parameters(url, "accountId").first() {
            Some(&"a-000") => users(url),
            _ => answer(500, &[], "{}"),
        })
    });
    let listing = read(&mut site, &named("text"));
    let text = texts(&listing).concat();
    assert!(text.contains("@N. a-099") && text.contains("@a-100"));
    let notice = &with_code(&listing.rest.notices, "mention-names-missing")[0];
    assert!(
        notice.message.contains("`50` of `150`"),
        "{}",
        notice.message
    );
}

#[test]
fn a_site_that_refuses_several_ids_is_asked_one_by_one() {
    let rows = vec![row(
        1,
        &format!("<p>{}{}</p>", mention("a-1"), mention("a-2")),
    )];
    let mut site = pages(rows, |url| {
        Ok(match parameters(url, "accountId").len() {
            1 => users(url),
            _ => answer(400, &[], r#"{"message":"one accountId"}"#),
        })
    });
    let listing = read(&mut site, &named("text"));
    assert_eq!(texts(&listing), ["@N. a-1 @N. a-2"]);
    assert_eq!(look_ups(&mut site).len(), 3);
}

#[test]
fn single_pieces_have_names_and_say_in_the_body_what_is_missing() {
    let page = |body: &str| ok(&row(7, body));
    let both = format!("<p>{} {}</p>", mention("a-1"), mention("gone-1"));
    let mut site = script(vec![page(&both), users("?accountId=a-1")]);
    let found = site.get_page_by_id("7", &single("markdown")).unwrap();
    let body = found.body.unwrap();
    assert_eq!(body.value.trim(), "@N. a-1 @gone-1");
    assert_eq!(
        body.degraded.as_deref(),
        Some("no names for `1` mentioned account: the id was kept")
    );
    let comment = ok(&row(8, &format!("<p>{}</p>", mention("a-1"))));
    let mut site = script(vec![comment, users("?accountId=a-1")]);
    let found = site
        .get_comment_by_id("8", Some(CommentKind::Footer), &single("text"))
        .unwrap();
    assert_eq!(found.body.unwrap().value.trim(), "@N. a-1");
}

#[test]
fn threads_look_up_the_accounts_of_comments_and_replies_together() {
    let mut site = site(|_, url| {
        if is_look_up(url) {
            return Ok(users(url));
        }
        let reply = |id: usize, account: &str| row(id, &format!("<p>{}</p>", mention(account)));
        Ok(match url.split('?').next().unwrap() {
            "/api/v2/pages/5/footer-comments" => list(&[reply(1, "a-1"), reply(2, "a-2")]),
            "/api/v2/footer-comments/1/children" => list(&[reply(3, "a-2"), reply(4, "a-3")]),
            _ => list(&[]),
        })
    });
    let query = CommentQuery {
        owner: ContentKind::Page,
        id: "5".to_owned(),
        kind: CommentKind::Footer,
        replies: true,
    };
    let listing = site
        .get_comments(&query, None, &Window::default(), &named("text"))
        .unwrap();
    let bodies = listing
        .items
        .iter()
        .map(|comment| comment.body.as_ref().unwrap());
    let texts: Vec<&str> = bodies.map(|body| body.value.trim()).collect();
    assert_eq!(texts, ["@N. a-1", "@N. a-2", "@N. a-3", "@N. a-2"]);
    let urls = look_ups(&mut site);
    assert_eq!(urls.len(), 1);
    assert_eq!(parameters(&urls[0], "accountId").len(), 3);
}

#[test]
fn documents_that_name_nobody_are_completed_as_well() {
    let document = r#"{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":\"mention\",\"attrs\":{\"id\":\"a-1\",\"text\":\"\"}},{\"type\":\"mention\",\"attrs\":{\"id\":\"a-2\",\"text\":\"@Given\"}}]}]}"#;
    let row = format!(r#"{{"id":"1","body":{{"atlas_doc_format":{{"value":"{document}"}}}}}}"#);
    let mut site = pages(vec![row], |url| Ok(users(url)));
    let listing = read(&mut site, &named("text"));
    assert_eq!(texts(&listing), ["@N. a-1 @Given"]);
    let urls = look_ups(&mut site);
    assert_eq!(parameters(&urls[0], "accountId"), ["a-1"]);
}

#[test]
fn the_option_is_refused_where_nothing_is_rendered() {
    let refused = |options: &ListOptions| {
        let error = silent()
            .list_pages(&PageQuery::default(), &Window::default(), options)
            .unwrap_err();
        error.code.clone()
    };
    assert_eq!(
        refused(&named("storage")),
        "mention-names-without-rendering"
    );
    let without_format = ListOptions {
        mention_names: true,
        ..ListOptions::default()
    };
    assert_eq!(refused(&without_format), "mention-names-without-rendering");
    let error = silent()
        .get_groups(&Window::default(), &without_format)
        .unwrap_err();
    assert_eq!(error.code, "option-not-taken");
    let error = silent().get_page_by_id("7", &single("view")).unwrap_err();
    assert_eq!(error.code, "mention-names-without-rendering");
}
