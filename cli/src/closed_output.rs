//! Whether standard output was closed when the program started, as with `>&-`.
//!
//! Rust's runtime opens `/dev/null` in the place of a closed standard stream before `main`, so that no
//! file gets its number. What a command prints would be lost, and nothing would say so. `/dev/null`
//! alone tells nothing: other programs pass it, opened in the same way, to have no output. So this is
//! looked at before the runtime is.

#[cfg(target_os = "linux")]
pub(crate) use linux::is_closed;

/// Not known here.
#[cfg(not(target_os = "linux"))]
pub(crate) const fn is_closed() -> bool {
    false
}

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::atomic::{AtomicBool, Ordering};

    static CLOSED: AtomicBool = AtomicBool::new(false);

    pub(crate) fn is_closed() -> bool {
        CLOSED.load(Ordering::Relaxed)
    }

    extern "C" fn look() {
        // SAFETY: `F_GETFD` reads the flags of a number that may be no descriptor, and then fails.
        #[expect(unsafe_code, reason = "no safe function takes a closed descriptor")]
        let is_open = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) } != -1;
        CLOSED.store(!is_open, Ordering::Relaxed);
    }

    // SAFETY: the loader calls the functions of this section once, before `main` and on its thread,
    // with arguments that this calling convention lets a function ignore. `look` needs nothing of
    // Rust's runtime: it makes one system call and sets an atomic.
    #[expect(unsafe_code, reason = "nothing else runs before Rust's runtime")]
    #[used]
    #[unsafe(link_section = ".init_array")]
    static LOOK: extern "C" fn() = look;
}
