//! Bodies of 1 to 8 kB, in the storage format and as an Atlassian document.

use std::sync::LazyLock;

use crate::json::Json;
use crate::random::{mix, pick};

const SENTENCES: [&str; 16] = [
    "The deployment starts at nine and takes about twenty minutes, unless the cache is cold.",
    "Who answers the pager this week is written at the top of the rota.",
    "R&D asked for <angle> brackets & ampersands in every paragraph.",
    "Die Größe der Warteschlange wird täglich geprüft.",
    "Το σύστημα επανεκκινεί μόνο του μετά από μία ώρα.",
    "Резервная копия хранится тридцать дней.",
    "この手順は毎週月曜日に実行します。",
    "数据每晚同步一次，失败时会重试三次。",
    "يرجى مراجعة هذه الصفحة قبل الإصدار التالي.",
    "\"Quoted\" and 'quoted' text, with a back\\slash and a tab\there.",
    "Le café est fermé ; l’équipe déjeune à côté.",
    "Thanks 🙏 to everyone who reviewed it 👩🏽‍💻, again and again.",
    "See section 4.2 for the reasons, and the appendix for the numbers.",
    "A long word: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft.",
    "No\u{a0}break, zero\u{200b}width and combining e\u{301}.",
    "Nothing changed since the last review; the next one is due in spring.",
];

/// Which row a body belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyOf {
    pub(crate) seed: u64,
    pub(crate) salt: u64,
    pub(crate) index: u64,
}

impl BodyOf {
    fn roll(self, at: u64) -> u64 {
        mix(
            self.seed,
            self.salt,
            self.index.wrapping_mul(1_000_003).wrapping_add(at),
        )
    }

    fn sentence(self, at: u64) -> &'static str {
        pick(&SENTENCES, self.roll(at))
    }

    fn escaped_sentence(self, at: u64) -> &'static str {
        let number = self.roll(at) % SENTENCES.len() as u64;
        ESCAPED.get(number as usize).map_or("", String::as_str)
    }

    fn blocks(self) -> u64 {
        5 + self.roll(0) % 18
    }
}

/// Pieces of the storage format. `§` becomes a sentence, `¶` one that is not escaped.
const BLOCKS: [&str; 16] = [
    "<p>§ § §</p>",
    "<p>§ § <strong>§</strong> §</p>",
    "<p>§ <em>§</em></p><p />",
    "<p>§ § § § <code>§</code></p>",
    "<h2>§</h2>",
    "<ul><li><p>§</p></li><li><p>§</p><ol start=\"1\"><li><p>§</p></li></ol></li></ul>",
    r#"<ac:structured-macro ac:name="info" ac:schema-version="1">
<ac:parameter ac:name="title">§</ac:parameter><ac:rich-text-body><p>§</p></ac:rich-text-body>
</ac:structured-macro>"#,
    r#"<ac:structured-macro ac:name="code" ac:schema-version="1">
<ac:parameter ac:name="language">sql</ac:parameter><ac:plain-text-body><![CDATA[
select "id", count(*) from t where a < 3 && b > 'x' group by 1; -- ¶
]]></ac:plain-text-body></ac:structured-macro>"#,
    r#"<table data-layout="default"><colgroup><col style="width: 340.0px;" /><col /></colgroup><tbody>
<tr><th><p>§</p></th><th><p>§</p></th></tr><tr><td><p>§</p></td><td><p><br /></p></td></tr>
<tr><td colspan="2"><p>§</p></td></tr></tbody></table>"#,
    r#"<ac:image ac:align="center" ac:width="680" ac:alt="a &quot;diagram&quot;">
<ri:attachment ri:filename="diagram &amp; notes.png" ri:version-at-save="1" /></ac:image>"#,
    r#"<p><ac:link><ri:page ri:content-title="Road map" ri:space-key="ENG" />
<ac:link-body>§</ac:link-body></ac:link> <ac:emoticon ac:name="blue-star"
ac:emoji-shortname=":rocket:" ac:emoji-fallback="🚀" /></p>"#,
    r#"<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status>
<ac:task-body><span class="placeholder-inline-tasks">§</span></ac:task-body></ac:task>
<ac:task><ac:task-id>2</ac:task-id><ac:task-status>complete</ac:task-status>
<ac:task-body>§</ac:task-body></ac:task></ac:task-list>"#,
    r#"<ac:layout><ac:layout-section ac:type="two_equal" ac:breakout-mode="default">
<ac:layout-cell><p>§</p></ac:layout-cell><ac:layout-cell><p><time datetime="2026-05-04" /></p>
</ac:layout-cell></ac:layout-section></ac:layout>"#,
    r#"<ac:adf-extension><ac:adf-node type="panel">
<ac:adf-attribute key="panel-type">note</ac:adf-attribute>
<ac:adf-content><p>§</p></ac:adf-content></ac:adf-node></ac:adf-extension>"#,
    r#"<p><ac:link><ri:user ri:account-id="712020:00000000-0000-4000-8000-000000000000" /></ac:link>
&nbsp;&mdash; <ac:structured-macro ac:name="jira"><ac:parameter ac:name="key">OPS-17</ac:parameter>
</ac:structured-macro></p>"#,
    r#"<ac:structured-macro ac:name="toc" /><blockquote><p>§</p></blockquote><hr />"#,
];

