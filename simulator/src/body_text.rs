//! Bodies, of 1 to 10 kB mostly, in the storage format and as an Atlassian document.

use std::sync::LazyLock;

use crate::block::BLOCKS;
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

    /// 5 to 22. One body in 500 has hundreds, and some 100 kB.
    fn blocks(self) -> u64 {
        let roll = self.roll(0);
        if (roll >> 32).is_multiple_of(500) {
            return 200 + roll % 200;
        }
        5 + roll % 18
    }

    fn write(self, blocks: &[Block], block: u64, out: &mut String) {
        // The places of a block of a hundred kilobytes stay below a million.
        let mut at = block * 16;
        let Some(block) = blocks.get((self.roll(at) % blocks.len().max(1) as u64) as usize) else {
            return;
        };
        for (before, escape) in &block.pieces {
            out.push_str(before);
            at += 1;
            out.push_str(match escape {
                Escape::None => self.sentence(at),
                Escape::Xml => self.escaped_sentence(at),
                Escape::Json => {
                    let number = self.roll(at) % SENTENCES.len() as u64;
                    IN_JSON.get(number as usize).map_or("", String::as_str)
                }
            });
        }
        out.push_str(block.end);
    }
}

/// How a sentence is written into a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// As it is, in CDATA.
    None,
    Xml,
    Json,
}

/// A block, cut where a sentence goes in: the text before it, and how it is escaped.
#[derive(Debug)]
struct Block {
    pieces: Vec<(&'static str, Escape)>,
    end: &'static str,
}

/// Cut and escaped once: looking for `§` and `&` in every body took 3 ms for 250 pages.
static STORAGE: LazyLock<Vec<Block>> = LazyLock::new(|| {
    let cut = |(text, _)| cut(text, Escape::Xml, Escape::None);
    BLOCKS.into_iter().map(cut).collect()
});
static NODES: LazyLock<Vec<Block>> = LazyLock::new(|| {
    let cut = |(_, text)| cut(text, Escape::Json, Escape::Json);
    BLOCKS.into_iter().map(cut).collect()
});
static ESCAPED: LazyLock<Vec<String>> = LazyLock::new(|| SENTENCES.map(escaped).to_vec());
static IN_JSON: LazyLock<Vec<String>> = LazyLock::new(|| SENTENCES.map(in_json).to_vec());

fn cut(text: &'static str, marked: Escape, plain: Escape) -> Block {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(['§', '¶']) {
        let mark = rest.strip_prefix(before);
        let is_marked = mark.is_some_and(|mark| mark.starts_with('§'));
        pieces.push((before, if is_marked { marked } else { plain }));
        rest = after;
    }
    Block { pieces, end: rest }
}

/// XHTML with Confluence's own `ac:` and `ri:` elements.
pub(crate) fn storage(body: BodyOf) -> String {
    let mut out = String::with_capacity(8_000);
    for block in 1..=body.blocks() {
        body.write(&STORAGE, block, &mut out);
    }
    out
}

/// Adds a mention to a body in the storage format.
pub(crate) fn mention(account: &str, out: &mut String) {
    for piece in [
        "<p>Ask <ac:link><ri:user ri:account-id=\"",
        account,
        "\" /></ac:link> first.</p>",
    ] {
        out.push_str(piece);
    }
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

/// An Atlassian document: JSON that answers carry inside a string. It says what the storage
/// format of the same row says.
pub(crate) fn atlas_doc(body: BodyOf) -> String {
    let mut out = String::with_capacity(12_000);
    out.push_str("{\"type\":\"doc\",\"content\":[");
    for block in 1..=body.blocks() {
        if block > 1 {
            out.push(',');
        }
        body.write(&NODES, block, &mut out);
    }
    out.push_str("],\"version\":1}");
    out
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

/// As it stands between the quotes of a JSON string.
fn in_json(text: &str) -> String {
    let mut json = Json::with_capacity(text.len() + 16);
    json.text(text);
    let text = String::from_utf8(json.into_bytes()).unwrap_or_default();
    let inside = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
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
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a panic fails the test"
    )]
    use super::{BLOCKS, BodyOf, SENTENCES, atlas_doc, storage};

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

    fn body(index: u64) -> BodyOf {
        BodyOf {
            seed: 42,
            salt: 1,
            index,
        }
    }

    #[test]
    fn documents_are_json_and_say_the_same_in_the_same_order() {
        for (storage, nodes) in BLOCKS {
            let document: serde_json::Value = serde_json::from_str(&format!("[{nodes}]")).unwrap();
            assert!(
                document
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|node| node["type"].is_string())
            );
            let marks = |text: &str| text.matches(['§', '¶']).count();
            assert_eq!(marks(storage), marks(nodes), "{storage}");
        }
        for index in 0..200 {
            let text = atlas_doc(body(index));
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(document["type"], "doc");
            assert!(!text.contains(['§', '¶']));
            let quiet = SENTENCES
                .iter()
                .filter(|sentence| !sentence.contains(['&', '<', '"', '\\', '\t', '\u{a0}']));
            let written = storage(body(index));
            for sentence in quiet {
                assert_eq!(
                    text.contains(sentence),
                    written.contains(sentence),
                    "{sentence}"
                );
            }
        }
    }

    #[test]
    fn few_bodies_are_large() {
        let mut sizes: Vec<usize> = (0..2_000).map(|index| storage(body(index)).len()).collect();
        sizes.sort_unstable();
        let at = |part: usize| sizes.get(sizes.len() * part / 1_000).copied().unwrap();
        assert!((2_000..6_000).contains(&at(500)), "{}", at(500));
        assert!(at(990) < 14_000, "{}", at(990));
        assert!(sizes.last().is_some_and(|&most| most > 50_000));
    }
}
