//! Content in attributes of ADF nodes, and nodes without any.

use super::*;

#[test]
fn storage_format_within_a_node_is_read() {
    for (markup, expected) in [
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two\n"),
        ("<h2>Part <em>A</em></h2>", "## Part *A*\n"),
        (
            "<table><tr><td>x</td></tr></table>",
            "| |\n| --- |\n| x |\n",
        ),
        (
            "<ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">OK</ac:parameter>\
             </ac:structured-macro>",
            "**OK**\n",
        ),
    ] {
        let node = json!({"type": "confluenceUnsupportedBlock", "attrs": {"cxhtml": markup}});
        assert_eq!(markdown(&document(&[node])), expected);
    }
    let inline = json!({"type": "confluenceUnsupportedInline", "attrs": {"cxhtml": "<u>deep</u>"}});
    let body = document(&[paragraph(&[words("the "), inline, words(" end")])]);
    assert_eq!(text(&body), "the deep end\n");
    let value =
        json!({"type": "futureNode", "content": [paragraph(&[words("from a newer editor")])]});
    let other = json!({"type": "unsupportedBlock", "attrs": {"originalValue": value}});
    assert_eq!(text(&document(&[other])), "from a newer editor\n");
    let other = json!({"type": "unsupportedBlock", "attrs": {"cxhtml": "<p>kept</p>"}});
    assert_eq!(text(&document(&[other])), "kept\n");
}

#[test]
fn text_and_addresses_in_attributes_of_unknown_nodes_are_kept() {
    for (attributes, expected) in [
        (json!({"issueKey": "PUMP-3", "serverId": "i"}), "PUMP-3\n"),
        (json!({"title": "Shift log", "localId": "l"}), "Shift log\n"),
        (
            json!({"url": "https://x.example/9", "width": 4}),
            "https://x.example/9\n",
        ),
        (json!({"text": "a", "label": "b"}), "b a\n"),
    ] {
        let node = json!({"type": "futureNode", "attrs": attributes});
        assert_eq!(text(&document(&[paragraph(&[node])])), expected);
    }
}

#[test]
fn queries_of_lists_from_elsewhere_are_named() {
    for (parameters, expected) in [
        (
            json!({"cloudId": "c", "jql": "assignee = me"}),
            "Jira: assignee = me\n",
        ),
        (json!({"cql": "label = x"}), "Confluence: label = x\n"),
        (json!({"searchString": "valves"}), "Search: valves\n"),
        (
            json!({"aql": "objectType = Pump"}),
            "Assets: objectType = Pump\n",
        ),
    ] {
        for kind in ["blockCard", "inlineCard", "embedCard", "futureTable"] {
            let source = json!({"id": "d", "parameters": parameters, "views": [{"type": "table"}]});
            let body = document(&[json!({"type": kind, "attrs": {"datasource": source}})]);
            assert_eq!(text(&body), expected, "{kind}");
            assert!(notices(&body)[0].contains("not in the body"), "{kind}");
        }
    }
}

#[test]
fn nothing_goes_without_a_notice() {
    for node in [
        json!({"type": "syncBlock", "attrs": {"resourceId": "ari:x"}}),
        json!({"type": "bodiedSyncBlock", "attrs": {"resourceId": "ari:x"}, "content": []}),
        json!({"type": "futureNode", "attrs": {"localId": "l"}}),
        json!({"type": "inlineCard", "attrs": {}}),
        json!({"type": "media", "attrs": {"type": "file"}}),
        json!({"type": "confluenceUnsupportedBlock", "attrs": {}}),
        json!({"type": "placeholder", "attrs": {"text": "Write here"}}),
        json!({"type": "blockCard", "attrs": {"datasource": {"id": "d"}}}),
        json!({"type": "extension", "attrs": {"extensionKey": "gizmo"}}),
    ] {
        let body = document(&[node]);
        assert_eq!(text(&body), "", "{body}");
        assert_eq!(notices(&body).len(), 1, "{body}");
        assert!(!notices(&body)[0].contains("was kept"), "{body}");
    }
    for node in ["sync-block", "synced_block_of_the_future", "futureNode"] {
        let body = format!(
            "<ac:adf-extension><ac:adf-node type=\"{node}\"><ac:adf-attribute key=\"local-id\">7\
             </ac:adf-attribute></ac:adf-node></ac:adf-extension>"
        );
        assert_eq!(text(&body), "");
        assert_eq!(notices(&body).len(), 1, "{body}");
    }
    let image = "<ac:image><ri:future ri:id=\"7\"/></ac:image>";
    assert_eq!(notices(image).len(), 1);
    let link = "<ac:link><ri:future ri:id=\"7\"/></ac:link>";
    assert_eq!(notices(link).len(), 1);
}

#[test]
fn synced_blocks_with_a_body_are_read() {
    let node = json!({"type": "bodiedSyncBlock", "content": [paragraph(&[words("shared")])]});
    let body = document(&[node]);
    assert_eq!(text(&body), "shared\n");
    assert_eq!(notices(&body), [""; 0]);
}

