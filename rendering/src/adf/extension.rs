//! Extensions, which are what macros are called in ADF.

use std::borrow::Cow;

use super::Reader;
use crate::document::Style;
use crate::json::Value;
use crate::macros::{Body, Call};

impl Reader<'_> {
    #[inline(never)]
    pub(super) fn extension(
        &mut self,
        kind: &str,
        attributes: &Value<'_>,
        node: &Value<'_>,
        style: &Style,
    ) {
        if self.migrated(attributes, style) {
            return;
        }
        let call = call(kind, attributes, node);
        let begun = call.begin(self.context, self.builder, style);
        match (&begun.body, call.plain_body().filter(|_| !call.rich)) {
            (Body::Skip, _) => {}
            (Body::Code(language), Some(code)) if begun.reads_plain_body() => {
                self.builder.code(language, code);
            }
            (Body::Html, Some(code)) => self.storage(code, style),
            (_, Some(code)) if begun.reads_plain_body() => self.builder.code("", code),
            (Body::Code(language), None) if begun.reads_plain_body() && !call.rich => {
                // Older documents have it where others have what is shown in place of a macro.
                let code = attributes.text_of("text").unwrap_or_default();
                self.builder.code(language, code);
            }
            _ => self.content(node, style),
        }
        call.end(self.builder, &begun);
    }

    /// Reads the first form of an older editor's content that has any.
    fn migrated(&mut self, attributes: &Value<'_>, style: &Style) -> bool {
        let before = self.builder.pieces();
        super::migrated(Some(attributes)).any(|value| {
            self.depth += 1;
            self.builder.end_paragraph();
            match value.text() {
                Some(text) if text.starts_with('{') => self.document(text, style),
                Some(text) => self.storage(text, style),
                None => self.node(value, style),
            }
            self.builder.end_paragraph();
            self.depth -= 1;
            self.builder.added_since(before)
        })
    }
}

#[inline(never)]
fn call<'c>(kind: &str, attributes: &'c Value<'_>, node: &Value<'_>) -> Call<'c> {
    let nothing = &Value::Nothing;
    let all = attributes.get("parameters").unwrap_or(nothing);
    let mut parameters = Vec::new();
    // Those of Confluence, and those of apps, which may have none of the two.
    let groups = ["macroParams", "guestParams"].map(|name| all.get(name));
    if groups.iter().all(Option::is_none) {
        add(all, &mut parameters);
    }
    for group in groups.into_iter().flatten() {
        add(group, &mut parameters);
    }
    Call {
        name: attributes.text_of("extensionKey").unwrap_or_default(),
        parameters,
        resources: Vec::new(),
        fallback: attributes.text_of("text"),
        block: kind != "inlineExtension",
        rich: !node
            .get("content")
            .map(Value::elements)
            .unwrap_or_default()
            .is_empty(),
    }
}

/// Texts and numbers in `group`, as they are or each as the `value` of an object.
fn add<'v>(group: &'v Value<'_>, parameters: &mut Vec<(Cow<'v, str>, String)>) {
    let Value::Object(fields) = group else {
        return;
    };
    for (name, value) in fields {
        if let Some(text) = value.text_of("value").or_else(|| value.text()) {
            parameters.push((Cow::Borrowed(&**name), text.to_owned()));
        } else if !matches!(value, Value::Nothing) {
            // Something nested, which nobody sees as it is.
            parameters.push((Cow::Borrowed("{}"), name.to_string()));
        }
    }
}
