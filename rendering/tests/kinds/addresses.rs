//! Addresses that are typed, that lead within the page, that are relative, and that lead to files.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::*;

/// The targets of all links that a reader of Markdown makes.
fn links(markdown: &str) -> Vec<String> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.to_string()),
            _ => None,
        })
        .collect()
}

/// What a reader of Markdown sees.
fn seen(markdown: &str) -> String {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.to_string()),
            Event::SoftBreak | Event::HardBreak => Some(" ".to_owned()),
            _ => None,
        })
        .collect()
}

#[test]
fn an_address_typed_as_text_stays_the_same_address() {
    for address in [
        "https://repo.example/__tests__/a_b_c.py",
        "http://repo.example/*.zip",
        "https://repo.example/~x/and/~y",
        "https://repo.example/a[0]=1&b=*",
        "ftp://repo.example/_in_/x",
        "https://repo.example/`x`/y",
        "https://repo.example/!_x_",
    ] {
        let escaped = address.replace('&', "&amp;");
        for body in [
            format!("<p>See {escaped} now</p>"),
            format!("<h2>See {escaped} now</h2>"),
            format!("<ul><li>See {escaped} now</li></ul>"),
            format!("<table><tr><td>See {escaped} now</td></tr></table>"),
            format!("<p><strong>See {escaped} now</strong></p>"),
            document(&[paragraph(&[words(&format!("See {address} now"))])]),
        ] {
            let markdown = markdown(&body);
            assert_eq!(links(&markdown).len(), 1, "{markdown}");
            let link = links(&markdown)
                .remove(0)
                .replace("%60", "`")
                .replace("%5C", "\\");
            assert_eq!(link, address, "{markdown}");
            assert_eq!(
                seen(&markdown).trim(),
                format!("See {address} now"),
                "{markdown}"
            );
            assert!(text(&body).contains(&format!("See {address} now")));
        }
    }
}

#[test]
fn what_is_around_a_typed_address_stays_outside() {
    for (typed, address, rest) in [
        ("(https://x.example/_a_)", "https://x.example/_a_", "()"),
        ("https://x.example/_a_.", "https://x.example/_a_", "."),
        (
            "https://x.example/_(a)_b, c",
            "https://x.example/_(a)_b",
            ", c",
        ),
        ("\"https://x.example/_a_\"", "https://x.example/_a_", "\"\""),
        ("*https://x.example/_a_*", "https://x.example/_a_", "**"),
    ] {
        let markdown = markdown(&format!("<p>{typed}</p>"));
        assert_eq!(links(&markdown), [address], "{markdown}");
        assert_eq!(seen(&markdown).replace(address, ""), rest, "{markdown}");
    }
    // Plain ones are read as addresses without help.
    for plain in [
        "https://x.example/a_b/c-d?e=1",
        "www.x.example/a",
        "a://b and c:// d",
    ] {
        assert_eq!(markdown(&format!("<p>{plain}</p>")), format!("{plain}\n"));
    }
    let www = markdown("<p>www.x.example/_a_/b</p>");
    assert_eq!(links(&www), ["http://www.x.example/_a_/b"]);
}

#[test]
fn links_within_the_page_lead_to_slugs_of_headings() {
    let encoded = "<p><a href=\"#oil%20change\">go</a></p><h2>Oil change</h2>";
    assert_eq!(markdown(encoded), "[go](#oil-change)\n\n## Oil change\n");
    for (heading, anchor, slug) in [
        ("Oil change", "Oil change", "oil-change"),
        ("Oil change", "Oil-change", "oil-change"),
        ("Oil change", "id-Pump-Oilchange", "oil-change"),
        (
            "What&rsquo;s new? (2.0)",
            "What&rsquo;s new? (2.0)",
            "whats-new-20",
        ),
        (
            "Größe &amp; Gewicht",
            "Größe-&amp;-Gewicht",
            "größe--gewicht",
        ),
        ("<code>run_all</code> now", "run_all now", "run_all-now"),
    ] {
        for link in [
            format!("<ac:link ac:anchor=\"{anchor}\"><ac:link-body>go</ac:link-body></ac:link>"),
            format!("<a href=\"#{anchor}\">go</a>"),
            format!(
                "<ac:link ac:anchor=\"{anchor}\"><ri:page/><ac:link-body>go</ac:link-body></ac:link>"
            ),
        ] {
            let body = format!("<p>{link}</p><h3>{heading}</h3>");
            assert!(
                markdown(&body).starts_with(&format!("[go](#{slug})\n")),
                "{}",
                markdown(&body)
            );
        }
    }
}

#[test]
fn links_to_the_page_itself_lead_to_places_on_it() {
    let mut context = context();
    context.page_url = Some("https://pumps.example/wiki/spaces/OPS/pages/77/Pump+care+2.0");
    for link in [
        "<a href=\"https://pumps.example/wiki/spaces/OPS/pages/77/Pump+care#Oil-change\">go</a>",
        "<a href=\"/wiki/spaces/OPS/pages/77#Oil-change\">go</a>",
        "<ac:link ac:anchor=\"Oil change\"><ri:page ri:content-title=\"Pump care (2.0)\"/>\
         <ac:link-body>go</ac:link-body></ac:link>",
    ] {
        let body = format!("<h2>Oil change</h2><p>{link}</p>");
        let rendered = storage(&body, Format::Markdown, &context).unwrap();
        assert_eq!(rendered.text, "## Oil change\n\n[go](#oil-change)\n");
    }
    let other = "<h2>Oil change</h2><p><a href=\"/wiki/spaces/OPS/pages/78#Oil-change\">go</a></p>";
    let rendered = storage(other, Format::Markdown, &context).unwrap();
    assert!(rendered.text.contains("/pages/78#Oil-change"));
}

