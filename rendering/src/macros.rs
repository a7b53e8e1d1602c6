//! What is known of macros by their names and parameters, however a body calls them.

mod kind;
mod parameter;
mod roadmap;

use std::borrow::Cow;

use crate::address;
use crate::builder::{Builder, Open};
use crate::context::Context;
use crate::document::{Marks, Style, find};
use crate::notice::NoticeKind;
use kind::{Kind, kind};
use parameter::{Role, plain, role};

/// Texts and addresses that are shown of one macro. Real ones have up to four.
const MAX_SHOWN: usize = 32;

/// One use of a macro.
pub(crate) struct Call<'c> {
    pub(crate) name: &'c str,
    /// Names and values, in their order.
    pub(crate) parameters: Vec<(Cow<'c, str>, String)>,
    /// What its parameters name.
    pub(crate) resources: Vec<Resource>,
    /// What is shown where the macro cannot be.
    pub(crate) fallback: Option<&'c str>,
    /// It is on lines of its own.
    pub(crate) block: bool,
    /// It has a body of blocks.
    pub(crate) rich: bool,
}

/// Something that a parameter names.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    pub(crate) kind: ResourceKind,
    /// If it can be known.
    pub(crate) address: Option<String>,
    pub(crate) title: String,
    /// It is a file of another page.
    pub(crate) foreign: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResourceKind {
    /// A page, a blog post or other content.
    Page,
    File,
    Address,
    Person,
    /// A space, or something unknown.
    Other,
}

/// What is to be done with the body of a macro.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Read it. If it is plain, it is code in no language.
    Read,
    /// It is code in this language.
    Code(String),
    /// If it is plain, it is code within a line.
    Inline,
    /// If it is plain, it is HTML.
    Html,
    /// Skip it.
    Skip,
}

/// A macro that was begun.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) body: Body,
    kind: Kind,
    /// Something was opened for the body.
    open: bool,
    /// Parameters were omitted that are not known to be configuration.
    omitted: bool,
    /// Pieces before it, without the title of a box.
    pieces: usize,
}

/// What readers see of parameters.
#[derive(Default)]
struct Shown<'s> {
    titles: Vec<&'s str>,
    texts: Vec<&'s str>,
    sources: Vec<&'s str>,
    addresses: Vec<&'s str>,
    pages: Vec<&'s str>,
    omitted: bool,
    /// Among those are some that readers see.
    unseen: bool,
}

impl Begun {
    /// Whether a plain body is not among what was shown of the parameters.
    pub(crate) fn reads_plain_body(&self) -> bool {
        !matches!(
            self.kind,
            Kind::Unknown | Kind::Math | Kind::Source(_) | Kind::Omitted
        )
    }
}

