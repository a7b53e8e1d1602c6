//! What is refused before anything is sent, and what is sent.

use crate::site::{
    answer, asked, pages, pages_by_id, parameter, parameters, rows, script, silent, site, window,
};
use confluence_connector::{
    AttachmentQuery, BlogPostQuery, CustomContentQuery, DueTaskQuery, Error, ErrorKind, LabelOwner,
    LabelQuery, ListOptions, PageQuery, SpaceQuery, TaskQuery, TaskStatus, Window,
};

fn strings(values: &[&str]) -> Option<Vec<String>> {
    Some(values.iter().map(|value| (*value).to_owned()).collect())
}

fn sort(field: &str) -> ListOptions {
    ListOptions {
        sort: Some(field.into()),
        ..ListOptions::default()
    }
}

fn status(words: &[&str]) -> ListOptions {
    ListOptions {
        status: strings(words).unwrap(),
        ..ListOptions::default()
    }
}

fn format(word: &str) -> ListOptions {
    ListOptions {
        body_format: Some(word.into()),
        ..ListOptions::default()
    }
}

fn spaces_option() -> ListOptions {
    ListOptions {
        space_ids: vec!["1".into()],
        ..ListOptions::default()
    }
}

/// The refusal of each list for these options, by a site that must not be asked.
fn refusals(options: &ListOptions) -> Vec<(&'static str, Option<Error>)> {
    let window = Window::default();
    let mut answers = Vec::new();
    let empty = || site(|_, _| Ok(rows(&[], None)));
    answers.push((
        "spaces",
        empty()
            .list_spaces(&SpaceQuery::default(), &window, options)
            .err(),
    ));
    answers.push((
        "pages",
        empty()
            .list_pages(&PageQuery::default(), &window, options)
            .err(),
    ));
    answers.push((
        "labels",
        empty()
            .list_labels(&LabelQuery::default(), &window, options)
            .err(),
    ));
    answers.push((
        "attachments",
        empty()
            .list_attachments(&AttachmentQuery::default(), &window, options)
            .err(),
    ));
    answers.push((
        "attachments-by-page",
        empty()
            .list_attachments_by_page("1", &window, options)
            .err(),
    ));
    answers.push((
        "blog-posts",
        empty()
            .list_blog_posts(&BlogPostQuery::default(), &window, options)
            .err(),
    ));
    answers.push((
        "blog-posts-by-space",
        empty()
            .list_blog_posts_by_space("1", &window, options)
            .err(),
    ));
    let query = CustomContentQuery {
        type_: Some("ac:a:b".into()),
        ..CustomContentQuery::default()
    };
    answers.push((
        "custom-content",
        empty().list_custom_content(&query, &window, options).err(),
    ));
    answers.push((
        "tasks",
        empty()
            .list_tasks(&TaskQuery::default(), &window, options)
            .err(),
    ));
    answers
}

fn taken_by(options: &ListOptions) -> Vec<&'static str> {
    refusals(options)
        .into_iter()
        .filter(|(_, error)| error.is_none())
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn a_limit_out_of_range_is_refused() {
    for limit in [0, 10_001, u32::MAX] {
        let error = pages(&mut silent(), limit, None).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.kind),
            ("limit-out-of-range", ErrorKind::InvalidArgument)
        );
        assert!(error.message.contains(&limit.to_string()));
    }
}

