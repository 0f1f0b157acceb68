//! Which of a peer's addresses an initiator dials: the primary, or one of its backups.
//!
//! All of them are doors of one peer to one session, with the same CompIDs and numbers. Decides by
//! what attempts led to and by nothing else, so that a simulation dials as a process does.

use core::fmt;

/// Addresses of one peer, its primary included.
pub const ADDRESSES_MAX: usize = 4;

/// Place of an address among those of its peer; the first is the primary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressIndex(u8);

impl AddressIndex {
    /// The address that a start begins with.
    pub const PRIMARY: Self = Self(0);

    /// Returns the address at place `index`.
    pub const fn new(index: u8) -> Self {
        Self(index)
    }
    /// Returns the place for tables.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
    /// Returns the address after this one of `count`; after the last one it is the primary.
    pub(crate) fn next(self, count: usize) -> Self {
        let next = self.0.saturating_add(1);
        if usize::from(next) < count { Self(next) } else { Self::PRIMARY }
    }
}

impl fmt::Display for AddressIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("primary"),
            number => write!(f, "backup {number}"),
        }
    }
}

/// What a connection, or an attempt at one, led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// No session that stood: nothing there, no logon, or thrown out again at once.
    Failed,
    /// A session stood, and its connection was lost.
    Lost,
    /// A session stood, and was logged out in order.
    LoggedOut,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AddressTurn {
    current: AddressIndex,
    /// Attempts in a row that failed there.
    failures: u32,
}

impl AddressTurn {
    /// Returns the address to dial, or in use.
    pub(crate) const fn current(self) -> AddressIndex {
        self.current
    }
    /// Goes to an address, whatever came before.
    pub(crate) const fn go(&mut self, to: AddressIndex) {
        *self = Self { current: to, failures: 0 };
    }
    /// Takes what an attempt led to; the next one goes to [`AddressTurn::current`].
    ///
    /// After `failover_count` failures in a row it is the turn of the next of `count` addresses,
    /// round and round. A session that stood and was lost is opened again where it stood: its peer
    /// is known to serve it there, and an address that was down is not waited for while orders are
    /// in doubt. One that was logged out in order begins at the primary again, as a start does:
    /// nothing has failed, and a peer that logs us out of a backup wants us back.
    pub(crate) fn take(&mut self, attempt: Attempt, count: usize, failover_count: u32) {
        match attempt {
            Attempt::Lost => self.failures = 0,
            Attempt::LoggedOut => self.go(AddressIndex::PRIMARY),
            Attempt::Failed => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= failover_count {
                    self.go(self.current.next(count));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Attempt::{Failed, LoggedOut, Lost};
    use super::{AddressIndex, AddressTurn, Attempt};

    /// R67, R69: which address comes next, for what attempts led to; a table.
    #[test]
    fn the_turn_goes_round() {
        let table: [(usize, u32, &[Attempt], &[u8]); 9] = [
            // One address: failures turn nowhere.
            (1, 2, &[Failed, Failed, Failed, Lost, LoggedOut], &[0, 0, 0, 0, 0]),
            // Two failures in a row are one turn, and after the last backup it is the primary's.
            (2, 2, &[Failed, Failed, Failed, Failed], &[0, 1, 1, 0]),
            (3, 1, &[Failed, Failed, Failed, Failed], &[1, 2, 0, 1]),
            // A session that stood ends a row of failures.
            (2, 2, &[Failed, Lost, Failed, Failed], &[0, 0, 0, 1]),
            // A loss is followed by the address that worked, be it a backup.
            (2, 1, &[Failed, Lost, Lost], &[1, 1, 1]),
            (2, 2, &[Failed, Failed, Lost, Failed, Failed], &[0, 1, 1, 1, 0]),
            // A logout in order leads to the primary.
            (2, 1, &[Failed, LoggedOut, Failed], &[1, 0, 1]),
            (4, 2, &[Failed, Failed, Failed, Failed, LoggedOut], &[0, 1, 1, 2, 0]),
            // And it ends a row of failures too.
            (2, 2, &[Failed, LoggedOut, Failed, Failed], &[0, 0, 0, 1]),
        ];
        for (count, failover_count, attempts, expected) in table {
            let mut turn = AddressTurn::default();
            let mut found = Vec::new();
            for attempt in attempts {
                turn.take(*attempt, count, failover_count);
                found.push(turn.current());
            }
            let expected: Vec<AddressIndex> =
                expected.iter().map(|index| AddressIndex::new(*index)).collect();
            assert_eq!(expected, found, "{count} {failover_count} {attempts:?}");
        }
    }

    /// R67: people read which address is in use.
    #[test]
    fn an_address_has_its_words() {
        assert_eq!("primary", AddressIndex::PRIMARY.to_string());
        assert_eq!("backup 3", AddressIndex::new(3).to_string());
    }
}
