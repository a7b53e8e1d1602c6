//! Memory for a call: a row of a list is some twenty texts of a few dozen bytes, made once and freed
//! once.
//!
//! The standard library's allocator for this target splits and joins blocks with each of them, a
//! twelfth of the time that a list takes. Here, small blocks lie on a shelf for their size, and go
//! back to it; larger ones are the [`heap`](crate::heap)'s. What a shelf has it keeps: an instance
//! lives for a call, or for some calls of the same kind.

#![allow(
    unsafe_code,
    reason = "an allocator cannot be made without; each block says why it holds"
)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::{Cell, UnsafeCell};
use std::ptr::null_mut;

/// Sizes on shelves are multiples of this, in bytes, and their blocks are aligned to it.
const STEP: usize = 16;

/// Shelves: for up to 16, 32, … bytes.
const SHELVES: usize = 16;

/// How much is taken from the heap at a time, in bytes.
const BOARD_BYTES: usize = 16 * 1024;

/// The first board, which an allocator brings along, in bytes. A call that asks for one page of
/// a site at most needs no other for its small blocks.
const OWN_BOARD_BYTES: usize = 1408;

/// An allocator for one thread, above a heap. Once it has given a block away it stays where it is.
///
/// All that it writes to, its own board included, is on one page of the host's memory: of an instance
/// that waits, each page that was written to is resident.
#[repr(align(2048))]
pub(crate) struct Shelves<H> {
    heap: H,
    own: Board,
    /// The first free block of each size.
    free: [Cell<*mut Block>; SHELVES],
    /// Where the part of the last board that was never used begins.
    unused: Cell<*mut u8>,
    /// Bytes of it.
    left: Cell<usize>,
}

/// Aligned as blocks are.
#[repr(align(16))]
struct Board(UnsafeCell<[u8; OWN_BOARD_BYTES]>);

/// A block on a shelf.
struct Block {
    next: *mut Block,
}

// SAFETY: a component built for this target has one thread; the tests use one allocator a thread.
unsafe impl<H> Sync for Shelves<H> {}

impl<H> Shelves<H> {
    pub(crate) const fn above(heap: H) -> Self {
        Self {
            heap,
            own: Board(UnsafeCell::new([0; OWN_BOARD_BYTES])),
            free: [const { Cell::new(null_mut()) }; SHELVES],
            unused: Cell::new(null_mut()),
            left: Cell::new(0),
        }
    }

    /// The shelf for a layout, and the size of its blocks. None: it is for the heap.
    fn shelf(&self, size: usize, align: usize) -> Option<(&Cell<*mut Block>, usize)> {
        // Of no bytes there is no layout here: `GlobalAlloc` is never asked for one.
        let at = size.wrapping_sub(1) / STEP;
        let shelf = self.free.get(at).filter(|_| align <= STEP)?;
        Some((shelf, (at + 1) * STEP))
    }
}

impl<H: GlobalAlloc> Shelves<H> {
    /// A board that was never used, of more bytes than any shelf's blocks have, and how many.
    fn board(&self) -> (*mut u8, usize) {
        if self.unused.get().is_null() {
            return (self.own.0.get().cast(), OWN_BOARD_BYTES);
        }
        // SAFETY: the size is not 0, and the alignment is a power of two.
        let layout = unsafe { Layout::from_size_align_unchecked(BOARD_BYTES, STEP) };
        // SAFETY: the size is not 0.
        (unsafe { self.heap.alloc(layout) }, BOARD_BYTES)
    }

    /// A block that was never used.
    fn cut(&self, size: usize) -> *mut u8 {
        if self.left.get() < size {
            let (board, bytes) = self.board();
            if board.is_null() {
                return board;
            }
            // What was left of the last board is given up: less than a block of this size.
            self.unused.set(board);
            self.left.set(bytes);
        }
        let block = self.unused.get();
        // SAFETY: `left` bytes behind `unused` are of the board, and `size` is no more.
        self.unused.set(unsafe { block.add(size) });
        self.left.set(self.left.get() - size);
        block
    }
}