#[test]
fn a_malformed_id_is_refused_by_name_and_value_and_says_what_it_is_instead() {
    for (id, hint) in [
        ("ENG", "spaces only"),
        ("~712020abc", "spaces only"),
        ("att295053", "attachment"),
        ("9223372036854775808", "9223372036854775807"),
        ("https://s.example/wiki/display/A/Title", "/pages/"),
        ("", "is not set"),
        ("-1", "digits"),
        (" 1", "digits"),
    ] {
        let query = PageQuery {
            ids: strings(&["1", id]),
        };
        let error = silent()
            .list_pages(&query, &Window::default(), &ListOptions::default())
            .unwrap_err();
        assert_eq!(error.code, "id-malformed");
        assert!(
            error.message.contains("`ids`") && error.message.contains(&format!("`{id}`")),
            "{error}"
        );
        assert!(
            format!("{} {}", error.cause, error.resolution).contains(hint),
            "{id}: {error:?}"
        );
    }
    for id in ["x", ""] {
        assert_eq!(
            silent()
                .list_attachments_by_page(id, &Window::default(), &ListOptions::default())
                .unwrap_err()
                .code,
            "id-malformed"
        );
    }
    for (id, code) in [
        ("x/y", "key-malformed"),
        ("", "key-malformed"),
        ("9223372036854775808", "id-malformed"),
    ] {
        assert_eq!(
            silent()
                .list_blog_posts_by_space(id, &Window::default(), &ListOptions::default())
                .unwrap_err()
                .code,
            code
        );
    }
}

#[test]
fn malformed_keys_accounts_and_texts_are_refused() {
    let spaces = |key: &str| {
        let query = SpaceQuery {
            keys: strings(&[key]),
            ..SpaceQuery::default()
        };
        silent()
            .list_spaces(&query, &Window::default(), &ListOptions::default())
            .unwrap_err()
            .code
            .clone()
    };
    for key in ["", "a b", "a/b", "a&b", &"x".repeat(256)] {
        assert_eq!(spaces(key), "key-malformed", "{key}");
    }
    let query = TaskQuery {
        assigned_to: strings(&["me@example.com"]),
        ..TaskQuery::default()
    };
    let error = silent()
        .list_tasks(&query, &Window::default(), &ListOptions::default())
        .unwrap_err();
    assert_eq!(error.code, "account-id-malformed");
    assert!(error.cause.contains("e-mail"));
    for (name, code) in [
        ("a\nb", "text-with-controls"),
        ("", "text-empty"),
        (&"x".repeat(256), "text-too-long"),
    ] {
        let query = AttachmentQuery {
            filename: Some(name.into()),
            ..AttachmentQuery::default()
        };
        assert_eq!(
            silent()
                .list_attachments(&query, &Window::default(), &ListOptions::default())
                .unwrap_err()
                .code,
            code
        );
    }
}

#[test]
fn each_list_takes_its_own_options_only() {
    assert_eq!(taken_by(&spaces_option()), ["pages", "blog-posts"]);
    assert_eq!(taken_by(&sort("title")), ["pages", "custom-content"]);
    assert_eq!(
        taken_by(&sort("-created-date")),
        [
            "pages",
            "labels",
            "attachments",
            "attachments-by-page",
            "blog-posts",
            "blog-posts-by-space",
            "custom-content"
        ]
    );
    assert_eq!(taken_by(&sort("key")), ["spaces"]);
    assert_eq!(taken_by(&sort("name")), ["spaces", "labels"]);
    assert_eq!(
        taken_by(&status(&["archived"])),
        ["spaces", "pages", "attachments", "attachments-by-page"]
    );
    assert_eq!(
        taken_by(&status(&["deleted"])),
        ["pages", "blog-posts", "blog-posts-by-space"]
    );
    assert_eq!(
        taken_by(&format("storage")),
        [
            "pages",
            "blog-posts",
            "blog-posts-by-space",
            "custom-content",
            "tasks"
        ]
    );
    assert_eq!(taken_by(&format("raw")), ["custom-content"]);
    assert_eq!(taken_by(&format("view")), ["spaces"]);
    let raw = ListOptions {
        raw: true,
        ..ListOptions::default()
    };
    assert_eq!(taken_by(&raw).len(), 9);
    let more = ListOptions {
        more: vec![("depth".into(), "all".into())],
        ..ListOptions::default()
    };
    assert!(
        refusals(&more)
            .iter()
            .all(|(_, error)| error.as_ref().is_some_and(|e| e.code == "option-unknown"))
    );
    let of_tasks = refusals(&sort("id")).pop().unwrap().1.unwrap();
    assert_eq!(of_tasks.code, "option-not-taken");
}

