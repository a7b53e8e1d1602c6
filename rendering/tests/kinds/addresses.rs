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

/// The address that GitHub makes of `text` behind `rest`, as its autolinks do: up to a blank or
/// `<`, without punctuation at the end.
fn typed(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || c == '<');
    let mut address = &text[..end.unwrap_or(text.len())];
    loop {
        let closed = address.matches(')').count() > address.matches('(').count();
        let trimmed = match address.chars().next_back() {
            Some(')') => closed,
            Some(last) => "?!.,:*_~'\"".contains(last),
            None => false,
        };
        if !trimmed {
            return address;
        }
        address = &address[..address.len() - 1];
    }
}

/// The targets of links in GitHub's rendering: those with markup, and those that are typed.
fn github(markdown: &str) -> Vec<String> {
    let mut found = links(markdown);
    let mut rest = markdown.to_owned();
    // What is within markup is no typed address.
    for begin in ["[ftp", "[www", "[http"] {
        while let Some(at) = rest.find(begin) {
            let target = rest[at..].find("](").unwrap() + at;
            rest.replace_range(at..target, "");
        }
    }
    for (begin, end) in [("](<", ">)"), ("](", ")"), ("<http", ">")] {
        while let Some(at) = rest.find(begin) {
            let close = rest[at..].find(end).unwrap() + at + end.len();
            rest.replace_range(at..close, " ");
        }
    }
    for (at, _) in rest.match_indices("://") {
        let letters = rest[..at].bytes().rev().take_while(u8::is_ascii_alphabetic);
        let begin = at - letters.count();
        if ["http", "https", "ftp"].contains(&&rest[begin..at]) {
            found.push(typed(&rest[begin..]).to_owned());
        }
    }
    for (at, _) in rest.match_indices("www.") {
        if rest[..at].ends_with(|c: char| c.is_whitespace() || "*_~(".contains(c)) || at == 0 {
            found.push(format!("http://{}", typed(&rest[at..])));
        }
    }
    found
}

/// An address as browsers take it, however much of it is encoded.
fn plain_address(address: &str) -> String {
    [("%5E", "^"), ("%22", "\""), ("%60", "`")]
        .iter()
        .fold(address.to_owned(), |address, (code, plain)| {
            address.replace(code, plain)
        })
}

#[test]
fn an_address_that_ends_with_a_mark_stays_the_same_address() {
    for address in [
        "https://w.example/a_",
        "https://w.example/a_b_",
        "ftp://w.example/a_",
        "https://w.example/a^b_c_",
        "https://w.example/日本_語_",
        "https://w.example/a\"b_c_",
        "https://w.example/~a~",
        "https://w.example/a~",
        "www.w.example/a_",
        "www.w.example/_a_b_",
    ] {
        let expected = match address.strip_prefix("www.") {
            Some(_) => format!("http://{address}"),
            None => address.to_owned(),
        };
        for behind in ["", " now", ".", ", now", ")", "! Now"] {
            for body in [
                format!("<p>{address}{behind}</p>"),
                format!("<p>See ({address}{behind}</p>"),
                format!("<table><tr><td>{address}{behind}</td></tr></table>"),
                format!("<p><em>see {address}{behind}</em></p>"),
            ] {
                // In GFM `_` and `~` before punctuation are outside of a typed address.
                let markdown = markdown(&body);
                let found: Vec<_> = github(&markdown)
                    .iter()
                    .map(|link| plain_address(link))
                    .collect();
                assert_eq!(found, [expected.as_str()], "{markdown}");
            }
        }
    }
}

