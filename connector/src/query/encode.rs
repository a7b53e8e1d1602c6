//! Percent-encoding of query values.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986: `~` of personal spaces stays, `+`, `=` and `/`
/// of cursors do not.
pub(crate) const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Appends `&name=value`.
pub(crate) fn parameter(query: &mut String, name: &str, value: &str) {
    query.push('&');
    query.push_str(name);
    query.push('=');
    query.extend(utf8_percent_encode(value, VALUE));
}

/// Bytes of a value once encoded.
pub(crate) fn encoded_len(value: &str) -> usize {
    utf8_percent_encode(value, VALUE).map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay() {
        let mut query = String::new();
        parameter(&mut query, "title", "~a-b_c.d e+f=g/h&ä%");
        assert_eq!(query, "&title=~a-b_c.d%20e%2Bf%3Dg%2Fh%26%C3%A4%25");
        assert_eq!(encoded_len("ä~"), 7);
    }
}