#[test]
fn filters_of_tasks_given_as_options_are_named_as_the_parameters_that_they_are() {
    let status = ListOptions {
        status: vec!["complete".into()],
        ..ListOptions::default()
    };
    let spaces = ListOptions {
        space_ids: vec!["65538".into()],
        ..ListOptions::default()
    };
    for (options, of_list, of_due) in [
        (&status, "parameter `status`", "parameter `status`"),
        (&spaces, "parameter `space-ids`", "parameter `space-id`"),
    ] {
        let window = Window::default();
        let errors = [
            silent()
                .list_tasks(&TaskQuery::default(), &window, options)
                .unwrap_err(),
            silent()
                .get_tasks(&DueTaskQuery::default(), &window, options)
                .unwrap_err(),
        ];
        for (error, advice) in errors.iter().zip([of_list, of_due]) {
            assert_eq!(error.code, "option-not-taken");
            assert!(error.resolution.contains(advice), "{}", error.resolution);
        }
    }
}

#[test]
fn a_wrong_word_is_answered_with_the_words_that_are_right() {
    let refused = |options: &ListOptions| {
        silent()
            .list_pages(&PageQuery::default(), &Window::default(), options)
            .unwrap_err()
    };
    for direction in ["ascending", "-desc", "title desc", "DESC"] {
        let error = refused(&sort(direction));
        assert_eq!(error.code, "sort-unknown");
        assert!(
            error.cause.contains("`asc` or `desc`"),
            "{direction}: {error:?}"
        );
    }
    let error = refused(&sort("modified"));
    assert!(error.cause.contains("`modified-date`") && error.resolution.contains("`title`"));
    let error = refused(&status(&["current", "archivd"]));
    assert_eq!(error.code, "status-unknown");
    assert!(error.cause.contains("`archived`"));
    let error = refused(&format("view"));
    assert_eq!(error.code, "body-format-not-in-lists");
    assert!(error.resolution.contains("`storage`"));
    assert_eq!(refused(&format("html")).code, "body-format-unknown");
}

#[test]
fn an_empty_list_of_values_answers_nothing_and_sends_nothing() {
    let options = ListOptions::default();
    let listing = pages_by_id(&mut silent(), &[], &Window::default()).unwrap();
    assert!(listing.items.is_empty() && listing.rest == confluence_connector::Rest::default());
    let query = SpaceQuery {
        ids: strings(&["1"]),
        keys: strings(&[]),
    };
    assert!(
        silent()
            .list_spaces(&query, &Window::default(), &options)
            .unwrap()
            .items
            .is_empty()
    );
    let query = TaskQuery {
        assigned_to: strings(&[]),
        ..TaskQuery::default()
    };
    assert!(
        silent()
            .list_tasks(&query, &Window::default(), &options)
            .unwrap()
            .items
            .is_empty()
    );
    assert_eq!(
        pages_by_id(&mut silent(), &[], &window(0, None))
            .unwrap_err()
            .code,
        "limit-out-of-range"
    );
}

#[test]
fn labels_need_both_select_and_id_or_neither() {
    let labels = |select, id: Option<&str>, prefix: Option<&str>| {
        let query = LabelQuery {
            select,
            id: id.map(str::to_owned),
            prefix: prefix.map(str::to_owned),
        };
        silent()
            .list_labels(&query, &Window::default(), &ListOptions::default())
            .unwrap_err()
    };
    let error = labels(Some(LabelOwner::Page), None, None);
    assert_eq!(
        (error.code.as_str(), error.kind),
        ("id-missing", ErrorKind::InvalidArgument)
    );
    let error = labels(None, Some("1"), None);
    assert_eq!(
        (error.code.as_str(), error.kind),
        ("select-missing", ErrorKind::InvalidArgument)
    );
    let error = labels(Some(LabelOwner::Space), Some("1"), Some("global"));
    assert_eq!(error.code, "prefix-unknown");
    assert!(error.resolution.contains("`my` and `team`"));
}

