//! Cuts Markdown into chunks for search and retrieval.
//!
//! A chunk is a stretch of the document, letter by letter, so that a quotation can be found where it is
//! said to be. Chunks follow each other without overlap, and together they have every word.
//!
//! ```
//! let page = "Intro.\n\n# Setup\n\nRun it.\n\n## Linux\n\nInstall the package.\n";
//! let chunks = chunks::chunks(page, chunks::MAX_CHARS);
//! assert_eq!(chunks.len(), 3);
//! assert_eq!(chunks[2].text, "## Linux\n\nInstall the package.");
//! assert_eq!(chunks[2].headings, ["Setup", "Linux"]);
//! assert_eq!(chunks[2].anchor.as_deref(), Some("Linux"));
//! ```

mod anchor;
mod chunk;
mod cut;
mod outline;
mod page_chunks;

pub use chunk::{Chunk, MAX_CHARS, chunks};
pub use page_chunks::PageChunks;
