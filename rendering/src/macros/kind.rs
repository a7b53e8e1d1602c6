//! What each macro is, by its name.

use crate::document::find;

/// What a reader sees of a macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its plain body is code in the language that a parameter names.
    Code,
    /// Its source, in this language, is the nearest to what it shows.
    Source(&'static str),
    /// Its plain body is HTML.
    Html,
    /// A formula, in a line or on its own.
    Math,
    /// A box with a label.
    Panel,
    /// A body under a title: tabs, cards, what can be expanded.
    Titled,
    /// Its body, perhaps under a title.
    Frame,
    /// A word in a coloured box.
    Status,
    /// Nothing: links lead here.
    Anchor,
    /// Issues of Jira.
    Jira,
    /// A file or a drawing.
    File,
    /// Another page.
    Include,
    /// A person.
    Profile,
    /// Something under another address.
    Embed,
    /// Bars on a time line, all of which are in a parameter.
    Roadmap,
    /// What the site computes.
    Dynamic,
    /// Nothing: style sheets and scripts.
    Omitted,
    Unknown,
}

const KINDS: [(&str, Kind); 109] = [
    ("align", Kind::Frame),
    ("anchor", Kind::Anchor),
    ("attachments", Kind::Dynamic),
    ("auihorizontalnav", Kind::Frame),
    ("auihorizontalnavpage", Kind::Titled),
    ("auimessage", Kind::Panel),
    ("auitabs", Kind::Frame),
    ("auitabspage", Kind::Titled),
    ("badge", Kind::Status),
    ("bgcolor", Kind::Frame),
    ("blog-posts", Kind::Dynamic),
    ("card", Kind::Titled),
    ("center", Kind::Frame),
    ("change-history", Kind::Dynamic),
    ("chart", Kind::Frame),
    ("children", Kind::Dynamic),
    ("code", Kind::Code),
    ("code-block", Kind::Code),
    ("codeblock", Kind::Code),
    ("column", Kind::Frame),
    ("content-report-table", Kind::Dynamic),
    ("contentbylabel", Kind::Dynamic),
    ("contributors", Kind::Dynamic),
    ("contributors-summary", Kind::Dynamic),
    ("create-from-template", Kind::Dynamic),
    ("css", Kind::Omitted),
    ("decisionreport", Kind::Dynamic),
    ("deck", Kind::Frame),
    ("details", Kind::Frame),
    ("detailssummary", Kind::Dynamic),
    ("div", Kind::Frame),
    ("drawio", Kind::File),
    ("drawio-board", Kind::File),
    ("drawio-sketch", Kind::File),
    ("error", Kind::Panel),
    ("excerpt", Kind::Frame),
    ("excerpt-include", Kind::Include),
    ("expand", Kind::Titled),
    ("favpages", Kind::Dynamic),
    ("gallery", Kind::Dynamic),
    ("gliffy", Kind::File),
    ("hideelements", Kind::Frame),
    ("html", Kind::Html),
    ("iframe", Kind::Embed),
    ("inc-drawio", Kind::File),
    ("include", Kind::Include),
    ("include-page", Kind::Include),
    ("index", Kind::Dynamic),
    ("info", Kind::Panel),
    ("javascript", Kind::Omitted),
    ("jira", Kind::Jira),
    ("jirachart", Kind::Jira),
    ("jiraissues", Kind::Jira),
    ("labels-list", Kind::Dynamic),
    ("listlabels", Kind::Dynamic),
    ("livesearch", Kind::Dynamic),
    ("localtab", Kind::Titled),
    ("localtabgroup", Kind::Frame),
    ("lozenge", Kind::Status),
    ("multiexcerpt-include-macro", Kind::Include),
    ("multimedia", Kind::File),
    ("noformat", Kind::Code),
    ("note", Kind::Panel),
    ("pagetree", Kind::Dynamic),
    ("pagetreesearch", Kind::Dynamic),
    ("panel", Kind::Panel),
    ("popular-labels", Kind::Dynamic),
    ("profile", Kind::Profile),
    ("profile-picture", Kind::Profile),
    ("quote", Kind::Frame),
    ("recently-updated", Kind::Dynamic),
    ("recently-updated-dashboard", Kind::Dynamic),
    ("related-labels", Kind::Dynamic),
    ("roadmap", Kind::Roadmap),
    ("rss", Kind::Dynamic),
    ("script", Kind::Omitted),
    ("search", Kind::Dynamic),
    ("section", Kind::Frame),
    ("source", Kind::Code),
    ("space-attachments", Kind::Dynamic),
    ("space-details", Kind::Dynamic),
    ("spaces", Kind::Dynamic),
    ("span", Kind::Frame),
    ("status", Kind::Status),
    ("status-handy", Kind::Status),
    ("style", Kind::Omitted),
    ("style-macro", Kind::Omitted),
    ("success", Kind::Panel),
    ("tab", Kind::Titled),
    ("tab-pane", Kind::Titled),
    ("table-chart", Kind::Frame),
    ("table-filter", Kind::Frame),
    ("tablesorter", Kind::Frame),
    ("tabs-group", Kind::Frame),
    ("tasks-report-macro", Kind::Dynamic),
    ("tip", Kind::Panel),
    ("toc", Kind::Frame),
    ("toc-zone", Kind::Frame),
    ("ui-expand", Kind::Titled),
    ("ui-tab", Kind::Titled),
    ("ui-tabs", Kind::Frame),
    ("userlister", Kind::Dynamic),
    ("view-file", Kind::File),
    ("viewdoc", Kind::File),
    ("viewpdf", Kind::File),
    ("viewppt", Kind::File),
    ("viewxls", Kind::File),
    ("warning", Kind::Panel),
    ("widget", Kind::Embed),
];

/// What a macro is whose name contains one of these words: apps for the same are many.
const WORDS: [(&str, Kind); 13] = [
    ("native-embed:", Kind::Dynamic),
    ("markdown", Kind::Source("markdown")),
    ("mermaid", Kind::Source("mermaid")),
    ("plantuml", Kind::Source("plantuml")),
    ("math", Kind::Math),
    ("latex", Kind::Math),
    ("katex", Kind::Math),
    ("equation", Kind::Math),
    ("html", Kind::Html),
    ("css", Kind::Omitted),
    ("stylesheet", Kind::Omitted),
    ("style-sheet", Kind::Omitted),
    ("javascript", Kind::Omitted),
];

#[inline(never)]
pub(crate) fn kind(name: &str) -> Kind {
    let known = KINDS
        .binary_search_by(|(known, _)| (*known).cmp(name))
        .ok()
        .and_then(|at| KINDS.get(at));
    let named = || {
        let name = name.to_ascii_lowercase();
        WORDS.iter().find(|(word, _)| find(&name, word).is_some())
    };
    known
        .or_else(named)
        .map_or(Kind::Unknown, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_so_that_each_is_found() {
        for (name, known) in KINDS {
            assert_eq!(kind(name), known, "{name}");
        }
    }
}