#[test]
fn an_address_behind_letters_of_other_scripts_is_one() {
    for before in ["日本", "日本語は", "v2", "7", "é ", "「"] {
        for address in [
            "https://w.example/_a_",
            "http://w.example/*b",
            "ftp://w.example/a_",
        ] {
            for body in [
                format!("<p>{before}{address}。次</p>"),
                format!("<ul><li>{before}{address} 次</li></ul>"),
                format!("<table><tr><td>{before}{address}</td></tr></table>"),
            ] {
                let expected = if body.contains("。次</p>") {
                    format!("{address}。次")
                } else {
                    address.to_owned()
                };
                let markdown = markdown(&body);
                assert_eq!(github(&markdown), [expected], "{markdown}");
            }
        }
    }
    // GitHub makes no address of these, so their marks are escaped as in any text.
    for before in ["x", "überhttps", "日x"] {
        let markdown = markdown(&format!("<p>{before}https://w.example/_a_</p>"));
        assert_eq!(github(&markdown), [""; 0], "{markdown}");
        assert_eq!(seen(&markdown), format!("{before}https://w.example/_a_"));
    }
}

#[test]
fn an_address_before_what_is_escaped_stays_the_same_address() {
    let address = "https://w.example/a";
    for (typed, rest) in [
        ("**https://w.example/a**", "****"),
        ("*https://w.example/a*", "**"),
        ("_https://w.example/a_", "__"),
        ("~~https://w.example/a~~", "~~~~"),
        ("`https://w.example/a`", "``"),
        ("https://w.example/a&lt;b", "<b"),
        ("https://w.example/a&lt;/b", "</b"),
        ("https://w.example/a&lt;!-- b", "<!-- b"),
        (
            "https://w.example/a!<a href=\"https://w.example/a\">b</a>",
            "!b",
        ),
        (
            "https://w.example/a<a href=\"https://w.example/a\">b</a>",
            "b",
        ),
        ("https://w.example/a<strong>b</strong>", "b"),
        ("<strong>see https://w.example/a</strong>b", "see b"),
        ("https://w.example/a<code>b</code>", "b"),
    ] {
        for body in [
            format!("<p>{typed}</p>"),
            format!("<h2>{typed}</h2>"),
            format!("<table><tr><td>{typed}</td></tr></table>"),
        ] {
            let markdown = markdown(&body);
            let mut found = github(&markdown);
            found.dedup();
            assert_eq!(found, [address], "{markdown}");
            assert_eq!(seen(&markdown).replace(address, ""), rest, "{markdown}");
        }
    }
    let reference = markdown("<p>https://w.example/a&amp;amp; b</p>");
    assert_eq!(seen(&reference), "https://w.example/a&amp; b");
    assert!(!github(&reference)[0].contains('\\'), "{reference}");
    // Nothing is put around what needs it not.
    for plain in [
        "https://w.example/a, b",
        "(https://w.example/a)",
        "https://w.example/a.",
    ] {
        assert_eq!(markdown(&format!("<p>{plain}</p>")), format!("{plain}\n"));
    }
    let strong = markdown("<p><strong>https://w.example/a</strong> b</p>");
    assert_eq!(strong, "**https://w.example/a** b\n");
}

#[test]
fn a_linked_heading_in_a_cell_has_a_target() {
    for (heading, link, target) in [
        ("<h2>In cell</h2>", "#In-cell", "in-cell"),
        ("<h3>Oil <em>level</em></h3>", "#Oil%20level", "oil-level"),
        ("<ul><li><h2>Größe</h2></li></ul>", "#Größe", "größe"),
        ("<p>a</p><h4>In cell</h4>", "#id-Pump-Incell", "in-cell"),
    ] {
        let body = format!(
            "<p><a href=\"{link}\">b</a></p><table><tr><td>{heading}</td><td>x</td></tr></table>"
        );
        let markdown = markdown(&body);
        assert!(
            markdown.starts_with(&format!("[b](#{target})\n")),
            "{markdown}"
        );
        assert_eq!(
            markdown
                .matches(&format!("<a id=\"{target}\"></a>"))
                .count(),
            1,
            "{markdown}"
        );
    }
    // Where nothing leads to it, it is a text as before; a heading outside goes first.
    let cell = "<table><tr><td><h2>In cell</h2></td></tr></table>";
    assert!(!markdown(cell).contains("<a id"));
    let other = markdown(&format!(
        "<p><a href=\"#Other\">b</a></p><h2>Other</h2>{cell}"
    ));
    assert!(!other.contains("<a id"), "{other}");
    let both = markdown(&format!(
        "<p><a href=\"#In-cell\">b</a></p>{cell}<h2>In cell</h2>"
    ));
    assert!(both.starts_with("[b](#in-cell)\n"), "{both}");
    assert!(!both.contains("<a id"), "{both}");
}

