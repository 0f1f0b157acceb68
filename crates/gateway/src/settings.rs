//! What each FIX session of the gateway is for.

use std::collections::{BTreeMap, BTreeSet};

use ringfence_fix::endpoint::SessionIndex;
use ringfence_fix::terms::Version;
use ringfence_kernel::types::Name;

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A client enters orders; the name is the kernel's session.
    Client {
        /// Session of the kernel.
        name: Name,
    },
    /// Receives copies of the reports to clients (FIX 797), of its accounts alone.
    DropCopy,
    /// Orders go to a venue.
    Venue {
        /// Venue of the kernel.
        venue: Name,
        /// Whether its market data is asked for.
        market_data: bool,
    },
    /// A venue sends copies of its reports (FIX 797).
    VenueDropCopy {
        /// Venue of the kernel.
        venue: Name,
    },
}

/// One session of the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Version of its application messages.
    pub version: Version,
    /// What it is for.
    pub role: Role,
}

/// Sessions by a dense number of the kernel, each looked up by its name once.
#[derive(Debug, Default)]
pub(super) struct KnownLinks(Vec<Option<Option<SessionIndex>>>);

impl KnownLinks {
    /// Returns the session of `number`, found by `find` the first time.
    pub(super) fn find(
        &mut self,
        number: usize,
        find: impl FnOnce() -> Option<SessionIndex>,
    ) -> Option<SessionIndex> {
        if let Some(Some(known)) = self.0.get(number) {
            return *known;
        }
        if self.0.len() <= number {
            self.0.resize(number + 1, None);
        }
        let found = find();
        if let Some(row) = self.0.get_mut(number) {
            *row = Some(found);
        }
        found
    }
}

/// What happens to open orders when the process is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrainPolicy {
    /// Every open order is canceled and waited for.
    Cancel,
    /// Orders stay at their venues.
    Leave,
}

/// Settings of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySettings {
    /// The sessions, in the order of the endpoint's table.
    pub links: Vec<Link>,
    /// Time between two ticks of the kernel, nanoseconds.
    pub tick_interval_ns: i64,
    /// Time after which a question to a venue is asked again, nanoseconds.
    pub status_retry_ns: i64,
    /// Questions that may be under way to one venue at once.
    pub status_requests_max: usize,
    /// Messages that a client's session may bring in one second, where that is bounded; more are
    /// refused (FIX 35=j), cancels never.
    pub client_message_max: BTreeMap<SessionIndex, u32>,
    /// Tags that the messages of a client's session may have and that are passed over by agreement;
    /// only those of [`can_be_passed_over`](crate::can_be_passed_over) are.
    pub passed_over: BTreeMap<SessionIndex, Vec<u32>>,
    /// Accounts whose reports a drop copy session receives, each with all below it; `*` is every
    /// account. A session that has none here receives nothing.
    pub copied_accounts: BTreeMap<SessionIndex, Vec<Name>>,
    /// Sessions to venues that have no question about the trading session (FIX 35=g).
    pub unasked: BTreeSet<SessionIndex>,
    /// New orders that one turn of the loop may bring; more are refused (FIX 35=j).
    pub orders_per_turn_max: u32,
    /// What happens to open orders at the end.
    pub drain: DrainPolicy,
}

impl GatewaySettings {
    /// Returns settings with the usual times around `links`.
    pub fn new(links: Vec<Link>) -> Self {
        Self {
            links,
            tick_interval_ns: 250_000_000,
            status_retry_ns: 5_000_000_000,
            status_requests_max: 50,
            client_message_max: BTreeMap::new(),
            passed_over: BTreeMap::new(),
            copied_accounts: BTreeMap::new(),
            unasked: BTreeSet::new(),
            orders_per_turn_max: 10_000,
            drain: DrainPolicy::Cancel,
        }
    }
    /// Returns the session at `index`.
    pub fn link(&self, index: SessionIndex) -> Option<Link> {
        self.links.get(index.index()).copied()
    }
    /// Returns the sessions with their places.
    pub fn indexed(&self) -> impl Iterator<Item = (SessionIndex, Link)> + '_ {
        let places = (0..u16::MAX).map(SessionIndex::new);
        places.zip(self.links.iter().copied())
    }
    /// Returns the sessions that receive copies of reports.
    pub(super) fn drop_copies(&self) -> Vec<SessionIndex> {
        let copies = self.indexed().filter(|(_, link)| link.role == Role::DropCopy);
        copies.map(|(index, _)| index).collect()
    }
    /// Returns whether the drop copy session at `index` may see what concerns an account, which
    /// is given with every account above it.
    pub(super) fn is_copied(
        &self,
        index: SessionIndex,
        mut path: impl Iterator<Item = Name>,
    ) -> bool {
        let Some(named) = self.copied_accounts.get(&index) else { return false };
        named.iter().any(|name| name.as_str() == "*") || path.any(|name| named.contains(&name))
    }
    /// Returns the tags that are passed over by agreement with the client at `index`.
    pub(super) fn agreed(&self, index: SessionIndex) -> &[u32] {
        self.passed_over.get(&index).map_or(&[], Vec::as_slice)
    }
    /// Returns the client session of the kernel called `name`.
    pub fn client(&self, name: &Name) -> Option<SessionIndex> {
        let is_it = |link: &Link| matches!(link.role, Role::Client { name: own } if own == *name);
        self.indexed().find(|(_, link)| is_it(link)).map(|(index, _)| index)
    }
    /// Returns the session by which orders go to `venue`.
    pub fn venue(&self, venue: &Name) -> Option<SessionIndex> {
        let is_it =
            |link: &Link| matches!(link.role, Role::Venue { venue: own, .. } if own == *venue);
        self.indexed().find(|(_, link)| is_it(link)).map(|(index, _)| index)
    }
}