#[test]
fn labels_are_asked_for_where_they_belong() {
    for (select, id, prefix, path) in [
        (
            None,
            None,
            "system",
            "/api/v2/labels?limit=25&prefix=system",
        ),
        (
            Some(LabelOwner::Space),
            Some("7"),
            "team",
            "/api/v2/spaces/7/labels?limit=25&prefix=team",
        ),
        (
            Some(LabelOwner::Page),
            Some("8"),
            "global",
            "/api/v2/pages/8/labels?limit=25&prefix=global",
        ),
        (
            Some(LabelOwner::BlogPost),
            Some("9"),
            "my",
            "/api/v2/blogposts/9/labels?limit=25&prefix=my",
        ),
        (
            Some(LabelOwner::Attachment),
            Some("att9"),
            "my",
            "/api/v2/attachments/att9/labels?limit=25&prefix=my",
        ),
    ] {
        let mut confluence = script(vec![rows(&[], None)]);
        let query = LabelQuery {
            select,
            id: id.map(str::to_owned),
            prefix: Some(prefix.into()),
        };
        confluence
            .list_labels(&query, &Window::default(), &ListOptions::default())
            .unwrap();
        assert_eq!(asked(&mut confluence), [path]);
    }
}

#[test]
fn custom_content_without_a_type_says_how_to_find_one_and_sends_nothing() {
    let listing = silent()
        .list_custom_content(
            &CustomContentQuery::default(),
            &Window::default(),
            &ListOptions::default(),
        )
        .unwrap();
    let stopped = listing.rest.stopped.unwrap();
    assert!(listing.items.is_empty() && listing.rest.after.is_none());
    assert_eq!(
        (stopped.code.as_str(), stopped.kind),
        ("custom-content-type-required", ErrorKind::InvalidArgument)
    );
    assert!(stopped.resolution.contains("ac:") && stopped.resolution.contains("forge:"));
}

#[test]
fn several_types_of_custom_content_have_neither_ids_nor_an_order() {
    let types = Some("ac:a:b,ac:a:c".to_owned());
    let with_ids = CustomContentQuery {
        type_: types.clone(),
        ids: strings(&["1"]),
        ..CustomContentQuery::default()
    };
    let (window, options) = (Window::default(), ListOptions::default());
    let error = silent().list_custom_content(&with_ids, &window, &options);
    assert_eq!(error.unwrap_err().code, "several-types-with-ids");
    for types in [",", "ac:a:b,", "ac:a:b,,ac:a:c"] {
        let query = CustomContentQuery {
            type_: Some(types.to_owned()),
            ..CustomContentQuery::default()
        };
        let error = silent().list_custom_content(&query, &window, &options);
        assert_eq!(error.unwrap_err().code, "text-empty", "{types}");
    }
    let query = CustomContentQuery {
        type_: types,
        ..CustomContentQuery::default()
    };
    let error = silent().get_custom_content(&query, Some("desc"), &window, &options);
    assert_eq!(error.unwrap_err().code, "order-of-several-requests");
}

#[test]
fn values_are_encoded_and_lists_repeat_their_key() {
    let mut confluence = script(vec![rows(&[], None)]);
    let query = SpaceQuery {
        ids: strings(&["2", "1", "2", "01"]),
        keys: strings(&["~712020abc", "ENG", "eng"]),
    };
    let options = ListOptions {
        body_format: Some("plain".into()),
        status: strings(&["archived"]).unwrap(),
        ..sort("-name")
    };
    confluence
        .list_spaces(&query, &Window::default(), &options)
        .unwrap();
    assert_eq!(
        asked(&mut confluence),
        [
            "/api/v2/spaces?limit=25&description-format=plain&status=archived&sort=-name&ids=2&ids=1&keys=~712020abc&keys=ENG"
        ]
    );
    let mut confluence = script(vec![rows(&[], None)]);
    let query = AttachmentQuery {
        filename: Some("a b&limit=1#ä+.png".into()),
        media_type: Some("image/png".into()),
    };
    confluence
        .list_attachments(&query, &Window::default(), &ListOptions::default())
        .unwrap();
    assert_eq!(
        asked(&mut confluence),
        [
            "/api/v2/attachments?limit=25&filename=a%20b%26limit%3D1%23%C3%A4%2B.png&mediaType=image%2Fpng"
        ]
    );
}

