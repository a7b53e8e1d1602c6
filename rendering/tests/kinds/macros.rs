//! Text that is a parameter of a macro.

use super::*;

#[test]
fn formulas_are_kept_in_lines_and_on_their_own() {
    for name in [
        "mathinline",
        "mathjax-inline-macro",
        "katex-inline",
        "eazy-math-inline",
    ] {
        for parameter in ["body", "equation", "formula", "latex", "tex"] {
            let formula = called(
                name,
                &[(parameter, "a_1 \\cdot b^2"), ("align", "left")],
                "",
            );
            let body = format!("<p>So ({formula}) holds.</p>");
            assert_eq!(text(&body), "So (a_1 \\cdot b^2) holds.\n");
            assert_eq!(markdown(&body), "So (`a_1 \\cdot b^2`) holds.\n");
            assert_eq!(notices(&body), [""; 0]);
        }
    }
    for name in ["mathblock", "latex-block", "easy-math-block"] {
        let by_parameter = called(name, &[("body", "\\sum_i x_i")], "");
        let by_body = called(name, &[], &plain("\\sum_i x_i"));
        for body in [by_parameter, by_body] {
            assert_eq!(text(&body), "\\sum_i x_i\n");
            assert_eq!(markdown(&body), "```latex\n\\sum_i x_i\n```\n");
        }
    }
    let inline = extension("inlineExtension", "mathinline", &[("body", "q^3")]);
    let body = document(&[paragraph(&[words("flow "), inline, words(" only")])]);
    assert_eq!(markdown(&body), "flow `q^3` only\n");
    let block = extension("extension", "mathblock", &[("__bodyContent", "q=\\pi")]);
    assert_eq!(markdown(&document(&[block])), "```latex\nq=\\pi\n```\n");
}

#[test]
fn titles_of_tabs_cards_and_boxes_come_before_their_body() {
    for (name, parameter) in [
        ("ui-tab", "title"),
        ("localtab", "title"),
        ("auihorizontalnavpage", "label"),
        ("tab-pane", "tabTitle"),
        ("card", "label"),
        ("ui-expand", "title"),
        ("vendor-accordion", "heading"),
        ("vendor-card", "Card-Title"),
        ("my-fancy-tab", "tabname"),
    ] {
        let storage = called(
            name,
            &[("id", "t7"), (parameter, "Night shift")],
            &rich("<p>Two people.</p>"),
        );
        let mut node = extension("bodiedExtension", name, &[(parameter, "Night shift")]);
        node["content"] = json!([paragraph(&[words("Two people.")])]);
        for body in [storage, document(&[node])] {
            assert_eq!(text(&body), "Night shift\n\nTwo people.\n", "{name}");
            assert_eq!(
                markdown(&body),
                "**Night shift**\n\nTwo people.\n",
                "{name}"
            );
        }
    }
    for name in ["info", "tip", "panel", "auimessage", "chart", "error"] {
        let body = called(
            name,
            &[("title", "Night shift")],
            &rich("<p>Two people.</p>"),
        );
        let text = text(&body);
        let title = text.find("Night shift").unwrap();
        assert!(title < text.find("Two people.").unwrap(), "{name}");
    }
}

#[test]
fn labels_of_buttons_and_lozenges_are_kept_with_what_they_lead_to() {
    for (name, label, address) in [
        ("ui-button", "label", "url"),
        ("vendor-button", "buttonText", "buttonUrl"),
        ("linkbox", "title", "href"),
        ("cta", "link-text", "target-url"),
    ] {
        let body = called(
            name,
            &[
                (label, "Book a slot"),
                (address, "https://book.example/7"),
                ("color", "#00f"),
            ],
            "",
        );
        let body = format!("<p>Now: {body}.</p>");
        assert_eq!(
            markdown(&body),
            "Now: [Book a slot](https://book.example/7).\n",
            "{name}"
        );
        assert!(!text(&body).contains("00f"));
    }
    for (name, parameter) in [
        ("status", "title"),
        ("lozenge", "text"),
        ("badge", "label"),
        ("status-handy", "Status"),
    ] {
        let body = format!(
            "<p>Valve{}now</p>",
            called(name, &[(parameter, "STUCK"), ("Color", "Red")], "")
        );
        assert_eq!(text(&body), "Valve STUCK now\n", "{name}");
    }
}

