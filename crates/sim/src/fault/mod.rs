//! Disturbances of the simulated venue, by script or by command.
//!
//! A line says when, for how long, what, and whom it hits:
//!
//! ```text
//! line      = ["at" moment] ["for" duration] fault {key "=" value}
//! duration  = digits ("ns" | "us" | "ms" | "s" | "m" | "h")
//! moment    = ["-"] duration      since the origin of the script, or since the command
//!           | digits              nanoseconds UTC
//! filter    = port=NAME  symbol=NAME  symbols=FIRST..LAST  side=buy|sell
//!             share=BPS (seeded)  every=N  count=N
//! ```
//!
//! Refuses: randomness that no seed gives, and faults that cannot be told from the venue's rules.
//! The faults only bend what comes in and what goes out; the books stay as exact as they are.

mod active;
mod curve;
mod grammar;
mod keys;
mod script;
mod words;

pub use active::{ACTIVE_MAX, Delivery, Faults, Message, MessageKind, Reception};
pub(crate) use active::{Feed, Turned};
pub use curve::{CURVE_POINTS_MAX, Curve, CurveError, CurvePoint};
pub use grammar::{Command, parse_line};
pub use script::{SCRIPT_LINES_MAX, Script, ScriptError};
pub use words::{ExecIds, Fault, Filter, LINE_BYTES_MAX, LineError, Moment, Strike};