#[test]
fn tasks_are_asked_for_in_epoch_milliseconds() {
    let mut confluence = script(vec![rows(&[], None)]);
    let query = TaskQuery {
        due_date_from: Some("2026-01-31".into()),
        due_date_to: Some("2026-01-31".into()),
        space_ids: strings(&["5"]),
        assigned_to: strings(&["712020:aa-bb"]),
        status: Some(TaskStatus::Incomplete),
    };
    confluence
        .list_tasks(&query, &Window::default(), &ListOptions::default())
        .unwrap();
    assert_eq!(
        asked(&mut confluence),
        [
            "/api/v2/tasks?limit=25&due-at-from=1769817600000&due-at-to=1769903999999&status=incomplete&assigned-to=712020%3Aaa-bb&space-id=5"
        ]
    );
    let query = TaskQuery {
        due_date_from: Some("2026-02-01".into()),
        due_date_to: Some("2026-01-31".into()),
        ..TaskQuery::default()
    };
    assert_eq!(
        silent()
            .list_tasks(&query, &Window::default(), &ListOptions::default())
            .unwrap_err()
            .code,
        "dates-reversed"
    );
    let query = TaskQuery {
        due_date_from: Some("tomorrow".into()),
        ..TaskQuery::default()
    };
    assert_eq!(
        silent()
            .list_tasks(&query, &Window::default(), &ListOptions::default())
            .unwrap_err()
            .code,
        "date-malformed"
    );
}

#[test]
fn many_ids_and_spaces_are_the_cross_product_of_their_chunks() {
    let mut confluence = site(|_, _| Ok(rows(&[], None)));
    let query = PageQuery {
        ids: Some((1..=300).map(|id| id.to_string()).collect()),
    };
    let options = ListOptions {
        space_ids: (1..=150).map(|id| id.to_string()).collect(),
        ..ListOptions::default()
    };
    let listing = confluence
        .list_pages(&query, &window(250, None), &options)
        .unwrap();
    let counts: Vec<(usize, usize)> = asked(&mut confluence)
        .iter()
        .map(|url| {
            (
                parameters(url, "id").len(),
                parameters(url, "space-id").len(),
            )
        })
        .collect();
    assert_eq!(counts, [(250, 100), (250, 50), (50, 100), (50, 50)]);
    assert_eq!(
        crate::site::with_code(&listing.rest.notices, "unknown-id").len(),
        300
    );
    assert!(
        asked(&mut confluence)
            .iter()
            .all(|url| url.len() < 8_000 && parameter(url, "limit") == Some("250"))
    );
}

#[test]
fn by_space_and_by_page_put_the_id_into_the_path() {
    let mut confluence = script(vec![rows(&[], None), rows(&[], None)]);
    confluence
        .list_attachments_by_page("12", &Window::default(), &ListOptions::default())
        .unwrap();
    confluence
        .list_blog_posts_by_space("34", &Window::default(), &ListOptions::default())
        .unwrap();
    assert_eq!(
        asked(&mut confluence),
        [
            "/api/v2/pages/12/attachments?limit=25",
            "/api/v2/spaces/34/blogposts?limit=25"
        ]
    );
}

#[test]
fn what_confluence_refuses_is_quoted_and_cut() {
    let body = format!(
        r#"{{"errors":[{{"status":400,"code":"X","title":"Bad\u0007 title","detail":"{}"}}]}}"#,
        "d".repeat(900)
    );
    let error = pages(&mut script(vec![answer(400, &[], &body)]), 25, None).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.kind, error.status),
        ("refused-by-upstream", ErrorKind::InvalidArgument, Some(400))
    );
    assert!(
        error.message.contains("Bad title: ddd") && error.message.chars().count() < 400,
        "{error}"
    );
}
