//! Titles in many scripts, unique, and in an order that is known without sorting.
//!
//! `sort=title` over a million pages has to answer 250 rows in O(250). So a title is made from
//! its rank: the opening, the second word and the number each grow with it, and a permutation
//! says which page has which rank. The order is the one of the UTF-8 bytes.

use crate::permutation::Permutation;
use crate::random::pick;

/// What a title starts with. None may, followed by a space, be the start of another.
const OPENINGS: [&str; 64] = [
    "Architecture",
    "Release notes",
    "Onboarding",
    "Incident review",
    "Road map",
    "Übersicht",
    "Größenmaß",
    "Équipe produit",
    "Niño y año",
    "Příručka žádostí",
    "İstanbul ofisi",
    "Łódź biuro",
    "Ελληνικά",
    "Σχέδιο",
    "Документация",
    "Встреча",
    "Ґрунт їжак",
    "Հայերեն",
    "עברית שלום",
    "العربية",
    "فارسی",
    "हिन्दी",
    "বাংলা",
    "தமிழ்",
    "ไทย",
    "ລາວ",
    "မြန်မာ",
    "ქართული",
    "አማርኛ",
    "日本語",
    "ひらがな",
    "カタカナ",
    "漢字",
    "简体中文",
    "繁體中文",
    "한국어",
    "𝔐𝔞𝔱𝔥",
    "𠮷野家",
    "🚀 Launch",
    "👩‍👩‍👧‍👦 Family",
    "🏳️‍🌈 Flags",
    "e\u{301}galite\u{301}",
    "Z\u{351}\u{36b}algo",
    "\"Quoted\"",
    "'Single'",
    "<draft>",
    "&amp; escaped twice",
    "AT&T",
    "\\\\share\\team",
    "{json: true}",
    "[wiki|link]",
    "%20 percent",
    "+plus",
    "#hash",
    "?query=1&x=2",
    "/slash/path",
    "~tilde",
    "\u{feff}BOM",
    "\u{a0}no-break",
    "\u{200f}RTL mark",
    "«guillemets»",
    "¿Qué?",
    "C:\\temp",
    "null",
];

/// What follows the opening.
const SECONDS: [&str; 16] = [
    "(draft)",
    "2025",
    "Alpha",
    "Beta & Co",
    "Plan",
    "Q3/Q4",
    "Zusammenfassung",
    "\"final\"",
    "of teams",
    "v1.0",
    "écart",
    "в работе",
    "λόγος",
    "计划",
    "메모",
    "🧭",
];

/// What stands behind the number. It decides nothing: the number has a fixed width.
const ENDINGS: [&str; 10] = ["", "", "", " ✅", "…", "”", ")", "\u{301}", "\u{200f}", "?"];

/// The titles of one kind of content.
#[derive(Debug, Clone)]
pub(crate) struct Titles {
    length: u64,
    openings: Vec<&'static str>,
    seconds: Vec<&'static str>,
    width: usize,
    permutation: Permutation,
}

impl Titles {
    pub(crate) fn new(seed: u64, length: u64) -> Self {
        let mut openings = OPENINGS.to_vec();
        openings.sort_unstable_by_key(|word| format!("{word} "));
        let mut seconds = SECONDS.to_vec();
        seconds.sort_unstable_by_key(|word| format!("{word} "));
        let most = length / OPENINGS.len() as u64 + 1;
        Self {
            length,
            openings,
            seconds,
            width: most.to_string().len(),
            permutation: Permutation::new(seed, length),
        }
    }

    /// The order of the titles: rank by index, and back.
    pub(crate) fn permutation(&self) -> &Permutation {
        &self.permutation
    }

    /// The title of the row at `index`.
    pub(crate) fn of(&self, index: u64) -> String {
        self.at_rank(self.permutation.rank(index))
    }

    /// The row that has exactly this title.
    pub(crate) fn find(&self, title: &str) -> Option<u64> {
        (0..self.openings.len() as u64).find_map(|opening| {
            let word = pick(&self.openings, opening);
            title.strip_prefix(word)?;
            let first = self.first_rank(opening);
            let number = self.seconds.iter().find_map(|second| {
                let rest = title
                    .strip_prefix(word)?
                    .strip_prefix(' ')?
                    .strip_prefix(*second)?;
                rest.strip_prefix(' ')?
                    .get(..self.width)?
                    .parse::<u64>()
                    .ok()
            })?;
            let rank = first + number.checked_sub(1)?;
            (rank < self.length && self.at_rank(rank) == title)
                .then(|| self.permutation.index(rank))
        })
    }

    fn first_rank(&self, opening: u64) -> u64 {
        (opening * self.length).div_ceil(OPENINGS.len() as u64)
    }

    fn at_rank(&self, rank: u64) -> String {
        let opening = rank * OPENINGS.len() as u64 / self.length.max(1);
        let first = self.first_rank(opening);
        let size = self.first_rank(opening + 1).saturating_sub(first).max(1);
        let within = rank.saturating_sub(first);
        let second = within * SECONDS.len() as u64 / size;
        format!(
            "{} {} {:0width$}{}",
            pick(&self.openings, opening),
            pick(&self.seconds, second),
            within + 1,
            pick(&ENDINGS, rank),
            width = self.width,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{OPENINGS, SECONDS, Titles};

    #[test]
    fn no_opening_is_the_start_of_another() {
        for words in [&OPENINGS[..], &SECONDS[..]] {
            for left in words {
                let others = words
                    .iter()
                    .filter(|right| right.starts_with(&format!("{left} ")));
                assert_eq!(others.count(), 0, "{left}");
            }
        }
    }

    #[test]
    fn titles_rise_with_their_rank_and_are_found_again() {
        for length in [1, 5, 63, 64, 65, 1_000, 70_001] {
            let titles = Titles::new(7, length);
            let ranked: Vec<String> = (0..length).map(|rank| titles.at_rank(rank)).collect();
            assert!(
                ranked.is_sorted_by(|left, right| left < right),
                "length {length}"
            );
            for index in (0..length).step_by(13) {
                assert_eq!(
                    titles.find(&titles.of(index)),
                    Some(index),
                    "{}",
                    titles.of(index)
                );
            }
        }
    }

    #[test]
    fn a_title_that_nobody_has_is_not_found() {
        let titles = Titles::new(7, 1_000);
        assert_eq!(titles.find("Architecture"), None);
        assert_eq!(titles.find("Architecture Plan 99"), None);
        assert_eq!(titles.find(""), None);
    }
}
