//! What a failure tells: cause, way out, request id, and who supplied endpoint and credential.

use super::Place;

/// v2, v1, the gateway and the edge each have a shape of their own.
#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_every_shape_of_error_are_told() {
    let place = Place::new().await;
    let page = place.page(0);
    place
        .call(&["getPageById", &page, "--version", "2000000000"])
        .fails(
            6,
            &["Confluence responded `No version with this number was found.`"],
        );
    place
        .call(&["search", "colour = blue", "false"])
        .fails(18, &["Confluence rejected the request to search: `"]);
    place
        .under("*:502", &["listPages"])
        .fails(8, &["502", "web page"]);
    // Nothing at all is said: the status alone speaks.
    place
        .under("*:501", &["listPages"])
        .fails(8, &["501", "cause:", "fix:"]);
    place
        .under("*:418", &["listPages"])
        .fails(8, &["418", "cause:", "fix:"]);
    let gateway = Place::behind_the_gateway(200).await;
    gateway
        .under("*:401", &["listPages"])
        .fails(4, &["Confluence responded `Unauthorized`"]);
    gateway
        .under("*:scope", &["listPages"])
        .fails(4, &["read:page:confluence"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_tells_cause_way_out_request_id_and_who_supplied_the_connection() {
    let place = Place::new().await;
    let file = place.host.config().join("env/default/app/default.toml:1");
    let from = format!(
        "endpoint `{}/wiki` and its authorization come from connection `default` of level `env/default/app/default` ({})",
        place.site.site_url(),
        file.display()
    );
    for (fault, code) in [
        ("*:400", 18),
        ("*:401", 4),
        ("*:403", 5),
        ("*:404", 6),
        ("*:429", 7),
        ("*:500", 8),
        ("*:502", 8),
        ("*:503", 8),
        ("*:504", 8),
        ("*:scope", 4),
        ("*:anonymous", 4),
        ("*:html", 9),
        ("*:truncate", 10),
        ("*:deep", 11),
        ("*:wrong-shape", 23),
        ("*:redirect", 8),
    ] {
        let (ended, requests) =
            place.asked(|| place.under(fault, &["getPageById", &place.page(0)]));
        assert_eq!(requests.len(), 1, "{fault}");
        let id = format!("request id: {}", requests[0].trace_id);
        ended.fails(code, &["error:", "cause:", "fix:", &id, "from:", &from]);
    }
}

/// The same level, and another file, when the connection comes from elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn the_level_that_supplied_the_connection_is_the_one_in_force() {
    let place = Place::new().await;
    for (level, path, file) in [
        ("cluster", "level `cluster`", "cluster.toml"),
        ("env", "level `env/default`", "env/default.toml"),
    ] {
        let host = tests::Host::new();
        host.set(&place.site.endpoint(), tests::AUTHORIZATION, level)
            .ok();
        place.site.set_faults(crate::faults("*:403"));
        let file = host.config().join(file).display().to_string();
        host.call(&["listSpaces"]).fails(5, &["from:", path, &file]);
        place.site.set_faults(crate::faults(""));
    }
}

/// The error of a list that has items already stands in its answer: for programs in JSON, for
/// people on standard error.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_on_the_way_is_whole_in_json_and_for_people() {
    let place = Place::of(600).await;
    for (fault, code, kind) in [
        ("2:401", 4, "unauthorized"),
        ("2:403", 5, "forbidden"),
        ("2:429", 7, "rate-limited"),
        ("2:truncate", 10, "truncated"),
        ("2:wrong-shape", 23, "unexpected-answer"),
    ] {
        let (ended, requests) =
            place.asked(|| place.under(fault, &["listPages", "--limit", "600"]));
        let stopped = ended.json()["rest"]["stopped"].clone();
        assert_eq!(stopped["kind"], kind);
        assert_eq!(stopped["requestId"], requests[1].trace_id, "{fault}");
        assert_eq!(stopped["status"], requests[1].status, "{fault}");
        let said = |name: &str| stopped[name].as_str().unwrap().to_owned();
        let (message, cause) = (said("message"), said("cause"));
        // For people, times to wait have their units.
        let resolution = match kind {
            "rate-limited" => "wait 1 s, then run the same command again".to_owned(),
            _ => said("resolution"),
        };
        let id = format!("request id: {}", requests[1].trace_id);
        ended.fails(
            code,
            &[
                &message,
                &cause,
                &resolution,
                &id,
                "from:",
                "level `env/default/app/default`",
            ],
        );
        // The same with a line for each item.
        let (ended, requests) = place.asked(|| place.under(fault, &["listPages", "--all"]));
        assert_eq!(ended.line_ids().len(), 250, "{fault}");
        let id = format!("request id: {}", requests[1].trace_id);
        ended.fails(code, &[&cause, &resolution, &id, "from:"]);
    }
}

/// How long to wait is told in full, and the site is left alone meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_tells_whose_it_is_and_how_long_to_wait_and_is_not_hammered() {
    let place = Place::of(600).await;
    for (fault, scope, time) in [
        ("2:burst=3", "burst", Some((3, "3 s"))),
        ("2:quota=1847", "quota-app", Some((1_847, "30 min 47 s"))),
        ("2:tenant-quota=3600", "quota-tenant", Some((3_600, "1 h"))),
        ("2:gateway-limit", "gateway", None),
    ] {
        let (ended, requests) =
            place.asked(|| place.under(fault, &["listPages", "--limit", "600"]));
        assert_eq!(requests.len(), 2, "{fault}");
        let stopped = ended.json()["rest"]["stopped"].clone();
        assert_eq!(stopped["limitScope"], scope, "{fault}");
        if let Some((seconds, shown)) = time {
            assert_eq!(stopped["retryAfterMs"], seconds * 1_000, "{fault}");
            ended.fails(7, &[&format!("retry after: {shown}\n")]);
        } else {
            // The gateway names a minute ten minutes ahead, and not how long that is: it is
            // counted from the answer's own `Date`, which is in whole seconds.
            let wait = stopped["retryAfterMs"].as_u64().unwrap();
            assert!((600_000..=661_000).contains(&wait), "{wait}");
            let (minutes, rest) = (wait.div_ceil(1_000) / 60, wait.div_ceil(1_000) % 60);
            let shown = match rest {
                0 => format!("retry after: {minutes} min\n"),
                rest => format!("retry after: {minutes} min {rest} s\n"),
            };
            ended.fails(7, &["gateway", &shown]);
        }
        place.call(&["listPages"]).ok();
    }
}
