//! Collects notices, without letting a broken site fill an answer with them.

use crate::Notice;

/// Notices of one code that are told one by one. The rest of them is told as a number.
const EACH: usize = 20;

#[derive(Debug, Default)]
pub(crate) struct Notices {
    told: Vec<Notice>,
    counts: Vec<(&'static str, usize)>,
}

impl Notices {
    /// Adds a notice. `message` is only made when the notice is told.
    pub(crate) fn add(
        &mut self,
        code: &'static str,
        id: Option<&str>,
        message: impl FnOnce() -> String,
    ) {
        let count = match self.counts.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => count,
            None => {
                self.counts.push((code, 0));
                match self.counts.last_mut() {
                    Some((_, count)) => count,
                    None => return,
                }
            }
        };
        *count += 1;
        if *count <= EACH {
            self.tell(code, id, message());
        }
    }

    /// Adds a notice that is never summed up.
    pub(crate) fn tell(&mut self, code: &'static str, id: Option<&str>, message: String) {
        self.told.push(Notice {
            code: code.to_owned(),
            message,
            id: id.map(str::to_owned),
        });
    }

    pub(crate) fn finish(mut self) -> Vec<Notice> {
        for (code, count) in std::mem::take(&mut self.counts) {
            if count > EACH {
                let more = count - EACH;
                self.tell(code, None, format!("the same happened to `{more}` more"));
            }
        }
        self.told
    }
}
