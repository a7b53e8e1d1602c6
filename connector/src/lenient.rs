//! Decoding that puts up with what the live service sends.
//!
//! Confluence's own description calls fields text that arrive as null, leaves others out and
//! omits values that arrive all the same. So a field of another type is converted or absent, an
//! unknown one is skipped, and a key that stands twice counts once; none of it fails a row.
//! `serde`'s derive fails the row for the last of these, hence the hand-written form.

use std::{borrow::Cow, marker::PhantomData};

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

/// Something that is a JSON object upstream, read field by field.
pub(crate) trait Fields: Default {
    /// Takes the value of the field `name` off `map`: exactly one value, also of unknown fields.
    ///
    /// `wanted` is the body format that was asked for, or empty.
    fn read<'de, M: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut M,
        wanted: &str,
    ) -> Result<(), M::Error>;
}

/// Visits that answer the visitor's empty value, for whatever is of another type.
macro_rules! nothing {
    ($($kind:ident)*) => { $( nothing!(@ $kind); )* };
    (@ unit) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(Default::default()) }
    };
    (@ flag) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok(Default::default()) }
    };
    (@ number) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok(Default::default()) }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok(Default::default()) }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok(Default::default()) }
    };
    (@ text) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok(Default::default()) }
    };
    (@ list) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
    (@ object) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map
                .next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?
                .is_some() {}
            Ok(Default::default())
        }
    };
}
pub(crate) use nothing;

/// What a visitor would say that it expects; never shown, since nothing is refused.
macro_rules! anything {
    () => {
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("anything")
        }
    };
}
pub(crate) use anything;

/// A key, borrowed from the text unless it holds escapes.
pub(crate) struct Key<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Key<'de>;
            anything!();
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Read)
    }
}

/// Reads an object into a `T`; anything else is `None`.
pub(crate) struct ObjectSeed<'a, T> {
    wanted: &'a str,
    kind: PhantomData<T>,
}

impl<'a, T> ObjectSeed<'a, T> {
    pub(crate) fn new(wanted: &'a str) -> Self {
        Self {
            wanted,
            kind: PhantomData,
        }
    }
}

impl<'de, T: Fields> DeserializeSeed<'de> for ObjectSeed<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Fields> Visitor<'de> for ObjectSeed<'_, T> {
    type Value = Option<T>;
    anything!();
    nothing!(unit flag number text list);

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<T>, A::Error> {
        let mut object = T::default();
        while let Some(Key(name)) = map.next_key::<Key<'de>>()? {
            object.read(&name, &mut map, self.wanted)?;
        }
        Ok(Some(object))
    }
}

/// A scalar kind that one visitor reads.
macro_rules! scalar {
    ($(#[$doc:meta])* $name:ident($inner:ty) { $($visits:tt)* }) => {
        $(#[$doc])*
        #[derive(Default)]
        struct $name(Option<$inner>);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Read;
                impl<'de> Visitor<'de> for Read {
                    type Value = $name;
                    anything!();
                    nothing!(unit list object);
                    $($visits)*
                }
                deserializer.deserialize_any(Read)
            }
        }
    };
}

scalar! {
    /// Text. Numbers become their exact digits.
    Text(String) {
        nothing!(flag);
        fn visit_str<E>(self, text: &str) -> Result<Text, E> {
            Ok(Text(Some(text.to_owned())))
        }
        fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
            Ok(Text(Some(number.to_string())))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
            Ok(Text(Some(number.to_string())))
        }
        fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
            Ok(Text(exact(number).map(|number| number.to_string())))
        }
    }
}

scalar! {
    /// A whole number. Digits in text count too.
    Whole(i64) {
        nothing!(flag);
        fn visit_str<E>(self, text: &str) -> Result<Whole, E> {
            Ok(Whole(text.trim().parse().ok()))
        }
        fn visit_i64<E>(self, number: i64) -> Result<Whole, E> {
            Ok(Whole(Some(number)))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Whole, E> {
            Ok(Whole(i64::try_from(number).ok()))
        }
        fn visit_f64<E>(self, number: f64) -> Result<Whole, E> {
            Ok(Whole(exact(number)))
        }
    }
}

scalar! {
    /// Yes or no, also as text.
    Flag(bool) {
        nothing!(number);
        fn visit_bool<E>(self, flag: bool) -> Result<Flag, E> {
            Ok(Flag(Some(flag)))
        }
        fn visit_str<E>(self, text: &str) -> Result<Flag, E> {
            Ok(Flag(text.parse().ok()))
        }
    }
}

/// The whole number that a float is. Above 2^53 a float is no longer one number but several, so
/// those are none: an id that is off by one names another page.
#[allow(clippy::cast_possible_truncation, reason = "at most 2^53")]
fn exact(number: f64) -> Option<i64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    (number.trunc() == number && number.abs() < MOST).then_some(number as i64)
}

/// The next value as text.
pub(crate) fn text<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Option<String>, M::Error> {
    Ok(map.next_value::<Text>()?.0)
}

/// The next value as a whole number.
pub(crate) fn whole<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Option<i64>, M::Error> {
    Ok(map.next_value::<Whole>()?.0)
}

/// The next value as a number that is not negative.
pub(crate) fn natural<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Option<u64>, M::Error> {
    Ok(whole(map)?.and_then(|number| u64::try_from(number).ok()))
}

/// The next value as yes or no.
pub(crate) fn flag<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Option<bool>, M::Error> {
    Ok(map.next_value::<Flag>()?.0)
}

/// The next value as an object.
pub(crate) fn nested<'de, T: Fields, M: MapAccess<'de>>(
    map: &mut M,
    wanted: &str,
) -> Result<Option<T>, M::Error> {
    map.next_value_seed(ObjectSeed::new(wanted))
}

/// Takes the next value off and drops it.
pub(crate) fn skip<'de, M: MapAccess<'de>>(map: &mut M) -> Result<(), M::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

/// The first element of the next value, when that is a list.
pub(crate) fn first_of_list<'de, T: Fields, M: MapAccess<'de>>(
    map: &mut M,
    wanted: &str,
) -> Result<Option<T>, M::Error> {
    struct First<'a, T>(ObjectSeed<'a, T>);
    impl<'de, T: Fields> DeserializeSeed<'de> for First<'_, T> {
        type Value = Option<T>;
        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
            deserializer.deserialize_any(self)
        }
    }
    impl<'de, T: Fields> Visitor<'de> for First<'_, T> {
        type Value = Option<T>;
        anything!();
        nothing!(unit flag number text object);
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<T>, A::Error> {
            let first = list.next_element_seed(self.0)?.flatten();
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(first)
        }
    }
    map.next_value_seed(First(ObjectSeed::new(wanted)))
}

/// Decodes a whole text that is one object.
pub(crate) fn object<T: Fields>(text: &str, wanted: &str) -> Result<Option<T>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let object = ObjectSeed::new(wanted).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(object)
}
