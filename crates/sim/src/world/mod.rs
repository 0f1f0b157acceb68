//! A simulated world: processes, the network between them, crashes, all from one seed.
//!
//! Runs the endpoint, the gateway and the venue that production runs; only time, network and disk
//! are simulated. The same seed gives the same world to the byte. Refuses nothing: what must hold
//! is for the [`auditor`] to say.

pub mod auditor;
pub mod broker;
pub mod client;
pub mod host;
pub mod network;

use std::collections::BTreeMap;

use ringfence_fix::endpoint::{ConnectionId, SessionIndex};
use ringfence_kernel::types::Ts;

use crate::rng::Rng;
use auditor::Tap;
use host::{Action, Crash, Process};
use network::{Link, Network};

/// Place of a process in its world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProcessId(usize);

/// Things that may wait to happen at once; a world beyond is running away.
pub const HAPPENINGS_MAX: usize = 1_000_000;

/// Something that happens at a time.
#[derive(Clone, Debug)]
enum Happening {
    /// Bytes arrive at the end of a connection.
    Arrive(ConnectionId, Vec<u8>),
    /// The end of a connection sees that the other one is gone.
    Gone(ConnectionId),
    /// A dialed connection stands, or could not be made.
    Dialed(ProcessId, SessionIndex),
    /// A process looks at the clock.
    Tick(ProcessId),
    /// A process begins (again).
    Start(ProcessId),
    /// Something that the scenario does.
    Act(Deed),
}

/// What a scenario can do to its world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A process dies at its next durable write, and begins again later.
    Crash {
        /// Which.
        process: ProcessId,
        /// Where it dies.
        at: Crash,
        /// Time until it begins again, ns.
        down_ns: i64,
    },
    /// Every connection of a process breaks; what was under way is lost.
    Cut {
        /// Which.
        process: ProcessId,
    },
    /// Nothing passes between a process and the others for a while, and nobody is told.
    Silence {
        /// Which.
        process: ProcessId,
        /// How long, ns.
        for_ns: i64,
    },
    /// A process does nothing for a while: what comes meanwhile waits and is then done in order.
    Freeze {
        /// Which.
        process: ProcessId,
        /// How long, ns.
        for_ns: i64,
    },
}

/// Processes and the network between them.
pub struct World {
    now: Ts,
    queue: BTreeMap<(Ts, u64), Happening>,
    next: u64,
    processes: Vec<Box<dyn Process>>,
    network: Network,
    /// Time at which each process looks at the clock next, so that none is asked twice.
    ticks: Vec<Option<Ts>>,
    /// Until when a process does nothing.
    frozen: BTreeMap<ProcessId, Ts>,
    taps: Vec<Box<dyn Tap>>,
    /// Happenings so far.
    count: u64,
}

