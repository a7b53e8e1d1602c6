//! The consent page, and where it sends the browser.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::server::AuthorizationServer;
use super::settings::Consent;
use crate::answer::{Answer, HTML};
use crate::query::Query;
use crate::random::hex;

/// What an authorization request asks for.
struct Asked {
    redirect_uri: String,
    state: String,
    scopes: Vec<String>,
    challenge: Option<String>,
}

impl AuthorizationServer {
    /// Answers `/authorize`.
    pub(super) fn consent(&self, method: &str, query: &str, sent: &[u8]) -> Answer {
        let asked = match self.read(query) {
            Ok(asked) => asked,
            Err(refused) => return page(400, "Something went wrong", &escaped(&refused)),
        };
        let decision = match (method, self.settings.consent) {
            ("POST", _) => {
                let body = String::from_utf8_lossy(sent).into_owned();
                Some(body.contains("decision=allow"))
            }
            (_, Consent::Granted) => Some(true),
            (_, Consent::Declined) => Some(false),
            (_, Consent::Page) => None,
        };
        match decision {
            None => self.form(query, &asked),
            Some(true) => {
                let number = self.number();
                let code = hex(self.seed, 710, number);
                self.issued()
                    .add_code(code.clone(), asked.scopes, asked.challenge);
                redirect(
                    &asked.redirect_uri,
                    &[("state", &asked.state), ("code", &code)],
                )
            }
            Some(false) => redirect(
                &asked.redirect_uri,
                &[
                    ("state", &asked.state),
                    ("error", "access_denied"),
                    ("error_description", "User did not authorize the request"),
                ],
            ),
        }
    }

    /// Reads an authorization request, which has to be right to the letter. What is wrong is shown in
    /// the browser, and never comes back to the app.
    fn read(&self, query: &str) -> Result<Asked, String> {
        let query = Query::parse(query);
        let value = |name: &str| query.last(name).unwrap_or_default().to_owned();
        if value("client_id") != self.settings.client_id {
            return Err("The client_id is not known. error: unauthorized_client".to_owned());
        }
        let redirect_uri = value("redirect_uri");
        if redirect_uri != self.settings.redirect_uri {
            return Err(format!(
                "error: redirect_uri is not registered for client: {redirect_uri}"
            ));
        }
        for (name, expected) in [("response_type", "code"), ("audience", "api.atlassian.com")] {
            if value(name) != expected {
                return Err(format!("error: {name} has to be {expected}"));
            }
        }
        let scopes: Vec<String> = value("scope")
            .split([' ', '+'])
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect();
        if scopes.is_empty() || scopes.len() > 50 {
            return Err(format!("error: invalid_scope, {} scopes", scopes.len()));
        }
        let challenge = query.last("code_challenge").map(str::to_owned);
        if challenge.is_some() && value("code_challenge_method") != "S256" {
            return Err("error: code_challenge_method has to be S256".to_owned());
        }
        Ok(Asked {
            redirect_uri,
            state: value("state"),
            scopes,
            challenge,
        })
    }

    fn form(&self, query: &str, asked: &Asked) -> Answer {
        let scopes: String = asked
            .scopes
            .iter()
            .map(|scope| format!("<li>{}</li>", escaped(scope)))
            .collect();
        let sites: String = self
            .sites
            .iter()
            .map(|site| format!("<option>{}</option>", escaped(&site.url)))
            .collect();
        let body = format!(
            "<p>The app asks for access to your Confluence site.</p><select>{sites}</select>\
             <ul>{scopes}</ul><form method=\"post\" action=\"/authorize?{}\">\
             <button id=\"accept\" name=\"decision\" value=\"allow\">Accept</button> \
             <button id=\"cancel\" name=\"decision\" value=\"deny\">Cancel</button></form>",
            escaped(query)
        );
        page(200, "Authorize app", &body)
    }
}

fn redirect(to: &str, query: &[(&str, &str)]) -> Answer {
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    Answer::text(302, HTML, "").with("location", &format!("{to}?{}", query.join("&")))
}

fn page(status: u16, title: &str, body: &str) -> Answer {
    Answer::text(
        status,
        HTML,
        &format!(
            "<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>\n"
        ),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
