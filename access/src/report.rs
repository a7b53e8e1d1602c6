//! What there is to say after access was computed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use source::Notice;
use sync::Stored;

use crate::principal::Principal;
use crate::reason::Reason;

pub(crate) const MEMBERS: &str = "group_members";
pub(crate) const USERS: &str = "users";
pub(crate) const MEMBER_COLUMNS: &[&str] = &["group_id", "account_id", "email"];
pub(crate) const USER_COLUMNS: &[&str] = &["account_id", "email"];

/// The setting of an account that hides its e-mail address.
const EMAIL_SETTING: &str =
    "`Who can see this?` next to the e-mail address, under `Profile and visibility` of the account";

/// Counts of contents and readers.
#[derive(Debug, Default)]
pub(crate) struct Report {
    known: u64,
    unknown: BTreeMap<Reason, u64>,
    named: BTreeSet<Principal>,
    readers: u64,
    without_email: u64,
}

impl Report {
    pub(crate) fn count(&mut self, layers: &Result<Vec<(String, BTreeSet<Principal>)>, Reason>) {
        match layers {
            Ok(layers) => {
                self.known += 1;
                for principal in layers.iter().flat_map(|(_, principals)| principals) {
                    if !self.named.contains(principal) {
                        self.named.insert(principal.clone());
                    }
                }
            }
            Err(reason) => *self.unknown.entry(*reason).or_default() += 1,
        }
    }

    /// Counts the accounts that layers name, themselves or by a group.
    pub(crate) fn see_readers(&mut self, stored: &Stored) {
        let mut readers: BTreeMap<&str, bool> = BTreeMap::new();
        for principal in &self.named {
            if let Principal::User(id) = principal {
                readers.entry(id).or_default();
            }
        }
        let has_email = |email: Option<&str>| email.is_some_and(|email| !email.is_empty());
        for row in stored.rows(MEMBERS) {
            let (Some(group), Some(account)) = (row.value(0), row.value(1)) else {
                continue;
            };
            let is_reader = self.named.contains(&Principal::Group(group.to_owned()));
            if is_reader || readers.contains_key(account) {
                *readers.entry(account).or_default() |= has_email(row.value(2));
            }
        }
        for row in stored.rows(USERS) {
            if let Some(known) = row.value(0).and_then(|account| readers.get_mut(account)) {
                *known |= has_email(row.value(1));
            }
        }
        self.readers = readers.len() as u64;
        self.without_email = readers.values().filter(|known| !**known).count() as u64;
    }

    /// Notices for people.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        let notice = |code: &str, message| Notice::new(code.to_owned(), message, None);
        let unknown: u64 = self.unknown.values().sum();
        if unknown > 0 {
            let reasons: Vec<String> = self
                .unknown
                .iter()
                .map(|(reason, count)| format!("{count} because {}", reason.message()))
                .collect();
            notices.push(notice(
                "access-unknown",
                format!(
                    "who may read it is known of {} and unknown of {unknown} pages and blog posts, which nobody may read: {}",
                    self.known,
                    reasons.join("; ")
                ),
            ));
        }
        if self.without_email > 0 {
            notices.push(notice(
                "readers-without-email",
                format!(
                    "{} of {} readers show no e-mail address to this account; each of them decides that with {EMAIL_SETTING}",
                    self.without_email, self.readers
                ),
            ));
        }
        notices
    }

    /// The same for programs.
    pub(crate) fn summary(&self) -> String {
        let reasons: BTreeMap<&str, u64> = self
            .unknown
            .iter()
            .map(|(reason, count)| (reason.code(), *count))
            .collect();
        json!({
            "known": self.known,
            "unknown": self.unknown.values().sum::<u64>(),
            "reasons": reasons,
            "readers": self.readers,
            "readersWithoutEmail": self.without_email,
        })
        .to_string()
    }
}
