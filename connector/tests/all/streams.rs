//! Streams as columns, compared with what a simulated site sends.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use confluence_connector::{
    Batch, Budget, Column, ColumnType, Confluence, Outcome, Parent, Pass, Progress, Projection,
    StepRequest, StreamDescription, Transport, streams,
};
use serde_json::Value;

use crate::simulated::{Client, Simulated};
use confluence_simulator::Operation;

/// Values of a row by column, as JSON.
type Row = BTreeMap<String, Value>;

fn described(name: &str) -> StreamDescription {
    let mut all = streams(&[]).unwrap();
    all.find(|stream| stream.name() == name).unwrap()
}

fn is_set(bits: &[u8], row: usize) -> bool {
    bits[row / 8] & (1 << (row % 8)) != 0
}

/// A value of a column, as JSON: instants as milliseconds, JSON as text.
fn value(column: &Column, row: usize) -> Value {
    if !column.validity.is_empty() && !is_set(&column.validity, row) {
        return Value::Null;
    }
    if !column.offsets.is_empty() {
        let at = |place: usize| usize::try_from(column.offsets[place]).unwrap();
        return column.text[at(row)..at(row + 1)].into();
    }
    if !column.numbers.is_empty() {
        return column.numbers[row].into();
    }
    is_set(&column.flags, row).into()
}

/// The rows of a batch, whose columns are as long as they have to be.
fn rows(batch: &Batch) -> Vec<Row> {
    let stream = described(batch.stream);
    let types: BTreeMap<&str, ColumnType> = stream
        .columns()
        .map(|column| (column.name(), column.column_type()))
        .collect();
    for column in &batch.columns {
        let name = column.name;
        let is_system = name.starts_with('_');
        let of = if is_system {
            ColumnType::Text
        } else if name == "raw" {
            ColumnType::Json
        } else {
            types[name]
        };
        let (texts, numbers, flags) = match of {
            ColumnType::Text | ColumnType::Json => (batch.rows + 1, 0, 0),
            ColumnType::Integer | ColumnType::Instant => (0, batch.rows, 0),
            ColumnType::Boolean => (0, 0, batch.rows.div_ceil(8)),
        };
        assert_eq!(column.offsets.len(), texts, "{name}");
        assert_eq!(column.numbers.len(), numbers, "{name}");
        assert_eq!(column.flags.len(), flags, "{name}");
        if texts > 0 {
            assert_eq!(column.offsets[0], 0);
            let end = usize::try_from(*column.offsets.last().unwrap()).unwrap();
            assert_eq!(end, column.text.len());
        }
        let validity = column.validity.len();
        assert!(
            validity == 0 || validity == batch.rows.div_ceil(8),
            "{name}"
        );
    }
    (0..batch.rows)
        .map(|row| {
            let columns = batch.columns.iter();
            let values = columns.map(|column| (column.name.to_owned(), value(column, row)));
            values.collect()
        })
        .collect()
}

/// Reads a pass to its end.
fn read<T: Transport>(confluence: &mut Confluence<T>, first: &StepRequest) -> Vec<Row> {
    let mut request = first.clone();
    let mut all = Vec::new();
    for _ in 0..10_000 {
        let progress = confluence.step(&request).unwrap();
        all.extend(progress.batches.iter().flat_map(rows));
        match progress.outcome {
            Outcome::Done => return all,
            Outcome::More => request.state = Some(progress.state.unwrap()),
            other => panic!("{other:?}"),
        }
    }
    panic!("the pass does not end");
}

/// The rows of a list, as a plain client reads them: each as its own text.
fn listed(client: &mut Client, first: &str) -> Vec<String> {
    let mut path = first.to_owned();
    let mut rows = Vec::new();
    loop {
        let answer = client.get(&path).unwrap();
        assert_eq!(answer.status, 200, "{path}");
        let text = String::from_utf8(answer.body).unwrap();
        let page: BTreeMap<String, &serde_json::value::RawValue> =
            serde_json::from_str(&text).unwrap();
        let results: Vec<&serde_json::value::RawValue> =
            serde_json::from_str(page["results"].get()).unwrap();
        rows.extend(results.iter().map(|row| row.get().to_owned()));
        let links: Value = serde_json::from_str(page["_links"].get()).unwrap();
        match links["next"].as_str() {
            None => return rows,
            Some(next) => path = next.strip_prefix("/wiki").unwrap_or(next).to_owned(),
        }
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_uppercase() + rest
    })
}

/// What a column of a row is to be, by the rules that names follow: nested fields are joined by two
/// underscores, links have the site before them, and numbers and instants are numbers.
fn expected(row: &Value, column: &str, of: ColumnType, site: &str) -> Value {
    let usual: String = column
        .split("__")
        .map(|name| format!("/{}", camel(name)))
        .collect();
    let paths: &[&str] = match column {
        "web_url" => &["/_links/webui"],
        "download_path" => &["/_links/download"],
        "owner_id" => &["/ownerId", "/spaceOwnerId"],
        "alias" => &["/currentActiveAlias"],
        "description" => &["/description/plain/value", "/description"],
        "resolution_modifier_id" => &["/resolutionLastModifierId"],
        "resolution_modified_at" => &["/resolutionLastModifiedAt"],
        "selection" => &["/properties/inlineOriginalSelection"],
        "marker_ref" => &["/properties/inlineMarkerRef"],
        "title" => &[
            "/title",
            "/page/title",
            "/blogpost/title",
            "/attachment/title",
        ],
        "created_at" => &["/createdAt", "/creationDate"],
        "author_id" => &["/authorId", "/author/accountId"],
        "author_name" => &["/author/displayName"],
        "child_id" => &["/id"],
        "principal_type" => &["/principal/type"],
        "principal_id" => &["/principal/id"],
        "operation_key" => &["/operation/key"],
        "operation_target_type" => &["/operation/targetType"],
        "version__author_id" => &["/version/authorId", "/version/createdBy"],
        _ => &[&usual],
    };
    let value = paths.iter().find_map(|path| row.pointer(path));
    let value = value.cloned().unwrap_or_default();
    match (column, of, &value) {
        ("web_url", _, Value::String(link)) if link.starts_with('/') => {
            format!("{site}/wiki{link}").into()
        }
        (_, ColumnType::Instant, Value::String(text)) => milliseconds(text).into(),
        (_, ColumnType::Text, Value::Number(number)) => number.to_string().into(),
        _ => value,
    }
}

