//! Identifiers: dense numbers minted by the kernel, one type per noun.

use core::fmt;

use super::number::NumberError;
use super::value::{Bytes, Malformed, Scalar, Value, ValueError};

macro_rules! id {
    ($($(#[doc = $doc:literal])* $name:ident($raw:ty);)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($raw);

        impl $name {
            /// Returns the identifier numbered `raw`.
            pub const fn new(raw: $raw) -> Self {
                Self(raw)
            }
            /// Returns the number.
            pub const fn raw(self) -> $raw {
                self.0
            }
            /// Returns the identifier of the row at `index` of its table.
            pub fn from_index(index: usize) -> Self {
                match <$raw>::try_from(index) {
                    Ok(raw) => Self(raw),
                    Err(_) => panic!("row {index} is beyond the identifiers of its table"),
                }
            }
            /// Returns the row of the identifier in its table.
            pub fn index(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }
            /// Returns the identifier written as a number.
            pub fn parse(text: &str) -> Result<Self, NumberError> {
                text.parse().map(Self).map_err(|_| NumberError::NotDecimal)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl Value for $name {
            const KIND: &'static str = concat!("number of a ", stringify!($name));

            fn put(&self, out: &mut Vec<u8>) {
                self.0.put(out);
            }
            fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
                <$raw>::take(bytes).map(Self)
            }
            fn show(&self, out: &mut String) -> bool {
                self.0.show(out)
            }
            fn read(scalar: Scalar<'_>) -> Result<Self, ValueError> {
                <$raw>::read(scalar).map(Self)
            }
        }
    )*};
}

id! {
    /// An account, desk, trader or firm: a node of the account tree.
    AccountId(u32);
    /// An instrument.
    InstrumentId(u32);
    /// A venue.
    VenueId(u32);
    /// A client session.
    SessionId(u32);
    /// A strategy (DMA included).
    StrategyId(u32);
    /// A named set of limits.
    SetId(u32);
    /// A tick ladder.
    LadderId(u32);
    /// A plan of phases.
    PlanId(u32);
    /// A currency.
    CurrencyId(u32);
    /// A self-match group.
    GroupId(u32);
    /// A person whose commands count.
    OperatorId(u32);
    /// A parent order (our FIX 37 towards the client).
    OrderId(u64);
    /// A child order (origin of our FIX 11 towards the venue).
    ChildId(u64);
    /// A fill booked by us.
    FillId(u64);
}

/// An identifier together with the name that people know it by; only the name is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Named<I> {
    /// Dense number for the tables.
    pub id: I,
    /// Name from the configuration.
    pub name: super::text::Name,
}

impl<I: Value> Value for Named<I> {
    const KIND: &'static str = "name";

    fn put(&self, out: &mut Vec<u8>) {
        self.id.put(out);
        self.name.put(out);
    }
    fn take(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        Ok(Self { id: I::take(bytes)?, name: Value::take(bytes)? })
    }
    fn show(&self, out: &mut String) -> bool {
        self.name.show(out)
    }
    fn read(scalar: Scalar<'_>) -> Result<Self, ValueError> {
        Err(ValueError::new("nothing: only the kernel names a row", scalar))
    }
}
