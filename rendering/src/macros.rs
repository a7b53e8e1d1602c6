//! What is known of macros by their names, however a body calls them.

use std::rc::Rc;

use crate::address;
use crate::builder::{Builder, Open};
use crate::context::Context;
use crate::document::{Marks, Style};
use crate::notice::NoticeKind;

/// One use of a macro.
pub(crate) struct Call<'c> {
    pub(crate) name: &'c str,
    pub(crate) parameter: &'c dyn Fn(&str) -> Option<String>,
    /// The address, if it can be known, and the title of the resource that it names.
    pub(crate) resource: Option<(Option<String>, String)>,
}

/// What is to be done with the body of a macro.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Read it.
    Read,
    /// Read it, then close what was opened for it.
    ReadAndClose,
    /// It is code in this language.
    Code(String),
}

impl Call<'_> {
    /// Shows what comes before the body, and says what is to be done with that.
    pub(crate) fn begin(
        &self,
        context: &Context<'_>,
        builder: &mut Builder,
        style: &Style,
    ) -> Body {
        let get = |name: &str| {
            (self.parameter)(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        match self.name {
            "code" | "code-block" | "codeblock" | "noformat" | "source" => {
                if let Some(title) = get("title") {
                    builder.title(&title);
                }
                return Body::Code(get("language").or_else(|| get("")).unwrap_or_default());
            }
            "html" | "markdown" | "plantuml" | "mermaid" | "latex" => {
                return Body::Code(self.name.to_owned());
            }
            "info" | "note" | "warning" | "tip" | "error" | "success" | "panel" => {
                panel(builder, self.name, get("title").as_deref());
                return Body::ReadAndClose;
            }
            "expand" | "ui-expand" => {
                builder.end_paragraph();
                if let Some(title) = get("title") {
                    builder.title(&title);
                }
            }
            "status" => status(
                builder,
                &get("title").or_else(|| get("colour")).unwrap_or_default(),
                style,
            ),
            // Seen only as what surrounds or frames their body, or not at all.
            "excerpt" | "details" | "section" | "column" | "toc-zone" | "chart" | "div"
            | "span" | "align" | "bgcolor" | "center" | "table-filter" | "table-chart"
            | "tablesorter" | "ui-tabs" | "anchor" | "toc" | "hideelements" | "quote" => {}
            "ui-tab" => builder.title(&get("title").unwrap_or_default()),
            "jira" | "jiraissues" => match get("key") {
                Some(key) => builder.text(&key, style),
                None => {
                    builder.note(NoticeKind::Dynamic, self.name);
                    builder.end_paragraph();
                    if let Some(query) = get("jqlQuery").or_else(|| get("url")) {
                        builder.text(&format!("Jira: {query}"), style);
                    }
                    builder.end_paragraph();
                }
            },
            "view-file" | "viewpdf" | "viewdoc" | "viewxls" | "viewppt" | "multimedia"
            | "drawio" | "gliffy" | "inc-drawio" => {
                let name = get("name")
                    .or_else(|| get("diagramName"))
                    .or_else(|| get("diagramDisplayName"));
                let named = name.map(|name| (address::file(&name), name));
                self.refer(builder, self.resource.clone().or(named), style);
            }
            "include" | "excerpt-include" | "include-page" => {
                builder.note(NoticeKind::Dynamic, self.name);
                let named =
                    get("").map(|title| (address::page(context, None, &title, None), title));
                self.refer(builder, self.resource.clone().or(named), style);
            }
            "profile" => self.refer(builder, self.resource.clone(), style),
            "widget" | "iframe" => {
                let named = get("url").or_else(|| get("src"));
                let named = named.map(|url| {
                    (
                        Some(url.clone()).filter(|url| address::unsafe_scheme(url).is_none()),
                        url,
                    )
                });
                self.refer(builder, self.resource.clone().or(named), style);
            }
            "attachments"
            | "blog-posts"
            | "change-history"
            | "children"
            | "content-report-table"
            | "contentbylabel"
            | "contributors"
            | "contributors-summary"
            | "create-from-template"
            | "detailssummary"
            | "favpages"
            | "gallery"
            | "index"
            | "labels-list"
            | "listlabels"
            | "livesearch"
            | "pagetree"
            | "pagetreesearch"
            | "popular-labels"
            | "recently-updated"
            | "recently-updated-dashboard"
            | "related-labels"
            | "roadmap"
            | "rss"
            | "search"
            | "space-attachments"
            | "space-details"
            | "spaces"
            | "tasks-report-macro"
            | "userlister" => builder.note(NoticeKind::Dynamic, self.name),
            _ => builder.note(NoticeKind::UnknownMacro, self.name),
        }
        Body::Read
    }

    fn refer(
        &self,
        builder: &mut Builder,
        resource: Option<(Option<String>, String)>,
        style: &Style,
    ) {
        // All of these are seen as blocks.
        builder.end_paragraph();
        if let Some((address, title)) = resource {
            builder.text(&title, &style.linked(address.map(Rc::from)));
        }
        builder.end_paragraph();
    }
}

/// Opens a panel, which its first words tell from a quotation.
pub(crate) fn panel(builder: &mut Builder, kind: &str, title: Option<&str>) {
    let label = match kind {
        "info" => "Info",
        "note" => "Note",
        "warning" => "Warning",
        "tip" => "Tip",
        "error" => "Error",
        "success" => "Success",
        _ => "",
    };
    builder.open(Open::Quote);
    let title = title.map(str::trim).filter(|title| !title.is_empty());
    match title {
        Some(title) if label.is_empty() => builder.title(title),
        Some(title) => builder.title(&format!("{label}: {title}")),
        None => builder.title(label),
    }
}

/// A status lozenge.
pub(crate) fn status(builder: &mut Builder, text: &str, style: &Style) {
    builder.text(text, &style.with(Marks::STRONG));
}
