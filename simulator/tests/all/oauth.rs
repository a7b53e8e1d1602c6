//! The authorization server is as strict as Atlassian's.

use std::time::Duration;

use crate::client::Client;
use confluence_simulator::{Consent, OauthSettings, Settings, TokenFault};
use serde_json::{Value, json};

const AUTHORIZE: &str = "/authorize?audience=api.atlassian.com&client_id=demo-client&response_type=code&prompt=consent&state=s1";
const CALLBACK: &str = "&redirect_uri=http%3A%2F%2Flocalhost%3A8765%2Fcallback";
const SCOPE: &str = "&scope=offline_access%20read%3Apage%3Aconfluence";

async fn server(settings: OauthSettings) -> Client {
    Client::with(Settings {
        oauth: Some(OauthSettings {
            consent: Consent::Granted,
            ..settings
        }),
        pages: 30,
        ..Settings::default()
    })
    .await
}

async fn code(client: &Client, more: &str) -> String {
    let path = format!("{AUTHORIZE}{CALLBACK}{SCOPE}{more}");
    let answer = client.ask("GET", &path, None).await;
    assert_eq!(answer.status, 302, "{}", answer.text);
    let location = answer.header("location");
    assert!(
        location.starts_with("http://localhost:8765/callback?state=s1&code="),
        "{location}"
    );
    location.split_once("code=").unwrap().1.to_owned()
}

fn redemption(code: &str) -> Value {
    json!({
        "grant_type": "authorization_code",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "code": code,
        "redirect_uri": "http://localhost:8765/callback",
    })
}

fn refresh(token: &Value) -> Value {
    json!({
        "grant_type": "refresh_token",
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "refresh_token": token,
    })
}

async fn pair(client: &Client) -> Value {
    let code = code(client, "").await;
    let answer = client.token(&redemption(&code)).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_code_is_redeemed_once() {
    let client = server(OauthSettings::default()).await;
    let code = code(&client, "").await;
    let answer = client.token(&redemption(&code)).await.unwrap();
    assert_eq!(answer.json()["expires_in"], 3600);
    let again = client.token(&redemption(&code)).await.unwrap();
    assert_eq!(again.status, 403);
    assert_eq!(again.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_with_a_challenge_needs_its_verifier() {
    let client = server(OauthSettings::default()).await;
    // Of RFC 7636, appendix B.
    let challenge =
        "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    for (verifier, status) in [
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", 200),
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXx", 403),
    ] {
        let mut body = redemption(&code(&client, challenge).await);
        body["code_verifier"] = json!(verifier);
        assert_eq!(client.token(&body).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn a_callback_that_differs_in_one_character_is_shown_in_the_browser_and_never_sent_back() {
    let client = server(OauthSettings::default()).await;
    for callback in [
        "http%3A%2F%2Flocalhost%3A8765%2Fcallback%2F",
        "http%3A%2F%2Flocalhost%3A8765%2FCallback",
        "https%3A%2F%2Flocalhost%3A8765%2Fcallback",
    ] {
        let path = format!("{AUTHORIZE}&redirect_uri={callback}{SCOPE}");
        let answer = client.ask("GET", &path, None).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.header("location"), "");
        assert!(answer.text.contains("redirect_uri"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_refresh_kills_the_token_that_was_used() {
    let client = server(OauthSettings::default()).await;
    let first = pair(&client).await;
    let answer = client
        .token(&refresh(&first["refresh_token"]))
        .await
        .unwrap();
    let second = answer.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let again = client
        .token(&refresh(&first["refresh_token"]))
        .await
        .unwrap();
    assert_eq!(
        (again.status, again.json()["error_description"].as_str()),
        (403, Some("refresh_token is invalid"))
    );
    // The one that took its place lives.
    let third = client
        .token(&refresh(&second["refresh_token"]))
        .await
        .unwrap();
    assert_eq!(third.status, 200);
    assert_eq!(client.simulator.unused_refresh_tokens(), 1);
}

#[tokio::test]
async fn a_used_token_works_on_within_the_grace() {
    let client = server(OauthSettings {
        grace: Duration::from_secs(600),
        ..OauthSettings::default()
    })
    .await;
    let first = pair(&client).await;
    for _ in 0..2 {
        let answer = client
            .token(&refresh(&first["refresh_token"]))
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn the_gateway_takes_valid_tokens_with_the_scope_of_the_call() {
    let client = server(OauthSettings::default()).await;
    let pair = pair(&client).await;
    let token = pair["access_token"].as_str().unwrap();
    let bearer = format!("Bearer {token}");
    let resources = client
        .ask("GET", "/oauth/token/accessible-resources", Some(&bearer))
        .await
        .json();
    let base = format!(
        "/ex/confluence/{}/wiki/api/v2",
        resources[0]["id"].as_str().unwrap()
    );
    let ask = async |path: &str, bearer: &str| {
        let answer = client
            .ask("GET", &format!("{base}/{path}"), Some(bearer))
            .await;
        (answer.status, answer.text)
    };
    assert_eq!(ask("pages", &bearer).await.0, 200);
    let (status, text) = ask("spaces", &bearer).await;
    assert!(
        status == 401 && text.contains("scope does not match"),
        "{text}"
    );
    assert_eq!(ask("pages", "Bearer another").await.0, 401);
    client.simulator.expire_access_tokens();
    assert_eq!(ask("pages", &bearer).await.0, 401);
}

#[tokio::test]
async fn a_wrong_secret_and_every_fault_have_their_answers() {
    let client = server(OauthSettings::default()).await;
    let first = pair(&client).await;
    let mut wrong = refresh(&first["refresh_token"]);
    wrong["client_secret"] = json!("demo-secret ");
    let answer = client.token(&wrong).await.unwrap();
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (401, Some("access_denied"))
    );
    let faults = [
        (TokenFault::InvalidGrant, Some(403)),
        (TokenFault::WrongClient, Some(401)),
        (TokenFault::Status(503), Some(503)),
        (TokenFault::Nonsense, Some(200)),
        (TokenFault::Redirect, Some(302)),
        (TokenFault::Cut, None),
        (TokenFault::None, Some(200)),
    ];
    client
        .simulator
        .set_token_faults(faults.iter().map(|(fault, _)| *fault).collect());
    for (fault, status) in faults {
        let answer = client.token(&refresh(&first["refresh_token"])).await;
        assert_eq!(answer.map(|answer| answer.status), status, "{fault:?}");
    }
    assert_eq!(client.simulator.token_requests().len(), 9);
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_tokens_were_issued_has_used_the_token_up() {
    let client = server(OauthSettings::default()).await;
    let first = pair(&client).await;
    client
        .simulator
        .set_token_faults(vec![TokenFault::CutAfter]);
    assert!(
        client
            .token(&refresh(&first["refresh_token"]))
            .await
            .is_none()
    );
    let answer = client
        .token(&refresh(&first["refresh_token"]))
        .await
        .unwrap();
    assert_eq!(answer.status, 403);
}