#[test]
fn ids_of_elements_are_targets_where_links_lead_to_them() {
    for element in [
        "<p><span id=\"oil\">Here</span></p>",
        "<p id=\"oil\">Here</p>",
        "<h2 id=\"oil\">Here</h2>",
        "<div id=\"oil\"><p>Here</p></div>",
    ] {
        let linked = markdown(&format!("<p><a href=\"#oil\">go</a></p>{element}"));
        assert!(linked.starts_with("[go](#oil)\n"), "{linked}");
        assert!(linked.contains("<a id=\"oil\"></a>Here"), "{linked}");
        assert!(!markdown(element).contains("<a id"), "{element}");
        assert_eq!(text(element), "Here\n");
    }
}

#[test]
fn a_drawing_of_another_page_leads_to_that_page() {
    let mut context = context();
    context.page_url = Some("https://pumps.example/wiki/spaces/OPS/pages/77/Pump");
    let page = "https://pumps.example/wiki/pages/viewpage.action?pageId=456";
    for name in ["drawio", "inc-drawio", "drawio-sketch", "gliffy"] {
        for parameter in ["pageId", "pageid", "page-id"] {
            for (id, expected) in [
                ("456", format!("[d2]({page})\n")),
                ("77", "[d2](d2)\n".to_owned()),
                ("", "[d2](d2)\n".to_owned()),
                ("new", "[d2](d2)\n".to_owned()),
            ] {
                let body = called(name, &[("diagramName", "d2"), (parameter, id)], "");
                let rendered = storage(&body, Format::Markdown, &context).unwrap();
                assert_eq!(rendered.text, expected, "{body}");
                let node = extension("extension", name, &[("diagramName", "d2"), (parameter, id)]);
                let rendered = adf(&document(&[node]), Format::Markdown, &context).unwrap();
                assert_eq!(rendered.text, expected, "{body}");
            }
        }
    }
}

#[test]
fn queries_and_paths_that_only_the_page_or_site_completes_become_absolute() {
    let mut context = context();
    context.page_url = Some("https://pumps.example/wiki/spaces/OPS/pages/77/Pump");
    for (address, expected) in [
        (
            "?preview=/1/2",
            "https://pumps.example/wiki/spaces/OPS/pages/77/Pump?preview=/1/2",
        ),
        (
            "?focusedCommentId=9",
            "https://pumps.example/wiki/spaces/OPS/pages/77/Pump?focusedCommentId=9",
        ),
        (
            "spaces/OPS/overview",
            "https://pumps.example/wiki/spaces/OPS/overview",
        ),
        (
            "display/OPS/Pump",
            "https://pumps.example/wiki/display/OPS/Pump",
        ),
        ("pages/9/x.pdf", "pages/9/x.pdf"),
        ("x/y.pdf", "x/y.pdf"),
        (
            "../4712",
            "https://pumps.example/wiki/spaces/OPS/pages/4712",
        ),
        (
            "./x?a=1",
            "https://pumps.example/wiki/spaces/OPS/pages/77/x?a=1",
        ),
        (
            "../../pages/9/Valve",
            "https://pumps.example/wiki/spaces/OPS/pages/9/Valve",
        ),
        (
            "../../../../display/OPS/Pump",
            "https://pumps.example/wiki/display/OPS/Pump",
        ),
        (
            "../../../../../browse/A-1",
            "https://pumps.example/browse/A-1",
        ),
        (
            "../../../../../../browse/A-1",
            "../../../../../../browse/A-1",
        ),
        ("../77/Pump#Oil", "#Oil"),
        ("..x/y", "..x/y"),
    ] {
        let body = format!("<p><a href=\"{address}\">go</a></p>");
        let rendered = storage(&body, Format::Markdown, &context).unwrap();
        assert_eq!(links(&rendered.text), [expected], "{address}");
    }
    // Comments have the address of their page with a query; places on it are not theirs.
    context.page_url =
        Some("https://pumps.example/wiki/spaces/OPS/pages/77/Pump?focusedCommentId=5");
    for (address, expected) in [
        (
            "../4712",
            "https://pumps.example/wiki/spaces/OPS/pages/4712",
        ),
        (
            "?preview=/1/2",
            "https://pumps.example/wiki/spaces/OPS/pages/77/Pump?preview=/1/2",
        ),
        (
            "/wiki/spaces/OPS/pages/77/Pump#Oil",
            "https://pumps.example/wiki/spaces/OPS/pages/77/Pump#Oil",
        ),
    ] {
        let body = format!("<p><a href=\"{address}\">go</a></p>");
        let rendered = storage(&body, Format::Markdown, &context).unwrap();
        assert_eq!(links(&rendered.text), [expected], "{address}");
    }
    for address in ["../4712", "./x", "../../pages/9"] {
        let body = format!("<p><a href=\"{address}\">go</a></p>");
        assert_eq!(links(&markdown(&body)), [address]);
    }
}