impl Call<'_> {
    /// The plain body of a macro in ADF, which is a parameter there.
    pub(crate) fn plain_body(&self) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(name, _)| name == "__bodyContent");
        found.map(|(_, value)| value.as_str())
    }

    /// The value of the first of these parameters that has one.
    #[inline(never)]
    fn get(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|wanted| {
            let mut parameters = self.parameters.iter();
            let found = parameters.find(|(name, value)| {
                let same = name == wanted || !wanted.is_empty() && plain(name) == *wanted;
                same && !value.trim().is_empty()
            });
            found.map(|(_, value)| value.trim())
        })
    }

    #[inline(never)]
    fn resource(&self, kinds: &[ResourceKind]) -> Option<&Resource> {
        self.resources
            .iter()
            .find(|resource| kinds.contains(&resource.kind))
    }

    /// What of the parameters is shown of a macro of that kind.
    #[inline(never)]
    fn shown(&self, kind: Kind) -> Shown<'_> {
        let mut shown = Shown::default();
        let mut count = 0;
        for (name, value) in &self.parameters {
            let value = value.trim();
            let draws = matches!(kind, Kind::Math | Kind::Source(_));
            let role = role(name, value).map(|role| match role {
                _ if count >= MAX_SHOWN => Role::Hidden,
                Role::Text | Role::Source | Role::Label
                    if !draws && address::has_credential(value) =>
                {
                    Role::Hidden
                }
                role => role,
            });
            let list = match (role, kind) {
                (Some(Role::Title), _) => &mut shown.titles,
                (Some(Role::Address), Kind::Frame | Kind::Titled) => continue,
                (Some(Role::Address), _) => &mut shown.addresses,
                (Some(Role::Page), Kind::Dynamic) => &mut shown.pages,
                (Some(Role::Label), Kind::Titled | Kind::Unknown | Kind::Status) => {
                    &mut shown.titles
                }
                (Some(Role::Text), Kind::Titled | Kind::Unknown | Kind::Status) => &mut shown.texts,
                (Some(Role::Text), Kind::Math | Kind::Source(_)) => &mut shown.sources,
                (Some(Role::Source), Kind::Unknown | Kind::Math | Kind::Source(_))
                | (Some(Role::Drawing), Kind::Math | Kind::Source(_)) => &mut shown.sources,
                _ => {
                    shown.omitted |= !value.is_empty();
                    // The name of a frame is for macros that refer to it.
                    shown.unseen |= matches!(role, Some(Role::Text | Role::Source | Role::Hidden));
                    continue;
                }
            };
            if !list.contains(&value) {
                list.push(value);
                count += 1;
            }
        }
        shown
    }

    /// Shows what comes before the body, and says what is to be done with that.
    #[inline(never)]
    pub(crate) fn begin(
        &self,
        context: &Context<'_>,
        builder: &mut Builder,
        style: &Style,
    ) -> Begun {
        let kind = match kind(self.name) {
            // Style sheets and scripts have plain bodies; what is more is text.
            Kind::Omitted if self.rich => Kind::Unknown,
            kind => kind,
        };
        let mut begun = Begun {
            body: Body::Read,
            kind,
            open: false,
            omitted: false,
            pieces: builder.pieces(),
        };
        match kind {
            Kind::Code => {
                if let Some(title) = self.get(&["title"]) {
                    builder.title(title);
                }
                let language = self.get(&["language", "lang", ""]).unwrap_or_default();
                begun.body = Body::Code(language.to_owned());
            }
            Kind::Panel => {
                let named = self.get(&["type"]).filter(|_| self.name == "auimessage");
                let title = self.get(&["title"]);
                panel(builder, named.unwrap_or(self.name), title);
                let shown = self.shown(kind);
                for other in shown.titles.iter().filter(|other| Some(**other) != title) {
                    builder.title(other);
                }
                begun.omitted = shown.unseen;
                begun.open = true;
                begun.pieces = builder.pieces();
            }
            Kind::Titled | Kind::Frame => {
                if self.rich || kind == Kind::Titled {
                    builder.end_paragraph();
                }
                let shown = self.shown(kind);
                for title in shown.titles {
                    builder.title(title);
                }
                begun.omitted = shown.unseen;
                begun.pieces = builder.pieces();
                for text in shown.texts {
                    lines(builder, text, style);
                    builder.end_paragraph();
                }
            }
            Kind::Status => {
                let names = [
                    "title", "status", "text", "label", "name", "subject", "colour", "color", "",
                ];
                status(builder, self.get(&names).unwrap_or_default(), style);
            }
            Kind::Anchor => {
                if let Some(name) = self.get(&["", "anchor", "anchorname", "name"]) {
                    builder.anchor(name);
                }
            }
            Kind::Jira => self.jira(context, builder, style),
            Kind::File => {
                let name = self.get(&[
                    "name",
                    "filename",
                    "diagramname",
                    "diagramdisplayname",
                    "displayname",
                ]);
                let page = self.resource(&[ResourceKind::Page]);
                let file = self.resource(&[ResourceKind::File, ResourceKind::Address]);
                let title = file.map(|file| file.title.as_str()).or(name);
                let own = title.and_then(address::file);
                let id = self
                    .get(&["pageid", "contentid", "containerid"])
                    .filter(|id| {
                        id.bytes().all(|byte| byte.is_ascii_digit())
                            && !address::is_own_id(context, id)
                    });
                let elsewhere = id.and_then(|id| address::content(context, id, None));
                let address = match (file, page) {
                    (Some(file), _) if file.foreign => file.address.clone(),
                    (_, Some(page)) => page.address.clone(),
                    (Some(file), None) => file.address.clone(),
                    (None, None) => elsewhere.or(own),
                };
                self.refer(
                    context,
                    builder,
                    address.as_deref(),
                    title.unwrap_or_default(),
                    style,
                );
            }
            Kind::Include => {
                builder.note(NoticeKind::Dynamic, self.name);
                match self.resource(&[ResourceKind::Page]) {
                    Some(page) => {
                        self.refer(
                            context,
                            builder,
                            page.address.as_deref(),
                            &page.title,
                            style,
                        );
                    }
                    None => {
                        if let Some(title) = self.get(&["", "page", "pagetitle", "pagewithexcerpt"])
                        {
                            self.page(context, builder, title, style);
                        }
                    }
                }
            }
            Kind::Profile => match self.resource(&[ResourceKind::Person]) {
                Some(person) => self.refer(context, builder, None, &person.title, style),
                None => {
                    if let Some(id) = self.get(&["user", "accountid"]) {
                        let name = mention(context, id);
                        self.refer(context, builder, None, &name, style);
                    }
                }
            },
            Kind::Embed => {
                let found = self.resource(&[
                    ResourceKind::Address,
                    ResourceKind::File,
                    ResourceKind::Page,
                ]);
                match found {
                    Some(found) => {
                        self.refer(
                            context,
                            builder,
                            found.address.as_deref(),
                            &found.title,
                            style,
                        );
                    }
                    None => {
                        if let Some(title) = self.get(&["title"]) {
                            builder.title(title);
                        }
                        if let Some(url) = self.get(&["url", "src", "link"]) {
                            self.refer(context, builder, Some(url), url, style);
                        }
                    }
                }
            }
            Kind::Roadmap => {
                let source = self.get(&["source"]).unwrap_or_default();
                if !roadmap::show(builder, source, self.get(&["title"])) {
                    builder.note(NoticeKind::Dynamic, self.name);
                }
            }
            Kind::Omitted => {
                builder.note(NoticeKind::Omitted, self.name);
                begun.body = Body::Skip;
            }
            Kind::Source(language) => {
                begun.omitted = self.generic(context, builder, kind, style);
                begun.body = Body::Code(language.to_owned());
            }
            Kind::Html => {
                begun.omitted = self.generic(context, builder, kind, style);
                begun.body = Body::Html;
            }
            Kind::Math => {
                begun.omitted = self.generic(context, builder, kind, style);
                begun.body = if self.is_inline_math() {
                    Body::Inline
                } else {
                    Body::Code("latex".to_owned())
                };
            }
            Kind::Dynamic => {
                builder.note(NoticeKind::Dynamic, self.name);
                self.generic(context, builder, kind, style);
            }
            Kind::Unknown => {
                if let Some(text) = self.fallback.map(str::trim).filter(|text| !text.is_empty()) {
                    self.edge(builder);
                    builder.text(text, style);
                }
                begun.omitted = self.generic(context, builder, kind, style);
            }
        }
        if kind != Kind::Anchor {
            builder.seam();
        }
        begun
    }

    /// Ends what [`Call::begin`] began, and notes what was not shown.
    #[inline(never)]
    pub(crate) fn end(&self, builder: &mut Builder, begun: &Begun) {
        let silent = matches!(
            begun.kind,
            Kind::Anchor | Kind::Code | Kind::Dynamic | Kind::Omitted | Kind::Unknown
        ) || self.name.starts_with("toc");
        if let Some(text) = self
            .fallback
            .filter(|_| !silent && !builder.added_since(begun.pieces))
        {
            builder.text(text, &Style::default());
            builder.seam();
        }
        if begun.open {
            builder.close();
        }
        match begun.kind {
            Kind::Anchor => {}
            Kind::Status | Kind::Jira => builder.seam(),
            Kind::Math if begun.body == Body::Inline => builder.seam(),
            _ => self.edge(builder),
        }
        let added = builder.added_since(begun.pieces);
        let doubtful = match begun.kind {
            Kind::Unknown => true,
            Kind::File | Kind::Profile | Kind::Embed => !added,
            Kind::Math | Kind::Source(_) | Kind::Html => !added && begun.omitted,
            _ => false,
        };
        if doubtful {
            let kind = if added {
                NoticeKind::UnknownMacro
            } else {
                NoticeKind::EmptyMacro
            };
            builder.note(kind, self.name);
        }
        let boxed = matches!(begun.kind, Kind::Titled | Kind::Frame | Kind::Panel);
        if begun.omitted && (doubtful || boxed) {
            builder.note(NoticeKind::Parameters, self.name);
        }
    }

    /// Where the macro begins or ends.
    #[inline(never)]
    fn edge(&self, builder: &mut Builder) {
        if self.block || self.rich {
            builder.end_paragraph();
        } else {
            builder.seam();
        }
    }

    fn is_inline_math(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let has = |word| find(&name, word).is_some();
        has("inline") || !self.block && !has("block")
    }

    /// Shows parameters by what they are called. Whether some were omitted.
    #[inline(never)]
    fn generic(
        &self,
        context: &Context<'_>,
        builder: &mut Builder,
        kind: Kind,
        style: &Style,
    ) -> bool {
        let mut shown = self.shown(kind);
        if kind == Kind::Math
            && shown.sources.is_empty()
            && let Some(formula) = self.get(&[""])
        {
            shown.sources.push(formula);
        }
        let mut addresses = shown.addresses.iter();
        if kind == Kind::Math && self.is_inline_math() {
            builder.seam();
        } else {
            self.edge(builder);
        }
        for title in &shown.titles {
            if self.rich {
                builder.title(title);
                continue;
            }
            // A button: what is on it, and where it leads.
            let linked = match addresses.next() {
                Some(address) => {
                    let address = shortened(builder, self.name, address);
                    builder.linked(context, &address, style)
                }
                None => style.clone(),
            };
            builder.text(title, &linked);
            self.edge(builder);
        }
        for text in &shown.texts {
            self.edge(builder);
            lines(builder, text, style);
            self.edge(builder);
        }
        for source in &shown.sources {
            match kind {
                Kind::Source(language) => builder.code(language, source),
                Kind::Math if !self.is_inline_math() => builder.code("latex", source),
                Kind::Unknown if source.contains('\n') => builder.code("", source),
                Kind::Unknown if !is_formula(source) => builder.text(source, style),
                _ => {
                    builder.text(source, &style.with(Marks::CODE));
                    builder.seam();
                    continue;
                }
            }
            self.edge(builder);
        }
        for address in addresses {
            let address = shortened(builder, self.name, address);
            let linked = builder.linked(context, &address, style);
            builder.text(&address, &linked);
            self.edge(builder);
        }
        for title in &shown.pages {
            self.page(context, builder, title, style);
        }
        for resource in self.resources.iter().take(MAX_SHOWN) {
            let listed = match resource.kind {
                ResourceKind::Person => kind == Kind::Unknown,
                ResourceKind::Other => false,
                _ => true,
            };
            if listed {
                let address = resource.address.as_deref();
                self.refer(context, builder, address, &resource.title, style);
            }
        }
        shown.omitted
    }

    #[inline(never)]
    fn jira(&self, context: &Context<'_>, builder: &mut Builder, style: &Style) {
        if let Some(key) = self.get(&["key", "issuekey"]) {
            builder.seam();
            builder.text(key, style);
            return;
        }
        builder.note(NoticeKind::Dynamic, self.name);
        builder.end_paragraph();
        if let Some(title) = self.get(&["title"]) {
            builder.title(title);
        }
        if let Some(query) = self.get(&["jqlquery", "jql"]) {
            builder.text(&format!("Jira: {query}"), style);
        } else if let Some(url) = self.get(&["url", ""]) {
            let url = shortened(builder, self.name, url);
            builder.text("Jira: ", style);
            let linked = builder.linked(context, &url, style);
            builder.text(&url, &linked);
        }
        builder.end_paragraph();
    }

    /// A page of that title, perhaps with the key of its space before it.
    #[inline(never)]
    fn page(&self, context: &Context<'_>, builder: &mut Builder, title: &str, style: &Style) {
        let is_key = |key: &str| {
            let rest = key.strip_prefix('~').unwrap_or(key);
            let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
            !rest.is_empty() && (key.len() > rest.len() || rest.chars().all(upper))
        };
        let (space, title) = match title.split_once(':') {
            Some((key, title)) if is_key(key) && !title.starts_with(' ') && !title.is_empty() => {
                (Some(key), title)
            }
            _ => (None, title),
        };
        let address = address::page(context, space, title, None);
        self.refer(context, builder, address.as_deref(), title, style);
    }

    #[inline(never)]
    fn refer(
        &self,
        context: &Context<'_>,
        builder: &mut Builder,
        address: Option<&str>,
        title: &str,
        style: &Style,
    ) {
        // All of these are seen as blocks.
        builder.end_paragraph();
        let shown = address.map(|address| shortened(builder, self.name, address));
        let linked = match &shown {
            Some(address) => builder.linked(context, address, style),
            None => style.clone(),
        };
        let title = shown
            .as_deref()
            .filter(|_| address == Some(title))
            .unwrap_or(title);
        builder.text(title, &linked);
        builder.end_paragraph();
    }
}

