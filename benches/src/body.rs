//! Bodies in storage format, of any size, with all that editors put into them.

/// Pieces of a page. `#` becomes a number, so that no two paragraphs are alike.
const PIECES: [&str; 8] = [
    "<h2>Release # of the import</h2>",
    "<p>The job <strong>number #</strong> starts at <em>nine</em> and ends &ndash; as a rule &ndash; before ten; \
     who is on call is written in the <a href=\"https://example.com/rota?week=#&amp;team=data\">rota</a>.</p>",
    "<ul><li><p>Check the queue #</p></li><li><p>Ask <ac:link><ri:user ri:account-id=\"712020:#\" /></ac:link></p>\
     <ul><li><p>or the <code>owner-#</code> of the table</p></li></ul></li></ul>",
    "<table><tbody><tr><th><p>Stage</p></th><th><p>Minutes</p></th></tr><tr><td><p>Read #</p></td><td><p>12</p></td></tr>\
     <tr><td><p>Write</p></td><td><p>7 | 8</p></td></tr></tbody></table>",
    "<ac:structured-macro ac:name=\"code\" ac:schema-version=\"1\"><ac:parameter ac:name=\"language\">sql</ac:parameter>\
     <ac:plain-text-body><![CDATA[select count(*) from runs where id < # and state <> 'done';]]></ac:plain-text-body>\
     </ac:structured-macro>",
    "<ac:structured-macro ac:name=\"info\"><ac:rich-text-body><p>Run # was repeated. See <ac:link><ri:page \
     ri:content-title=\"Run book #\" /></ac:link>.</p></ac:rich-text-body></ac:structured-macro>",
    "<ac:task-list><ac:task><ac:task-id>#</ac:task-id><ac:task-status>incomplete</ac:task-status>\
     <ac:task-body>Compare the totals of <time datetime=\"2026-05-04\" /></ac:task-body></ac:task></ac:task-list>",
    "<p>Größe der Warteschlange #: 数据每晚同步一次。 <ac:emoticon ac:name=\"tick\" /></p>",
];

/// A body of `bytes` bytes or a piece more. The same `number` gives the same body.
#[must_use]
pub fn storage_body(number: usize, bytes: usize) -> String {
    let mut body = String::with_capacity(bytes + 512);
    let mut at = number;
    while body.len() < bytes {
        for piece in PIECES.iter().skip(at % 3) {
            body.push_str(&piece.replace('#', &at.to_string()));
        }
        at = at.wrapping_mul(31).wrapping_add(7) % 1_000_003;
    }
    body
}
