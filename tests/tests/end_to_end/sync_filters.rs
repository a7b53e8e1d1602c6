//! Parts of a site that filters select, through the program. What should be there is what the
//! simulator has.

use std::collections::BTreeSet;
use std::path::PathBuf;

use confluence_simulator::{ContentKind, Mutation, Simulator};
use rusqlite::Connection;
use serde_json::{Value, json};
use tests::{Ended, Host};

use crate::random_changes::text;
use crate::site_of;

type Keys = BTreeSet<String>;

struct Place {
    site: Simulator,
    host: Host,
    file: PathBuf,
}

impl Place {
    async fn of(pages: u64) -> Self {
        let site = site_of(pages).await;
        let host = Host::with_site(&site);
        let file = host.state().join("part.db");
        Self { site, host, file }
    }

    fn words<'a>(to: &'a str, words: &[&'a str]) -> Vec<&'a str> {
        let mut all = vec!["sync", "run", "--to", to, "--output", "json"];
        all.extend_from_slice(words);
        all
    }

    fn run(&self, words: &[&str]) -> Ended {
        let sink = format!("sqlite:{}", self.file.display());
        self.host.run(&Self::words(&sink, words))
    }

    fn query(&self, sql: &str) -> Keys {
        let database = Connection::open(&self.file).unwrap();
        let mut rows = database.prepare(sql).unwrap();
        let rows = rows.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// The keys of the rows of a table that are in scope.
    fn keys(&self, table: &str) -> Keys {
        self.query(&format!(
            "SELECT _sync_key FROM {table} \
             WHERE _sync_deleted_at IS NULL AND _sync_filtered_at IS NULL"
        ))
    }

    /// All rows of a table, whatever is said of them.
    fn all_keys(&self, table: &str) -> Keys {
        self.query(&format!("SELECT _sync_key FROM {table}"))
    }

    /// The requests that the site got while something ran: path and query.
    fn requests_of(&self, run: impl FnOnce()) -> Vec<String> {
        let before = self.site.requests().len();
        run();
        let requests = self.site.requests();
        requests[before..]
            .iter()
            .map(|request| request.path_and_query.clone())
            .collect()
    }

    /// What of these is on one of these pages or blog posts: attachments or comments.
    fn attachments_on(&self, content: &Keys) -> Keys {
        let site = self.site.site();
        let on = |id: &String| {
            let container = site.attachment_container(id);
            container.is_some_and(|container| content.contains(&container))
        };
        site.attachment_ids().filter(on).collect()
    }

    fn comments_on(&self, content: &Keys) -> Keys {
        let site = self.site.site();
        let roots = content.iter().flat_map(|id| {
            let footer = site.footer_comment_ids_of(id).into_iter();
            footer.chain(site.inline_comment_ids_of(id))
        });
        let mut all = Keys::new();
        let mut waiting: Vec<String> = roots.collect();
        while let Some(id) = waiting.pop() {
            waiting.extend(site.comment_reply_ids(&id));
            all.insert(id);
        }
        all
    }

    /// Those of pages or of blog posts.
    fn comments_copied(&self, of: &str) -> Keys {
        let tables = ["footer", "inline"].map(|kind| format!("{of}_{kind}_comments"));
        tables.iter().flat_map(|table| self.keys(table)).collect()
    }

    fn copied_comments(&self) -> Keys {
        let of_pages = self.comments_copied("page");
        of_pages
            .union(&self.comments_copied("blog_post"))
            .cloned()
            .collect()
    }

    /// The pages and blog posts of these spaces.
    fn content_of(&self, spaces: &[String]) -> (Keys, Keys) {
        let site = self.site.site();
        let pages = spaces.iter().flat_map(|space| site.page_ids_in(space));
        let posts = spaces.iter().flat_map(|space| site.blog_post_ids_in(space));
        (pages.collect(), posts.collect())
    }

    /// Checks that the copy has these pages and blog posts, and what belongs to them, and no row of
    /// anything else.
    fn has(&self, pages: &Keys, posts: &Keys) {
        assert_eq!(self.keys("pages"), *pages);
        assert_eq!(self.keys("blog_posts"), *posts);
        assert_eq!(self.all_keys("pages"), *pages);
        assert_eq!(self.all_keys("blog_posts"), *posts);
        let content: Keys = pages.union(posts).cloned().collect();
        assert_eq!(self.keys("attachments"), self.attachments_on(&content));
        assert_eq!(self.copied_comments(), self.comments_on(&content));
        for (table, owner) in [
            ("page_labels", "page_id"),
            ("blog_post_labels", "blog_post_id"),
            ("content_restrictions", "content_id"),
            ("tasks", "coalesce(page_id, blog_post_id)"),
        ] {
            let owners = self.query(&format!("SELECT DISTINCT {owner} FROM {table}"));
            // Who may read a page also depends on the folders and pages that it is below.
            let site = self.site.site();
            let above = pages.iter().flat_map(|page| site.ancestors_of(page));
            let above: Keys = above.map(|(_, id)| id).collect();
            let is_of_access =
                |owner: &String| table == "content_restrictions" && above.contains(owner);
            let owners: Keys = owners.into_iter().filter(|it| !is_of_access(it)).collect();
            assert!(owners.is_subset(&content), "{table}");
        }
        assert!(!self.keys("page_labels").is_empty());
    }
}

/// Ids that stand in the paths of requests: of what was asked for alone.
fn ids_in_paths(requests: &[String]) -> Keys {
    let paths = requests.iter().map(|it| it.split('?').next().unwrap());
    let segments = paths.flat_map(|path| path.split('/'));
    let is_id = |segment: &&str| {
        let number = segment.strip_prefix("att").unwrap_or(segment);
        !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit())
    };
    segments.filter(is_id).map(str::to_owned).collect()
}

/// The values of a parameter of all requests.
fn values(requests: &[String], parameter: &str) -> Keys {
    let queries = requests.iter().filter_map(|it| it.split_once('?'));
    let pairs = queries.flat_map(|(_, query)| query.split('&'));
    pairs
        .filter_map(|pair| pair.strip_prefix(parameter)?.strip_prefix('='))
        .flat_map(|value| value.split("%2C"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_space_is_copied_with_all_that_is_in_it() {
    let place = Place::of(300).await;
    let key = place.site.site().space_keys().nth(1).unwrap();
    let id = place.site.site().space_ids().nth(1).unwrap();
    let requests = place.requests_of(|| {
        place.run(&["--spaces", &key, "--bodies", "storage"]).ok();
    });
    let (pages, posts) = place.content_of(std::slice::from_ref(&id));
    place.has(&pages, &posts);
    assert_eq!(place.all_keys("spaces"), Keys::from([id.clone()]));
    assert_eq!(values(&requests, "space-id"), Keys::from([id.clone()]));
    let others: Keys = place.site.site().page_ids().collect();
    let others: Keys = others.difference(&pages).cloned().collect();
    assert!(ids_in_paths(&requests).is_disjoint(&others));
    // Another run reads and changes nothing more.
    let again = place.run(&["--spaces", &key, "--bodies", "storage"]).ok();
    assert_eq!(changed(&again.json()), 0, "{again:#?}");
}

fn changed(report: &Value) -> u64 {
    let streams = report["streams"].as_array().unwrap().iter();
    let counts = streams.flat_map(|stream| {
        ["new", "changed", "deleted", "filtered"].map(|name| stream[name].as_u64().unwrap())
    });
    counts.sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_spaces_but_two_are_copied() {
    let place = Place::of(300).await;
    let (ids, keys): (Vec<String>, Vec<String>) = {
        let site = place.site.site();
        (site.space_ids().collect(), site.space_keys().collect())
    };
    assert!(ids.len() > 3, "{ids:?}");
    let spaces = format!("!{},!{}", keys[0], ids[2]);
    let requests = place.requests_of(|| {
        place
            .run(&["--spaces", &spaces, "--bodies", "storage"])
            .ok();
    });
    let left: Vec<String> = ids
        .iter()
        .enumerate()
        .filter(|(place, _)| *place != 0 && *place != 2)
        .map(|(_, id)| id.clone())
        .collect();
    let (pages, posts) = place.content_of(&left);
    place.has(&pages, &posts);
    let asked = values(&requests, "space-id");
    assert_eq!(asked, left.into_iter().collect::<Keys>());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tree_of_pages_is_copied() {
    let place = Place::of(300).await;
    let site = place.site.site();
    let below = |root: &str| -> Keys {
        let pages = site.page_ids();
        pages
            .filter(|id| {
                let mut above = site.ancestors_of(id);
                above.push(("page", id.clone()));
                above.iter().any(|(_, it)| it == root)
            })
            .collect()
    };
    // One with some pages below it, and one of them in a folder.
    let in_folder = |tree: &Keys| {
        let mut parents = tree.iter().map(|id| site.ancestors_of(id).pop());
        parents.any(|parent| parent.is_some_and(|(kind, _)| kind == "folder"))
    };
    let mut trees = site.page_ids().map(|id| (id.clone(), below(&id)));
    let (root, tree) = trees
        .find(|(_, tree)| tree.len() > 4 && tree.len() < 100 && in_folder(tree))
        .unwrap();
    let requests = place.requests_of(|| {
        place.run(&["--pages", &root, "--bodies", "storage"]).ok();
    });
    place.has(&tree, &Keys::new());
    let with_body = requests.iter().filter(|it| it.contains("body-format"));
    let with_body: Vec<String> = with_body.cloned().collect();
    let of_pages: Vec<String> = with_body
        .into_iter()
        .filter(|it| it.contains("/pages?") || it.contains("/blogposts?"))
        .collect();
    assert_eq!(values(&of_pages, "id"), tree);
    // All but the tree. What whiteboards, databases and embeds are in is not read, so that pages in
    // them may be in the tree, too.
    let told = place.run(&["--pages", &format!("!{root}")]).ok();
    assert!(told.stderr.contains("whiteboards"), "{told:#?}");
    let is_known = |id: &String| {
        let above = site.ancestors_of(id);
        above
            .iter()
            .all(|(kind, _)| matches!(*kind, "page" | "folder"))
    };
    let others: Keys = site
        .page_ids()
        .filter(|id| is_known(id) && !tree.contains(id))
        .collect();
    assert_eq!(place.keys("pages"), others);
    let sink = format!("sqlite:{}", place.file.display());
    let applied = place
        .host
        .run(&["sync", "apply-filters", "--to", &sink, "--output", "json"])
        .ok()
        .json();
    let mut pages = applied.as_array().unwrap().iter();
    let pages = pages.find(|row| row["stream"] == "pages").unwrap();
    assert_eq!(pages["deleted"], tree.len());
    let filtered = place.query(
        "SELECT _sync_key FROM pages WHERE _sync_deleted_reason = 'filtered' AND body IS NULL",
    );
    assert_eq!(filtered, tree);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_modified_since_a_date_is_copied() {
    let place = Place::of(300).await;
    let site = place.site.site();
    // A week before the last change, as a date.
    let day = 24 * 60 * 60 * 1_000;
    let midnight = site.last_change() / day * day - 300 * day;
    let date = Connection::open_in_memory()
        .unwrap()
        .query_row(
            "SELECT strftime('%Y-%m-%d', ?1, 'unixepoch')",
            [i64::try_from(midnight / 1_000).unwrap()],
            |row| row.get::<_, String>(0),
        )
        .unwrap();
    let pages: Keys = site.page_ids_changed_since(midnight).collect();
    let posts: Keys = site.blog_post_ids_changed_since(midnight).collect();
    assert!(pages.len() > 10 && pages.len() < 290, "{}", pages.len());
    let requests = place.requests_of(|| {
        let words = ["--modified-after", &date, "--bodies", "storage"];
        place.run(&words).ok();
    });
    place.has(&pages, &posts);
    let content: Keys = pages.union(&posts).cloned().collect();
    // Who may read a page depends on the restrictions of what is above it, and on nothing else of that.
    let (restrictions, others): (Vec<String>, Vec<String>) = requests
        .into_iter()
        .partition(|request| request.contains("/restriction/"));
    let above = pages.iter().flat_map(|page| site.ancestors_of(page));
    let above: Keys = above.map(|(_, id)| id).collect();
    let needed: Keys = above.union(&content).cloned().collect();
    assert!(ids_in_paths(&restrictions).is_subset(&needed));
    let asked = ids_in_paths(&others);
    let all: Keys = site.page_ids().chain(site.blog_post_ids()).collect();
    let excluded: Keys = all.difference(&content).cloned().collect();
    assert!(asked.is_disjoint(&excluded));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_copied_without_attachments() {
    let place = Place::of(200).await;
    let requests = place.requests_of(|| {
        place.run(&["--kinds", "!attachments"]).ok();
    });
    let pages: Keys = place.site.site().page_ids().collect();
    assert_eq!(place.keys("pages"), pages);
    let of_attachments = requests.iter().filter(|it| it.contains("attachment"));
    assert_eq!(of_attachments.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_that_are_off_are_not_requested_and_have_no_rows() {
    let place = Place::of(200).await;
    let site = place.site.site();
    let (pages, posts): (Keys, Keys) = (site.page_ids().collect(), site.blog_post_ids().collect());
    let asked = |requests: &[String], path: &str| {
        let paths = requests.iter().map(|it| it.split('?').next().unwrap());
        paths.filter(|it| it.starts_with(path)).count()
    };
    let api = "/wiki/api/v2";
    // Pages without attachments.
    let requests = place.requests_of(|| {
        place.run(&["--kinds", "pages", "--bodies", "storage"]).ok();
    });
    for off in [
        "blogposts",
        "attachments",
        "footer-comments",
        "inline-comments",
    ] {
        assert_eq!(asked(&requests, &format!("{api}/{off}")), 0, "{off}");
    }
    assert_eq!(place.keys("pages"), pages);
    assert!(!place.keys("page_labels").is_empty());
    // Blog posts and what is on them. Rows of pages stay, and are marked.
    let words = ["--kinds", "blog-posts,attachments,blog-post-comments"];
    let mut narrowed = Value::Null;
    let requests = place.requests_of(|| narrowed = place.run(&words).ok().json());
    assert_eq!(asked(&requests, &format!("{api}/pages")), 0);
    assert_eq!(narrowed["outcome"], "complete", "{narrowed:#}");
    assert_eq!(place.keys("pages"), Keys::new());
    assert_eq!(place.keys("page_labels"), Keys::new());
    assert_eq!(place.all_keys("pages"), pages);
    assert_eq!(place.keys("blog_posts"), posts);
    assert_eq!(place.keys("attachments"), place.attachments_on(&posts));
    assert_eq!(
        place.comments_copied("blog_post"),
        place.comments_on(&posts)
    );
    let owners = place.query("SELECT DISTINCT page_id FROM tasks WHERE page_id IS NOT NULL AND _sync_filtered_at IS NULL");
    assert_eq!(owners, Keys::new());
    let sink = format!("sqlite:{}", place.file.display());
    place
        .host
        .run(&["sync", "apply-filters", "--to", &sink])
        .ok();
    let left = place.query("SELECT _sync_key FROM pages WHERE _sync_deleted_at IS NULL");
    assert_eq!(left, Keys::new());
    // One half of the attachments.
    place.run(&["--kinds", "!blog-post-attachments"]).ok();
    assert_eq!(place.keys("attachments"), place.attachments_on(&pages));
    assert_eq!(place.keys("blog_posts"), posts);
    // And all of it again.
    place.run(&[]).ok();
    place.has(&pages, &posts);
    let all = Place::of(200).await;
    all.run(&[]).ok();
    for table in ["page_labels", "blog_post_labels", "tasks"] {
        assert_eq!(place.keys(table), all.keys(table), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_has_no_pass_of_kinds_that_are_off() {
    let place = Place::of(60).await;
    let words = ["--kinds", "!comments,!blog-posts"];
    let off = ["blog_posts", "blog_post_labels", "page_footer_comments"];
    let sink = format!("sqlite:{}", place.file.display());
    let plan = ["sync", "plan", "--to", &sink, "--output", "json"];
    let plan = [&plan[..], &words].concat();
    // Before the first run, and after it.
    for _ in 0..2 {
        let planned = place.host.run(&plan).ok().json();
        let passes = planned["passes"].as_array().unwrap().iter();
        let streams: Vec<&str> = passes
            .map(|pass| pass["stream"].as_str().unwrap())
            .collect();
        assert!(streams.contains(&"pages"), "{planned:#}");
        assert!(
            !streams.iter().any(|stream| off.contains(stream)),
            "{planned:#}"
        );
        place.run(&words).ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_are_made_of_the_kinds_that_are_wanted() {
    let place = Place::of(60).await;
    let words = [
        "--streams",
        "pages,blog_posts,page_chunks",
        "--bodies",
        "markdown",
    ];
    let types = || {
        place.query("SELECT DISTINCT content_type FROM page_chunks WHERE _sync_deleted_at IS NULL")
    };
    let both = Keys::from(["page".to_owned(), "blogpost".to_owned()]);
    place.run(&words).ok();
    assert_eq!(types(), both);
    place
        .run(&[&words[..], &["--chunk-kinds", "pages"]].concat())
        .ok();
    assert_eq!(types(), Keys::from(["page".to_owned()]));
    place
        .run(&[&words[..], &["--chunk-kinds", "blog-posts"]].concat())
        .ok();
    assert_eq!(types(), Keys::from(["blogpost".to_owned()]));
    place.run(&words).ok();
    assert_eq!(types(), both);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_types_and_sizes_select_content_and_files() {
    let place = Place::of(200).await;
    let all = Place::of(200).await;
    all.run(&[
        "--streams",
        "pages,blog_posts,page_labels,blog_post_labels,attachments",
    ])
    .ok();
    let label =
        all.query("SELECT name FROM page_labels GROUP BY name ORDER BY count(*) DESC LIMIT 1");
    let label = label.first().unwrap().as_str();
    let with_label = all.query(&format!(
        "SELECT page_id FROM page_labels WHERE name = '{label}'"
    ));
    let of_kind = "media_type = 'image/png' AND file_size <= 1048576";
    let files = all.query(&format!("SELECT id FROM attachments WHERE {of_kind}"));
    let files: Keys = files
        .into_iter()
        .filter(|id| {
            let container = place.site.site().attachment_container(id);
            container.is_some_and(|it| with_label.contains(&it))
        })
        .collect();
    let words = [
        "--labels",
        label,
        "--media-types",
        "image/png",
        "--max-attachment-size",
        "1MiB",
    ];
    place.run(&words).ok();
    assert_eq!(place.all_keys("pages"), with_label);
    assert_eq!(place.all_keys("attachments"), files);
    // Without labels the other pages come, and those that have one are marked.
    let not = format!("!{label}");
    place.run(&["--labels", &not]).ok();
    let pages: Keys = all.keys("pages");
    let others: Keys = pages.difference(&with_label).cloned().collect();
    assert_eq!(place.keys("pages"), others);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_run_finds_labels_of_content_that_the_search_index_omits() {
    let place = Place::of(200).await;
    let site = place.site.site();
    let is_archived = |space: &Value| space["status"] == "archived";
    let spaces = site.inventory(ContentKind::Space).into_iter();
    let omitted: Vec<Value> = spaces
        .filter(is_archived)
        .map(|it| it["id"].clone())
        .collect();
    let mut pages = site.inventory(ContentKind::Page).into_iter();
    let page = pages.find(|page| {
        page["status"] == "current"
            && omitted.contains(&page["spaceId"])
            && page["labels"] == Value::Array(Vec::new())
    });
    let page = page.unwrap()["id"].as_str().unwrap().to_owned();
    let words = ["--streams", "pages", "--labels", "!draft"];
    place.run(&words).ok();
    assert!(place.keys("pages").contains(&page));
    let label = json!({"kind": "add-label", "id": page, "label": "draft"});
    let label = Mutation::parse(&label.to_string()).unwrap();
    place.site.mutate(&label).unwrap();
    let words = [&words[..], &["--full"]].concat();
    let sink = format!("sqlite:{}", place.file.display());
    let plan = [
        &["sync", "plan", "--to", &sink, "--output", "json"],
        &words[..],
    ]
    .concat();
    let planned = place.host.run(&plan).ok().json();
    let requests = place.requests_of(|| {
        place.run(&words).ok();
    });
    assert!(!place.keys("pages").contains(&page));
    assert_eq!(planned["next"]["requests"], requests.len());
    // What the index shows without labels is not asked for them.
    let labels = |id: &String| format!("/wiki/api/v2/pages/{id}/labels?limit=250");
    let asked = |id: &String| requests.contains(&labels(id));
    let ids: Keys = site.page_ids().collect();
    assert!(asked(&page) && ids.iter().filter(|id| asked(id)).count() < ids.len() / 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_a_space_that_is_gone_is_deleted_where_others_are_excluded() {
    let place = Place::of(200).await;
    let words = ["--spaces", "!HR", "--full"];
    place.run(&words).ok();
    let gone = place.site.site().inventory(ContentKind::Space)[3]["id"].clone();
    let of_space = format!("SELECT id FROM pages WHERE space_id = {gone}").replace('"', "'");
    let of_space = format!("{of_space} AND _sync_deleted_at IS NULL");
    assert!(!place.query(&of_space).is_empty());
    let hide = json!({"kind": "hide-space", "space": gone});
    place
        .site
        .mutate(&Mutation::parse(&hide.to_string()).unwrap())
        .unwrap();
    let sink = format!("sqlite:{}", place.file.display());
    for _ in 0..4 {
        place
            .site
            .advance_clock(std::time::Duration::from_secs(660));
        let ended = place.run(&words);
        assert!([0, 33].contains(&ended.code), "{ended:#?}");
        let holds = ["sync", "holds", "--to", &sink, "--output", "json"];
        let holds = place.host.run(&holds).ok().json();
        let streams: Keys = holds
            .as_array()
            .unwrap()
            .iter()
            .map(|hold| text(&hold["stream"]))
            .collect();
        for stream in streams {
            place
                .host
                .run(&["sync", "approve", &stream, "--to", &sink])
                .ok();
        }
    }
    assert_eq!(place.query(&of_space), Keys::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_spaces_have_leaves_and_returns_with_them() {
    const STREAMS: [&str; 3] = [
        "space_permissions",
        "space_labels",
        "space_role_assignments",
    ];
    let place = Place::of(200).await;
    place.run(&[]).ok();
    let spaces = |stream: &str| {
        place.query(&format!(
            "SELECT DISTINCT space_id FROM {stream} \
             WHERE _sync_deleted_at IS NULL AND _sync_filtered_at IS NULL"
        ))
    };
    let before = STREAMS.map(spaces);
    assert!(before.iter().all(|spaces| spaces.len() > 1), "{before:?}");
    place.run(&["--spaces", "ENG"]).ok();
    for stream in STREAMS {
        assert!(spaces(stream).is_subset(&place.keys("spaces")), "{stream}");
    }
    place.run(&[]).ok();
    assert_eq!(STREAMS.map(spaces), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_are_wrong_are_refused_without_a_request() {
    let place = Place::of(10).await;
    let requests = place.requests_of(|| {
        for (words, says) in [
            (&["--pages", "ENG"][..], "not an id"),
            (&["--spaces", "A,!A"], "both `A` and `!A`"),
            (&["--statuses", "curent"], "not a status"),
            (&["--modified-after", "yesterday"], "not an instant"),
            (
                &[
                    "--modified-after",
                    "2026-02-01",
                    "--modified-before",
                    "2026-01-01",
                ],
                "not before",
            ),
            (&["--max-attachment-size", "many"], "not a size"),
            (&["--media-types", "png"], "not a media type"),
            (&["--kinds", "page"], "kinds are `pages`"),
            (
                &["--kinds", "pages,blog-post-comments"],
                "without `blog-posts`",
            ),
            (
                &["--kinds", "!pages", "--pages", "98304"],
                "which another filter selects",
            ),
            (
                &["--anchor-date", "none", "--look-back-days", "3"],
                "cannot be used",
            ),
            (
                &["--statuses", "archived", "--archived", "drop"],
                "`archived` is `drop`",
            ),
        ] {
            place.run(words).fails(2, &[says]);
        }
    });
    assert_eq!(requests, Vec::<String>::new());
    assert!(!place.file.exists());
    place
        .run(&["--kinds", "!pages", "--streams", "pages"])
        .fails(2, &["excludes the stream `pages`"]);
    place
        .run(&["--spaces", "NOWHERE"])
        .fails(6, &["there is no space `NOWHERE`"]);
}
