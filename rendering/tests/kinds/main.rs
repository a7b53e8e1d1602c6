//! What readers of a page see, in the shapes that pages have it: each kind in several bodies.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod addresses;
mod macros;
mod mentions;
mod nodes;
mod tables;
mod words;

use confluence_rendering::{Context, Format, Rendered, adf, storage};
use serde_json::{Value, json};

fn context() -> Context<'static> {
    let mut context = Context::default();
    context.base_url = Some("https://pumps.example/wiki");
    context.space_key = Some("OPS");
    context
}

fn render(body: &str, format: Format) -> Rendered {
    if body.starts_with('{') {
        adf(body, format, &context()).unwrap()
    } else {
        storage(body, format, &context()).unwrap()
    }
}

fn text(body: &str) -> String {
    render(body, Format::Text).text
}

fn markdown(body: &str) -> String {
    render(body, Format::Markdown).text
}

/// The notices as people read them.
fn notices(body: &str) -> Vec<String> {
    let list = render(body, Format::Markdown).notices;
    list.iter().map(ToString::to_string).collect()
}

/// A macro in storage format, with these parameters and that body.
fn called(name: &str, parameters: &[(&str, &str)], body: &str) -> String {
    let parameters: String = parameters
        .iter()
        .map(|(name, value)| format!("<ac:parameter ac:name=\"{name}\">{value}</ac:parameter>"))
        .collect();
    format!("<ac:structured-macro ac:name=\"{name}\">{parameters}{body}</ac:structured-macro>")
}

fn rich(body: &str) -> String {
    format!("<ac:rich-text-body>{body}</ac:rich-text-body>")
}

fn plain(body: &str) -> String {
    format!("<ac:plain-text-body><![CDATA[{body}]]></ac:plain-text-body>")
}

/// An ADF document of these nodes.
fn document(nodes: &[Value]) -> String {
    json!({"type": "doc", "version": 1, "content": nodes}).to_string()
}

/// A paragraph of ADF.
fn paragraph(nodes: &[Value]) -> Value {
    json!({"type": "paragraph", "content": nodes})
}

fn words(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// An extension of ADF with these parameters.
fn extension(kind: &str, key: &str, parameters: &[(&str, &str)]) -> Value {
    let parameters: serde_json::Map<String, Value> = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!({"value": value})))
        .collect();
    json!({"type": kind, "attrs": {
        "extensionType": "com.atlassian.confluence.macro.core",
        "extensionKey": key,
        "parameters": {"macroParams": parameters},
    }})
}
