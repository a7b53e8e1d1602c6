//! Where the host puts what it hands over.
//!
//! It asks the guest for memory for each text and each list. For a piece of an answer it is given the
//! room behind the pieces before, where there is enough: put elsewhere, each would be copied there.

#![allow(
    unsafe_code,
    reason = "the canonical ABI is unsafe by nature; each block says why it holds"
)]

use std::cell::Cell;
use std::mem::{self, MaybeUninit};
use std::ptr::null_mut;

use crate::bindings::wasi::io::streams::{InputStream, StreamError};

/// Room that the host is given for the next list of bytes: where it begins, and how much it is.
struct Lent(Cell<(*mut u8, usize)>);

// SAFETY: a component built for this target has one thread.
unsafe impl Sync for Lent {}

static LENT: Lent = Lent(Cell::new((null_mut(), 0)));

impl Lent {
    fn lend(&self, room: &mut [MaybeUninit<u8>]) {
        self.0.set((room.as_mut_ptr().cast(), room.len()));
    }

    /// The room, once, if so much fits.
    fn take(&self, align: usize, bytes: usize) -> Option<*mut u8> {
        let (start, room) = self.0.get();
        let fits = align == 1 && bytes > 0 && bytes <= room;
        fits.then(|| {
            self.0.set((start, 0));
            start
        })
    }
}

/// Waits for bytes of `stream`, `most` at most, and adds them to `bytes`.
///
/// # Errors
///
/// Those of `wasi:io/streams#[method]input-stream.blocking-read`. Then nothing is added.
pub(crate) fn read(
    stream: &InputStream,
    most: u64,
    bytes: &mut Vec<u8>,
) -> Result<(), StreamError> {
    let room = bytes.spare_capacity_mut();
    let start: *mut u8 = room.as_mut_ptr().cast();
    LENT.lend(room);
    let piece = stream.blocking_read(most);
    LENT.lend(&mut []);
    let piece = piece?;
    if bytes.capacity() > bytes.len() && piece.as_ptr() == start.cast_const() {
        let length = piece.len();
        // It is part of `bytes`, and no block that may be freed.
        mem::forget(piece);
        // SAFETY: the host has written that many bytes there, and the room was as large at least:
        // otherwise `take` would not have given it away.
        unsafe { bytes.set_len(bytes.len() + length) };
    } else {
        bytes.extend_from_slice(&piece);
    }
    Ok(())
}

/// What the host asks for memory, in place of the one that the bindings bring along.
///
/// # Safety
///
/// As the canonical ABI has it: a block is given back with the length and alignment that it has.
// SAFETY: the name is the one that the ABI has for this function, and it is exported once.
#[unsafe(export_name = "cabi_realloc")]
unsafe extern "C" fn realloc(
    block: *mut u8,
    length: usize,
    align: usize,
    wanted: usize,
) -> *mut u8 {
    if length == 0
        && let Some(room) = LENT.take(align, wanted)
    {
        return room;
    }
    // SAFETY: the caller's promise is the same.
    unsafe { wit_bindgen::rt::cabi_realloc(block, length, align, wanted) }
}