#[test]
fn addresses_of_what_is_embedded_are_links() {
    for name in [
        "native-embed:database",
        "native-embed:whiteboard",
        "miro-board",
        "vendor-video",
        "loom-for-confluence",
        "widget",
        "iframe",
    ] {
        for parameter in ["url", "src"] {
            let address = "https://board.example/b/9";
            let storage = called(name, &[(parameter, address), ("width", "640")], "");
            let node = extension("extension", name, &[(parameter, address), ("width", "640")]);
            for body in [storage, document(&[node])] {
                assert_eq!(markdown(&body), "<https://board.example/b/9>\n", "{name}");
                assert_eq!(text(&body), "https://board.example/b/9\n", "{name}");
            }
        }
    }
}

#[test]
fn sources_in_markdown_and_diagram_languages_are_kept_as_they_are() {
    let source = "# Steps\n\n1. *open* the `tap`";
    for (name, parameter) in [
        ("markdown", "__bodyContent"),
        ("easy-markdown", "markdown"),
        ("vendor-markdown-macro", "content"),
    ] {
        for body in [
            called(name, &[(parameter, source)], ""),
            document(&[extension("extension", name, &[(parameter, source)])]),
        ] {
            assert_eq!(text(&body), format!("{source}\n"), "{name}");
            assert_eq!(
                markdown(&body),
                format!("```markdown\n{source}\n```\n"),
                "{name}"
            );
        }
    }
    let graph = called("mermaid-macro", &[], &plain("graph TD; A-->B"));
    assert_eq!(markdown(&graph), "```mermaid\ngraph TD; A-->B\n```\n");
}

#[test]
fn configuration_and_credentials_never_appear() {
    let hidden = [
        ("password", "s3cr3t"),
        ("apiToken", "s3cr3t"),
        ("clientSecret", "s3cr3t"),
        ("authorization", "s3cr3t"),
        ("username", "s3cr3t"),
        ("webhookUrl", "https://hook.example/s3cr3t"),
        ("width", "s3cr3t"),
        ("id", "s3cr3t"),
        ("cssClass", "s3cr3t"),
        ("url", "https://me:s3cr3t@api.example/v1?token=s3cr3t"),
        ("href", "https://api.example/v1?user=a&amp;api_key=s3cr3t"),
    ];
    for name in [
        "swagger",
        "vendor-report",
        "widget",
        "jiraissues",
        "chart",
        "rss",
        "card",
    ] {
        let storage = called(name, &hidden, &rich("<p>kept</p>"));
        let node = extension("extension", name, &hidden);
        for body in [storage, document(&[node])] {
            for text in [text(&body), markdown(&body)] {
                assert!(!text.contains("s3cr3t"), "{name}: {text}");
            }
        }
    }
}

#[test]
fn a_notice_claims_text_only_where_text_was_kept() {
    let known = |body: &str| {
        let list = notices(body);
        (
            list.iter()
                .any(|notice| notice.contains("its text was kept")),
            list.iter().any(|notice| notice.contains("has no text")),
            list.iter()
                .any(|notice| notice.contains("parameters of the macro")),
        )
    };
    assert_eq!(known(&called("gizmo", &[], "")), (false, true, false));
    assert_eq!(
        known(&called("gizmo", &[("size", "4")], "")),
        (false, true, true)
    );
    assert_eq!(
        known(&called("gizmo", &[("size", "4"), ("title", "T")], "")),
        (true, false, true)
    );
    assert_eq!(
        known(&called("gizmo", &[], &rich("<p>x</p>"))),
        (true, false, false)
    );
    assert_eq!(
        known(&called("gizmo", &[], &rich("<p> </p>"))),
        (false, true, false)
    );
    let node = document(&[extension("extension", "gizmo", &[("size", "4")])]);
    assert_eq!(known(&node), (false, true, true));
    assert_eq!(
        known(&called("math-graph", &[("range", "4")], "")),
        (false, true, true)
    );
}

#[test]
fn pages_that_a_macro_shows_are_named() {
    let page = "<ac:link><ri:page ri:content-title=\"Pump list\"/></ac:link>";
    for (name, parameter) in [
        ("pagetree", "root"),
        ("children", "page"),
        ("excerpt-include", ""),
        ("include", ""),
    ] {
        let body = called(name, &[(parameter, page)], "");
        let expected = "[Pump list](https://pumps.example/wiki/display/OPS/Pump+list)\n";
        assert_eq!(markdown(&body), expected, "{name}");
        let node = extension("extension", name, &[(parameter, "Pump list")]);
        assert_eq!(markdown(&document(&[node])), expected, "{name}");
        assert!(notices(&body)[0].contains("not in the body"), "{name}");
    }
    let other = extension("extension", "include", &[("", "HR:Leave")]);
    assert_eq!(
        markdown(&document(&[other])),
        "[Leave](https://pumps.example/wiki/display/HR/Leave)\n"
    );
}