/// A value of a column, JSON as what it means.
fn meant(value: &Value, of: ColumnType) -> Value {
    match (of, value) {
        (ColumnType::Json, Value::String(text)) => serde_json::from_str(text).unwrap(),
        _ => value.clone(),
    }
}

/// Milliseconds since 1970 of `2026-01-31T12:00:00.000Z`, counted day by day.
fn milliseconds(text: &str) -> i64 {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    assert!(
        matches!(text.len(), 20 | 24) && text.ends_with('Z'),
        "{text}"
    );
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days: i64 = (1970..year)
        .map(|year| 365 + i64::from(is_leap(year)))
        .sum();
    let lengths = [
        31,
        28 + i64::from(is_leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let days = days
        + lengths
            .iter()
            .take(usize::try_from(month).unwrap() - 1)
            .sum::<i64>()
        + day
        - 1;
    let seconds = (days * 24 + number(11, 13)) * 3_600 + number(14, 16) * 60 + number(17, 19);
    seconds * 1_000 + if text.len() == 24 { number(20, 23) } else { 0 }
}

/// Compares a stream's rows with the rows of a list, field by field, and `raw` byte by byte.
fn assert_equal(name: &str, site: &str, is: &[Row], sent: &[String]) {
    let stream = described(name);
    assert_eq!(is.len(), sent.len(), "{name}");
    for (row, text) in is.iter().zip(sent) {
        assert_eq!(row["raw"].as_str(), Some(text.as_str()), "{name}");
        let json: Value = serde_json::from_str(text).unwrap();
        for column in stream.columns() {
            let name = column.name();
            let Some(value) = row.get(name) else {
                assert!(column.is_on_request(), "{name}");
                continue;
            };
            // Records of the audit log have no id: it is the fingerprint.
            if stream.name() == "audit_records" && name == "id" {
                assert_eq!(*value, row["_fingerprint"]);
            } else if !name.starts_with("body") {
                let wanted = expected(&json, name, column.column_type(), site);
                assert_eq!(
                    meant(value, column.column_type()),
                    wanted,
                    "{name} of {text}"
                );
            }
        }
        let key: Vec<&str> = stream
            .key()
            .iter()
            .filter_map(|name| row[*name].as_str())
            .collect();
        assert_eq!(row["_key"], key.join("/"), "{name}");
    }
}

fn with_raw(stream: &str, pass: Pass) -> StepRequest {
    StepRequest {
        projection: Projection {
            raw: true,
            ..Projection::default()
        },
        ..StepRequest::new(stream, pass)
    }
}

#[test]
fn every_value_of_a_page_is_the_one_that_the_site_sent() {
    let site = Simulated::of_pages(600);
    let url = site.simulator.site_url();
    let mut confluence = site.confluence();
    let mut client = site.client();
    let is = read(&mut confluence, &with_raw("pages", Pass::Full));
    assert_eq!(is.len(), 600);
    assert_equal(
        "pages",
        &url,
        &is,
        &listed(&mut client, "/api/v2/pages?limit=250"),
    );
    let is = read(&mut confluence, &with_raw("pages", Pass::Census));
    let path = "/api/v2/pages?limit=250&status=current&status=archived&status=trashed";
    assert_equal("pages", &url, &is, &listed(&mut client, path));
    let gone = is.iter().filter(|row| row["_deleted"] == "trashed").count() as u64;
    assert_eq!(gone, site.simulator.site().trashed_page_count());
    assert!(
        is.iter()
            .all(|row| row["_parent"] == row["space_id"] && row["_container"] == row["space_id"])
    );
}

#[test]
fn bodies_are_those_of_the_typed_record_in_every_format() {
    let site = Simulated::of_pages(40);
    for format in ["storage", "atlas_doc_format", "text", "markdown"] {
        let options = confluence_connector::ListOptions {
            body_format: Some(format.to_owned()),
            ..Default::default()
        };
        let window = crate::site::window(1_000, None);
        let pages = site
            .confluence()
            .list_pages(&Default::default(), &window, &options)
            .unwrap();
        let mut request = StepRequest::new("pages", Pass::Full);
        request.projection.body_format = Some(format.to_owned());
        let body = site.confluence().step(&request).unwrap().batches;
        let names = body[0].columns.iter().map(|column| column.name);
        assert!(names.clone().any(|name| name == "body"));
        assert!(!names.clone().any(|name| name.starts_with("body__")));
        let all = described("pages")
            .columns()
            .map(|column| column.name().to_owned());
        request.projection.columns = all.collect();
        let is = read(&mut site.confluence(), &request);
        assert_eq!(is.len(), pages.items.len());
        for (row, page) in is.iter().zip(pages.items) {
            let body = page.body.unwrap();
            assert_eq!(row["body"], body.value, "{format}");
            assert_eq!(row["body__representation"], body.representation);
            assert_eq!(
                row["body__degraded"],
                body.degraded.map_or(Value::Null, Value::from)
            );
        }
        // Without a format there are none, even if columns name them; with columns, only those.
        request.projection.body_format = None;
        request.projection.columns = vec!["title".into(), "body".into()];
        let bare = site.confluence().step(&request).unwrap();
        let names: Vec<&str> = bare.batches[0]
            .columns
            .iter()
            .map(|column| column.name)
            .collect();
        let system = ["_key", "_parent", "_container", "_fingerprint", "_deleted"];
        assert_eq!(names, [&system[..], &["title", "body"]].concat());
        assert!(
            rows(&bare.batches[0])
                .iter()
                .all(|row| row["body"].is_null())
        );
        request.projection.body_format = Some(format.to_owned());
        let with_body = site.confluence().step(&request).unwrap();
        assert!(
            rows(&with_body.batches[0])
                .iter()
                .all(|row| row["body"].is_string())
        );
    }
}

#[test]
fn a_partition_has_the_rows_of_its_space_and_all_partitions_have_all() {
    let site = Simulated::of_pages(600);
    let mut all = Vec::new();
    for space in site.simulator.site().space_ids() {
        let request = StepRequest {
            partition: Some(space.clone()),
            ..StepRequest::new("pages", Pass::Full)
        };
        let rows = read(&mut site.confluence(), &request);
        let keys: Vec<Value> = rows.iter().map(|row| row["_key"].clone()).collect();
        let wanted: Vec<Value> = site
            .simulator
            .site()
            .page_ids_in(&space)
            .map(Value::from)
            .collect();
        assert_eq!(keys, wanted);
        all.extend(rows);
    }
    assert_eq!(all.len(), 600);
}

#[test]
fn a_fingerprint_is_the_same_for_every_projection_and_differs_between_rows() {
    let site = Simulated::of_pages(300);
    let prints = |projection: Projection| -> Vec<Value> {
        let request = StepRequest {
            projection,
            ..StepRequest::new("pages", Pass::Full)
        };
        let rows = read(&mut site.confluence(), &request);
        rows.iter().map(|row| row["_fingerprint"].clone()).collect()
    };
    let all = prints(Projection::default());
    let few = Projection {
        columns: vec!["title".to_owned()],
        body_format: Some("storage".to_owned()),
        raw: true,
    };
    assert_eq!(all, prints(few));
    let distinct: std::collections::BTreeSet<&str> =
        all.iter().map(|print| print.as_str().unwrap()).collect();
    assert_eq!(distinct.len(), 300);
    assert!(distinct.iter().all(|print| print.len() == 32));
}

#[test]
fn a_budget_ends_a_step_and_the_steps_together_have_every_row_once() {
    let site = Simulated::of_pages(700);
    let wanted: Vec<Value> = site.simulator.site().page_ids().map(Value::from).collect();
    let budgets = [
        Budget {
            rows: Some(1),
            page_size: Some(7),
            ..Budget::default()
        },
        Budget {
            rows: Some(100),
            ..Budget::default()
        },
        Budget {
            rows: Some(600),
            ..Budget::default()
        },
        Budget {
            requests: Some(1),
            page_size: Some(100),
            ..Budget::default()
        },
        Budget {
            bytes: Some(65_536),
            ..Budget::default()
        },
    ];
    for budget in budgets {
        let mut request = StepRequest::new("pages", Pass::Full);
        request.budget = budget;
        let mut steps: Vec<Progress> = Vec::new();
        loop {
            let step = site.confluence().step(&request).unwrap();
            request.state.clone_from(&step.state);
            assert!(step.observed.requests <= budget.requests.unwrap_or(100));
            assert!(step.batches[0].rows as u32 <= budget.rows.unwrap_or(10_000));
            let is_done = step.outcome == Outcome::Done;
            steps.push(step);
            if is_done {
                break;
            }
        }
        assert!(steps.len() > 1 && request.state.is_none(), "{budget:?}");
        let keys: Vec<Value> = steps
            .iter()
            .flat_map(|step| rows(&step.batches[0]))
            .map(|row| row["_key"].clone())
            .collect();
        assert_eq!(keys, wanted, "{budget:?}");
        let observed = &steps[0].observed;
        assert_eq!(
            observed.points,
            u64::from(observed.requests) + observed.rows
        );
        assert!(
            observed
                .site_time
                .as_deref()
                .is_some_and(|time| time.ends_with('Z'))
        );
    }
}

#[test]
fn what_is_wrong_in_a_request_has_a_code_of_its_own_and_costs_no_request() {
    let site = Simulated::of_pages(300);
    let mut request = StepRequest::new("pages", Pass::Full);
    request.budget.rows = Some(10);
    let state = site.confluence().step(&request).unwrap().state;
    let requests = site.simulator.request_count();
    let pages = || StepRequest::new("pages", Pass::Full);
    let budget = |budget: Budget| StepRequest { budget, ..pages() };
    let columns = |name: &str| StepRequest {
        projection: Projection {
            columns: vec![name.into()],
            ..Projection::default()
        },
        ..pages()
    };
    let with_state = |request: StepRequest| StepRequest {
        state: state.clone(),
        ..request
    };
    let settings = vec![("custom-content-types".to_owned(), "a:b".to_owned())];
    let parents = vec![confluence_connector::Parent::default(); 251];
    let cases = [
        (StepRequest::new("papers", Pass::Full), "unknown-stream"),
        (StepRequest::new("pages", Pass::Access), "unsupported-pass"),
        (columns("titel"), "unknown-column"),
        (columns("_key"), "unknown-column"),
        (
            StepRequest {
                settings: vec![("x".into(), "y".into())],
                ..pages()
            },
            "unknown-setting",
        ),
        (
            StepRequest {
                partition: Some("ENG".into()),
                ..pages()
            },
            "id-malformed",
        ),
        (StepRequest { parents, ..pages() }, "too-many-parents"),
        (
            budget(Budget {
                rows: Some(0),
                ..Budget::default()
            }),
            "budget-out-of-range",
        ),
        (
            budget(Budget {
                rows: Some(100_001),
                ..Budget::default()
            }),
            "budget-out-of-range",
        ),
        (
            budget(Budget {
                bytes: Some(65_535),
                ..Budget::default()
            }),
            "budget-out-of-range",
        ),
        (
            budget(Budget {
                requests: Some(0),
                ..Budget::default()
            }),
            "budget-out-of-range",
        ),
        (
            budget(Budget {
                page_size: Some(251),
                ..Budget::default()
            }),
            "budget-out-of-range",
        ),
        (
            StepRequest {
                state: Some("x".into()),
                ..pages()
            },
            "state-malformed",
        ),
        (
            with_state(StepRequest::new("pages", Pass::Census)),
            "state-of-another-stream",
        ),
        (
            with_state(StepRequest {
                partition: Some("7".into()),
                ..pages()
            }),
            "state-of-another-stream",
        ),
        (
            with_state(StepRequest {
                settings,
                ..pages()
            }),
            "state-of-another-stream",
        ),
    ];
    for (request, code) in cases {
        let error = site.confluence().step(&request).unwrap_err();
        assert_eq!(error.code, code, "{request:?}");
    }
    assert!(streams(&[("x".to_owned(), "y".to_owned())]).is_err());
    assert_eq!(site.simulator.request_count(), requests);
    // The projection may change between steps.
    let other = StepRequest {
        projection: Projection {
            raw: true,
            body_format: Some("storage".into()),
            ..Projection::default()
        },
        budget: Budget {
            bytes: Some(16 << 20),
            ..Budget::default()
        },
        ..with_state(pages())
    };
    assert_eq!(site.confluence().step(&other).unwrap().batches[0].rows, 290);
}

fn parents(stream: &str, keys: impl IntoIterator<Item = String>) -> Vec<Parent> {
    let parent = |key| Parent {
        stream: stream.to_owned(),
        key,
        version: None,
        container: None,
    };
    keys.into_iter().map(parent).collect()
}

#[test]
fn every_list_has_the_values_that_the_site_sent() {
    let site = Simulated::of_pages(600);
    let url = site.simulator.site_url();
    let (mut confluence, mut client) = (site.confluence(), site.client());
    let cases = [
        (
            "spaces",
            Pass::Full,
            "/api/v2/spaces?limit=250&description-format=plain",
        ),
        ("blog_posts", Pass::Full, "/api/v2/blogposts?limit=250"),
        (
            "blog_posts",
            Pass::Census,
            "/api/v2/blogposts?limit=250&status=current&status=trashed",
        ),
        ("attachments", Pass::Full, "/api/v2/attachments?limit=250"),
        (
            "attachments",
            Pass::Census,
            "/api/v2/attachments?limit=250&status=current&status=archived&status=trashed",
        ),
        ("tasks", Pass::Full, "/api/v2/tasks?limit=250"),
        ("tasks", Pass::Census, "/api/v2/tasks?limit=250"),
        ("groups", Pass::Full, "/rest/api/group?limit=200"),
        ("audit_records", Pass::Full, "/rest/api/audit?limit=200"),
        ("child_pages", Pass::Full, "/api/v2/pages?limit=250"),
    ];
    for (stream, pass, path) in cases {
        let is = read(&mut confluence, &with_raw(stream, pass));
        assert!(is.len() > 3, "{stream}");
        let mut sent = listed(&mut client, path);
        if stream == "child_pages" {
            sent.retain(|row| serde_json::from_str::<Value>(row).unwrap()["parentId"].is_string());
        }
        assert_equal(stream, &url, &is, &sent);
    }
    for of_type in site.simulator.site().custom_content_types() {
        let request = StepRequest {
            settings: vec![("custom-content-types".to_owned(), (*of_type).to_owned())],
            ..with_raw("custom_content", Pass::Full)
        };
        let is = read(&mut confluence, &request);
        let path = format!("/api/v2/custom-content?limit=250&type={of_type}");
        assert_equal("custom_content", &url, &is, &listed(&mut client, &path));
    }
    let error = confluence
        .step(&with_raw("custom_content", Pass::Full))
        .unwrap_err();
    assert_eq!(error.code, "setting-missing");
}

#[test]
fn comments_of_one_read_are_divided_between_pages_and_blog_posts() {
    let site = Simulated::of_pages(600);
    let url = site.simulator.site_url();
    for kind in ["footer", "inline"] {
        let sent = listed(
            &mut site.client(),
            &format!("/api/v2/{kind}-comments?limit=250"),
        );
        let (on_posts, on_pages): (Vec<String>, Vec<String>) = sent
            .into_iter()
            .partition(|row| serde_json::from_str::<Value>(row).unwrap()["blogPostId"].is_string());
        assert!(!on_posts.is_empty() && !on_pages.is_empty());
        for asked in ["page", "blog_post"] {
            let request = with_raw(&format!("{asked}_{kind}_comments"), Pass::Full);
            let step = site.confluence().step(&request).unwrap();
            assert_eq!(step.outcome, Outcome::Done);
            for (of, sent) in [("page", &on_pages), ("blog_post", &on_posts)] {
                let name = format!("{of}_{kind}_comments");
                let batch = step
                    .batches
                    .iter()
                    .find(|batch| batch.stream == name)
                    .unwrap();
                assert_equal(&name, &url, &rows(batch), sent);
            }
        }
    }
}

#[test]
fn the_rows_of_parents_are_those_that_the_site_sends_for_each() {
    let site = Simulated::of_pages(200);
    let url = site.simulator.site_url();
    let truth = site.simulator.site();
    let pages: Vec<String> = truth.page_ids().take(40).collect();
    let posts: Vec<String> = truth.blog_post_ids().collect();
    let files: Vec<String> = truth.attachment_ids().collect();
    let spaces: Vec<String> = truth.space_ids().collect();
    let groups = listed(&mut site.client(), "/rest/api/group?limit=200");
    let groups: Vec<String> = groups
        .iter()
        .map(|row| {
            serde_json::from_str::<Value>(row).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let comments: Vec<String> = listed(&mut site.client(), "/api/v2/footer-comments?limit=250")
        .iter()
        .map(|row| {
            serde_json::from_str::<Value>(row).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let cases = [
        (
            "page_versions",
            Pass::Versions,
            &pages,
            "/api/v2/pages/{}/versions?limit=250",
        ),
        (
            "blog_post_versions",
            Pass::Versions,
            &posts,
            "/api/v2/blogposts/{}/versions?limit=250",
        ),
        (
            "attachment_versions",
            Pass::Versions,
            &files,
            "/api/v2/attachments/{}/versions?limit=250",
        ),
        (
            "page_labels",
            Pass::Details,
            &pages,
            "/api/v2/pages/{}/labels?limit=250",
        ),
        (
            "blog_post_labels",
            Pass::Details,
            &posts,
            "/api/v2/blogposts/{}/labels?limit=250",
        ),
        (
            "attachment_labels",
            Pass::Details,
            &files,
            "/api/v2/attachments/{}/labels?limit=250",
        ),
        (
            "page_content_properties",
            Pass::Details,
            &pages,
            "/api/v2/pages/{}/properties?limit=250",
        ),
        (
            "blog_post_content_properties",
            Pass::Details,
            &posts,
            "/api/v2/blogposts/{}/properties?limit=250",
        ),
        (
            "attachment_content_properties",
            Pass::Details,
            &files,
            "/api/v2/attachments/{}/properties?limit=250",
        ),
        (
            "space_labels",
            Pass::Details,
            &spaces,
            "/api/v2/spaces/{}/labels?limit=250",
        ),
        (
            "space_properties",
            Pass::Details,
            &spaces,
            "/api/v2/spaces/{}/properties?limit=250",
        ),
        (
            "space_permissions",
            Pass::Access,
            &spaces,
            "/api/v2/spaces/{}/permissions?limit=250",
        ),
        (
            "group_members",
            Pass::Access,
            &groups,
            "/rest/api/group/{}/membersByGroupId?limit=200",
        ),
        (
            "page_footer_comments",
            Pass::Details,
            &comments,
            "/api/v2/footer-comments/{}/children?limit=250",
        ),
    ];
    for (stream, pass, keys, path) in cases {
        let mut request = with_raw(stream, pass);
        request.parents = parents("x", keys.iter().cloned());
        request.budget.requests = Some(7);
        let is = read(&mut site.confluence(), &request);
        let mut client = site.client();
        let mut sent = Vec::new();
        let mut of = Vec::new();
        for key in keys {
            let rows = listed(&mut client, &path.replace("{}", key));
            of.extend(std::iter::repeat_n(key.clone(), rows.len()));
            sent.extend(rows);
        }
        assert!(!sent.is_empty(), "{stream}");
        assert_children(stream, &url, &is, &sent, &of);
    }
}

/// As for lists, with the parent that each row belongs to.
fn assert_children(name: &str, site: &str, is: &[Row], sent: &[String], of: &[String]) {
    let stream = described(name);
    assert_eq!(is.len(), sent.len(), "{name}");
    let first = stream.columns().next().unwrap().name();
    let has_parent = first != "id";
    for ((row, text), parent) in is.iter().zip(sent).zip(of) {
        assert_eq!(row["raw"].as_str(), Some(text.as_str()), "{name}");
        let json: Value = serde_json::from_str(text).unwrap();
        for column in stream.columns().skip(usize::from(has_parent)) {
            let name = column.name();
            if !name.starts_with("body") {
                let wanted = expected(&json, name, column.column_type(), site);
                let is = meant(&row[name], column.column_type());
                assert_eq!(is, wanted, "{name} of {text}");
            }
        }
        if has_parent {
            assert_eq!(row[first], *parent);
            assert_eq!(row["_parent"], *parent);
            assert!(
                row["_key"]
                    .as_str()
                    .unwrap()
                    .starts_with(&format!("{parent}/"))
            );
        }
    }
}

#[test]
fn labels_and_restrictions_in_bulk_are_those_of_each_content() {
    let site = Simulated::of_pages(600);
    let pages: Vec<Row> = read(
        &mut site.confluence(),
        &StepRequest::new("page_labels", Pass::Details),
    );
    let mut by_key: BTreeMap<String, Row> = BTreeMap::new();
    for row in pages {
        let key = row["_key"].as_str().unwrap().to_owned();
        assert!(by_key.insert(key, row).is_none());
    }
    let found: std::collections::BTreeSet<String> = listed(
        &mut site.client(),
        "/rest/api/content/search?cql=type%3Dpage&limit=250",
    )
    .iter()
    .map(|row| {
        serde_json::from_str::<Value>(row).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    })
    .collect();
    assert!(found.len() > 300);
    let mut count = 0;
    for chunk in found.iter().cloned().collect::<Vec<_>>().chunks(250) {
        let mut request = StepRequest::new("page_labels", Pass::Details);
        request.parents = parents("pages", chunk.iter().cloned());
        for mut row in read(&mut site.confluence(), &request) {
            let bulk = &by_key[row["_key"].as_str().unwrap()];
            for column in ["page_id", "id", "name", "prefix"] {
                assert_eq!(bulk[column], row[column]);
            }
            row.clear();
            count += 1;
        }
    }
    assert_eq!(count, by_key.len());
    let restrictions = read(
        &mut site.confluence(),
        &StepRequest::new("content_restrictions", Pass::Access),
    );
    assert!(!restrictions.is_empty());
    let mut by_content: BTreeMap<&str, Vec<(&str, &str, &str)>> = BTreeMap::new();
    for row in &restrictions {
        let text = |name: &str| row[name].as_str().unwrap();
        assert!(row["_container"].is_string());
        let of = by_content.entry(text("content_id")).or_default();
        of.push((
            text("operation"),
            text("principal_type"),
            text("principal_id"),
        ));
    }
    for (content, is) in by_content.iter().take(30) {
        let all = site.confluence().get_content_restrictions(content).unwrap();
        let mut wanted = Vec::new();
        for (operation, restriction) in [("read", &all.read), ("update", &all.update)] {
            let users = restriction
                .users
                .iter()
                .map(|user| ("user", &user.account_id));
            let groups = restriction.groups.iter().map(|group| ("group", &group.id));
            wanted.extend(
                users
                    .chain(groups)
                    .map(|(kind, id)| (operation, kind, id.as_str())),
            );
        }
        assert_eq!(*is, wanted, "{content}");
    }
}

#[test]
fn rows_are_looked_up_by_key_and_those_that_are_gone_are_named() {
    let site = Simulated::of_pages(300);
    let truth = site.simulator.site();
    let trashed: Vec<String> = truth.trashed_page_ids().take(3).collect();
    let kind = truth.custom_content_types()[0];
    let cases: [(&str, Vec<String>, &str); 8] = [
        (
            "pages",
            truth.page_ids().take(3).chain(trashed.clone()).collect(),
            "999999999",
        ),
        (
            "blog_posts",
            truth.blog_post_ids().take(3).collect(),
            "999999999",
        ),
        ("tasks", truth.task_ids().take(3).collect(), "999999999"),
        ("spaces", truth.space_ids().take(3).collect(), "999999999"),
        (
            "attachments",
            truth.attachment_ids().take(3).collect(),
            "att999999999",
        ),
        ("folders", folder_ids(&site), "999999999"),
        (
            "custom_content",
            truth.custom_content_ids(kind).take(3).collect(),
            "999999999",
        ),
        ("page_footer_comments", comment_ids(&site), "999999999"),
    ];
    for (stream, keys, unknown) in cases {
        let mut request = StepRequest::new(stream, Pass::LookUp);
        request.parents = parents(stream, keys.iter().cloned().chain([unknown.to_owned()]));
        let step = site.confluence().step(&request).unwrap();
        assert_eq!(step.outcome, Outcome::Done, "{stream}");
        assert_eq!(step.observed.missing_parents, [unknown], "{stream}");
        let mut is: Vec<String> = step
            .batches
            .iter()
            .flat_map(rows)
            .map(|row| row["_key"].as_str().unwrap().to_owned())
            .collect();
        is.sort();
        let mut keys = keys;
        keys.sort();
        assert_eq!(is, keys, "{stream}");
    }
    let accounts: Vec<String> = truth.account_ids().collect();
    let mut request = with_raw("users", Pass::Details);
    request.parents = parents("users", accounts.iter().take(120).cloned());
    let users = read(&mut site.confluence(), &request);
    assert_eq!(users.len(), accounts.len().min(120));
    for (row, account) in users.iter().zip(&accounts) {
        let json: Value = serde_json::from_str(row["raw"].as_str().unwrap()).unwrap();
        assert_eq!(row["_key"], *account);
        assert_eq!(row["display_name"], json["displayName"]);
    }
}

fn comment_ids(site: &Simulated) -> Vec<String> {
    let rows = listed(&mut site.client(), "/api/v2/footer-comments?limit=3");
    let id = |row: &String| {
        serde_json::from_str::<Value>(row).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    rows.iter().take(3).map(id).collect()
}

fn folder_ids(site: &Simulated) -> Vec<String> {
    let rows = read(
        &mut site.confluence(),
        &StepRequest::new("pages", Pass::Full),
    );
    let mut ids: Vec<String> = rows
        .iter()
        .filter(|row| row["parent_type"] == "folder")
        .map(|row| row["parent_id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    ids.truncate(3);
    assert!(!ids.is_empty());
    ids
}

#[test]
fn parents_that_are_missing_or_too_many_or_not_taken_are_refused() {
    let site = Simulated::of_pages(20);
    let code = |request: &StepRequest| site.confluence().step(request).unwrap_err().code.clone();
    let with = |stream: &str, pass: Pass, keys: &[&str]| StepRequest {
        parents: parents("x", keys.iter().map(|key| (*key).to_owned())),
        ..StepRequest::new(stream, pass)
    };
    assert_eq!(
        code(&with("page_versions", Pass::Versions, &[])),
        "parents-missing"
    );
    assert_eq!(
        code(&with("page_versions", Pass::Versions, &["1"; 251])),
        "too-many-parents"
    );
    assert_eq!(
        code(&with("pages", Pass::Full, &["1"])),
        "unsupported-parents"
    );
    for key in ["", "..", "1/../2", "1?x", "1 2", "é"] {
        assert_eq!(
            code(&with("page_versions", Pass::Versions, &[key])),
            "id-malformed",
            "{key}"
        );
    }
}

#[test]
fn labels_in_bulk_are_no_more_than_the_rows_of_the_budget_and_none_is_lost() {
    let site = Simulated::of_pages(300);
    let mut request = StepRequest::new("page_labels", Pass::Details);
    let all = read(&mut site.confluence(), &request);
    request.budget.rows = Some(50);
    let mut keys = Vec::new();
    loop {
        let step = site.confluence().step(&request).unwrap();
        assert!(step.batches[0].rows <= 50);
        keys.extend(rows(&step.batches[0]).iter().map(|row| row["_key"].clone()));
        request.state.clone_from(&step.state);
        if step.outcome == Outcome::Done {
            break;
        }
    }
    let all: Vec<Value> = all.iter().map(|row| row["_key"].clone()).collect();
    assert_eq!(keys, all);
}

#[test]
fn rows_before_a_page_that_breaks_off_are_whole_columns() {
    let first =
        r#"{"results":[{"id":"1","title":"One"}],"_links":{"next":"/wiki/api/v2/pages?cursor=2"}}"#;
    for broken in [
        r#"{"results":[{"id":"2","title":"Two and"#,
        r#"{"results":[{"id":"2","title":"Two \x"}]}"#,
        r#"{"results":[{"id":"2","version":{"message":"changed \n"#,
    ] {
        let mut site = crate::site::script(vec![crate::site::ok(first), crate::site::ok(broken)]);
        let step = site.step(&StepRequest::new("pages", Pass::Full)).unwrap();
        assert!(
            matches!(step.outcome, Outcome::Failed(_)),
            "{:?}",
            step.outcome
        );
        let is = rows(&step.batches[0]);
        assert_eq!((is.len(), &is[0]["title"]), (1, &Value::from("One")));
        assert!(step.state.is_some());
    }
}

#[test]
fn a_stream_that_the_site_does_not_have_is_unsupported_and_a_parent_is_missing_after_404_alone() {
    for status in [400, 403, 404, 501] {
        let mut site = crate::site::site(move |_, _| Ok(crate::site::answer(status, &[], "{}")));
        let request = StepRequest {
            parents: parents("spaces", ["65538".to_owned()]),
            ..StepRequest::new("space_role_assignments", Pass::Access)
        };
        let step = site.step(&request).unwrap();
        assert!(
            matches!(step.outcome, Outcome::Unsupported(_)),
            "{:?}",
            step.outcome
        );
        assert_eq!(step.observed.missing_parents.is_empty(), status != 404);
        assert!(step.state.is_none());
    }
}

#[test]
fn a_hidden_parent_is_missing_and_a_site_without_roles_does_not_support_the_stream() {
    let list = r#"{"results":[{"roleId":"r","principal":{"principalType":"USER","principalId":"u"}}],"_links":{}}"#;
    let step = |count: usize, hidden: &'static [&'static str], first: Option<u32>| {
        let asked = Rc::new(Cell::new(0));
        let seen = Rc::clone(&asked);
        let mut site = crate::site::site(move |_, path| {
            seen.set(seen.get() + 1);
            let is_hidden = hidden.iter().any(|id| path.contains(&format!("/{id}/")));
            Ok(if is_hidden || hidden.is_empty() {
                crate::site::answer(
                    404,
                    &[],
                    r#"{"errors":[{"status":404,"code":"NOT_FOUND"}]}"#,
                )
            } else {
                crate::site::ok(list)
            })
        });
        let mut request = StepRequest {
            parents: parents("spaces", (1..=count).map(|id| id.to_string())),
            ..StepRequest::new("space_role_assignments", Pass::Access)
        };
        if let Some(requests) = first {
            request.budget.requests = Some(requests);
            request.state = site.step(&request).unwrap().state;
            assert!(request.state.is_some());
        }
        let step = site.step(&request).unwrap();
        (step.outcome, step.observed.missing_parents, asked.get())
    };
    for hidden in [&["1"], &["2"], &["3"]] {
        let missing = hidden.map(str::to_owned).to_vec();
        assert_eq!(step(3, hidden, None), (Outcome::Done, missing, 3));
    }
    // Also if the others were read in the step before.
    let missing = vec!["3".to_owned()];
    assert_eq!(step(3, &["3"], Some(2)), (Outcome::Done, missing, 3));
    for (count, requests) in [(1, 1), (3, 3), (40, 5)] {
        let (outcome, missing, asked) = step(count, &[], None);
        assert!(matches!(outcome, Outcome::Unsupported(_)), "{outcome:?}");
        assert_eq!((missing.len(), asked), (requests, requests));
    }
    // A host that read the sets of others before continues with the state.
    let (outcome, missing, asked) = step(8, &[], Some(2));
    assert_eq!((outcome, missing.len(), asked), (Outcome::More, 2, 4));
}

#[test]
fn a_step_names_the_content_whose_restrictions_it_has_read_completely() {
    let site = Simulated::of_pages(400);
    let truth = site.simulator.site();
    let shown = |request: &StepRequest| {
        let step = site.confluence().step(request).unwrap();
        assert_eq!(step.outcome, Outcome::Done);
        let read = step.observed.read_parents.into_iter();
        let mut read: Vec<String> = read.map(|parent| parent.key).collect();
        read.sort();
        (read, step.observed.missing_parents)
    };
    let (all, _) = shown(&StepRequest::new("content_restrictions", Pass::Access));
    let is_open = |id: &String| truth.restriction_of(id, Operation::Read).is_empty();
    assert!(all.iter().any(is_open) && !all.iter().all(is_open));
    // More principals than a response has, and content that the index does not have.
    let crowded = truth
        .page_ids()
        .find(|id| truth.restriction_of(id, Operation::Read).groups.len() > 200);
    let crowded = crowded.unwrap();
    let archived = truth.archived_page_ids().next().unwrap();
    assert!(!all.contains(&crowded) && !all.contains(&archived));
    let ids = [
        all[0].clone(),
        archived.clone(),
        crowded.clone(),
        "999999999".to_owned(),
    ];
    let mut request = StepRequest::new("content_restrictions", Pass::Access);
    request.parents = parents("pages", ids.iter().cloned());
    assert_eq!(shown(&request), (vec![all[0].clone()], Vec::new()));
    // One by one, whatever the index has; folders, too.
    let folder = truth.folder_ids().next().unwrap();
    let mut request = StepRequest::new("content_restrictions", Pass::Details);
    request.parents = parents("pages", ids.iter().cloned().chain([folder.clone()]));
    let mut whole = vec![all[0].clone(), archived, crowded.clone(), folder];
    whole.sort();
    assert_eq!(shown(&request), (whole, vec!["999999999".to_owned()]));
    let restricted = all.iter().find(|id| !is_open(id)).unwrap();
    let mut bulk = StepRequest::new("content_restrictions", Pass::Access);
    bulk.parents = parents("pages", [restricted.clone()]);
    let mut one = bulk.clone();
    one.pass = Pass::Details;
    let keys = |request| {
        let rows = read(&mut site.confluence(), request);
        let keys = rows
            .into_iter()
            .map(|row| (row["_key"].clone(), row["_parent"].clone()));
        keys.collect::<Vec<_>>()
    };
    assert_eq!(keys(&bulk), keys(&one));
    // All of those whom one response does not name.
    let mut one = StepRequest::new("content_restrictions", Pass::Details);
    one.parents = parents("pages", [crowded.clone()]);
    let named: BTreeSet<String> = read(&mut site.confluence(), &one)
        .into_iter()
        .filter(|row| row["operation"] == "read" && row["principal_type"] == "group")
        .map(|row| {
            assert_eq!(row["_parent"], *crowded);
            row["principal_id"].as_str().unwrap().to_owned()
        })
        .collect();
    let groups = truth.restriction_of(&crowded, Operation::Read).groups;
    assert_eq!(named, groups.iter().cloned().collect());
}

/// One response of the restrictions of content: users that may read it, of so many at most, from one on.
fn read_users(users: &[&str], limit: usize, start: usize) -> String {
    let page: Vec<String> = users
        .iter()
        .skip(start)
        .take(limit)
        .map(|id| format!(r#"{{"accountId":"{id}"}}"#))
        .collect();
    let list = |rows: &str, size: usize| {
        format!(r#"{{"results":[{rows}],"start":{start},"limit":{limit},"size":{size}}}"#)
    };
    let (user, group) = (list(&page.join(","), page.len()), list("", 0));
    format!(r#"{{"operation":"read","restrictions":{{"user":{user},"group":{group}}}}}"#)
}

#[test]
fn restrictions_are_read_on_by_the_limit_that_the_site_says_until_one_response_has_fewer() {
    const USERS: [&str; 4] = ["a", "b", "c", "d"];
    let none = read_users(&[], 2, 0).replace("\"read\"", "\"update\"");
    let first = move |limit| {
        format!(
            r#"{{"read":{},"update":{none}}}"#,
            read_users(&USERS, limit, 0)
        )
    };
    let mut request = StepRequest::new("content_restrictions", Pass::Details);
    request.parents = parents("pages", ["7".to_owned()]);
    let ok = |body: &str| crate::site::ok(body);
    for (answers, is_complete) in [
        (vec![first(5)], true),
        (
            vec![first(2), read_users(&USERS, 2, 2), read_users(&USERS, 2, 4)],
            true,
        ),
        // The site sends fewer at once than it was asked for.
        (
            vec![
                first(2),
                read_users(&USERS, 1, 2),
                read_users(&USERS, 1, 3),
                read_users(&USERS, 1, 4),
            ],
            true,
        ),
        // A response that does not say where it ends, or lacks what it counts, completes nothing.
        (vec![first(2), "{}".to_owned()], false),
        (
            vec![
                first(2),
                read_users(&["a", "b", ""], 2, 2).replace(r#"{"accountId":""}"#, "{}"),
            ],
            false,
        ),
    ] {
        let script = answers.iter().map(|body| ok(body)).collect();
        let mut site = crate::site::script(script);
        let step = site.step(&request).unwrap();
        assert_eq!(step.outcome, Outcome::Done, "{answers:?}");
        assert_eq!(step.observed.requests as usize, answers.len());
        let read: Vec<_> = step
            .observed
            .read_parents
            .iter()
            .map(|it| &it.key)
            .collect();
        assert_eq!(read.is_empty(), !is_complete, "{answers:?}: {read:?}");
        if is_complete {
            let named = rows(&step.batches[0]);
            let named: Vec<_> = named
                .iter()
                .map(|row| row["principal_id"].clone())
                .collect();
            assert_eq!(named, USERS);
        }
    }
    // A site that sends the first ones again and again has an end, too.
    let mut site = crate::site::site(move |_, url| {
        let body = if url.contains("start=") {
            read_users(&USERS, 2, 0)
        } else {
            first(2)
        };
        Ok(ok(&body))
    });
    let step = site.step(&request).unwrap();
    assert!(step.observed.read_parents.is_empty());
    assert!(step.observed.requests <= 101, "{}", step.observed.requests);
}

#[test]
fn a_restriction_of_an_unknown_principal_is_not_taken_for_none() {
    for users in [
        r#"{"results":[{"type":"unknown"}],"limit":200,"size":1}"#,
        r#"{"results":[{"accountId":"a"}],"limit":1,"size":1}"#,
        r#"{"results":[{"accountId":"a"}],"limit":200,"size":2}"#,
        r#"{"results":[]}"#,
    ] {
        let none = r#"{"results":[],"limit":200,"size":0}"#;
        let body = format!(
            r#"{{"results":[{{"id":"2","space":{{"id":1}},"restrictions":{{"read":{{"restrictions":{{"user":{users},"group":{none}}}}},"update":{{"restrictions":{{"user":{none},"group":{none}}}}}}}}}],"_links":{{}}}}"#
        );
        let mut site = crate::site::script(vec![crate::site::ok(&body)]);
        let request = StepRequest::new("content_restrictions", Pass::Access);
        let step = site.step(&request).unwrap();
        assert!(step.observed.read_parents.is_empty(), "{users}");
    }
}

/// A survey to its end: the rows of its first batches, and the parents that it read.
fn survey(
    confluence: &mut Confluence<Client>,
    stream: &str,
    columns: &[&str],
) -> (Vec<Row>, BTreeMap<String, Option<u64>>) {
    let mut request = StepRequest::new(stream, Pass::Survey);
    request.projection.columns = columns.iter().map(|name| (*name).to_owned()).collect();
    let (mut found, mut read) = (Vec::new(), BTreeMap::new());
    loop {
        let step = confluence.step(&request).unwrap();
        found.extend(rows(&step.batches[0]));
        let parents = step.observed.read_parents.into_iter();
        read.extend(parents.map(|parent| (parent.key, parent.version)));
        request.state.clone_from(&step.state);
        if step.outcome == Outcome::Done {
            return (found, read);
        }
    }
}

#[test]
fn a_survey_of_versions_has_all_of_content_that_has_two_and_none_of_other_content() {
    let site = Simulated::of_pages(300);
    let mut confluence = site.confluence();
    let (found, read) = survey(&mut confluence, "page_versions", &[]);
    assert!(read.len() > 20 && read.values().all(|version| *version == Some(2)));
    let keys: Vec<String> = read.keys().cloned().collect();
    let mut one_by_one = StepRequest::new("page_versions", Pass::Versions);
    one_by_one.parents = parents("pages", keys);
    let told = |rows: Vec<Row>| -> BTreeMap<String, Row> {
        let told = rows.into_iter().map(|mut row| {
            // A search has no titles of versions.
            row.remove("title");
            row.remove("_fingerprint");
            row.remove("_container");
            (row["_key"].as_str().unwrap().to_owned(), row)
        });
        told.collect()
    };
    let expected = self::read(&mut confluence, &one_by_one);
    assert_eq!(expected.len(), 2 * read.len());
    assert_eq!(told(found), told(expected));
}

#[test]
fn a_survey_of_comments_shows_what_replies_to_what_and_which_comments_have_no_replies() {
    let site = Simulated::of_pages(300);
    let mut confluence = site.confluence();
    let (found, read) = survey(
        &mut confluence,
        "page_footer_comments",
        &["version__number"],
    );
    let mut replies = 0;
    for row in &found {
        let key = row["_key"].as_str().unwrap();
        let below = site.simulator.site().comment_reply_ids(key);
        assert_eq!(read.contains_key(key), below.is_empty(), "{key}");
        assert!(row["version__number"].is_number());
        for reply in below {
            let reply = found.iter().find(|row| row["_key"] == *reply).unwrap();
            assert_eq!(reply["_parent"], *key);
            replies += 1;
        }
    }
    assert!(replies > 20 && read.len() > 50, "{replies}");
    let mut request = StepRequest::new("page_inline_comments", Pass::Survey);
    let refused = confluence.step(&request).unwrap_err();
    assert_eq!(refused.code, "unsupported-projection");
    request.projection.columns = vec!["version__number".to_owned()];
    let batches = confluence.step(&request).unwrap().batches;
    let streams: Vec<&str> = batches.iter().map(|batch| batch.stream).collect();
    let expected = [
        "page_footer_comments",
        "page_inline_comments",
        "blog_post_footer_comments",
        "blog_post_inline_comments",
    ];
    assert_eq!(streams, expected);
}