impl World {
    /// Returns a world without processes that begins at `now`.
    pub fn new(seed: u64, now: Ts) -> Self {
        Self {
            now,
            queue: BTreeMap::new(),
            next: 0,
            processes: Vec::new(),
            network: Network::new(Rng::stream(seed, &[1])),
            ticks: Vec::new(),
            frozen: BTreeMap::new(),
            taps: Vec::new(),
            count: 0,
        }
    }
    /// Returns the present time.
    pub const fn now(&self) -> Ts {
        self.now
    }
    /// Returns the number of things that have happened.
    pub const fn count(&self) -> u64 {
        self.count
    }
    /// Adds a process; it begins at `start`.
    pub fn add(&mut self, process: Box<dyn Process>, start: Ts) -> ProcessId {
        let id = ProcessId(self.processes.len());
        self.processes.push(process);
        self.ticks.push(None);
        self.at(start, Happening::Start(id));
        id
    }
    /// Lets whoever dials by `session` of `from` reach `to`.
    pub fn connect(&mut self, from: ProcessId, session: SessionIndex, to: ProcessId, link: Link) {
        self.network.connect((from, session), to, link);
    }
    /// Lets `tap` see every byte that is written.
    pub fn tap(&mut self, tap: Box<dyn Tap>) {
        self.taps.push(tap);
    }
    /// Returns the process at `id`.
    pub fn process(&self, id: ProcessId) -> Option<&dyn Process> {
        self.processes.get(id.0).map(|process| &**process)
    }
    /// Does something at a time.
    pub fn schedule(&mut self, at: Ts, deed: Deed) {
        self.at(at, Happening::Act(deed));
    }
    fn at(&mut self, at: Ts, happening: Happening) {
        assert!(self.queue.len() < HAPPENINGS_MAX, "the world runs away: too much waits");
        self.queue.insert((at.max(self.now), self.next), happening);
        self.next += 1;
    }
    /// Runs until nothing waits or `until` is reached.
    pub fn run(&mut self, until: Ts) {
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 > until {
                break;
            }
            let ((at, _), happening) = entry.remove_entry();
            self.now = at;
            self.count += 1;
            match self.frozen_until(&happening) {
                Some(until) => self.at(until, happening),
                None => self.happen(happening),
            }
        }
        self.now = self.now.max(until);
    }
    /// Returns until when whoever something happens to is frozen, if it is.
    fn frozen_until(&self, happening: &Happening) -> Option<Ts> {
        let whose = match happening {
            Happening::Arrive(connection, _) | Happening::Gone(connection) => {
                self.network.owner(*connection)?
            }
            Happening::Tick(id) | Happening::Dialed(id, _) => *id,
            Happening::Start(_) | Happening::Act(_) => return None,
        };
        self.frozen.get(&whose).copied().filter(|until| self.now < *until)
    }
    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrive(connection, bytes) => {
                let Some(owner) = self.network.owner(connection) else { return };
                if self.network.is_cut(connection) {
                    return;
                }
                self.with(owner, |process, now| process.received(connection, &bytes, now));
            }
            Happening::Gone(connection) => {
                let Some(owner) = self.network.owner(connection) else { return };
                self.network.forget(connection);
                self.with(owner, |process, now| process.closed(connection, now));
            }
            Happening::Dialed(process, session) => self.dialed(process, session),
            Happening::Tick(id) => {
                if let Some(tick) = self.ticks.get_mut(id.0) {
                    *tick = None;
                }
                self.with(id, |process, now| process.tick(now));
            }
            Happening::Start(id) => self.with(id, |process, now| process.start(now)),
            Happening::Act(deed) => self.act(deed),
        }
    }
    fn dialed(&mut self, from: ProcessId, session: SessionIndex) {
        let reachable = self
            .network
            .target(from, session)
            .filter(|to| self.processes.get(to.0).is_some_and(|process| process.is_running()));
        let opened = reachable.and_then(|to| self.network.open(from, session, to, self.now));
        match (opened, reachable) {
            (Some((ours, theirs)), Some(to)) => {
                self.with(to, |process, now| process.accepted(theirs, now));
                self.with(from, |process, now| process.dialed(session, ours, now));
            }
            (_, _) => self.with(from, |process, now| process.dial_failed(session, now)),
        }
    }
    fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Crash { process, at, down_ns } => {
                if let Some(found) = self.processes.get_mut(process.0) {
                    found.doom(at, down_ns);
                }
            }
            Deed::Cut { process } => self.cut(process),
            Deed::Silence { process, for_ns } => {
                self.network.silence(process, after(self.now, for_ns));
            }
            Deed::Freeze { process, for_ns } => {
                self.frozen.insert(process, after(self.now, for_ns));
            }
        }
    }
    /// Breaks every connection of a process; both ends see it, after the time of the way.
    fn cut(&mut self, id: ProcessId) {
        for (connection, at) in self.network.cut(id, self.now) {
            self.at(at, Happening::Gone(connection));
        }
    }
    /// Lets a process do something and carries out what follows.
    fn with(&mut self, id: ProcessId, act: impl FnOnce(&mut dyn Process, Ts) -> Vec<Action>) {
        let now = self.now;
        let Some(process) = self.processes.get_mut(id.0) else { return };
        let actions = act(process.as_mut(), now);
        for action in actions {
            self.carry_out(id, action);
        }
        self.look_at_clock(id);
    }
    fn carry_out(&mut self, id: ProcessId, action: Action) {
        match action {
            Action::Write(connection, bytes) => {
                let Some(way) = self.network.way(connection) else { return };
                for tap in &mut self.taps {
                    tap.written(self.now, way, &bytes);
                }
                if let Some((to, at)) = self.network.send(connection, self.now) {
                    self.at(at, Happening::Arrive(to, bytes));
                }
            }
            Action::Close(connection) => {
                if let Some((to, at)) = self.network.close(connection, self.now) {
                    self.at(at, Happening::Gone(to));
                }
            }
            Action::Dial(session) => {
                let at = self.network.dial_time(id, session, self.now);
                self.at(at, Happening::Dialed(id, session));
            }
            Action::Died { down_ns } => {
                self.cut(id);
                self.at(after(self.now, down_ns), Happening::Start(id));
            }
        }
    }
    fn look_at_clock(&mut self, id: ProcessId) {
        let deadline = self.processes.get(id.0).and_then(|process| process.deadline());
        let Some(at) = deadline.map(|at| at.max(after(self.now, 1))) else { return };
        let Some(tick) = self.ticks.get_mut(id.0) else { return };
        if tick.is_none_or(|planned| at < planned) {
            *tick = Some(at);
            self.at(at, Happening::Tick(id));
        }
    }
}

/// Returns the time `ns` after `now`.
pub fn after(now: Ts, ns: i64) -> Ts {
    Ts::from_nanos(now.nanos().saturating_add(ns))
}
