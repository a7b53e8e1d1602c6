//! Extensions, which are what macros are called in ADF.

use super::Reader;
use super::json::Value;
use crate::document::Style;
use crate::macros::{Body, Call};

impl Reader<'_> {
    pub(super) fn extension(&mut self, attributes: &Value<'_>, node: &Value<'_>, style: &Style) {
        let nothing = &Value::Nothing;
        let name = attributes.text_of("extensionKey").unwrap_or_default();
        let parameters = attributes.get("parameters").unwrap_or(nothing);
        let values = parameters.get("macroParams").unwrap_or(nothing);
        let parameter = |wanted: &str| {
            let value = values.get(wanted)?;
            let text = value.text_of("value").or_else(|| value.text())?;
            Some(text.to_owned())
        };
        let call = Call {
            name,
            parameter: &parameter,
            resource: None,
        };
        let body = call.begin(self.context, self.builder, style);
        // Macros with a plain body keep it here.
        let plain = parameter("__bodyContent")
            .or_else(|| attributes.text_of("text").map(str::to_owned))
            .filter(|_| node.get("content").is_none());
        match (&body, plain) {
            (Body::Code(language), Some(code)) => self.builder.code(language, &code),
            _ => self.content(node, style),
        }
        if body == Body::ReadAndClose {
            self.builder.close();
        }
    }
}
