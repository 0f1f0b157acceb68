//! The calls of the operating system that the standard library does not offer.
//!
//! The only module of the crate that may hold `unsafe` code.
#![expect(
    unsafe_code,
    reason = "posix_fallocate, flock, setsockopt and adjtimex have no safe standard wrapper"
)]

use std::fs::File;
use std::io;
use std::mem::{MaybeUninit, size_of};
use std::os::fd::AsRawFd;

use crate::host::ClockOffset;

/// Reserves disk space so that the file holds at least `bytes` bytes, the new ones reading as zero.
///
/// A disk that is full says so here, before a record depends on the space.
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
pub(crate) fn preallocate(file: &File, bytes: u64) -> io::Result<()> {
    let length =
        libc::off_t::try_from(bytes).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))?;
    // SAFETY: the descriptor is open for the whole call because `file` is borrowed; the call takes
    // no pointer and touches no memory of this process.
    match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, length) } {
        0 => Ok(()),
        // The call returns its error number; it does not set `errno`.
        number => Err(io::Error::from_raw_os_error(number)),
    }
}

/// Sets the file's size to at least `bytes` bytes; this system cannot reserve the space itself.
#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
pub(crate) fn preallocate(file: &File, bytes: u64) -> io::Result<()> {
    if file.metadata()?.len() < bytes { file.set_len(bytes) } else { Ok(()) }
}

/// Returns whether the exclusive lock of `file` was taken; false when another open file holds it.
///
/// The lock ends with the last descriptor of this open file, also when the process is killed.
pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    // SAFETY: the descriptor is open for the whole call because `file` is borrowed; the call takes
    // no pointer and touches no memory of this process.
    let status = unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) };
    if status == 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    if error.kind() == io::ErrorKind::WouldBlock { Ok(false) } else { Err(error) }
}

/// Gives up the lock of `file`, also for processes that were forked while it was held.
pub(crate) fn unlock(file: &File) -> io::Result<()> {
    // SAFETY: the descriptor is open for the whole call because `file` is borrowed; the call takes
    // no pointer and touches no memory of this process.
    match unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_UN) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Returns how far this machine's clock is from UTC, or nothing when it is not synchronized.
///
/// Reads what adjtimex(2) keeps for whoever steers the clock; changes nothing, needs no right, and
/// does not wait.
#[cfg(target_os = "linux")]
pub(crate) fn clock_offset() -> io::Result<Option<ClockOffset>> {
    let mut kept = MaybeUninit::<libc::timex>::zeroed();
    // SAFETY: every field of the structure is an integer, for which zero is a value, and no mode is
    // asked for, so the call only writes to the structure that the pointer is to.
    let (state, kept) = unsafe { (libc::adjtimex(kept.as_mut_ptr()), kept.assume_init()) };
    if state < 0 {
        return Err(io::Error::last_os_error());
    }
    if state == libc::TIME_ERROR || kept.status & libc::STA_UNSYNC != 0 {
        return Ok(None);
    }
    let offset_unit_ns = if kept.status & libc::STA_NANO != 0 { 1 } else { NANOS_PER_MICRO };
    Ok(Some(ClockOffset {
        offset_ns: nanos(kept.offset, offset_unit_ns),
        est_error_ns: nanos(kept.esterror, NANOS_PER_MICRO),
        max_error_ns: nanos(kept.maxerror, NANOS_PER_MICRO),
    }))
}

/// Says that this system does not tell how far its clock is from UTC.
#[cfg(not(target_os = "linux"))]
pub(crate) fn clock_offset() -> io::Result<Option<ClockOffset>> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(target_os = "linux")]
const NANOS_PER_MICRO: i64 = 1_000;

/// Returns a number of the system's, however wide its integer is, in nanoseconds.
#[cfg(target_os = "linux")]
fn nanos(count: impl Into<i64>, unit_ns: i64) -> i64 {
    count.into().saturating_mul(unit_ns)
}

/// Has the system look after a connection whose peer is gone without a word.
///
/// An idle one is probed after `idle_s` seconds, every `interval_s` seconds, `probes` times; one
/// whose bytes are not acknowledged ends after `unacknowledged_ms` milliseconds.
#[cfg(target_os = "linux")]
pub(crate) fn watch_peer(
    socket: &impl AsRawFd,
    [idle_s, interval_s, probes]: [libc::c_int; 3],
    unacknowledged_ms: libc::c_int,
) -> io::Result<()> {
    set_option(socket, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, idle_s)?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL, interval_s)?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_KEEPCNT, probes)?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_USER_TIMEOUT, unacknowledged_ms)
}

/// Has the system probe an idle connection; when and how often is the system's own choice here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch_peer(
    socket: &impl AsRawFd,
    _: [libc::c_int; 3],
    _: libc::c_int,
) -> io::Result<()> {
    set_option(socket, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)
}

fn set_option(
    socket: &impl AsRawFd,
    level: libc::c_int,
    name: libc::c_int,
    value: libc::c_int,
) -> io::Result<()> {
    let length = libc::socklen_t::try_from(size_of::<libc::c_int>());
    let length = length.map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    // SAFETY: the descriptor is open for the whole call because `socket` is borrowed; the pointer
    // is to a local integer of exactly `length` bytes, which the call only reads.
    let status = unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, name, (&raw const value).cast(), length)
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
