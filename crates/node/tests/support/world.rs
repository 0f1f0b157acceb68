//! Hosts of tests: a journal that goes with the test, settings, events that were logged.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use ringfence_fix::session::{
    AnyMessage, CompIdsSuffice, Reconnect, Role, SessionSettings, Settings, Version,
};
use ringfence_kernel::types::Name;
use ringfence_node::host::{HostEvent, HostOptions, Log};
use ringfence_node::journal::{Durability, JournalOptions};
use ringfence_node::net::Listen;

const SECOND_NS: i64 = 1_000_000_000;

/// A directory that is removed with the value.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("ringfence-host-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Options of a host at a free port of loopback.
pub(crate) fn options(folder: &Folder, durability: Durability) -> HostOptions {
    let date = "2012-08-01".parse().unwrap();
    let journal = JournalOptions {
        segment_bytes: 64 * 1024,
        ..JournalOptions::new(folder.path(), date, durability)
    };
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    HostOptions { listen: vec![Listen { address, tls: None }], ..HostOptions::new(journal) }
}

/// Settings with one session, as the client of the tests expects it or as that client.
pub(crate) fn settings(role: Role) -> Settings {
    let (us, them) = match role {
        Role::Acceptor => ("SERVER", "CLIENT"),
        Role::Initiator(_) => ("CLIENT", "SERVER"),
    };
    let name = |text| Name::new(text).unwrap();
    let validate = Arc::new(AnyMessage);
    let session = SessionSettings::new(role, Version::Fix44, name(us), name(them), validate);
    Settings {
        sessions: vec![session],
        authenticator: Box::new(CompIdsSuffice),
        logons_pending_max: 16,
        jitter_seed: 1,
    }
}

/// The role of a host that dials again soon.
pub(crate) fn initiator() -> Role {
    let (first_ns, max_ns) = (SECOND_NS / 50, SECOND_NS / 10);
    Role::Initiator(Reconnect {
        first_ns,
        max_ns,
        failures_max: 100,
        stable_ns: SECOND_NS,
        failover_count: 2,
    })
}

/// Events that were logged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<HostEvent>>>);

impl Events {
    pub(crate) fn log(&self) -> Log {
        let events = self.clone();
        Box::new(move |event| events.0.lock().unwrap().push(event.clone()))
    }
    pub(crate) fn all(&self) -> Vec<HostEvent> {
        self.0.lock().unwrap().clone()
    }
}
