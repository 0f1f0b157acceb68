//! The vocabulary of the kernel: numbers, text, identifiers, enumerations, records and tables.
//!
//! Nothing here knows an order or a rule. Imports nothing of the rest of the kernel.

pub mod enums;
pub mod id;
pub mod map;
pub mod number;
pub mod rare;
pub mod record;
pub mod table;
pub mod text;
pub mod value;
pub mod window;

pub use enums::{
    ExecType, HaltKind, OrdStatus, OrdType, Origin, Phase, PositionState, PriceSource, ScopeKind,
    SessionStatus, Side, TimeInForce, TradingState,
};
pub use id::{
    AccountId, ChildId, CurrencyId, FillId, GroupId, InstrumentId, LadderId, Named, OperatorId,
    OrderId, PlanId, SessionId, SetId, StrategyId, VenueId,
};
pub use number::{Bps, Money, NumberError, Price, Qty, Ts};
pub use rare::Rare;
pub use record::{FieldSpec, Fields, RecordError, RecordSpec};
pub use text::{Hex, Name, Note, Text, WireId};
pub use value::{Scalar, ValueError};
