//! The host that files come from: another origin, that wants a token in the query and nothing in
//! the headers.

use crate::answer::Answer;
use crate::body::Body;
use crate::query::Query;
use crate::random::{hex, mix};
use crate::site::Site;

/// How long a location stays good, in milliseconds.
const LIFETIME: u64 = 600_000;

/// What a location holds for a file that is gone, in place of the id of the file.
pub(crate) const UNKNOWN: &str = "UNKNOWN_MEDIA_ID";

/// The location of a file at the media host, good from `now` on, in milliseconds since 1970.
pub(crate) fn location(site: &Site, media_url: &str, attachment: u64, now: u64) -> String {
    let file = if site.is_file_missing(attachment) {
        UNKNOWN.to_owned()
    } else {
        site.file_id(attachment)
    };
    let expires = now + LIFETIME;
    let mut name = String::new();
    site.write_file_name(attachment, &mut name);
    let mut encoded = String::new();
    crate::query::encode(&name, &mut encoded);
    format!(
        "{media_url}/file/{file}/binary?token={}&client={}&dl=true&name={encoded}",
        token(site, attachment, expires),
        site.cloud_id
    )
}

fn token(site: &Site, attachment: u64, expires: u64) -> String {
    let signature = hex(site.seed, mix(site.seed, 170, attachment), expires);
    format!("{attachment}.{expires}.{signature}")
}

/// The attachment of a token that is good at `now`.
fn attachment_of(site: &Site, given: &str, now: u64) -> Option<u64> {
    let mut parts = given.splitn(3, '.');
    let attachment: u64 = parts.next()?.parse().ok()?;
    let expires: u64 = parts.next()?.parse().ok()?;
    (now < expires && given == token(site, attachment, expires)).then_some(attachment)
}

/// The answer to a request at the media host.
pub(crate) fn answer(
    site: &Site,
    method: &str,
    path: &str,
    query: &str,
    carries_credential: bool,
    now: u64,
) -> Answer {
    let refused = |status: u16, code: &str| {
        let body = format!("{{\"error\":{{\"code\":\"{code}\",\"title\":\"{code}\"}}}}");
        Answer::json(status, body.into_bytes())
    };
    if method != "GET" {
        return refused(405, "MethodNotAllowed");
    }
    // What belongs to the site must not be sent here, and is not silently accepted.
    if carries_credential {
        return refused(400, "OnlyOneAuthMechanismAllowed");
    }
    let file = path
        .strip_prefix("/file/")
        .and_then(|rest| rest.strip_suffix("/binary"));
    let Some(file) = file else {
        return refused(404, "ResourceNotFound");
    };
    let query = Query::parse(query);
    let attachment = query
        .last("token")
        .and_then(|token| attachment_of(site, token, now));
    let Some(attachment) = attachment else {
        return refused(403, "JwtAuthoriserError");
    };
    if file == UNKNOWN || file != site.file_id(attachment) {
        return refused(404, "ResourceNotFound");
    }
    let mut answer = Answer::json(200, Vec::new());
    answer.content_type = site.media_type(attachment);
    answer.body = Body::File {
        chunk: site.file_chunk(attachment).into(),
        left: site.file_size(attachment),
    };
    answer.with("cache-control", "private, max-age=600")
}

#[cfg(test)]
mod tests {
    use super::{Site, attachment_of, token};

    #[test]
    fn a_token_is_good_for_its_file_until_it_expires() {
        let site = Site::new(42, 50);
        let good = token(&site, 3, 1_000);
        assert_eq!(attachment_of(&site, &good, 999), Some(3));
        assert_eq!(attachment_of(&site, &good, 1_000), None);
        assert_eq!(attachment_of(&site, &good.replacen('3', "4", 1), 999), None);
        assert_eq!(attachment_of(&site, "3.1000", 999), None);
        assert_eq!(attachment_of(&site, "", 0), None);
    }
}