#[test]
fn elements_without_a_text_have_a_notice_or_what_they_lead_to() {
    for (body, expected) in [
        ("<ac:new-widget ac:title=\"Pump room\"/>", "Pump room\n"),
        ("<ac:new-widget ac:id=\"7\"/>", ""),
        (
            "<video src=\"https://x.example/a.mp4\"/>",
            "https://x.example/a.mp4\n",
        ),
        (
            "<audio src=\"https://x.example/a.ogg\"></audio>",
            "https://x.example/a.ogg\n",
        ),
        (
            "<video><source src=\"https://x.example/a.mp4\"/></video>",
            "https://x.example/a.mp4\n",
        ),
        (
            "<object data=\"https://x.example/a.svg\"/>",
            "https://x.example/a.svg\n",
        ),
        (
            "<embed src=\"https://x.example/a.swf\"/>",
            "https://x.example/a.swf\n",
        ),
        (
            "<iframe src=\"https://x.example/a\"/>",
            "https://x.example/a\n",
        ),
        ("<input value=\"Typed value\"/>", "Typed value\n"),
        ("<svg><path d=\"M0\"/></svg>", ""),
    ] {
        assert_eq!(text(body), expected, "{body}");
        let notices = notices(body);
        assert!(!notices.is_empty(), "{body}");
        assert!(
            !expected.is_empty() || !notices[0].contains("was kept"),
            "{body}"
        );
    }
    for body in [
        "<p>a<wbr/>b</p>",
        "<p>a <future>b</future></p>",
        "<p><ruby>a<rt>b</rt></ruby></p>",
    ] {
        assert_eq!(notices(body), [""; 0], "{body}");
    }
    for body in [
        "<iframe src=\"https://me:s3cr3t@x.example/a?token=s3cr3t\"/>",
        "<video src=\"https://x.example/a.mp4?sig=s3cr3t\"/>",
        "<input type=\"password\" value=\"s3cr3t\"/>",
        "<input type=\"hidden\" value=\"s3cr3t\"/>",
    ] {
        assert!(!text(body).contains("s3cr3t"), "{body}");
    }
}

