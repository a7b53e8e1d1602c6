//! The heap, from pages of linear memory.
//!
//! It is the standard library's allocator for this target, which grows the memory by 64 KiB at a
//! time: each time the host changes what may be touched, which takes it as long as reading two rows
//! takes here. So memory begins with room for most calls, and grows in larger steps.

#![allow(
    unsafe_code,
    reason = "an allocator cannot be made without; each block says why it holds"
)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;

use dlmalloc::Dlmalloc;

/// By how much memory grows at least, in bytes.
const STEP_BYTES: usize = 512 * 1024;

/// A heap for one thread. What the linker has left of the first pages is the first of it.
pub(crate) struct Heap(UnsafeCell<Dlmalloc>);

impl Heap {
    pub(crate) const fn new() -> Self {
        let mut heap = Dlmalloc::new();
        assert!(heap.set_granularity(STEP_BYTES), "it is a power of two");
        Self(UnsafeCell::new(heap))
    }

    /// Does something with the heap.
    fn with<T>(&self, act: impl FnOnce(&mut Dlmalloc) -> T) -> T {
        // SAFETY: a component built for this target has one thread, and nothing that `act` does comes
        // back here: `Dlmalloc` asks for pages, and for nothing else.
        act(unsafe { &mut *self.0.get() })
    }
}

// SAFETY: `Dlmalloc` keeps the promises of an allocator; each call has those of its caller.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        self.with(|heap| unsafe { heap.malloc(layout.size(), layout.align()) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the same.
        self.with(|heap| unsafe { heap.free(pointer, layout.size(), layout.align()) });
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        self.with(|heap| unsafe { heap.realloc(pointer, layout.size(), layout.align(), new_size) })
    }
}
