//! Titles in many scripts, unique, and in an order that is known without sorting.
//!
//! `sort=title` over a million pages has to answer 250 rows in O(250). So a title is made from
//! its rank: the opening, the second word and the number each grow with it, and a permutation
//! says which page has which rank. The order is the one of the UTF-8 bytes.

use crate::content::Content;
use crate::permutation::Permutation;
use crate::random::pick;

/// What titles are made of.
#[derive(Debug)]
struct Vocabulary {
    openings: &'static [&'static str],
    seconds: &'static [&'static str],
    /// What follows the opening.
    separator: &'static str,
    endings: &'static [&'static str],
    /// Whether every title has a number, also where it is unique without.
    numbered: bool,
}

const EDGE_CASES: Vocabulary = Vocabulary {
    openings: &OPENINGS,
    seconds: &SECONDS,
    separator: " ",
    endings: &ENDINGS,
    numbered: true,
};

const COMPANY: Vocabulary = Vocabulary {
    openings: &SUBJECTS,
    seconds: &DOCUMENTS,
    separator: ": ",
    endings: &[""],
    numbered: false,
};

/// What pages of a company are about.
const SUBJECTS: [&str; 64] = [
    "Access control",
    "Accounts payable",
    "Address validation",
    "Alerting",
    "Audit trail",
    "Backups",
    "Billing",
    "Brand guide",
    "Capacity planning",
    "Checkout",
    "Cloud costs",
    "Code review",
    "Compliance",
    "Contracts",
    "Customer portal",
    "Data warehouse",
    "Deployment",
    "Design system",
    "Disaster recovery",
    "Email delivery",
    "Employee handbook",
    "Event bus",
    "Expenses",
    "Feature flags",
    "Field service",
    "Fleet tracking",
    "Forecasting",
    "Fraud checks",
    "Help desk",
    "Hiring",
    "Identity service",
    "Incident response",
    "Inventory",
    "Invoicing",
    "Key rotation",
    "Load testing",
    "Localization",
    "Logging",
    "Loyalty program",
    "Maintenance windows",
    "Mobile app",
    "Network",
    "Office moves",
    "On-call",
    "Order service",
    "Partner API",
    "Payments",
    "Payroll",
    "Pricing",
    "Privacy",
    "Product catalog",
    "Quarterly goals",
    "Reporting",
    "Returns",
    "Search service",
    "Shipping",
    "Single sign-on",
    "Supplier onboarding",
    "Support handover",
    "Tax rules",
    "Travel policy",
    "User research",
    "Vendor list",
    "Warehouse app",
];

/// What kinds of pages there are about each of them.
const DOCUMENTS: [&str; 16] = [
    "FAQ",
    "architecture",
    "checklist",
    "decision log",
    "design",
    "glossary",
    "how-to guide",
    "meeting notes",
    "metrics",
    "migration plan",
    "overview",
    "release notes",
    "retrospective",
    "roadmap",
    "runbook",
    "test plan",
];

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
    vocabulary: &'static Vocabulary,
    openings: Vec<&'static str>,
    seconds: Vec<&'static str>,
    /// Digits of the number; 0 where titles have none.
    width: usize,
    permutation: Permutation,
}

impl Titles {
    pub(crate) fn new(content: Content, seed: u64, length: u64) -> Self {
        let vocabulary = match content {
            Content::Company => &COMPANY,
            Content::EdgeCases => &EDGE_CASES,
        };
        let mut openings = vocabulary.openings.to_vec();
        openings.sort_unstable_by_key(|word| format!("{word}{}", vocabulary.separator));
        let mut seconds = vocabulary.seconds.to_vec();
        seconds.sort_unstable_by_key(|word| format!("{word} "));
        let most = length / openings.len() as u64 + 1;
        // With as many seconds as there are titles of an opening, each has one of its own.
        let is_numbered = vocabulary.numbered || most > seconds.len() as u64;
        Self {
            length,
            vocabulary,
            openings,
            seconds,
            width: if is_numbered {
                most.to_string().len()
            } else {
                0
            },
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
            let rest = title
                .strip_prefix(pick(&self.openings, opening))?
                .strip_prefix(self.vocabulary.separator)?;
            let (first, size) = self.ranks_of(opening);
            let within = self
                .seconds
                .iter()
                .enumerate()
                .find_map(|(place, second)| {
                    let rest = rest.strip_prefix(*second)?;
                    if self.width == 0 {
                        let first = (place as u64 * size).div_ceil(self.seconds.len() as u64);
                        return rest.is_empty().then_some(first);
                    }
                    let number = rest.strip_prefix(' ')?.get(..self.width)?;
                    number.parse::<u64>().ok()?.checked_sub(1)
                })?;
            let rank = first + within;
            (rank < self.length && self.at_rank(rank) == title)
                .then(|| self.permutation.index(rank))
        })
    }

    /// The first rank of an opening, and how many it has.
    fn ranks_of(&self, opening: u64) -> (u64, u64) {
        let first = |opening: u64| (opening * self.length).div_ceil(self.openings.len() as u64);
        let size = first(opening + 1).saturating_sub(first(opening));
        (first(opening), size.max(1))
    }

    fn at_rank(&self, rank: u64) -> String {
        let opening = rank * self.openings.len() as u64 / self.length.max(1);
        let (first, size) = self.ranks_of(opening);
        let within = rank.saturating_sub(first);
        let second = within * self.seconds.len() as u64 / size;
        let mut title = format!(
            "{}{}{}",
            pick(&self.openings, opening),
            self.vocabulary.separator,
            pick(&self.seconds, second),
        );
        if self.width > 0 {
            title.push_str(&format!(" {:0width$}", within + 1, width = self.width));
        }
        title.push_str(pick(self.vocabulary.endings, rank));
        title
    }
}

#[cfg(test)]
mod tests {
    use super::{COMPANY, EDGE_CASES, Titles};
    use crate::content::Content;

    #[test]
    fn no_opening_is_the_start_of_another() {
        for vocabulary in [COMPANY, EDGE_CASES] {
            for (words, separator) in [
                (vocabulary.openings, vocabulary.separator),
                (vocabulary.seconds, " "),
            ] {
                for left in words {
                    let others = words
                        .iter()
                        .filter(|right| right.starts_with(&format!("{left}{separator}")));
                    assert_eq!(others.count(), 0, "{left}");
                }
            }
        }
    }

    #[test]
    fn titles_rise_with_their_rank_and_are_found_again() {
        let contents = [Content::Company, Content::EdgeCases];
        let lengths = [1, 5, 63, 64, 65, 1_000, 70_001];
        for (content, length) in contents
            .into_iter()
            .flat_map(|content| lengths.map(|length| (content, length)))
        {
            let titles = Titles::new(content, 7, length);
            let ranked: Vec<String> = (0..length).map(|rank| titles.at_rank(rank)).collect();
            assert!(
                ranked.is_sorted_by(|left, right| left < right),
                "{content:?}, length {length}"
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
        let titles = Titles::new(Content::EdgeCases, 7, 1_000);
        assert_eq!(titles.find("Architecture"), None);
        assert_eq!(titles.find("Architecture Plan 99"), None);
        assert_eq!(titles.find(""), None);
    }
}
