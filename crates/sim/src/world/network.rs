//! Connections between processes: each way in order, with a delay, until it is cut.

use std::collections::BTreeMap;

use ringfence_fix::endpoint::{ConnectionId, SessionIndex};
use ringfence_kernel::types::Ts;

use super::{ProcessId, after};
use crate::rng::Rng;

/// How long bytes are under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Least delay of one way, ns.
    pub delay_ns: u64,
    /// What is drawn on top for each write, ns.
    pub jitter_ns: u64,
}

/// Who writes to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// Writer.
    pub from: ProcessId,
    /// Reader.
    pub to: ProcessId,
    /// The writer's end.
    pub connection: ConnectionId,
}

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
struct End {
    owner: ProcessId,
    other: ConnectionId,
    other_owner: ProcessId,
    link: Link,
    /// When the last bytes written here arrive: later ones do not overtake them.
    last_arrival: Ts,
}

/// Every connection, and who reaches whom.
#[derive(Debug)]
pub(super) struct Network {
    rng: Rng,
    targets: BTreeMap<(ProcessId, SessionIndex), (ProcessId, Link)>,
    ends: BTreeMap<ConnectionId, End>,
    next: u64,
    /// Processes from and to which nothing passes, until then.
    silent: BTreeMap<ProcessId, Ts>,
}

impl Network {
    pub(super) fn new(rng: Rng) -> Self {
        let (targets, ends, silent) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { rng, targets, ends, next: 1, silent }
    }
    pub(super) fn connect(&mut self, from: (ProcessId, SessionIndex), to: ProcessId, link: Link) {
        self.targets.insert(from, (to, link));
    }
    pub(super) fn target(&self, from: ProcessId, session: SessionIndex) -> Option<ProcessId> {
        self.targets.get(&(from, session)).map(|(to, _)| *to)
    }
    pub(super) fn owner(&self, connection: ConnectionId) -> Option<ProcessId> {
        self.ends.get(&connection).map(|end| end.owner)
    }
    pub(super) fn way(&self, connection: ConnectionId) -> Option<Way> {
        let end = self.ends.get(&connection)?;
        Some(Way { from: end.owner, to: end.other_owner, connection })
    }
    /// Returns when a dial by `session` is decided.
    pub(super) fn dial_time(&mut self, from: ProcessId, session: SessionIndex, now: Ts) -> Ts {
        let link = self.targets.get(&(from, session)).map(|(_, link)| *link);
        let ns = link.map_or(1_000_000, |link| 2 * link.delay_ns);
        after(now, i64::try_from(ns).unwrap_or(i64::MAX))
    }
    /// Opens a connection; nothing when nothing passes between the two.
    pub(super) fn open(
        &mut self,
        from: ProcessId,
        session: SessionIndex,
        to: ProcessId,
        now: Ts,
    ) -> Option<(ConnectionId, ConnectionId)> {
        let (_, link) = *self.targets.get(&(from, session))?;
        if self.is_silent(from, now) || self.is_silent(to, now) {
            return None;
        }
        let (ours, theirs) = (ConnectionId::new(self.next), ConnectionId::new(self.next + 1));
        self.next += 2;
        let end =
            |owner, other, other_owner| End { owner, other, other_owner, link, last_arrival: now };
        self.ends.insert(ours, end(from, theirs, to));
        self.ends.insert(theirs, end(to, ours, from));
        Some((ours, theirs))
    }
    /// Returns the other end and when bytes written now arrive there; nothing when they are lost.
    pub(super) fn send(&mut self, from: ConnectionId, now: Ts) -> Option<(ConnectionId, Ts)> {
        let end = *self.ends.get(&from)?;
        if self.is_silent(end.owner, now) || self.is_silent(end.other_owner, now) {
            return None;
        }
        let drawn = self.rng.below(end.link.jitter_ns.saturating_add(1));
        let ns = i64::try_from(end.link.delay_ns + drawn).unwrap_or(i64::MAX);
        let at = after(now, ns).max(end.last_arrival);
        if let Some(end) = self.ends.get_mut(&from) {
            end.last_arrival = at;
        }
        Some((end.other, at))
    }
    /// Closes an end; returns the other one and when it sees that, behind all that was written.
    pub(super) fn close(&mut self, end: ConnectionId, now: Ts) -> Option<(ConnectionId, Ts)> {
        let end = self.ends.remove(&end)?;
        let ns = i64::try_from(end.link.delay_ns).unwrap_or(i64::MAX);
        Some((end.other, after(now, ns).max(end.last_arrival)))
    }
    /// Forgets an end.
    pub(super) fn forget(&mut self, end: ConnectionId) {
        self.ends.remove(&end);
    }
    /// Breaks every connection of a process: what is under way is lost. Returns the ends that see
    /// it, under new names so that nothing else reaches them, and when.
    pub(super) fn cut(&mut self, id: ProcessId, now: Ts) -> Vec<(ConnectionId, Ts)> {
        let theirs: Vec<ConnectionId> = self
            .ends
            .iter()
            .filter(|(_, end)| end.owner == id || end.other_owner == id)
            .map(|(connection, _)| *connection)
            .collect();
        // Bytes under way find no end: an end that was cut takes only its being gone.
        theirs
            .into_iter()
            .filter_map(|connection| {
                let end = self.ends.get_mut(&connection)?;
                end.other = ConnectionId::new(0);
                let ns = i64::try_from(end.link.delay_ns).unwrap_or(i64::MAX);
                Some((connection, after(now, ns)))
            })
            .collect()
    }
    /// Returns whether an end was cut and takes nothing any more.
    pub(super) fn is_cut(&self, connection: ConnectionId) -> bool {
        self.ends.get(&connection).is_none_or(|end| end.other == ConnectionId::new(0))
    }
    pub(super) fn silence(&mut self, id: ProcessId, until: Ts) {
        self.silent.insert(id, until);
    }
    fn is_silent(&self, id: ProcessId, now: Ts) -> bool {
        self.silent.get(&id).is_some_and(|until| now < *until)
    }
}
