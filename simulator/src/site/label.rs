//! Labels. There are 40 of them.

use crate::random::pick;

const WORDS: [&str; 40] = [
    "architecture",
    "kb-how-to-article",
    "favourite",
    "meeting-notes",
    "q3",
    "draft",
    "äpfel",
    "重要",
    "runbook",
    "on-call",
    "team:core",
    "my-own",
    "template",
    "decision",
    "release",
    "retrospective",
    "продукт",
    "security",
    "gdpr",
    "vendor",
    "team:ops",
    "later",
    "internal",
    "api",
    "v2",
    "deprecated",
    "how-to",
    "faq",
    "metrics",
    "budget",
    "team:data",
    "todo",
    "hidden",
    "policy",
    "audit",
    "2026",
    "emoji-🙂",
    "συσκευή",
    "a.b_c",
    "zebra",
];

/// How many labels there are.
pub(crate) const COUNT: u64 = WORDS.len() as u64;

/// The id of a label.
pub(crate) fn id(index: u64) -> u64 {
    if index < COUNT / 2 {
        20_001 + index * 7
    } else {
        9_207_199_254_740_993 + index * 2
    }
}

/// The word of a label.
pub(crate) fn name(index: u64) -> &'static str {
    pick(&WORDS, index)
}

/// `team`, `my`, `system` or `global`.
pub(crate) fn prefix(index: u64) -> &'static str {
    match index % 10 {
        0 => "team",
        1 => "my",
        2 => "system",
        _ => "global",
    }
}
