//! What the values that a guest hands over take of the host's memory.
//!
//! wasmtime counts what it lifts and stops at a number of bytes (`Store::set_hostcall_fuel`): the
//! bytes of texts, a [`Val`] for each item, field and payload, and the letters of names. What the
//! host allocates is more: a name of one letter takes 32 bytes, a list of one item has room for
//! four, a set of flags is a list of names. How much more depends on the type, so that the number
//! is the limit divided by what a counted byte may take at most in a value of that type. A record
//! of the connector has a factor of about three, a list of flags up to thirty.

use std::sync::OnceLock;

use wasmtime::component::Val;
use wasmtime::component::types::Type;

/// What a counted byte may take, tried in this order.
const FACTORS: [f64; 15] = [
    1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, WORST,
];

/// For a type that has none of the factors, or is too large to be looked at.
const WORST: f64 = 64.0;

/// Maximum number of types that one factor is tried with. A listing of the connector has about a
/// hundred.
const MAX_TYPES: u32 = 10_000;

/// What a value may take beyond its share and still be bounded by it, in bytes: values that hold
/// no list.
const SLACK_BYTES: f64 = 1_048_576.0;

/// What a value takes in a list, a tuple or a box.
const VALUE_BYTES: f64 = size_of::<Val>() as f64;

/// What a field takes in a record.
const FIELD_BYTES: f64 = size_of::<(String, Val)>() as f64;

/// What a name takes in a set of flags.
const NAME_BYTES: f64 = size_of::<String>() as f64;

/// What a counted byte may take in values of one type, determined once.
#[derive(Debug, Clone, Default)]
pub(super) struct HandOver(OnceLock<f64>);

impl HandOver {
    /// How much may be counted of a value of this type, so that it takes no more than `limit`.
    pub(super) fn countable(&self, ty: Option<&Type>, limit_bytes: usize) -> usize {
        let factor = *self.0.get_or_init(|| ty.map_or(1.0, factor));
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a limit of memory is far below 2^52, and the quotient no larger"
        )]
        let countable = (limit_bytes as f64 / factor) as usize;
        countable
    }
}

/// The smallest factor that no value of the type exceeds.
fn factor(ty: &Type) -> f64 {
    FACTORS
        .into_iter()
        .find(|factor| {
            let mut types = MAX_TYPES;
            Excess::new(*factor, &mut types)
                .of(ty)
                .is_some_and(|excess| excess <= SLACK_BYTES)
        })
        .unwrap_or(WORST)
}

/// What an allocation takes, as glibc rounds it.
fn allocated(bytes: f64) -> f64 {
    if bytes == 0.0 {
        0.0
    } else {
        (((bytes + 8.0) / 16.0).ceil() * 16.0).max(32.0)
    }
}

/// What a vector of so many items takes: it grows by doubling, from four.
fn vector(items: usize, item_bytes: f64) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        reason = "types have far fewer than 2^52 parts"
    )]
    let capacity = items.next_power_of_two().max(4) as f64;
    if items == 0 {
        0.0
    } else {
        allocated(capacity * item_bytes)
    }
}

/// By how many bytes the value of a type that is worst exceeds what is counted of it times a
/// factor. What a value takes in place is its container's.
struct Excess<'a> {
    factor: f64,
    types: &'a mut u32,
}

impl<'a> Excess<'a> {
    fn new(factor: f64, types: &'a mut u32) -> Self {
        Self { factor, types }
    }

    /// `None` where it has no bound, or the type is too large.
    fn of(&mut self, ty: &Type) -> Option<f64> {
        *self.types = self.types.checked_sub(1)?;
        match ty {
            Type::String => {
                // A byte of Latin-1 becomes two of UTF-8. Of texts in UTF-8 the shortest is worst.
                let shortest = allocated(1.0) - self.factor;
                (self.factor >= 2.0).then_some(shortest.max(0.0))
            }
            Type::List(list) => self.list(&list.ty(), VALUE_BYTES),
            Type::Map(map) => {
                let entry = self.of(&map.key())? + self.of(&map.value())?;
                self.items(entry, 2.0 * VALUE_BYTES)
            }
            Type::Record(record) => {
                let mut excess = vector(record.fields().len(), FIELD_BYTES);
                for field in record.fields() {
                    excess -= self.factor * VALUE_BYTES;
                    excess += self.name(field.name) + self.of(&field.ty)?;
                }
                Some(excess)
            }
            Type::Tuple(tuple) => {
                let mut excess = vector(tuple.types().len(), VALUE_BYTES);
                for ty in tuple.types() {
                    excess += self.of(&ty)? - self.factor * VALUE_BYTES;
                }
                Some(excess)
            }
            Type::FixedLengthList(list) => {
                let items = usize::try_from(list.len()).ok()?;
                let item = self.of(&list.ty())? - self.factor * VALUE_BYTES;
                #[allow(
                    clippy::cast_precision_loss,
                    reason = "the length of such a list is below 2^32"
                )]
                let all = items as f64 * item;
                Some(vector(items, VALUE_BYTES) + all)
            }
            Type::Variant(variant) => {
                let mut worst = f64::MIN;
                for case in variant.cases() {
                    let payload = match &case.ty {
                        Some(ty) => self.boxed(ty)?,
                        None => 0.0,
                    };
                    worst = worst.max(self.name(case.name) + payload);
                }
                Some(worst)
            }
            Type::Enum(cases) => Some(
                cases
                    .names()
                    .map(|name| self.name(name))
                    .fold(f64::MIN, f64::max),
            ),
            Type::Option(option) => Some(self.boxed(&option.ty())?.max(0.0)),
            Type::Result(result) => {
                let mut worst = f64::MIN;
                for side in [result.ok(), result.err()] {
                    let side = match side {
                        Some(ty) => self.boxed(&ty)?,
                        None => 0.0,
                    };
                    worst = worst.max(side);
                }
                Some(worst)
            }
            Type::Flags(flags) => {
                let names = flags.names().map(|name| self.name(name).max(0.0));
                Some(vector(flags.names().len(), NAME_BYTES) + names.sum::<f64>())
            }
            // Numbers take no more than their place; handles are counted elsewhere.
            _ => Some(0.0),
        }
    }

    /// A name that is copied for each value.
    #[allow(
        clippy::cast_precision_loss,
        reason = "a name is far shorter than 2^52 bytes"
    )]
    fn name(&self, name: &str) -> f64 {
        let bytes = name.len() as f64;
        allocated(bytes) - self.factor * bytes
    }

    fn boxed(&mut self, ty: &Type) -> Option<f64> {
        Some(allocated(VALUE_BYTES) - self.factor * VALUE_BYTES + self.of(ty)?)
    }

    fn list(&mut self, item: &Type, item_bytes: f64) -> Option<f64> {
        let item = self.of(item)?;
        self.items(item, item_bytes)
    }

    /// A list whose items exceed their share by `item` each.
    fn items(&self, item: f64, item_bytes: f64) -> Option<f64> {
        // A long list has up to twice the room that it needs.
        if 2.0 * item_bytes - self.factor * item_bytes + item > 0.0 {
            return None;
        }
        let worst = [1_u8, 2, 3, 4, 5, 9, 17]
            .into_iter()
            .map(|items| {
                let each = f64::from(items) * (item - self.factor * item_bytes);
                vector(usize::from(items), item_bytes) + each
            })
            .fold(0.0, f64::max);
        Some(worst)
    }
}
