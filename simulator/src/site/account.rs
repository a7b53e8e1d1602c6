//! The people on the site.

use super::Site;
use crate::content::Content;
use crate::random::{mix, pick, uuid};

const NAMES: [&str; 24] = [
    "Ada Vogel",
    "Björn Ødegård",
    "Chloé Lefèvre",
    "Δήμητρα Νικολάου",
    "Екатерина Орлова",
    "فاطمة الزهراء",
    "Gülşen Yılmaz",
    "韩梅",
    "いしかわ れん",
    "João Conceição",
    "김하늘",
    "Łukasz Żak",
    "Mary O’Connor",
    "Nguyễn Ánh",
    "Óscar Núñez",
    "Priya अग्रवाल",
    "Quirin \"Q\" Huber",
    "רות כהן",
    "Søren <Ops>",
    "ธนา ใจดี",
    "Uğur & Co",
    "Viktor Čapek",
    "Wanjiru wa Ngũgĩ",
    "Zoë 🦊",
];

/// The people of a company.
const COMPANY_NAMES: [&str; 24] = [
    "Ada Vogel",
    "Björn Ødegård",
    "Chloé Lefèvre",
    "Dimitra Nikolaou",
    "Ekaterina Orlova",
    "Fatima Zahra",
    "Gülşen Yılmaz",
    "Han Mei",
    "Ishikawa Ren",
    "João Conceição",
    "Kim Ha-neul",
    "Łukasz Żak",
    "Mary O’Connor",
    "Nguyễn Ánh",
    "Óscar Núñez",
    "Priya Agrawal",
    "Quirin Huber",
    "Ruth Cohen",
    "Søren Holm",
    "Thana Jaidee",
    "Uğur Aydın",
    "Viktor Čapek",
    "Wanjiru Kamau",
    "Zoë Martin",
];

const TIME_ZONES: [&str; 6] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "UTC",
    "America/St_Johns",
];

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) time_zone: &'static str,
}

/// How many accounts there are by default.
pub(crate) const COUNT: u64 = NAMES.len() as u64;

/// So many accounts: most with ids of the newer form, some with the older one of 24 digits.
pub(crate) fn all(content: Content, seed: u64, count: u64) -> Vec<Account> {
    (0..count)
        .map(|index| Account {
            id: if index % 5 == 4 {
                format!("5f{:022x}", u128::from(mix(seed, 301, index)) << 20)
            } else {
                format!("712020:{}", uuid(seed, 300, index))
            },
            name: {
                let name = match content {
                    Content::Company => pick(&COMPANY_NAMES, index),
                    Content::EdgeCases => pick(&NAMES, index),
                };
                match index / COUNT {
                    0 => name.to_owned(),
                    round => format!("{name} {}", round + 1),
                }
            },
            time_zone: pick(&TIME_ZONES, mix(seed, 302, index)),
        })
        .collect()
}

impl Site {
    /// How many accounts there are.
    pub(crate) fn account_count(&self) -> u64 {
        self.accounts.len() as u64
    }

    /// As a number for [`Site::account_id`].
    pub(crate) fn account_of_id(&self, id: &str) -> Option<u64> {
        let at = self.accounts.iter().position(|account| account.id == id);
        at.map(|at| at as u64)
    }

    /// The address that an account shows to others: none mostly.
    pub(crate) fn visible_email(&self, at: u64) -> String {
        match mix(self.seed, 303, at) % 4 {
            0 => format!("person{at}@example.com"),
            _ => String::new(),
        }
    }
}
