//! Answers that refuse, in the shape of the API that was asked.

use crate::answer::{Answer, HTML};
use crate::json::Json;

const UNAUTHORIZED: &str = concat!(
    "<html><head><title>Unauthorized (401)</title></head>",
    "<body><h1>Unauthorized (401)</h1></body></html>\n",
);

/// A request that is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    title: String,
    detail: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, title: &str, detail: &str) -> Self {
        Self {
            status,
            code,
            title: title.to_owned(),
            detail: detail.to_owned(),
        }
    }

    /// 400.
    pub(crate) fn invalid(title: &str, detail: &str) -> Self {
        Self::new(400, "INVALID_REQUEST_PARAMETER", title, detail)
    }

    /// 400: a value that is not of the type of its parameter.
    pub(crate) fn wrong_type(parameter: &str, expected: &str) -> Self {
        Self::invalid(
            &format!("The value of '{parameter}' has the wrong type. Expected type is {expected}."),
            &format!("Check the value that was sent as '{parameter}'."),
        )
    }

    /// 400: a value that is not among those that its parameter knows.
    pub(crate) fn not_one_of(parameter: &str, value: &str, known: &[&str]) -> Self {
        Self::invalid(
            &format!("'{value}' is not a valid value of '{parameter}'."),
            &format!("Valid values are: {}.", known.join(", ")),
        )
    }

    /// 400: the cursor is none, or one of another query.
    pub(crate) fn cursor() -> Self {
        Self::invalid(
            "The value of 'cursor' has the wrong type. Expected type is Cursor.",
            "This cursor cannot be used here. Start again without one to get a valid cursor.",
        )
    }

    /// 404.
    pub(crate) fn not_found(title: &str) -> Self {
        Self::new(404, "NOT_FOUND", title, "")
    }

    /// 401.
    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "UNAUTHORIZED", "Unauthorized", "")
    }

    /// 500.
    pub(crate) fn internal() -> Self {
        Self::new(
            500,
            "INTERNAL_SERVER_ERROR",
            "Internal Server Error",
            "Something went wrong on our side.",
        )
    }

    /// The shape of REST v2.
    pub(crate) fn answer(&self) -> Answer {
        let mut json = Json::with_capacity(256);
        json.open('{').key("errors").open('[').element().open('{');
        json.number_at("status", u64::from(self.status))
            .text_at("code", self.code)
            .text_at("title", &self.title);
        json.text_or_null_at(
            "detail",
            Some(self.detail.as_str()).filter(|detail| !detail.is_empty()),
        );
        json.close('}').close(']').close('}');
        self.dressed(Answer::json(self.status, json.into_bytes()))
    }

    /// The shape of REST v1.
    pub(crate) fn answer_v1(&self) -> Answer {
        if self.status == 401 {
            return self.dressed(Answer::text(401, HTML, UNAUTHORIZED));
        }
        let mut json = Json::with_capacity(256);
        json.open('{')
            .number_at("statusCode", u64::from(self.status));
        json.key("data")
            .raw(r#"{"authorized":true,"valid":false,"errors":[],"successful":false}"#);
        let message = if self.detail.is_empty() {
            self.title.clone()
        } else {
            format!("{} {}", self.title, self.detail)
        };
        json.text_at("message", &message).close('}');
        self.dressed(Answer::json(self.status, json.into_bytes()))
    }

    /// The shape of the API gateway, or of REST v2 behind the site's own host.
    pub(crate) fn answer_for(&self, gateway: bool) -> Answer {
        if !gateway {
            return self.answer();
        }
        let mut json = Json::with_capacity(64);
        json.open('{')
            .number_at("code", u64::from(self.status))
            .text_at("message", &self.title)
            .close('}');
        self.dressed(Answer::json(self.status, json.into_bytes()))
    }

    fn dressed(&self, answer: Answer) -> Answer {
        match self.status {
            401 => answer.with("www-authenticate", "Basic realm=\"protected-area\""),
            _ => answer,
        }
    }
}
