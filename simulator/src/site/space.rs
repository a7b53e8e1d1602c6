//! Spaces. They are few, so they are kept.

use crate::content::Content;
use crate::random::{hex, mix, pick};

const WORDS: [&str; 20] = [
    "ENG", "OPS", "HR", "LEGAL", "SALES", "MKT", "FIN", "DOCS", "QA", "SEC", "DATA", "WEB", "APP",
    "CORE", "LAB", "DESIGN", "SUPPORT", "TRAVEL", "NEWS", "KB",
];

const NAMES: [&str; 12] = [
    "Engineering",
    "Betrieb & Wartung",
    "Personnel & Co",
    "法務",
    "Продажи",
    "תוכן",
    "Μάρκετινγκ",
    "Finance \"EU\"",
    "Docs <public>",
    "🔬 Lab",
    "عام",
    "Support \\ Tier 2",
];

/// What the spaces of a company are called, each in the place of its key.
const COMPANY_NAMES: [&str; 20] = [
    "Engineering",
    "Operations",
    "People",
    "Legal",
    "Sales",
    "Marketing",
    "Finance",
    "Documentation",
    "Quality",
    "Security",
    "Data platform",
    "Website",
    "Mobile app",
    "Core services",
    "Research lab",
    "Design",
    "Customer support",
    "Travel",
    "News",
    "Knowledge base",
];

/// A space.
#[derive(Debug, Clone)]
pub(crate) struct Space {
    pub(crate) id: u64,
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) archived: bool,
    pub(crate) alias: Option<String>,
    pub(crate) created: u64,
}

/// The id of the space at `index`. Every second one lies beyond 2^53.
fn id(index: u64, count: u64) -> u64 {
    let half = count.div_ceil(2);
    match index.checked_sub(half) {
        None => 65_538 + index * 12,
        Some(beyond) => 9_107_199_254_740_993 + beyond * 2,
    }
}

/// All spaces, in the order of their ids.
pub(crate) fn all(content: Content, seed: u64, count: u64) -> Vec<Space> {
    (0..count)
        .map(|index| space(content, seed, index, count))
        .collect()
}

fn space(content: Content, seed: u64, index: u64, count: u64) -> Space {
    let round = index / WORDS.len() as u64;
    let word = pick(&WORDS, index);
    let personal = index % 5 == 1;
    let key = match (personal, round) {
        (true, _) => format!("~712020{}", hex(seed, 201, index)),
        (false, 0) => word.to_owned(),
        (false, round) => format!("{word}{round}"),
    };
    let kind = match index {
        0 => "global",
        _ if personal => "personal",
        2 => "collaboration",
        _ => pick(
            &[
                "global",
                "global",
                "collaboration",
                "knowledge_base",
                "onboarding",
                "system",
            ],
            mix(seed, 202, index),
        ),
    };
    let alias = match index {
        2 => Some("team-alias".to_owned()),
        _ if index % 4 == 3 => None,
        _ => Some(key.clone()),
    };
    Space {
        id: id(index, count),
        name: match (content, round) {
            (Content::EdgeCases, _) => {
                format!("{} {}", pick(&NAMES, mix(seed, 203, index)), index + 1)
            }
            (Content::Company, 0) => pick(&COMPANY_NAMES, index).to_owned(),
            (Content::Company, _) => format!("{} {}", pick(&COMPANY_NAMES, index), round + 1),
        },
        kind,
        archived: index == 3 || index % 17 == 9,
        alias,
        created: 1_483_228_800_000 + index * 43_200_000 + mix(seed, 204, index) % 43_000_000,
        key,
    }
}
