//! Parameters of macros that readers see.
//!
//! What an app calls its parameters is its own affair, so this is a closed list of the names
//! under which text, formulas and addresses were met. Everything else may be configuration or a
//! credential and is never shown.

use std::borrow::Cow;

use crate::document::find;

/// What a parameter is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A title, whatever else the macro does.
    Title,
    /// A text, in macros that are not a query.
    Label,
    /// A text of some length.
    Text,
    /// What the macro draws, as a formula or in a language.
    Source,
    /// Where a page, a file or a film lies.
    Address,
    /// The title of a page.
    Page,
    /// What a macro draws, in macros that draw; configuration in others.
    Drawing,
    /// Text that may have a credential in it, or configuration under the name of a text.
    Hidden,
}

/// Names in lower case and without `-`, `_`, `.` and blanks.
const ROLES: &[(&str, Role)] = &[
    ("address", Role::Label),
    ("airtableurl", Role::Address),
    ("alt", Role::Label),
    ("alternative", Role::Label),
    ("alternativetext", Role::Label),
    ("alttext", Role::Label),
    ("answer", Role::Text),
    ("attribution", Role::Label),
    ("audiourl", Role::Address),
    ("blanktitle", Role::Title),
    ("boardlink", Role::Address),
    ("boardurl", Role::Address),
    ("body", Role::Source),
    ("bodycontent", Role::Source),
    ("boxtitle", Role::Title),
    ("buttonlabel", Role::Title),
    ("buttonlink", Role::Address),
    ("buttontext", Role::Title),
    ("buttonurl", Role::Address),
    ("calendarurl", Role::Address),
    ("callout", Role::Text),
    ("caption", Role::Title),
    ("cardtitle", Role::Title),
    ("charttitle", Role::Title),
    ("code", Role::Drawing),
    ("comment", Role::Text),
    ("content", Role::Source),
    ("createbuttonlabel", Role::Title),
    ("dashboardurl", Role::Address),
    ("definition", Role::Text),
    ("description", Role::Text),
    ("designurl", Role::Address),
    ("diagram", Role::Drawing),
    ("diagramcode", Role::Drawing),
    ("diagramdisplayname", Role::Label),
    ("diagramname", Role::Label),
    ("diagramsource", Role::Drawing),
    ("diagramurl", Role::Address),
    ("displayname", Role::Label),
    ("displaytext", Role::Label),
    ("documenturl", Role::Address),
    ("docurl", Role::Address),
    ("embedlink", Role::Address),
    ("embedsrc", Role::Address),
    ("embedurl", Role::Address),
    ("equation", Role::Source),
    ("expression", Role::Source),
    ("feedurl", Role::Address),
    ("figmaurl", Role::Address),
    ("filelink", Role::Address),
    ("filename", Role::Label),
    ("fileurl", Role::Address),
    ("footer", Role::Label),
    ("footnote", Role::Text),
    ("formula", Role::Source),
    ("formurl", Role::Address),
    ("graph", Role::Drawing),
    ("header", Role::Title),
    ("headertext", Role::Title),
    ("heading", Role::Title),
    ("headline", Role::Title),
    ("href", Role::Address),
    ("hyperlink", Role::Address),
    ("iframesrc", Role::Address),
    ("iframeurl", Role::Address),
    ("imageurl", Role::Address),
    ("issuekey", Role::Label),
    ("label", Role::Label),
    ("labeltext", Role::Label),
    ("latex", Role::Source),
    ("latexcode", Role::Source),
    ("legendtitle", Role::Label),
    ("link", Role::Address),
    ("linktext", Role::Title),
    ("linktitle", Role::Title),
    ("linkurl", Role::Address),
    ("loomurl", Role::Address),
    ("lucidurl", Role::Address),
    ("macrotitle", Role::Title),
    ("mapurl", Role::Address),
    ("markdown", Role::Source),
    ("markdowncontent", Role::Source),
    ("markdowntext", Role::Source),
    ("math", Role::Source),
    ("mathml", Role::Source),
    ("mdcontent", Role::Source),
    ("mediaurl", Role::Address),
    ("mermaidcode", Role::Drawing),
    ("message", Role::Text),
    ("messagetext", Role::Text),
    ("mirourl", Role::Address),
    ("name", Role::Label),
    ("note", Role::Text),
    ("page", Role::Page),
    ("pagetitle", Role::Page),
    ("pageurl", Role::Address),
    ("paneltitle", Role::Title),
    ("pdfurl", Role::Address),
    ("placeholder", Role::Title),
    ("plaintext", Role::Text),
    ("playlisturl", Role::Address),
    ("presentationurl", Role::Address),
    ("prototypeurl", Role::Address),
    ("question", Role::Title),
    ("quote", Role::Text),
    ("reporturl", Role::Address),
    ("root", Role::Page),
    ("script", Role::Drawing),
    ("sectiontitle", Role::Title),
    ("sharelink", Role::Address),
    ("sharepointurl", Role::Address),
    ("shareurl", Role::Address),
    ("sheeturl", Role::Address),
    ("slidesurl", Role::Address),
    ("snippet", Role::Source),
    ("source", Role::Drawing),
    ("sourceurl", Role::Address),
    ("specurl", Role::Address),
    ("spreadsheeturl", Role::Address),
    ("src", Role::Address),
    ("statustext", Role::Label),
    ("steptitle", Role::Title),
    ("subheading", Role::Title),
    ("subtitle", Role::Title),
    ("summary", Role::Title),
    ("tablabel", Role::Title),
    ("tabletitle", Role::Title),
    ("tabname", Role::Title),
    ("tabtitle", Role::Title),
    ("targeturl", Role::Address),
    ("term", Role::Label),
    ("tex", Role::Source),
    ("text", Role::Text),
    ("texttodisplay", Role::Text),
    ("title", Role::Title),
    ("titletext", Role::Title),
    ("tooltip", Role::Text),
    ("tooltiptext", Role::Text),
    ("umlcode", Role::Drawing),
    ("uri", Role::Address),
    ("url", Role::Address),
    ("videolink", Role::Address),
    ("videourl", Role::Address),
    ("viewurl", Role::Address),
    ("visualizationurl", Role::Address),
    ("website", Role::Address),
    ("websiteurl", Role::Address),
    ("whiteboardurl", Role::Address),
    ("word", Role::Label),
    ("workbookurl", Role::Address),
    ("xaxislabel", Role::Title),
    ("xaxistitle", Role::Title),
    ("xlabel", Role::Title),
    ("yaxislabel", Role::Title),
    ("yaxistitle", Role::Title),
    ("ylabel", Role::Title),
    ("youtubeurl", Role::Address),
];

