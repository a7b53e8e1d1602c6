//! A login on a machine without a browser.

use super::{APP_FILE, Place, browse};

#[tokio::test(flavor = "multi_thread")]
async fn the_address_that_the_browser_was_sent_to_is_pasted() {
    let place = Place::new().await;
    let login = place.begin(&["--paste"]);
    let consent = browse(&login.url);
    let ended = login.paste(&consent.location).ok();
    assert!(
        ended.stderr.contains("paste the whole address"),
        "{ended:#?}"
    );
    place.call().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_the_callback_is_refused_with_the_character_that_differs() {
    let place = Place::new().await;
    let uri = place.redirect_uri();
    for (from, to, what) in [
        ("/callback", "/callbacK", "`K` in place of `k`"),
        ("/callback", "/callback/", "`/` in place of its end"),
        ("/callback", "/callbac", "its end in place of `k`"),
        ("http://", "https://", "`s` in place of `:`"),
        ("localhost", "127.0.0.1", "`1` in place of `l`"),
    ] {
        let login = place.begin(&["--paste"]);
        let consent = browse(&login.url);
        let pasted = uri.replacen(from, to, 1);
        let position = 1 + pasted
            .chars()
            .zip(uri.chars())
            .take_while(|(one, other)| one == other)
            .count();
        let ended = login.paste(&consent.location.replacen(from, to, 1));
        let place_of = format!("character {position},");
        ended.fails(
            2,
            &[what, &place_of, &format!("`{uri}`"), &format!("`{pasted}`")],
        );
    }
    assert_eq!(place.token_requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_address_of_another_login_names_the_state() {
    let place = Place::new().await;
    let other = place.begin(&["--paste"]);
    let consent = browse(&other.url);
    let login = place.begin(&["--paste"]);
    login.paste(&consent.location).fails(2, &["`state`"]);
    other.paste("").fails(2, &["standard input has no address"]);
    let login = place.begin(&["--paste"]);
    login
        .paste(&place.redirect_uri())
        .fails(2, &["`code` and `state`"]);
    assert_eq!(place.token_requests(), 0);
    assert!(!place.host.read(APP_FILE).contains("connections"));
}