#[test]
fn queries_of_links_in_the_storage_format_are_named() {
    for (parameters, expected) in [
        (
            r#"{"cloudId":"c","jql":"project = ZZ"}"#,
            "Jira: project = ZZ\n",
        ),
        (r#"{"cql":"label = x"}"#, "Confluence: label = x\n"),
        (r#"{"searchString":"valves"}"#, "Search: valves\n"),
    ] {
        let source =
            format!(r#"{{"id":"d","parameters":{parameters},"views":[{{"type":"table"}}]}}"#);
        let source = source.replace('"', "&quot;");
        for body in [
            format!("<a href=\"\" data-card-appearance=\"block\" data-datasource=\"{source}\"/>"),
            format!("<p><a href=\"\" data-datasource=\"{source}\"></a></p>"),
            format!(
                "<ac:adf-extension><ac:adf-node type=\"block-card\"><ac:adf-attribute key=\"datasource\">{source}\
                 </ac:adf-attribute></ac:adf-node></ac:adf-extension>"
            ),
        ] {
            assert_eq!(text(&body), expected, "{body}");
            assert!(notices(&body)[0].contains("not in the body"), "{body}");
        }
        let linked =
            format!("<a href=\"https://j.example/i\" data-datasource=\"{source}\">Issues</a>");
        assert!(text(&linked).contains("Issues (https://j.example/i)"));
        assert!(text(&linked).contains(expected.trim()));
    }
    let broken = "<p><a href=\"\" data-datasource=\"{\"></a></p>";
    assert_eq!(text(broken), "");
    assert_eq!(notices(broken).len(), 1);
}

#[test]
fn the_icon_of_a_custom_panel_is_kept() {
    for (icon, expected) in [("🚀", "🚀"), ("⚙️", "⚙️"), ("", "")] {
        let node = json!({"type": "panel", "attrs": {"panelType": "custom", "panelIcon": ":x:",
            "panelIconText": icon, "panelColor": "#fff"}, "content": [paragraph(&[words("Go")])]});
        let text = text(&document(&[node]));
        assert!(
            text.contains(expected) && text.contains("Go") && !text.contains("fff"),
            "{text}"
        );
    }
}

/// An extension that stands for what an older editor wrote.
fn migrated(key: &str, parameters: Value) -> Value {
    json!({"type": "extension", "attrs": {
        "extensionType": "com.atlassian.confluence.migration",
        "extensionKey": key,
        "parameters": parameters,
    }})
}

#[test]
fn content_of_an_older_editor_is_shown_in_whichever_form_it_is() {
    let inside = |text: &str| json!({"type": "doc", "content": [paragraph(&[words(text)])]});
    let empty = json!({"type": "doc", "content": []});
    for (parameters, expected) in [
        (json!({"adf": inside("as text").to_string()}), "as text\n"),
        (json!({"nestedContent": inside("as a node")}), "as a node\n"),
        (
            json!({"nestedContent": inside("as text").to_string()}),
            "as text\n",
        ),
        (
            json!({"cxhtml": "<p>as <em>markup</em></p>"}),
            "as markup\n",
        ),
        // The same in two forms is shown once, and in the one that has it.
        (
            json!({"cxhtml": "<p>twice</p>", "nestedContent": inside("once")}),
            "once\n",
        ),
        (
            json!({"cxhtml": "<p>markup</p>", "nestedContent": empty}),
            "markup\n",
        ),
    ] {
        let body = document(&[migrated("legacy-content", parameters)]);
        assert_eq!(text(&body), expected, "{body}");
        assert_eq!(notices(&body), [""; 0], "{body}");
    }
    let cell = |content: Value| json!({"type": "tableCell", "content": [content]});
    let table = |cells: &[Value]| json!({"type": "table", "content": [{"type": "tableRow", "content": cells}]});
    let nested = |of: Value| migrated("nested-table", json!({"adf": document(&[of])}));
    let innermost = table(&[cell(paragraph(&[words("pressure")]))]);
    let inner = table(&[cell(paragraph(&[words("pump 4")])), cell(nested(innermost))]);
    let body = document(&[table(&[cell(nested(inner))])]);
    let shown = markdown(&body);
    assert!(
        shown.contains("pump 4") && shown.contains("pressure"),
        "{shown}"
    );
    assert_eq!(notices(&body), [""; 0]);
    let body = document(&[migrated(
        "legacy-content",
        json!({"adf": "{", "cxhtml": ""}),
    )]);
    assert_eq!(
        notices(&body),
        [
            "the body is not well-formed: its structure may be wrong",
            "the macro `legacy-content` has no text: it was omitted",
            "parameters of the macro `legacy-content` were omitted",
        ]
    );
}

#[test]
fn people_in_content_of_an_older_editor_are_found() {
    let mention = |id: &str| json!({"type": "mention", "attrs": {"id": id}});
    let inner = document(&[migrated(
        "nested-table",
        json!({"adf": document(&[paragraph(&[mention("712020:ab")])])}),
    )]);
    let body = document(&[
        migrated("nested-table", json!({"adf": inner})),
        migrated(
            "legacy-content",
            json!({"nestedContent": paragraph(&[mention("712020:cd")])}),
        ),
        migrated(
            "legacy-content",
            json!({"cxhtml": "<ri:user ri:account-id=\"712020:ef\"/>"}),
        ),
    ]);
    assert_eq!(
        confluence_rendering::adf_mentions(&body),
        ["712020:ab", "712020:cd", "712020:ef"]
    );
}

#[test]
fn files_and_people_without_a_name_leave_a_notice() {
    let nameless = "<ri:attachment ri:filename=\"\"/>";
    let foreign =
        "<ri:attachment ri:filename=\"\"><ri:page ri:content-title=\"Valves\"/></ri:attachment>";
    let image = |inside: &str| format!("<ac:image>{inside}</ac:image>");
    let link = |inside: &str| format!("<ac:link>{inside}</ac:link>");
    for (body, notice) in [
        (
            image(nameless),
            "the node `ac:image` has no text: it was omitted",
        ),
        (
            image(foreign),
            "the node `ac:image` has no text: it was omitted",
        ),
        (
            image("<ri:attachment/>"),
            "the node `ac:image` has no text: it was omitted",
        ),
        (
            image("<ri:url ri:value=\"\"/>"),
            "the node `ac:image` has no text: it was omitted",
        ),
        (image(""), "the node `ac:image` has no text: it was omitted"),
        (
            "<img/>".to_owned(),
            "the node `img` has no text: it was omitted",
        ),
        (
            link(nameless),
            "the node `ri:attachment` has no text: it was omitted",
        ),
        (
            link("<ri:user/>"),
            "the node `ri:user` has no text: it was omitted",
        ),
        (
            link("<ri:page/>"),
            "the node `ri:page` has no text: it was omitted",
        ),
        (link(""), "the node `ac:link` has no text: it was omitted"),
        (
            called("view-file", &[("name", nameless)], ""),
            "the macro `view-file` has no text: it was omitted",
        ),
        (
            called("view-file", &[], ""),
            "the macro `view-file` has no text: it was omitted",
        ),
        (
            called("profile", &[], ""),
            "the macro `profile` has no text: it was omitted",
        ),
        (
            called("iframe", &[("width", "4")], ""),
            "the macro `iframe` has no text: it was omitted",
        ),
    ] {
        assert_eq!(notices(&format!("<p>a {body} b</p>")), [notice], "{body}");
    }
    // What shows something has none.
    for body in [
        format!("<ac:image ac:alt=\"Valve\">{nameless}</ac:image>"),
        link(&format!("{nameless}<ac:link-body>Valve</ac:link-body>")),
        link("<ri:attachment ri:filename=\"valve.pdf\"/>"),
        called(
            "view-file",
            &[("name", "<ri:attachment ri:filename=\"a.pdf\"/>")],
            "",
        ),
    ] {
        assert_eq!(notices(&body), [""; 0], "{body}");
    }
}