// SAFETY: blocks of a shelf have at least the size and the alignment asked for, since boards are
// aligned to `STEP` and cut in multiples of it; each is on its shelf or in use, never both, and never
// part of another. The layout given to `dealloc` and `realloc` is that of the allocation, so it names
// the same shelf, or the heap again.
unsafe impl<H: GlobalAlloc> GlobalAlloc for Shelves<H> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some((shelf, size)) = self.shelf(layout.size(), layout.align()) else {
            // SAFETY: the caller's promise is the same.
            return unsafe { self.heap.alloc(layout) };
        };
        let block = shelf.get();
        if block.is_null() {
            return self.cut(size);
        }
        // SAFETY: what is on a shelf was put there by `dealloc`, with a `Block` written into it.
        shelf.set(unsafe { (*block).next });
        block.cast()
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let Some((shelf, _)) = self.shelf(layout.size(), layout.align()) else {
            // SAFETY: the caller's promise is the same, and it was allocated there.
            return unsafe { self.heap.dealloc(pointer, layout) };
        };
        let block: *mut Block = pointer.cast();
        // SAFETY: the block has at least `STEP` bytes, is aligned to it, and is nobody's any more.
        unsafe { block.write(Block { next: shelf.get() }) };
        shelf.set(block);
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let old = self.shelf(layout.size(), layout.align());
        let new = self.shelf(new_size, layout.align());
        match (old, new) {
            (Some((_, size)), Some((_, wanted))) if size == wanted => pointer,
            // SAFETY: the caller's promise is the same, and it was allocated there.
            (None, None) => unsafe { self.heap.realloc(pointer, layout, new_size) },
            _ => {
                // SAFETY: the caller promises that `new_size` fits the alignment and is not 0.
                let new_layout =
                    unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
                // SAFETY: as for the caller of `alloc`; the two blocks are apart, and both have
                // the smaller of the two sizes.
                unsafe {
                    let moved = self.alloc(new_layout);
                    if !moved.is_null() {
                        moved.copy_from_nonoverlapping(pointer, layout.size().min(new_size));
                        self.dealloc(pointer, layout);
                    }
                    moved
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use std::alloc::{GlobalAlloc as _, Layout, System};

    use super::{BOARD_BYTES, SHELVES, STEP, Shelves};

    /// A sequence that is the same each time and looks like none.
    fn numbers() -> impl FnMut(usize) -> usize {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        move |below| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below as u64).unwrap()
        }
    }

    /// A block in use: every byte of it is `mark`.
    struct Used {
        pointer: *mut u8,
        layout: Layout,
        mark: u8,
    }

    impl Used {
        fn fill(&self, from: usize) {
            for at in from..self.layout.size() {
                // SAFETY: the block has that many bytes.
                unsafe { self.pointer.add(at).write(self.mark) };
            }
        }

        fn assert_whole(&self, bytes: usize) {
            assert_eq!(self.pointer as usize % self.layout.align(), 0);
            for at in 0..bytes {
                // SAFETY: the block has that many bytes.
                assert_eq!(unsafe { self.pointer.add(at).read() }, self.mark);
            }
        }
    }

    #[test]
    fn no_block_is_part_of_another_however_they_come_and_go() {
        let shelves = Shelves::above(System);
        let mut number = numbers();
        let mut used: Vec<Used> = Vec::new();
        for round in 0..60_000 {
            let size =
                number([STEP * SHELVES + 40, 4 * BOARD_BYTES][usize::from(round % 16 == 0)]) + 1;
            match number(3) {
                0 if !used.is_empty() => {
                    let gone = used.swap_remove(number(used.len()));
                    gone.assert_whole(gone.layout.size());
                    // SAFETY: it came from there with this layout.
                    unsafe { shelves.dealloc(gone.pointer, gone.layout) };
                }
                1 if !used.is_empty() => {
                    let at = number(used.len());
                    let old = used[at].layout;
                    // SAFETY: it came from there with this layout, and the size is not 0.
                    used[at].pointer = unsafe { shelves.realloc(used[at].pointer, old, size) };
                    used[at].layout = Layout::from_size_align(size, old.align()).unwrap();
                    used[at].assert_whole(size.min(old.size()));
                    used[at].fill(old.size());
                }
                _ => {
                    let align = 1 << number(7);
                    let layout = Layout::from_size_align(size, align).unwrap();
                    let new = Used {
                        // SAFETY: the size is not 0.
                        pointer: unsafe { shelves.alloc(layout) },
                        layout,
                        mark: u8::try_from(round % 251).unwrap(),
                    };
                    new.fill(0);
                    used.push(new);
                }
            }
        }
        for gone in used {
            gone.assert_whole(gone.layout.size());
            // SAFETY: it came from there with this layout.
            unsafe { shelves.dealloc(gone.pointer, gone.layout) };
        }
    }

    #[test]
    fn what_was_freed_is_used_again() {
        let shelves = Shelves::above(System);
        let layout = Layout::from_size_align(24, 8).unwrap();
        // SAFETY: the size is not 0, and each is freed with its layout.
        unsafe {
            let first = shelves.alloc(layout);
            shelves.dealloc(first, layout);
            let left = shelves.left.get();
            assert_eq!(shelves.alloc(layout), first);
            assert_eq!(shelves.left.get(), left);
            // Of the same shelf: nothing moves.
            assert_eq!(shelves.realloc(first, layout, 32), first);
        }
    }
}
