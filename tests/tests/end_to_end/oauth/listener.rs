//! The listener that a browser is sent back to.

use std::net::{TcpListener, TcpStream};

use super::{APP_FILE, Place, browse, browse_with, free_port};

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_of_another_login_is_refused_and_the_login_waits_on() {
    let place = Place::new().await;
    let login = place.begin(&[]);
    let callback = place.redirect_uri();
    for query in [
        "?code=stolen&state=wrong",
        "?code=stolen",
        "?code=stolen&state=",
        "?state=wrong&error=access_denied",
        "",
    ] {
        let page = browse(&format!("{callback}{query}"));
        assert_eq!(page.status, 400, "{query}: {page:?}");
    }
    assert_eq!(place.token_requests(), 0);
    let consent = browse(&login.url);
    let twice = format!("{}&state=other", consent.location);
    assert_eq!(browse(&twice).status, 400);
    assert_eq!(browse(&consent.location).status, 200);
    login.end().ok();
    assert_eq!(place.token_requests(), 1);
    place.call().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn other_paths_and_methods_are_not_there() {
    let place = Place::new().await;
    let login = place.begin(&[]);
    let origin = place.redirect_uri().replace("/callback", "");
    let consent = browse(&login.url);
    let query = consent.location.split_once('?').unwrap().1;
    for path in ["/", "/favicon.ico", "/callback/", "/Callback", "/callbackx"] {
        assert_eq!(
            browse(&format!("{origin}{path}?{query}")).status,
            404,
            "{path}"
        );
    }
    assert_eq!(browse_with("POST", &consent.location, "").status, 404);
    browse(&consent.location);
    login.end().ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_hold_nobody_up() {
    let place = Place::new().await;
    let login = place.begin(&[]);
    let idle: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(("127.0.0.1", place.port)).unwrap())
        .collect();
    browse(&browse(&login.url).location);
    login.end().ok();
    drop(idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_first_good_callback_nothing_is_served() {
    let place = Place::new().await;
    let login = place.begin(&[]);
    let consent = browse(&login.url);
    browse(&consent.location);
    login.end().ok();
    let again = TcpStream::connect(("127.0.0.1", place.port));
    assert!(again.is_err(), "{again:?}");
    assert_eq!(place.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_told_at_once() {
    let port = free_port();
    let taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let place = Place::without_app(|oauth| {
        oauth.redirect_uri = format!("http://localhost:{port}/callback");
    })
    .await;
    let place = Place { port, ..place };
    place.add_app(&[]).ok();
    let words = ["connection", "login", "--oauth-app", "main", "--no-browser"];
    let ended = place.host.run(&words);
    assert!(ended.code != 0 && ended.stdout.is_empty(), "{ended:#?}");
    assert!(ended.stderr.contains(&format!("port {port}")), "{ended:#?}");
    // Without a listener there is no need for the port.
    let login = place.begin(&["--paste"]);
    let consent = browse(&login.url);
    login.paste(&consent.location).ok();
    drop(taken);
    assert!(place.host.read(APP_FILE).contains("cloud-id"));
}