#[test]
fn equal_headings_have_slugs_with_numbers() {
    let body = "<h1>Setup</h1><h2>Setup</h2><h2>Setup-1</h2>\
        <p><a href=\"#Setup\">a</a> <a href=\"#Setup.1\">b</a> <a href=\"#Setup-1\">c</a></p>";
    assert!(
        markdown(body).ends_with("[a](#setup) [b](#setup-1) [c](#setup-1-1)\n"),
        "{}",
        markdown(body)
    );
}

#[test]
fn anchors_leave_a_target_that_links_lead_to() {
    for anchor in [
        called("anchor", &[("", "Safety valve")], ""),
        called("anchor", &[("anchor-name", "Safety valve")], ""),
        "<ac:macro ac:name=\"anchor\"><ac:default-parameter>Safety valve</ac:default-parameter></ac:macro>".to_owned(),
        "<a name=\"Safety valve\"></a>".to_owned(),
    ] {
        let link = "<a href=\"#Safety%20valve\">go</a>";
        for (before, after) in [("<p>", " Here</p>"), ("<h2>", "Here</h2>"), ("<p>Here", "</p>"), ("", "<p>Here</p>")] {
            let body = format!("<p>{link}</p>{before}{anchor}{after}");
            let markdown = markdown(&body);
            assert!(markdown.starts_with("[go](#Safety-valve)\n"), "{markdown}");
            assert!(markdown.contains("<a id=\"Safety-valve\"></a>Here"), "{markdown}");
            assert_eq!(text(&body), "go\n\nHere\n");
        }
        let last = markdown(&format!("<p>{link}</p>{anchor}"));
        assert!(last.ends_with("<a id=\"Safety-valve\"></a>\n"), "{last}");
    }
    let hostile = called("anchor", &[("", "x\"&gt;&lt;script&gt;")], "");
    assert_eq!(
        markdown(&format!("<p>{hostile}a</p>")),
        "<a id=\"x---script-\"></a>a\n"
    );
    let node = extension("inlineExtension", "anchor", &[("", "low")]);
    assert_eq!(
        markdown(&document(&[paragraph(&[node, words("Low")])])),
        "<a id=\"low\"></a>Low\n"
    );
}

#[test]
fn relative_links_become_absolute() {
    for (address, expected) in [
        (
            "/wiki/spaces/HR/pages/9/Leave",
            "https://pumps.example/wiki/spaces/HR/pages/9/Leave",
        ),
        ("/wiki/x/AbC", "https://pumps.example/wiki/x/AbC"),
        (
            "/display/HR/Leave",
            "https://pumps.example/wiki/display/HR/Leave",
        ),
        ("/browse/PUMP-3", "https://pumps.example/browse/PUMP-3"),
        ("//files.example/a", "https://files.example/a"),
        (
            "pages/viewpage.action?pageId=9",
            "https://pumps.example/wiki/pages/viewpage.action?pageId=9",
        ),
        (
            "viewpage.action?pageId=9",
            "https://pumps.example/wiki/pages/viewpage.action?pageId=9",
        ),
    ] {
        let marks = json!([{"type": "link", "attrs": {"href": address}}]);
        for body in [
            format!("<p><a href=\"{address}\">go</a></p>"),
            document(&[paragraph(&[
                json!({"type": "text", "text": "go", "marks": marks}),
            ])]),
            called("vendor-button", &[("label", "go"), ("url", address)], "")
                .replace("pages/viewpage", "viewpage")
                .replace("viewpage", "/pages/viewpage"),
        ] {
            assert_eq!(links(&markdown(&body)), [expected], "{body}");
        }
    }
    let image = "<p><img src=\"/wiki/download/attachments/9/a.png\" alt=\"a\"/></p>";
    assert_eq!(
        markdown(image),
        "![a](https://pumps.example/wiki/download/attachments/9/a.png)\n"
    );
    let body = "<p><a href=\"/wiki/x/A\">go</a></p>";
    let unknown = storage(body, Format::Markdown, &Context::default()).unwrap();
    assert_eq!(unknown.text, "[go](/wiki/x/A)\n");
}

#[test]
fn a_file_of_another_page_leads_to_that_page() {
    let file = "<ri:attachment ri:filename=\"a.pdf\"><ri:page ri:content-title=\"Archive\" ri:space-key=\"HR\"/></ri:attachment>";
    let page = "https://pumps.example/wiki/display/HR/Archive";
    for body in [
        format!("<p><ac:link>{file}</ac:link></p>"),
        format!("<p><ac:image>{file}</ac:image></p>"),
        called("view-file", &[("name", file)], ""),
        called(
            "viewpdf",
            &[
                ("name", "<ri:attachment ri:filename=\"a.pdf\"/>"),
                (
                    "page",
                    "<ac:link><ri:page ri:content-title=\"Archive\" ri:space-key=\"HR\"/></ac:link>",
                ),
            ],
            "",
        ),
    ] {
        assert_eq!(markdown(&body), format!("[a.pdf]({page})\n"));
        assert_eq!(text(&body), format!("a.pdf ({page})\n"));
    }
    let own = "<p><ac:link><ri:attachment ri:filename=\"a.pdf\"/></ac:link></p>";
    assert_eq!(markdown(own), "[a.pdf](a.pdf)\n");
}
