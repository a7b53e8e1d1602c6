//! Ids are 64-bit numbers, words and UUIDs; all are text.

use super::{Place, column, items, parameter, sorted};

/// The site's ids are beyond 2^53, where a number in floating point is no longer exact, and come
/// as numbers from some calls.
#[tokio::test(flavor = "multi_thread")]
async fn ids_of_64_bits_are_exact_whether_they_come_as_text_or_as_numbers() {
    let place = Place::new().await;
    let truth = place.site.site();
    let kind = truth.custom_content_types()[0];
    for (words, ids) in [
        (&["listPages"][..], truth.page_ids().collect::<Vec<_>>()),
        (&["listBlogPosts"], truth.blog_post_ids().collect()),
        (&["listTasks"], truth.task_ids().collect()),
        (&["listSpaces"], truth.space_ids().collect()),
        (&["listLabels"], truth.label_ids().collect()),
        (
            &["listCustomContent", kind],
            truth.custom_content_ids(kind).collect(),
        ),
    ] {
        let words = [words, &["--limit", "10000"]].concat();
        for fault in ["", "*:numeric-ids"] {
            let ended = place.under(fault, &words).ok();
            assert_eq!(
                sorted(ended.ids()),
                sorted(ids.clone()),
                "{words:?} {fault}"
            );
            for item in items(&ended) {
                assert!(item["spaceId"].is_null() || item["spaceId"].is_string());
            }
        }
    }
    let large = truth.page_ids().last().unwrap();
    assert!(large.parse::<u64>().unwrap() > 1 << 53);
    let one = place.under("*:numeric-ids", &["getPageById", &large]).ok();
    assert_eq!(one.json()["id"], large);
    let one = place.under("*:numeric-ids", &["listPages", "--ids", &large]);
    assert_eq!(one.ok().ids(), [large]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachments_id_has_letters_and_permissions_have_numbers() {
    let place = Place::new().await;
    let file = place.site.site().attachment_ids().last().unwrap();
    assert!(file.starts_with("att"));
    let one = place.call(&["getAttachmentById", &file]).ok().json();
    assert_eq!(one["id"], file);
    let (_, requests) = place.asked(|| {
        let number = file.trim_start_matches("att");
        place
            .call(&["getAttachmentById", number])
            .fails(18, &["att"])
    });
    assert!(requests.is_empty());
    let space = place.site.site().space_ids().next().unwrap();
    let permissions = items(&place.call(&["getSpacePermissions", &space]).ok());
    let expected = place.site.site().space_permissions(&space);
    let expected: Vec<String> = expected.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(column(&permissions, "id")[..], expected[..25]);
}

/// Keys of people's spaces begin with a tilde.
#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_personal_space_is_a_key_like_any_other() {
    let place = Place::of(2_000).await;
    let truth = place.site.site();
    let personal: Vec<(String, String)> = truth
        .space_ids()
        .zip(truth.space_keys())
        .filter(|(_, key)| key.starts_with('~'))
        .collect();
    assert!(!personal.is_empty());
    for (id, key) in personal.iter().take(3) {
        let (ended, requests) = place.asked(|| place.call(&["listSpaces", "--keys", key]).ok());
        assert_eq!(ended.ids(), [id.as_str()]);
        let [sent] = parameter(&requests[0], "keys")[..] else {
            panic!("{requests:?}");
        };
        assert_eq!(&sent.replace("%7E", "~").replace("%3A", ":"), key);
        let pages = place.call(&["getPagesBySpace", key, "--limit", "250"]).ok();
        assert_eq!(sorted(pages.ids()), sorted(truth.page_ids_in(id)));
    }
}