#[test]
fn files_and_drawings_are_named() {
    for (name, parameter) in [
        ("drawio", "diagramName"),
        ("gliffy", "name"),
        ("view-file", "name"),
        ("drawio-sketch", "diagramDisplayName"),
    ] {
        let body = called(name, &[(parameter, "flow v2.png"), ("zoom", "1")], "");
        assert_eq!(markdown(&body), "[flow v2.png](flow%20v2.png)\n", "{name}");
    }
    let attached = "<ri:attachment ri:filename=\"data.json\"/>";
    let body = called("vendor-grid", &[("source", attached)], "");
    assert_eq!(markdown(&body), "[data.json](data.json)\n");
}

#[test]
fn a_roadmap_has_its_lanes_bars_and_markers() {
    let plan = json!({
        "title": "Pump plan",
        "timeline": {"startDate": "2026-01-01 00:00:00", "displayOption": "MONTH"},
        "lanes": [
            {"title": "North", "color": {"lane": "#fff"}, "bars": [
                {"title": "Dig", "description": "Two weeks & a day", "startDate": "2026-02-03 10:00:00",
                 "duration": 2, "rowIndex": 0, "id": "x", "pageLink": {}},
                {"title": "Pour", "startDate": "2026-03-01 00:00:00", "pageLink": {"title": "Concrete"}},
            ]},
            {"title": "South", "bars": []},
        ],
        "markers": [{"title": "Opening", "markerDate": "2026-05-01 00:00:00"}],
    })
    .to_string();
    let encoded: String = plan.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let expected = "**Pump plan**\n\n- **North**\n  - Dig (2026-02-03): Two weeks & a day\n  \
                    - Pour (2026-03-01) (Concrete)\n- **South**\n- Opening (2026-05-01)\n";
    let parameters = [
        ("title", "Pump%20plan"),
        ("source", encoded.as_str()),
        ("hash", "1f"),
    ];
    for body in [
        called("roadmap", &parameters, ""),
        document(&[extension("extension", "roadmap", &parameters)]),
    ] {
        assert_eq!(markdown(&body), expected);
        assert_eq!(notices(&body), [""; 0]);
    }
    let unread = called("roadmap", &[("source", "???")], "");
    assert!(notices(&unread)[0].contains("not in the body"));
}

#[test]
fn queries_of_jira_are_kept() {
    for (name, parameters) in [
        ("jira", [("jqlQuery", "project = PUMP"), ("columns", "key")]),
        ("jiraissues", [("jql", "project = PUMP"), ("count", "true")]),
        ("jirachart", [("jql", "project = PUMP"), ("statType", "x")]),
    ] {
        let body = called(name, &parameters, "");
        assert_eq!(text(&body), "Jira: project = PUMP\n", "{name}");
        let body = document(&[extension("extension", name, &parameters)]);
        assert_eq!(text(&body), "Jira: project = PUMP\n", "{name}");
    }
}

#[test]
fn bodies_and_fallbacks_of_unknown_extensions_are_kept() {
    let by_body = extension(
        "extension",
        "vendor-note",
        &[("__bodyContent", "Drain first")],
    );
    assert_eq!(text(&document(&[by_body])), "Drain first\n");
    for kind in ["extension", "bodiedExtension"] {
        let mut node = extension(kind, "vendor-badge", &[("size", "4")]);
        node["attrs"]["text"] = json!("Certified");
        assert_eq!(text(&document(&[node])), "Certified\n");
    }
    let mut inline = extension("inlineExtension", "vendor-term", &[]);
    inline["attrs"]["text"] = json!("head loss");
    let body = document(&[paragraph(&[words("the"), inline, words("rises")])]);
    assert_eq!(text(&body), "the head loss rises\n");
    for key in ["status", "jira", "view-file"] {
        let mut node = extension("inlineExtension", key, &[]);
        node["attrs"]["text"] = json!("shown instead");
        assert_eq!(
            text(&document(&[paragraph(&[node])])),
            "shown instead\n",
            "{key}"
        );
    }
    let known = extension(
        "extension",
        "panel",
        &[("__bodyContent", "Plain in a panel")],
    );
    assert_eq!(text(&document(&[known])), "Plain in a panel\n");
    let guest = json!({"type": "extension", "attrs": {
        "extensionType": "com.atlassian.ecosystem", "extensionKey": "a/static/b", "text": "Chart app",
        "parameters": {"guestParams": {"heading": "Output by week", "key": "k1", "deep": {"a": 1}}},
    }});
    let body = document(&[guest]);
    assert_eq!(text(&body), "Chart app\n\nOutput by week\n");
    assert!(notices(&body)[1].contains("parameters"));
}