#[test]
fn a_file_without_a_name_or_an_address_has_no_target() {
    for (attributes, expected, shown) in [
        (
            json!({"id": "6e7d", "alt": "icon"}),
            "![icon]()\n",
            "[image: icon]\n",
        ),
        (
            json!({"id": "6e7d", "alt": "icon", "__fileName": "a.png"}),
            "![icon](a.png)\n",
            "[image: icon]\n",
        ),
        (
            json!({"id": "6e7d", "url": "javascript:x", "alt": "icon"}),
            "![icon]()\n",
            "[image: icon]\n",
        ),
        (json!({"id": "6e7d"}), "", ""),
    ] {
        for kind in ["media", "mediaInline"] {
            let body = document(&[paragraph(&[json!({"type": kind, "attrs": attributes})])]);
            assert_eq!(markdown(&body), expected);
            assert_eq!(text(&body), shown);
            assert_eq!(notices(&body).is_empty(), !expected.is_empty());
        }
    }
}

#[test]
fn an_address_of_a_macro_that_is_shortened_has_a_notice() {
    let shortened = "an address of `iframe` has a credential: it was shortened";
    for (url, shown, notice) in [
        (
            "https://x.example/a?b=1&amp;c=2",
            "https://x.example/a?b=1&c=2",
            None,
        ),
        (
            "https://x.example/a?b=1&amp;token=t",
            "https://x.example/a",
            Some(shortened),
        ),
        (
            "https://u:p@x.example/a?b=1",
            "https://x.example/a?b=1",
            Some(shortened),
        ),
    ] {
        let resource = format!("<ri:url ri:value=\"{url}\"/>");
        for body in [
            called("iframe", &[("url", url)], ""),
            called("iframe", &[("src", &resource)], ""),
        ] {
            assert_eq!(text(&body), format!("{shown}\n"), "{body}");
            assert_eq!(links(&markdown(&body)), [shown], "{body}");
            assert_eq!(notices(&body), Vec::from_iter(notice), "{body}");
        }
    }
    let secret = "https://x.example/a?token=t";
    for (name, body) in [
        ("vendor", called("vendor", &[("url", secret)], "")),
        (
            "vendor",
            called("vendor", &[("buttontext", "Go"), ("url", secret)], ""),
        ),
        ("jira", called("jira", &[("url", secret)], "")),
        (
            "futureNode",
            document(&[json!({"type": "futureNode", "attrs": {"url": secret}})]),
        ),
    ] {
        let wanted = format!("an address of `{name}` has a credential: it was shortened");
        assert!(
            notices(&body).contains(&wanted),
            "{body}: {:?}",
            notices(&body)
        );
        assert!(!markdown(&body).contains("token"), "{body}");
    }
}
