//! Renders any text as a body in storage format.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none render_storage`, from the repository's root.

#![no_main]

use confluence_rendering::{Context, Format, storage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    let mut context = Context::default();
    context.base_url = Some("https://s.example/wiki");
    context.space_key = Some("ENG");
    for format in [Format::Text, Format::Markdown] {
        if let Ok(rendered) = storage(body, format, &context) {
            let text = rendered.text;
            assert!(text.is_empty() || text.ends_with('\n') && !text.ends_with("\n\n"));
            assert!(!text.contains(" \n"), "a line ends with a blank");
            // Merged cells may add 1 MiB, and some bytes for each of 128 Ki places.
            assert!(
                text.len() <= 16 * body.len() + 2 * 1024 * 1024,
                "the output is too large"
            );
        }
    }
});
