//! Numbers of the exchange: one type per noun, so that no bare integer crosses a function.

use core::fmt;

macro_rules! number {
    ($($(#[doc = $doc:literal])* $name:ident($raw:ty);)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($raw);

        impl $name {
            /// Returns the one numbered `raw`.
            pub const fn new(raw: $raw) -> Self {
                Self(raw)
            }
            /// Returns the number.
            pub const fn raw(self) -> $raw {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )*};
}

number! {
    /// Place of a port in the rules of the venue.
    PortId(u16);
    /// Place of an instrument in the rules of the venue.
    InstrumentIndex(u16);
    /// Number of an order, from 1 up over the life of the venue (FIX 37).
    OrderNumber(u64);
    /// Number of an execution report, from 1 up over the life of the venue (FIX 17).
    ExecNumber(u64);
    /// Number of a trade, from 1 up; its two executions share it.
    TradeNumber(u64);
}

impl PortId {
    /// Returns the place for tables.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl InstrumentIndex {
    /// Returns the place for tables.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}
