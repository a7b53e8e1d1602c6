//! Bodies of 1 to 8 kB, in the storage format and as an Atlassian document.

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

    fn blocks(self) -> u64 {
        5 + self.roll(0) % 18
    }
}

/// XHTML with Confluence's own `ac:` and `ri:` elements.
pub(crate) fn storage(body: BodyOf) -> String {
    let mut out = String::with_capacity(6_000);
    for block in 1..=body.blocks() {
        let at = block * 16;
        match body.roll(at) % 14 {
            0..=3 => {
                out.push_str("<p>");
                for sentence in 0..2 + body.roll(at + 1) % 4 {
                    escape(body.sentence(at + 2 + sentence), &mut out);
                    out.push(' ');
                }
                out.push_str("</p>");
            }
            4 => element("h2", body.sentence(at + 1), &mut out),
            5 => {
                out.push_str("<ac:structured-macro ac:name=\"info\" ac:schema-version=\"1\"><ac:parameter ac:name=\"title\">");
                escape(body.sentence(at + 1), &mut out);
                out.push_str("</ac:parameter><ac:rich-text-body>");
                element("p", body.sentence(at + 2), &mut out);
                out.push_str("</ac:rich-text-body></ac:structured-macro>");
            }
            6 => {
                out.push_str("<ac:structured-macro ac:name=\"code\" ac:schema-version=\"1\"><ac:parameter ac:name=\"language\">sql</ac:parameter><ac:plain-text-body><![CDATA[select \"id\", count(*) from t where a < 3 && b > 'x'\n\tgroup by 1; -- ");
                out.push_str(body.sentence(at + 1));
                out.push_str("]]></ac:plain-text-body></ac:structured-macro>");
            }
            7 => {
                out.push_str("<table data-layout=\"default\"><colgroup><col style=\"width: 340.0px;\" /><col /></colgroup><tbody>");
                for row in 0..1 + body.roll(at + 1) % 4 {
                    out.push_str("<tr><td>");
                    element("p", body.sentence(at + 2 + row), &mut out);
                    out.push_str("</td><td><p><br /></p></td></tr>");
                }
                out.push_str("</tbody></table>");
            }
            8 => out.push_str("<ac:image ac:align=\"center\" ac:width=\"680\" ac:alt=\"a &quot;diagram&quot;\"><ri:attachment ri:filename=\"diagram &amp; notes.png\" ri:version-at-save=\"1\" /></ac:image>"),
            9 => {
                out.push_str("<p><ac:link><ri:page ri:content-title=\"Road map\" ri:space-key=\"ENG\" /><ac:link-body>");
                escape(body.sentence(at + 1), &mut out);
                out.push_str("</ac:link-body></ac:link> <ac:emoticon ac:name=\"blue-star\" ac:emoji-shortname=\":rocket:\" ac:emoji-fallback=\"🚀\" /></p>");
            }
            10 => {
                out.push_str("<ac:task-list>");
                for task in 1..=1 + body.roll(at + 1) % 3 {
                    let status = if body.roll(at + 2 + task) % 2 == 0 { "complete" } else { "incomplete" };
                    out.push_str(&format!("<ac:task><ac:task-id>{task}</ac:task-id><ac:task-status>{status}</ac:task-status><ac:task-body><span class=\"placeholder-inline-tasks\">"));
                    escape(body.sentence(at + 6 + task), &mut out);
                    out.push_str("</span></ac:task-body></ac:task>");
                }
                out.push_str("</ac:task-list>");
            }
            11 => {
                out.push_str("<ac:layout><ac:layout-section ac:type=\"two_equal\" ac:breakout-mode=\"default\"><ac:layout-cell>");
                element("p", body.sentence(at + 1), &mut out);
                out.push_str("</ac:layout-cell><ac:layout-cell><p><time datetime=\"2026-05-04\" /></p></ac:layout-cell></ac:layout-section></ac:layout>");
            }
            12 => {
                out.push_str("<ac:adf-extension><ac:adf-node type=\"panel\"><ac:adf-attribute key=\"panel-type\">note</ac:adf-attribute><ac:adf-content>");
                element("p", body.sentence(at + 1), &mut out);
                out.push_str("</ac:adf-content></ac:adf-node></ac:adf-extension>");
            }
            _ => out.push_str("<p><ac:link><ri:user ri:account-id=\"712020:00000000-0000-4000-8000-000000000000\" /></ac:link>&nbsp;&mdash; <ac:structured-macro ac:name=\"jira\"><ac:parameter ac:name=\"key\">OPS-17</ac:parameter></ac:structured-macro></p>"),
        }
    }
    out
}

/// HTML as a browser gets it.
pub(crate) fn view(body: BodyOf) -> String {
    let mut out = String::with_capacity(2_000);
    for block in 1..=body.blocks() {
        element(
            if block % 5 == 1 { "h2" } else { "p" },
            body.sentence(block * 16 + 1),
            &mut out,
        );
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
    element("p", body.sentence(1), &mut out);
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

fn element(name: &str, text: &str, out: &mut String) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    escape(text, out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\u{a0}']) {
        let (clean, after) = rest.split_at(at);
        out.push_str(clean);
        let mut characters = after.chars();
        out.push_str(match characters.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            _ => "&nbsp;",
        });
        rest = characters.as_str();
    }
    out.push_str(rest);
}