/// A block, cut where a sentence goes in: the text before it, and whether it is escaped.
#[derive(Debug)]
struct Block {
    pieces: Vec<(&'static str, bool)>,
    end: &'static str,
}

/// Cut and escaped once: looking for `§` and `&` in every body took 3 ms for 250 pages.
static CUT: LazyLock<Vec<Block>> = LazyLock::new(|| BLOCKS.into_iter().map(cut).collect());
static ESCAPED: LazyLock<Vec<String>> = LazyLock::new(|| SENTENCES.map(escaped).to_vec());

fn cut(text: &'static str) -> Block {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(['§', '¶']) {
        let mark = rest.strip_prefix(before);
        pieces.push((before, mark.is_some_and(|mark| mark.starts_with('§'))));
        rest = after;
    }
    Block { pieces, end: rest }
}

/// XHTML with Confluence's own `ac:` and `ri:` elements.
pub(crate) fn storage(body: BodyOf) -> String {
    let mut out = String::with_capacity(8_000);
    for block in 1..=body.blocks() {
        let mut at = block * 16;
        let Some(block) = CUT.get((body.roll(at) % BLOCKS.len() as u64) as usize) else {
            continue;
        };
        for (before, escape) in &block.pieces {
            out.push_str(before);
            at += 1;
            if *escape {
                out.push_str(body.escaped_sentence(at));
            } else {
                out.push_str(body.sentence(at));
            }
        }
        out.push_str(block.end);
    }
    out
}

/// HTML as a browser gets it.
pub(crate) fn view(body: BodyOf) -> String {
    let mut out = String::with_capacity(2_000);
    for block in 1..=body.blocks() {
        let name = if block % 5 == 1 { "h2" } else { "p" };
        element(name, body.escaped_sentence(block * 16 + 1), &mut out);
    }
    out
}

/// An Atlassian document: JSON that answers carry inside a string.
pub(crate) fn atlas_doc(body: BodyOf) -> String {
    let mut json = Json::with_capacity(8_000);
    json.open('{')
        .text_at("type", "doc")
        .key("content")
        .open('[');
    for block in 1..=body.blocks() {
        let at = block * 16;
        let sentence = body.sentence(at + 1);
        json.element().open('{');
        match body.roll(at) % 5 {
            0 => {
                json.text_at("type", "heading")
                    .key("attrs")
                    .raw("{\"level\":2}");
                leaf(sentence, &mut json);
            }
            1 => {
                json.text_at("type", "panel")
                    .key("attrs")
                    .raw("{\"panelType\":\"info\"}");
                json.key("content")
                    .open('[')
                    .element()
                    .open('{')
                    .text_at("type", "paragraph");
                leaf(sentence, &mut json);
                json.close('}').close(']');
            }
            2 => {
                json.text_at("type", "codeBlock")
                    .key("attrs")
                    .raw("{\"language\":\"rust\"}");
                leaf("fn main() {\n\tprintln!(\"{}\", 'a');\n}", &mut json);
            }
            _ => {
                json.text_at("type", "paragraph")
                    .key("attrs")
                    .raw("{\"localId\":\"b\"}");
                leaf(sentence, &mut json);
            }
        }
        json.close('}');
    }
    json.close(']').number_at("version", 1).close('}');
    String::from_utf8(json.into_bytes()).unwrap_or_default()
}

/// One sentence, for tasks, excerpts and descriptions.
pub(crate) fn sentence(body: BodyOf) -> &'static str {
    body.sentence(1)
}

/// One sentence in the storage format.
pub(crate) fn sentence_storage(body: BodyOf) -> String {
    let mut out = String::with_capacity(200);
    element("p", body.escaped_sentence(1), &mut out);
    out
}

/// One sentence as an Atlassian document.
pub(crate) fn sentence_atlas_doc(body: BodyOf) -> String {
    let mut json = Json::with_capacity(300);
    json.open('{')
        .text_at("type", "doc")
        .key("content")
        .open('[')
        .element()
        .open('{');
    json.text_at("type", "paragraph");
    leaf(body.sentence(1), &mut json);
    json.close('}')
        .close(']')
        .number_at("version", 1)
        .close('}');
    String::from_utf8(json.into_bytes()).unwrap_or_default()
}

fn leaf(text: &str, json: &mut Json) {
    json.key("content")
        .open('[')
        .element()
        .open('{')
        .text_at("type", "text")
        .text_at("text", text)
        .close('}')
        .close(']');
}

fn element(name: &str, escaped: &str, out: &mut String) {
    for piece in ["<", name, ">", escaped, "</", name, ">"] {
        out.push_str(piece);
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{BodyOf, storage};

    #[test]
    fn storage_elements_are_closed_in_turn_and_no_mark_is_left() {
        for index in 0..200 {
            let text = storage(BodyOf {
                seed: 42,
                salt: 1,
                index,
            });
            assert!(!text.contains(['§', '¶']));
            let mut open = Vec::new();
            let mut rest = text.as_str();
            while let Some((_, after)) = rest.split_once('<') {
                if let Some(data) = after.strip_prefix("![CDATA[") {
                    rest = data.split_once("]]>").map_or("", |(_, behind)| behind);
                    continue;
                }
                let (tag, behind) = after.split_once('>').unwrap_or((after, ""));
                let name = tag.split([' ', '\n']).next().unwrap_or_default();
                if let Some(name) = name.strip_prefix('/') {
                    assert_eq!(open.pop(), Some(name), "{text}");
                } else if !tag.ends_with('/') {
                    open.push(name);
                }
                rest = behind;
            }
            assert!(open.is_empty(), "{open:?} in {text}");
        }
    }
}
