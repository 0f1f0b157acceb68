//! Python binding of the Ringfence kernel: conversions only.
//!
//! Decides nothing and keeps nothing but the engine. Batches release the GIL.

mod book;
mod columns;
mod convert;
mod days;
mod drill;
mod journal;
mod kernel;
mod net;
mod node;
mod process;
mod tables;
mod tape;
mod venue;
mod venue_books;
mod venue_settings;

use pyo3::prelude::*;

pyo3::create_exception!(
    ringfence._core,
    InputError,
    pyo3::exceptions::PyValueError,
    "An input that cannot be read; args are (message, line or None[, column, row, file])."
);
pyo3::create_exception!(
    ringfence._core,
    JournalError,
    pyo3::exceptions::PyOSError,
    "A journal that cannot be written, read or trusted."
);
pyo3::create_exception!(
    ringfence._core,
    KernelHalted,
    pyo3::exceptions::PyRuntimeError,
    "An invariant broke or the journal failed; nothing may leave any more."
);

/// Native half of Ringfence; use the `ringfence` package instead.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::book::match_orders;
    #[pymodule_export]
    use super::columns::EventColumns;
    #[pymodule_export]
    use super::days::{closing_of_day, journal_days, start_of_day};
    #[pymodule_export]
    use super::journal::{JournalPages, journal_stats, seal_day};
    #[pymodule_export]
    use super::kernel::{Kernel, encode_input, replay, verify};
    #[pymodule_export]
    use super::net::serve_conformance;
    #[pymodule_export]
    use super::node::{Node, unfit_clock};
    #[pymodule_export]
    use super::tables::{limit_keys, reasons, rules, schema, signing_text};
    #[pymodule_export]
    use super::tape::Tape;
    #[pymodule_export]
    use super::venue::VenueServer;
    #[pymodule_export]
    use super::{InputError, JournalError, KernelHalted};
}