#[test]
fn apps_that_the_storage_format_has_as_nodes_are_macros() {
    let body = "<ac:adf-extension><ac:adf-node type=\"extension\">\
        <ac:adf-attribute key=\"extension-key\">x/static/poll</ac:adf-attribute>\
        <ac:adf-attribute key=\"extension-type\">com.atlassian.ecosystem</ac:adf-attribute>\
        <ac:adf-attribute key=\"parameters\"><ac:adf-parameter key=\"guest-params\">\
        <ac:adf-parameter key=\"question\">Which valve?</ac:adf-parameter>\
        <ac:adf-parameter key=\"app-secret\">s3cr3t</ac:adf-parameter></ac:adf-parameter>\
        </ac:adf-attribute><ac:adf-attribute key=\"text\">Poll</ac:adf-attribute></ac:adf-node>\
        </ac:adf-extension>";
    assert_eq!(text(body), "Poll\n\nWhich valve?\n");
    assert!(notices(body)[0].contains("x/static/poll"));
}

#[test]
fn default_parameters_of_old_macros_are_not_text() {
    for name in ["anchor", "toc", "section", "vendor-old"] {
        let body = format!(
            "<p>Close <ac:macro ac:name=\"{name}\"><ac:default-parameter>zq7</ac:default-parameter>\
             </ac:macro>it.</p>"
        );
        assert_eq!(text(&body), "Close it.\n", "{name}");
    }
}

#[test]
fn html_in_a_macro_is_read_as_html() {
    let html = "<style>p { color: red }</style><script>var a = '<b>x</b>';</script>\
        <p>open <b>now</b></p><table><tr><th>a</th></tr></table>";
    for body in [
        called("html", &[], &plain(html)),
        called("html-bodied", &[], &plain(html)),
        document(&[extension("extension", "html", &[("__bodyContent", html)])]),
    ] {
        assert_eq!(markdown(&body), "open **now**\n\n| a |\n| --- |\n");
    }
}

#[test]
fn style_sheets_and_scripts_are_not_text() {
    for body in [
        called("style", &[], &plain(".a { color: red }")),
        called("css", &[], &plain(".a { color: red }")),
        "<style>.a { color: red }</style>".to_owned(),
        "<script type=\"text/javascript\">var a = 'red';</script>".to_owned(),
        called("javascript", &[], &plain("var a = 'red';")),
    ] {
        let body = format!("<p>before</p>{body}<p>after</p>");
        assert_eq!(text(&body), "before\n\nafter\n");
        assert!(notices(&body)[0].contains("not shown to readers"), "{body}");
    }
}

#[test]
fn texts_of_titled_macros_are_kept() {
    for name in ["card", "tab-pane", "ui-expand", "localtab"] {
        for parameter in ["description", "text", "message", "Call-Out"] {
            let parameters = [("label", "Pumps"), (parameter, "Two are spare")];
            for body in [
                called(name, &parameters, ""),
                called(name, &parameters, &rich("<p>North</p>")),
                document(&[extension("extension", name, &parameters)]),
            ] {
                let text = text(&body);
                assert!(
                    text.starts_with("Pumps\n\nTwo are spare\n"),
                    "{name}: {text}"
                );
                assert_eq!(notices(&body), [""; 0], "{body}");
            }
        }
    }
}