/// `address`, which only the macro or node `name` has, without credentials.
#[inline(never)]
fn shortened(builder: &mut Builder, name: &str, address: &str) -> String {
    let shown = address::without_credentials(address);
    if shown != address {
        builder.note(NoticeKind::Credential, name);
    }
    shown
}

/// A text whose lines stay lines.
#[inline(never)]
fn lines(builder: &mut Builder, text: &str, style: &Style) {
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            builder.line_break();
        }
        builder.text(line, style);
    }
}

/// Whether a text reads as a formula, which emphasis or escapes would spoil.
fn is_formula(text: &str) -> bool {
    text.contains(['\\', '^', '_', '{', '*', '`', '#'])
}

/// What is shown of a person.
#[inline(never)]
pub(crate) fn mention(context: &Context<'_>, id: &str) -> String {
    let name = context.people.and_then(|people| people.get(id));
    format!(
        "@{}",
        name.map_or(id, String::as_str).trim_start_matches('@')
    )
}

/// Opens a panel, which its first words tell from a quotation.
#[inline(never)]
pub(crate) fn panel(builder: &mut Builder, kind: &str, title: Option<&str>) {
    let label = match kind {
        "info" => "Info",
        "note" => "Note",
        "warning" => "Warning",
        "tip" | "hint" => "Tip",
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
#[inline(never)]
pub(crate) fn status(builder: &mut Builder, text: &str, style: &Style) {
    builder.seam();
    builder.text(text, &style.with(Marks::STRONG));
    builder.seam();
}

/// Shows the attribute `name` of an unknown node if readers see it: a text or an address.
#[inline(never)]
pub(crate) fn attribute(
    context: &Context<'_>,
    builder: &mut Builder,
    node: &str,
    name: &str,
    value: &str,
    style: &Style,
) {
    match role(name, value) {
        None | Some(Role::Page | Role::Drawing | Role::Hidden) => return,
        _ if address::has_credential(value) && !value.contains("://") => return,
        Some(Role::Address) => {
            let address = shortened(builder, node, value.trim());
            let linked = builder.linked(context, &address, style);
            builder.seam();
            builder.text(&address, &linked);
        }
        Some(_) => {
            builder.seam();
            builder.text(value, style);
        }
    }
    builder.seam();
}
