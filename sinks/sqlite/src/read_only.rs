//! Databases that this process cannot write.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// Opens a database to be read only, if it is there. Without a log of its own next to it, nobody is writing
/// it, and it is read as it is: otherwise SQLite needs files next to it, which cannot be created.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let Some(text) = path.to_str().filter(|_| path.is_file()) else {
        return Ok(None);
    };
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let mut address = String::from("file:");
    for character in text.chars() {
        match character {
            '?' | '#' | '%' => address.push_str(&format!("%{:02X}", u32::from(character))),
            other => address.push(other),
        }
    }
    if !Path::new(&log).exists() {
        address.push_str("?immutable=1");
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(address, flags).map(Some)
}