#[test]
fn text_that_a_known_macro_does_not_show_has_a_notice() {
    let has = |body: &str| {
        notices(body)
            .iter()
            .any(|notice| notice.contains("parameters of the macro"))
    };
    for name in ["card", "info", "panel", "excerpt", "section", "auimessage"] {
        for (parameter, value) in [("body", "Seen text"), ("formula", "x^2")] {
            let body = called(
                name,
                &[("title", "T"), (parameter, value)],
                &rich("<p>a</p>"),
            );
            assert!(has(&body) || text(&body).contains(value), "{body}");
        }
        // Configuration is nothing that a reader misses.
        let body = called(
            name,
            &[("title", "T"), ("bgColor", "#fff"), ("hidden", "true")],
            &rich("<p>a</p>"),
        );
        assert_eq!(notices(&body), [""; 0], "{body}");
    }
}

#[test]
fn what_apps_embed_and_draw_is_kept_whatever_they_call_it() {
    for (name, parameter) in [
        ("loom", "loomUrl"),
        ("miro-board", "boardUrl"),
        ("vendor-frame", "iframeSrc"),
        ("sharepoint-list", "sharepointUrl"),
        ("power-bi", "reportUrl"),
        ("vendor-sheet", "sheet-url"),
        ("figma", "figmaUrl"),
        ("vendor-chart", "dashboardUrl"),
    ] {
        let address = "https://board.example/b/9";
        for body in [
            called(name, &[(parameter, address)], ""),
            document(&[extension("extension", name, &[(parameter, address)])]),
        ] {
            assert_eq!(text(&body), format!("{address}\n"), "{name}");
        }
    }
    for (name, parameter) in [
        ("mermaid-cloud", "code"),
        ("plantumlcloud", "source"),
        ("vendor-markdown", "source"),
        ("mermaid-live", "diagram"),
    ] {
        let source = "a --> b\nb --> c";
        for body in [
            called(name, &[(parameter, source)], ""),
            document(&[extension("extension", name, &[(parameter, source)])]),
        ] {
            assert_eq!(text(&body), format!("{source}\n"), "{name}");
            assert_eq!(notices(&body), [""; 0], "{name}");
        }
    }
    // Elsewhere these may be anything.
    for parameter in ["code", "source", "diagram"] {
        assert_eq!(text(&called("vendor-job", &[(parameter, "r4w")], "")), "");
    }
}

#[test]
fn credentials_within_texts_never_appear() {
    for (name, parameter) in [
        ("http-req", "body"),
        ("rest-client", "text"),
        ("vendor-query", "content"),
        ("card", "description"),
        ("vendor-button", "label"),
    ] {
        for value in [
            "grant_type=password&amp;password=hunter2",
            "password: hunter2",
            "PASSWORD = hunter2",
            "Authorization: Bearer hunter2",
            "api-key:hunter2",
            "client_secret=hunter2",
            "\"token\" : \"hunter2\"",
        ] {
            let storage = called(name, &[(parameter, value)], "");
            let node = document(&[extension(
                "extension",
                name,
                &[(parameter, &value.replace("&amp;", "&"))],
            )]);
            for body in [storage, node] {
                for text in [text(&body), markdown(&body)] {
                    assert!(!text.contains("hunter2"), "{name}: {text}");
                }
            }
        }
    }
    for value in [
        "Change the password every year",
        "Tokens expire after a day",
        "Ask: who has the key?",
    ] {
        assert_eq!(
            text(&called("rest-client", &[("text", value)], "")),
            format!("{value}\n")
        );
    }
}

#[test]
fn style_sheets_are_not_text_whatever_the_macro_is_called() {
    for name in [
        "css-stylesheet",
        "inline-css",
        "user-css",
        "style-macro",
        "vendor-stylesheet",
        "my-javascript",
    ] {
        for body in [
            called(name, &[], &plain(".a { color: red }")),
            document(&[extension(
                "extension",
                name,
                &[("__bodyContent", ".a { color: red }")],
            )]),
        ] {
            assert_eq!(text(&body), "", "{name}");
            assert!(notices(&body)[0].contains("not shown to readers"), "{body}");
        }
    }
    // A word that only begins so is something else.
    for name in ["styled-box", "vendor-lifestyle", "success-box"] {
        let body = called(name, &[], &rich("<p>kept</p>"));
        assert_eq!(text(&body), "kept\n", "{name}");
    }
}

#[test]
fn what_stands_for_a_panel_without_content_is_kept() {
    for key in ["info", "excerpt", "note", "card", "section"] {
        let mut node = extension("bodiedExtension", key, &[]);
        node["attrs"]["text"] = json!("shown instead");
        let body = document(&[node]);
        assert!(text(&body).contains("shown instead"), "{key}");
    }
}
