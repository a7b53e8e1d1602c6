//! A way through a JSON text.

use std::borrow::Cow;

use super::keys::{Found, Key};
use super::number::{Number, number};
use super::string::{Workbench, Written, append_escaped, length_with_escapes};
use super::{Broken, Elements, Fields};
use super::{depth, scan};
use crate::dates;

/// The value that stands next in a text, to be taken once in whatever form it is needed.
pub(crate) struct Value<'a> {
    text: &'a str,
    /// Where it stands.
    at: usize,
    /// Lists and objects around it.
    depth: usize,
    taken: bool,
    wanted: &'a str,
    workbench: Workbench,
}

/// A value as it was sent.
enum Scalar<'a> {
    /// A list, an object, null, or a number that is not exact.
    Nothing,
    Flag(bool),
    Whole(i64),
    Large(u64),
    Text(Written<'a>),
}

impl<'a> Value<'a> {
    pub(super) fn of(text: &'a str, wanted: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            taken: false,
            wanted,
            workbench: Workbench::default(),
        }
    }

    /// Nothing follows.
    pub(super) fn end(&mut self) -> Result<(), Broken> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Broken),
        }
    }

    /// The body format that was asked for, or empty.
    pub(crate) fn wanted(&self) -> &str {
        self.wanted
    }

    /// As text. Numbers become their exact digits.
    pub(crate) fn text(&mut self) -> Result<Option<String>, Broken> {
        let mut text = None;
        self.text_into(&mut text)?;
        Ok(text)
    }

    /// As text, in place of what is there: most of what a row has, and a move less for each.
    pub(crate) fn text_into(&mut self, place: &mut Option<String>) -> Result<(), Broken> {
        // Let go of first, so that what comes is stored where it stays.
        *place = None;
        if self.peek() != Some(b'"') {
            *place = self.digits()?;
            return Ok(());
        }
        self.taken = true;
        let (behind, mut length) = self.inside()?;
        // Each is stored from registers: out of memory, where both would meet, a core waits for what
        // it has just written.
        if behind.as_bytes().get(length) == Some(&b'"') {
            *place = Some(behind.get(..length).ok_or(Broken)?.to_owned());
        } else {
            let (said, written) = self.workbench.unescape(behind, length)?;
            length = written;
            if behind.as_bytes().get(length) != Some(&b'"') {
                return Err(Broken);
            }
            *place = Some(said);
        }
        self.at += length + 2;
        Ok(())
    }

    /// As text, appended to `place`. False if it is none.
    pub(crate) fn append_text(&mut self, place: &mut String) -> Result<bool, Broken> {
        if self.peek() != Some(b'"') {
            let digits = self.digits()?;
            place.push_str(digits.as_deref().unwrap_or_default());
            return Ok(digits.is_some());
        }
        self.taken = true;
        let (behind, mut length) = self.inside()?;
        place.push_str(behind.get(..length).ok_or(Broken)?);
        if behind.as_bytes().get(length) != Some(&b'"') {
            length = append_escaped(behind, length, place)?;
        }
        self.at += length + 2;
        Ok(true)
    }

    /// As the text that it is, appended to `place`. False for null.
    pub(crate) fn append_json(&mut self, place: &mut String) -> Result<bool, Broken> {
        let start = self.start();
        self.pass()?;
        let text = self.since(start);
        place.push_str(text);
        Ok(text != "null")
    }

    /// As an instant, in milliseconds since 1970.
    pub(crate) fn instant(&mut self) -> Result<Option<i64>, Broken> {
        Ok(match self.scalar()? {
            Scalar::Whole(number) => dates::ms_of_number(number),
            Scalar::Text(text) => dates::ms_of_text(&text.to_cow()),
            Scalar::Large(_) | Scalar::Flag(_) | Scalar::Nothing => None,
        })
    }

    /// As a time. One that is a number, of seconds or milliseconds since 1970, becomes ISO 8601.
    pub(crate) fn time_into(&mut self, place: &mut Option<String>) -> Result<(), Broken> {
        self.text_into(place)?;
        let number = place.as_deref().and_then(|text| text.parse().ok());
        if let Some(number) = number {
            *place = dates::iso_of_number(number);
        }
        Ok(())
    }

    /// The digits of a whole number.
    #[cold]
    #[inline(never)]
    fn digits(&mut self) -> Result<Option<String>, Broken> {
        Ok(match self.scalar()? {
            Scalar::Whole(number) => Some(number.to_string()),
            Scalar::Large(number) => Some(number.to_string()),
            Scalar::Text(_) | Scalar::Flag(_) | Scalar::Nothing => None,
        })
    }

    /// Whether it is a list.
    pub(crate) fn is_list(&mut self) -> bool {
        self.peek() == Some(b'[')
    }

    /// Whether it is a string.
    pub(crate) fn is_text(&mut self) -> bool {
        self.peek() == Some(b'"')
    }

    /// Whether it is an object.
    pub(crate) fn is_object(&mut self) -> bool {
        self.peek() == Some(b'{')
    }

    /// As text. Numbers are none.
    pub(crate) fn words(&mut self) -> Result<Option<String>, Broken> {
        if self.peek() == Some(b'"') {
            return self.text();
        }
        Ok(None)
    }

    /// As a whole number. Digits in text count too.
    pub(crate) fn whole(&mut self) -> Result<Option<i64>, Broken> {
        Ok(match self.scalar()? {
            Scalar::Whole(number) => Some(number),
            Scalar::Text(text) => text.to_cow().trim().parse().ok(),
            Scalar::Large(_) | Scalar::Flag(_) | Scalar::Nothing => None,
        })
    }

    /// As a number that is not negative.
    pub(crate) fn natural(&mut self) -> Result<Option<u64>, Broken> {
        Ok(self.whole()?.and_then(|number| u64::try_from(number).ok()))
    }

    /// As yes or no, also from text.
    pub(crate) fn flag(&mut self) -> Result<Option<bool>, Broken> {
        Ok(match self.scalar()? {
            Scalar::Flag(flag) => Some(flag),
            Scalar::Text(text) => text.to_cow().parse().ok(),
            Scalar::Whole(_) | Scalar::Large(_) | Scalar::Nothing => None,
        })
    }

    /// As an object, into `fields`. False for anything else.
    pub(crate) fn object(&mut self, fields: &mut dyn Fields) -> Result<bool, Broken> {
        if self.peek() != Some(b'{') {
            self.skip()?;
            self.taken = true;
            return Ok(false);
        }
        let mut is_first = true;
        while self.next(is_first, b'}')? {
            is_first = false;
            let name = self.name()?;
            self.taken = false;
            if name.escaped {
                fields.read(&name.to_text(), self)?;
            } else {
                fields.read(name.text, self)?;
            }
            if !self.taken {
                self.skip()?;
            }
        }
        self.taken = true;
        Ok(true)
    }

    /// Enters an object. False for anything else, which is passed.
    pub(crate) fn enter(&mut self) -> Result<bool, Broken> {
        let is_object = self.peek() == Some(b'{');
        if !is_object {
            self.pass()?;
        }
        Ok(is_object)
    }

    /// Passes the next key of an object that was entered, or its end.
    #[inline(always)]
    pub(crate) fn key(
        &mut self,
        is_first: bool,
        expected: Option<&Key>,
    ) -> Result<Found<'a>, Broken> {
        let text = self.text.as_bytes();
        let before = if is_first { b'{' } else { b',' };
        if let Some(length) = expected.and_then(|key| key.at(text, self.at + 1))
            && text.get(self.at) == Some(&before)
        {
            self.depth += usize::from(is_first);
            if self.depth > depth::MOST {
                return Err(Broken);
            }
            self.at += 1 + length;
            self.taken = false;
            return Ok(Found::Expected);
        }
        if !self.next(is_first, b'}')? {
            self.taken = true;
            return Ok(Found::End);
        }
        let name = self.name()?;
        self.taken = false;
        Ok(Found::Other(name))
    }

    /// Passes the value of a key unless it was taken.
    #[inline(always)]
    pub(crate) fn end_field(&mut self) -> Result<(), Broken> {
        if self.taken { Ok(()) } else { self.skip() }
    }

    /// As an object, into `fields`, and not taken: it can be read once more.
    pub(crate) fn look(&mut self, fields: &mut dyn Fields) -> Result<(), Broken> {
        let start = self.at;
        self.object(fields)?;
        self.at = start;
        self.taken = false;
        Ok(())
    }

    /// As a list of objects. False for anything else.
    pub(crate) fn list(&mut self, elements: &mut dyn Elements) -> Result<bool, Broken> {
        if self.peek() != Some(b'[') {
            self.skip()?;
            self.taken = true;
            return Ok(false);
        }
        let mut is_first = true;
        loop {
            let place = elements.next();
            if !self.next(is_first, b']')? {
                if place.is_some() {
                    elements.end();
                }
                break;
            }
            is_first = false;
            self.peek();
            let start = self.at;
            let Some(fields) = place else {
                self.skip()?;
                elements.left_out();
                continue;
            };
            let was_object = match fields.read_object(self) {
                Some(read) => read?,
                None => self.object(fields)?,
            };
            elements.read(was_object, self.since(start));
        }
        self.taken = true;
        Ok(true)
    }

    /// Reads an object as the only element of a list.
    pub(crate) fn only(&mut self, elements: &mut dyn Elements) -> Result<(), Broken> {
        let start = self.start();
        let Some(fields) = elements.next() else {
            return self.pass();
        };
        let was_object = match fields.read_object(self) {
            Some(read) => read?,
            None => self.object(fields)?,
        };
        elements.read(was_object, self.since(start));
        self.taken = true;
        Ok(())
    }

    /// As the text that it is.
    pub(crate) fn json(&mut self) -> Result<String, Broken> {
        self.peek();
        let start = self.at;
        self.skip()?;
        self.taken = true;
        Ok(self.since(start).to_owned())
    }

    /// Passes it, unread.
    pub(crate) fn pass(&mut self) -> Result<(), Broken> {
        self.taken = true;
        self.skip()
    }

    /// Where it begins.
    pub(crate) fn start(&mut self) -> usize {
        self.peek();
        self.at
    }

    fn scalar(&mut self) -> Result<Scalar<'a>, Broken> {
        self.taken = true;
        Ok(match self.peek() {
            Some(b'"') => Scalar::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => match self.number()? {
                Number::Whole(number) => Scalar::Whole(number),
                Number::Large(number) => Scalar::Large(number),
                Number::Inexact => Scalar::Nothing,
            },
            Some(b't') => {
                self.word("true")?;
                Scalar::Flag(true)
            }
            Some(b'f') => {
                self.word("false")?;
                Scalar::Flag(false)
            }
            _ => {
                self.skip()?;
                Scalar::Nothing
            }
        })
    }

    /// Passes a value that nothing takes. That it is JSON is checked all the same.
    fn skip(&mut self) -> Result<(), Broken> {
        match self.peek().ok_or(Broken)? {
            b'"' => self.string().map(drop),
            b'{' => {
                let mut is_first = true;
                while self.next(is_first, b'}')? {
                    is_first = false;
                    self.name()?;
                    self.skip()?;
                }
                Ok(())
            }
            b'[' => {
                let mut is_first = true;
                while self.next(is_first, b']')? {
                    is_first = false;
                    self.skip()?;
                }
                Ok(())
            }
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number().map(drop),
        }
    }

    /// Passes the name of a field, and the colon.
    #[inline(always)]
    fn name(&mut self) -> Result<Written<'a>, Broken> {
        if self.peek() != Some(b'"') {
            return Err(Broken);
        }
        let name = self.string()?;
        if self.peek() != Some(b':') {
            return Err(Broken);
        }
        self.at += 1;
        Ok(name)
    }

    /// Passes the opening bracket or the comma; or the closing bracket, which is false.
    #[inline(always)]
    fn next(&mut self, is_first: bool, closing: u8) -> Result<bool, Broken> {
        if is_first {
            self.at += 1;
            self.depth += 1;
            if self.depth > depth::MOST {
                return Err(Broken);
            }
        }
        match self.peek() {
            Some(byte) if byte == closing => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(_) if is_first => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(Broken),
        }
    }

    /// What stands behind the quote that opens a string, and how many bytes of it are of the string as
    /// they are.
    #[inline(always)]
    fn inside(&self) -> Result<(&'a str, usize), Broken> {
        let behind = self.text.get(self.at + 1..).ok_or(Broken)?;
        Ok((behind, scan::plain(behind.as_bytes())))
    }

    #[inline(always)]
    pub(super) fn string(&mut self) -> Result<Written<'a>, Broken> {
        let (behind, mut length) = self.inside()?;
        let escaped = behind.as_bytes().get(length) != Some(&b'"');
        if escaped {
            length = length_with_escapes(behind, length)?.get();
        }
        self.at += length + 2;
        let text = behind.get(..length).ok_or(Broken)?;
        Ok(Written { text, escaped })
    }

    fn number(&mut self) -> Result<Number, Broken> {
        let bytes = self.text.as_bytes().get(self.at..).ok_or(Broken)?;
        let (number, length) = number(bytes)?;
        self.at += length;
        Ok(number)
    }

    fn word(&mut self, word: &str) -> Result<(), Broken> {
        let bytes = self.text.as_bytes().get(self.at..).ok_or(Broken)?;
        if !bytes.starts_with(word.as_bytes()) {
            return Err(Broken);
        }
        self.at += word.len();
        Ok(())
    }

    /// The next byte that is no blank, which is where the value stands then.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => self.peek_behind_blanks(),
        }
    }

    #[cold]
    #[inline(never)]
    fn peek_behind_blanks(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte.copied(),
            }
        }
    }

    /// The text from `start` on to what was read last.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }
}

impl<'a> Written<'a> {
    pub(crate) fn to_cow(self) -> Cow<'a, str> {
        if self.escaped {
            Cow::Owned(self.to_text())
        } else {
            Cow::Borrowed(self.text)
        }
    }
}
