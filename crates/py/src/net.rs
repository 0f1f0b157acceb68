//! Servers that run until a signal ends them.

use std::collections::BTreeMap;
use std::time::Duration;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use ringfence_node::conformance::{ConformanceError, ConformanceServer, serve_conformance as open};
use ringfence_node::host::{HostError, standard_error};

use crate::KernelHalted;
use crate::convert::journal_error;

/// Time between two looks for a signal.
const SIGNALS_EVERY: Duration = Duration::from_millis(200);

/// Serve the FIX conformance conversations at a port of loopback until a signal ends it.
///
/// `dictionaries` are XML texts by version; for an empty one the built-in dictionary is used. What
/// a signal's handler raises ends the server in good order and is raised again. Log lines go to
/// standard error.
#[pyfunction]
pub(crate) fn serve_conformance(
    py: Python<'_>,
    port: u16,
    dictionaries: BTreeMap<String, String>,
) -> PyResult<()> {
    let opened = py.detach(|| open(port, &dictionaries, standard_error()?));
    // The folder of the journal is removed when this returns.
    let ConformanceServer { host, folder: _folder } = opened.map_err(conformance_error)?;
    let (handle, thread) = host.spawn().map_err(host_error)?;
    let mut signal = Ok(());
    while !thread.is_finished() {
        if signal.is_ok() {
            signal = py.check_signals();
            if signal.is_err() {
                handle.drain();
            }
        }
        py.detach(|| std::thread::park_timeout(SIGNALS_EVERY));
    }
    let ended = py.detach(|| thread.join());
    ended.unwrap_or(Ok(())).map_err(host_error).and(signal)
}

fn conformance_error(why: ConformanceError) -> PyErr {
    match why {
        ConformanceError::Dictionary { .. } => PyValueError::new_err(why.to_string()),
        ConformanceError::Folder { .. } => PyOSError::new_err(why.to_string()),
        ConformanceError::Host(why) => host_error(why),
    }
}

/// Returns the exception of a host that does not start or has ended.
pub(crate) fn host_error(why: HostError) -> PyErr {
    match &why {
        HostError::Settings(_) | HostError::Peers { .. } | HostError::NotBegun(_) => {
            PyValueError::new_err(why.to_string())
        }
        HostError::Open(_) | HostError::Fold { .. } | HostError::NotFollowed { .. } => {
            journal_error(why)
        }
        HostError::Net(_)
        | HostError::Thread(_)
        | HostError::ClockBehind { .. }
        | HostError::Unsettled { .. }
        | HostError::ClockUnfit(_) => PyOSError::new_err(why.to_string()),
        HostError::Journal { .. } | HostError::Invariant { .. } => {
            KernelHalted::new_err(why.to_string())
        }
    }
}