/// The longest name in [`ROLES`].
const LONGEST: usize = 24;

/// The role of the parameter `name` with that value, if readers see it.
#[inline(never)]
pub(crate) fn role(name: &str, value: &str) -> Option<Role> {
    if name.len() > LONGEST {
        return None;
    }
    let name = plain(name);
    let at = ROLES.binary_search_by(|(known, _)| (*known).cmp(&*name));
    let role = at.ok().and_then(|at| ROLES.get(at))?.1;
    // `title=false` and the like switch what is seen.
    let switch = [
        "auto",
        "default",
        "false",
        "none",
        "null",
        "true",
        "undefined",
    ];
    let lower = value.trim().to_ascii_lowercase();
    let shown = match role {
        Role::Address => is_address(&lower),
        // `@self` and `@home` are no titles.
        Role::Page => !lower.starts_with('@'),
        _ => true,
    };
    if !shown || lower.is_empty() || switch.contains(&&*lower) {
        return None;
    }
    // JSON is configuration, whatever it is called.
    let hidden = match role {
        Role::Source | Role::Text => lower.starts_with(['{', '[']) && find(&lower, "\":").is_some(),
        _ => false,
    };
    Some(if hidden { Role::Hidden } else { role })
}

/// `name` as it is in [`ROLES`].
#[inline(never)]
pub(crate) fn plain(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Cow::Borrowed(name);
    }
    let mut plain = name.to_ascii_lowercase();
    plain.retain(|c| !"-_. ".contains(c));
    Cow::Owned(plain)
}

fn is_address(value: &str) -> bool {
    let known = ["http://", "https://", "ftp://", "mailto:", "www.", "//"];
    known.iter().any(|start| value.starts_with(start))
        || value.starts_with('/') && !value.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_short_enough_to_be_found() {
        for (name, known) in ROLES {
            assert!(name.len() <= LONGEST, "{name}");
            let value = if *known == Role::Address { "//x" } else { "x" };
            assert_eq!(role(name, value), Some(*known), "{name}");
        }
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        assert_eq!(role("Button-Label", "Go"), Some(Role::Title));
        assert_eq!(role("__bodyContent", "x"), Some(Role::Source));
        assert_eq!(role("callbackUrl", "https://x.example"), None);
        assert_eq!(role("title", "false"), None);
        assert_eq!(role("link", "_blank"), None);
        assert_eq!(role("root", "@home"), None);
    }
}
