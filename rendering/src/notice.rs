//! What was not rendered as it would be seen.

use std::fmt;

/// Longest subject in bytes. Names of macros are shorter; nothing keeps a body from longer ones.
const SUBJECT: usize = 80;

/// Something that was rendered otherwise than it would be seen in Confluence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RenderNotice {
    /// What it is.
    pub kind: NoticeKind,
    /// The name of the macro, node or entity, or the scheme of the link. May be empty.
    pub subject: String,
    /// How often it was met.
    pub count: u32,
}

/// One phrase for people, with the subject in backticks.
impl fmt::Display for RenderNotice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, behind) = self.kind.phrase();
        out.write_str(before)?;
        if !self.subject.is_empty() {
            out.write_str(if before.is_empty() { "`" } else { " `" })?;
            out.write_str(&self.subject.replace('`', "'"))?;
            out.write_str("`")?;
        }
        out.write_str(behind)
    }
}

impl NoticeKind {
    /// What stands before and behind the subject.
    const fn phrase(self) -> (&'static str, &'static str) {
        match self {
            Self::NotWellFormed => (
                "the body is not well-formed",
                ": its structure may be wrong",
            ),
            Self::TooDeep => ("text lies too deep", ": its structure was not kept"),
            Self::UnknownEntity => ("the entity", " is unknown: it stands as it is"),
            Self::UnknownMacro => ("the macro", " is unknown: its text was kept"),
            Self::EmptyMacro => ("the macro", " has no text: it was omitted"),
            Self::Parameters => ("parameters of the macro", " were omitted"),
            Self::UnknownNode => ("the node", " is unknown: its content was kept"),
            Self::EmptyNode => ("the node", " has no text: it was omitted"),
            Self::Dynamic => (
                "",
                " shows content that is not in the body: that was omitted",
            ),
            Self::Omitted => ("", " is not shown to readers: it was omitted"),
            Self::LargeTable => (
                "a table is too large to lay out: merged values are not repeated, and columns may shift",
                "",
            ),
            Self::UnsafeLink => ("an address with the scheme", " was omitted"),
            Self::Credential => ("an address of", " has a credential: it was shortened"),
            Self::More => ("there is more", " of this kind"),
        }
    }
}

/// Kinds of [`RenderNotice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoticeKind {
    /// The body is not well-formed: what is wrong was taken for text or closed where it had to
    /// be, so text is complete and structure may not be.
    NotWellFormed,
    /// Text lies deeper than the limit: it was kept, its structure was not.
    TooDeep,
    /// An entity has an unknown name and was kept as it stands.
    UnknownEntity,
    /// A macro is unknown: its text was kept.
    UnknownMacro,
    /// A macro contains nothing that readers are known to see.
    EmptyMacro,
    /// A macro has parameters that may be configuration or credentials, or texts that it does not
    /// show: they were omitted.
    Parameters,
    /// A node is unknown: its content was kept.
    UnknownNode,
    /// A node contains nothing that readers are known to see.
    EmptyNode,
    /// A macro or node shows what is not in the body (a list of children, another page, a query):
    /// at most its title, its query and its address were rendered.
    Dynamic,
    /// Style sheets, scripts and prompts for editors.
    Omitted,
    /// Merged cells make a table so large that each value appears once only, and where even that
    /// is too much, perhaps in another column.
    LargeTable,
    /// An address has a scheme that runs code: the address was omitted.
    UnsafeLink,
    /// An address that only a macro or node has contains a credential: user and password, the query
    /// or the fragment was omitted.
    Credential,
    /// There were more different notices than the limit.
    More,
}

/// Notices as they are collected.
#[derive(Debug)]
pub(crate) struct Notices {
    list: Vec<RenderNotice>,
    most: usize,
    more: u32,
}

impl Notices {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            list: Vec::new(),
            most,
            more: 0,
        }
    }

    #[inline(never)]
    pub(crate) fn add(&mut self, kind: NoticeKind, subject: &str) {
        let subject = crate::document::cut(subject, SUBJECT);
        let subject: &str = &crate::document::printable(subject);
        for notice in &mut self.list {
            if notice.kind == kind && notice.subject == subject {
                notice.count = notice.count.saturating_add(1);
                return;
            }
        }
        if self.list.len() >= self.most {
            self.more = self.more.saturating_add(1);
            return;
        }
        self.list.push(RenderNotice {
            kind,
            subject: subject.to_owned(),
            count: 1,
        });
    }

    pub(crate) fn into_list(mut self) -> Vec<RenderNotice> {
        if self.more > 0 {
            self.list.push(RenderNotice {
                kind: NoticeKind::More,
                subject: String::new(),
                count: self.more,
            });
        }
        self.list
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn notices_are_counted_and_bounded() {
        let mut notices = Notices::new(2);
        for name in ["a", "b", "a", "c", "d"] {
            notices.add(NoticeKind::UnknownMacro, name);
        }
        let list = notices.into_list();
        assert_eq!(list.len(), 3);
        assert_eq!((list[0].subject.as_str(), list[0].count), ("a", 2));
        assert_eq!((list[2].kind, list[2].count), (NoticeKind::More, 2));
    }

    #[test]
    fn a_notice_is_a_phrase() {
        let phrase = |kind, subject: &str| {
            let subject = subject.to_owned();
            RenderNotice {
                kind,
                subject,
                count: 1,
            }
            .to_string()
        };
        assert_eq!(
            phrase(NoticeKind::UnknownMacro, "a`b"),
            "the macro `a'b` is unknown: its text was kept"
        );
        assert_eq!(phrase(NoticeKind::More, ""), "there is more of this kind");
    }

    #[test]
    fn a_long_subject_is_cut_between_characters() {
        let mut notices = Notices::new(2);
        notices.add(NoticeKind::UnknownMacro, &"ä".repeat(1_000));
        assert_eq!(notices.into_list()[0].subject, "ä".repeat(40));
    }
}
