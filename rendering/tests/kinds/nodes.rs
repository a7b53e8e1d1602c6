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
