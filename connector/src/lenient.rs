//! Decoding that puts up with what the live service sends.
//!
//! Confluence's own description calls fields text that arrive as null, leaves others out and
//! omits values that arrive all the same. So a field of another type is converted or absent, an
//! unknown one is skipped, and a key that stands twice counts once; none of it fails a row.
//! `serde`'s derive fails the row for the last of these, and it compiles a parser for each
//! record; here all records share one, which makes the guest 150 KB smaller.

mod scalar;

use std::borrow::Cow;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use scalar::Scalar;

/// Something that is a JSON object upstream, read field by field.
pub(crate) trait Fields {
    /// Takes the value of the field `name`: at most one value, and what is not taken is skipped.
    ///
    /// `wanted` is the body format that was asked for, or empty.
    fn read(&mut self, name: &str, value: &mut dyn Value, wanted: &str) -> Result<(), Broken>;
}

/// Something that is a JSON list upstream.
pub(crate) trait Elements {
    /// The place for the next element.
    fn next(&mut self) -> Option<&mut dyn Fields>;

    /// The element was read; or it was no object, and its place stayed empty.
    fn read(&mut self, was_object: bool);

    /// There is no next element: its place stays empty.
    fn end(&mut self) {}

    /// There was an element but no place for it.
    fn left_out(&mut self) {}
}

/// The JSON cannot be read on. Why is known to the parser, which ends with it.
#[derive(Debug)]
pub(crate) struct Broken;

/// The value of one field, to be taken once in whatever form it is needed.
pub(crate) trait Value {
    /// As text. Numbers become their exact digits.
    fn text(&mut self) -> Result<Option<String>, Broken>;
    /// As a whole number. Digits in text count too.
    fn whole(&mut self) -> Result<Option<i64>, Broken>;
    /// As yes or no, also from text.
    fn flag(&mut self) -> Result<Option<bool>, Broken>;
    /// As an object, into `fields`. False for anything else.
    fn object(&mut self, fields: &mut dyn Fields, wanted: &str) -> Result<bool, Broken>;
    /// As a list of objects. False for anything else.
    fn list(&mut self, elements: &mut dyn Elements, wanted: &str) -> Result<bool, Broken>;
    /// As a list of values of which only the text is needed. False for anything else.
    fn texts(&mut self, each: &mut dyn FnMut(&str)) -> Result<bool, Broken>;
    /// As the text that it is.
    fn json(&mut self) -> Result<String, Broken>;

    /// As a number that is not negative.
    fn natural(&mut self) -> Result<Option<u64>, Broken> {
        Ok(self.whole()?.and_then(|number| u64::try_from(number).ok()))
    }
}

/// Decodes a whole text into `fields`. False when it is another thing than an object.
pub(crate) fn object(
    text: &str,
    fields: &mut dyn Fields,
    wanted: &str,
) -> Result<bool, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let was_object = Object { fields, wanted }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(was_object)
}

/// Visits that answer the visitor's empty value, for whatever is of another type.
macro_rules! nothing {
    ($($kind:ident)*) => {
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("anything")
        }
        $( nothing!(@ $kind); )*
    };
    (@ unit) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(Default::default()) }
    };
    (@ scalar) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok(Default::default()) }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok(Default::default()) }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok(Default::default()) }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok(Default::default()) }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok(Default::default()) }
    };
    (@ list) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut list: A,
        ) -> Result<Self::Value, A::Error> {
            while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
    (@ object) => {
        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            while map
                .next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?
                .is_some() {}
            Ok(Default::default())
        }
    };
}
pub(crate) use nothing;

/// A key, borrowed from the text unless it holds escapes.
#[derive(Default)]
pub(crate) struct Key<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Key<'de>;
            nothing!(unit list object);
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// Reads an object; anything else is false.
struct Object<'a> {
    fields: &'a mut dyn Fields,
    wanted: &'a str,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = bool;
    nothing!(unit scalar list);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<bool, A::Error> {
        let mut field = Field {
            map,
            taken: false,
            error: None,
        };
        while let Some(Key(name)) = field.map.next_key::<Key<'de>>()? {
            field.taken = false;
            if self.fields.read(&name, &mut field, self.wanted).is_err() {
                return Err(field.error.unwrap_or_else(|| A::Error::custom("broken")));
            }
            if !field.taken {
                field.map.next_value::<serde::de::IgnoredAny>()?;
            }
        }
        Ok(true)
    }
}

/// The value that stands next in a map.
struct Field<A, E> {
    map: A,
    taken: bool,
    /// Why it is broken. Kept here because [`Value`] is one type for all parsers.
    error: Option<E>,
}

impl<'de, A: MapAccess<'de>> Field<A, A::Error> {
    fn take<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Broken> {
        self.taken = true;
        self.map.next_value_seed(seed).map_err(|error| {
            self.error = Some(error);
            Broken
        })
    }

    fn scalar(&mut self) -> Result<Scalar, Broken> {
        self.take(std::marker::PhantomData)
    }
}

impl<'de, A: MapAccess<'de>> Value for Field<A, A::Error> {
    fn text(&mut self) -> Result<Option<String>, Broken> {
        Ok(self.scalar()?.text())
    }

    fn whole(&mut self) -> Result<Option<i64>, Broken> {
        Ok(self.scalar()?.whole())
    }

    fn flag(&mut self) -> Result<Option<bool>, Broken> {
        Ok(self.scalar()?.flag())
    }

    fn object(&mut self, fields: &mut dyn Fields, wanted: &str) -> Result<bool, Broken> {
        self.take(Object { fields, wanted })
    }

    fn list(&mut self, elements: &mut dyn Elements, wanted: &str) -> Result<bool, Broken> {
        self.take(List { elements, wanted })
    }

    fn texts(&mut self, each: &mut dyn FnMut(&str)) -> Result<bool, Broken> {
        self.take(Texts(each))
    }

    fn json(&mut self) -> Result<String, Broken> {
        let raw = self.take(std::marker::PhantomData::<&'de RawValue>)?;
        Ok(raw.get().to_owned())
    }
}

struct List<'a> {
    elements: &'a mut dyn Elements,
    wanted: &'a str,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = bool;
    nothing!(unit scalar object);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while let Some(fields) = self.elements.next() {
            let wanted = self.wanted;
            let Some(was_object) = list.next_element_seed(Object { fields, wanted })? else {
                self.elements.end();
                return Ok(true);
            };
            self.elements.read(was_object);
        }
        while list.next_element::<serde::de::IgnoredAny>()?.is_some() {
            self.elements.left_out();
        }
        Ok(true)
    }
}

struct Texts<'a>(&'a mut dyn FnMut(&str));

impl<'de> DeserializeSeed<'de> for Texts<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Texts<'_> {
    type Value = bool;
    nothing!(unit scalar object);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while let Some(raw) = list.next_element::<&'de RawValue>()? {
            (self.0)(raw.get());
        }
        Ok(true)
    }
}
