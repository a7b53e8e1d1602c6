//! Where the content of an attachment is: what is sent, and what comes of the answers.

use crate::site::{answer, asked, ok, script, silent};
use confluence_connector::{Answer, AttachmentLocation, Error, ErrorKind};

const URL: &str = "https://api.media.example.com/file/f1/binary?token=secret-jwt&client=c";

/// What the site says of the attachment.
fn described(fields: &str) -> Answer {
    ok(&format!(r#"{{"id":"att7",{fields}}}"#))
}

fn redirect(location: &str) -> Answer {
    answer(
        302,
        &[("Location", location), ("atl-traceid", "trace-2")],
        "",
    )
}

/// What comes of an attachment on page 5, and of an answer to its download.
fn located(download: Answer) -> Result<AttachmentLocation, Error> {
    let fields = r#""pageId":"5","version":{"number":3}"#;
    script(vec![described(fields), download]).get_attachment_location("att7", None)
}

#[test]
fn the_version_that_was_described_is_the_one_that_is_located() {
    for (fields, version, wanted) in [
        (
            r#""pageId":"5","version":{"number":3}"#,
            None,
            "/rest/api/content/5/child/attachment/att7/download?version=3",
        ),
        (
            r#""pageId":null,"blogPostId":"6","version":{"number":2}"#,
            Some(2),
            "/rest/api/content/6/child/attachment/att7/download?version=2",
        ),
        (
            r#""customContentId":"8""#,
            None,
            "/rest/api/content/8/child/attachment/att7/download",
        ),
        (
            r#""pageId":"5","status":"current""#,
            None,
            "/rest/api/content/5/child/attachment/att7/download",
        ),
        (
            r#""pageId":"5","status":"trashed","version":{"number":1}"#,
            None,
            "/rest/api/content/5/child/attachment/att7/download?version=1&status=trashed",
        ),
        (
            r#""pageId":"5","status":"archived""#,
            None,
            "/rest/api/content/5/child/attachment/att7/download?status=archived",
        ),
    ] {
        let mut site = script(vec![described(fields), redirect(URL)]);
        let location = site.get_attachment_location("att7", version).unwrap();
        assert_eq!(location.url, URL);
        let described = match version {
            Some(version) => format!("/api/v2/attachments/att7?version={version}"),
            None => "/api/v2/attachments/att7".to_owned(),
        };
        assert_eq!(asked(&mut site), [described.as_str(), wanted]);
    }
}

#[test]
fn a_location_says_what_is_there() {
    let fields = r#""pageId":"5","status":"current","title":"../a b.pdf","mediaType":"application/pdf","fileSize":5000000001,"version":{"number":3}"#;
    let location = script(vec![described(fields), redirect(URL)])
        .get_attachment_location("att7", None)
        .unwrap();
    let wanted = AttachmentLocation {
        id: "att7".into(),
        version: Some(3),
        status: Some("current".into()),
        title: Some("../a b.pdf".into()),
        media_type: Some("application/pdf".into()),
        file_size: Some(5_000_000_001),
        url: URL.into(),
    };
    assert!(location == wanted);
    assert!(!format!("{location:?}").contains("secret-jwt"));
}

#[test]
fn every_redirect_with_an_absolute_location_is_one() {
    for status in [301, 302, 303, 307, 308] {
        let download = answer(status, &[("LOCATION", &format!(" {URL} "))], "<html>");
        assert_eq!(located(download).unwrap().url, URL);
    }
    let loopback = "http://127.0.0.1:9/file/x/binary?token=t";
    assert_eq!(located(redirect(loopback)).unwrap().url, loopback);
}

#[test]
fn what_leads_nowhere_is_told_apart() {
    for (download, kind, code) in [
        (
            redirect(""),
            ErrorKind::UnexpectedAnswer,
            "location-missing",
        ),
        (
            answer(302, &[], ""),
            ErrorKind::UnexpectedAnswer,
            "location-missing",
        ),
        // The content itself.
        (
            answer(200, &[("content-type", "image/png")], "\u{89}PNG"),
            ErrorKind::UnexpectedAnswer,
            "location-missing",
        ),
        (
            answer(200, &[("location", URL)], ""),
            ErrorKind::UnexpectedAnswer,
            "location-missing",
        ),
        (
            redirect("/login?next=x"),
            ErrorKind::Unauthorized,
            "login-required",
        ),
        // Saved as the content, the page would look like it.
        (
            redirect("https://id.atlassian.com/login?continue=x"),
            ErrorKind::Unauthorized,
            "login-required",
        ),
        (
            redirect("/wiki/download/x"),
            ErrorKind::UnexpectedAnswer,
            "location-relative",
        ),
        (
            redirect("/wiki/download/attachments/1/login-page.png"),
            ErrorKind::UnexpectedAnswer,
            "location-relative",
        ),
        (
            redirect("//media.example.com/x"),
            ErrorKind::UnexpectedAnswer,
            "location-relative",
        ),
        (
            redirect("file:///etc/passwd"),
            ErrorKind::UnexpectedAnswer,
            "location-relative",
        ),
        (
            redirect("https://api.media.example.com/file/UNKNOWN_MEDIA_ID/binary?token=secret-jwt"),
            ErrorKind::NotFound,
            "content-gone",
        ),
        (
            answer(404, &[("atl-traceid", "t")], "{}"),
            ErrorKind::NotFound,
            "not-found",
        ),
        (
            answer(
                400,
                &[("atl-traceid", "t")],
                r#"{"statusCode":400,"message":"No"}"#,
            ),
            ErrorKind::InvalidArgument,
            "refused-by-upstream",
        ),
        (answer(403, &[], ""), ErrorKind::Forbidden, "forbidden"),
        (
            answer(
                401,
                &[("x-failure-category", "FAILURE_CLIENT_SCOPE_CHECK")],
                "",
            ),
            ErrorKind::Unauthorized,
            "scope-missing",
        ),
        (answer(429, &[], ""), ErrorKind::RateLimited, "rate-limited"),
        (
            answer(503, &[], ""),
            ErrorKind::UpstreamFailed,
            "upstream-failed",
        ),
    ] {
        let status = download.status;
        let error = located(download).unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (kind, code));
        assert_eq!(error.status, Some(status));
        assert!(!format!("{error:?}").contains("secret-jwt"));
    }
}

#[test]
fn an_attachment_of_nothing_is_not_asked_for() {
    for fields in [
        r#""title":"x""#,
        r#""pageId":null"#,
        r#""pageId":"../../admin""#,
        r#""pageId":"5/child""#,
    ] {
        let mut site = script(vec![described(fields)]);
        let error = site.get_attachment_location("att7", None).unwrap_err();
        assert_eq!(error.code, "container-unknown", "{fields}");
    }
}

#[test]
fn what_is_no_attachment_is_refused_before_anything_is_sent() {
    for id in ["", "7", "att", "att-7", "att7/../8", "att7?x", "ATT7"] {
        let error = silent().get_attachment_location(id, None).unwrap_err();
        assert_eq!(error.code, "attachment-id-malformed", "{id}");
    }
    let error = silent()
        .get_attachment_location("att7", Some(0))
        .unwrap_err();
    assert_eq!(error.code, "version-malformed");
}
