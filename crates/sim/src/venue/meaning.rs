//! Whether a line of faults names what there is: one that can never act is refused, not taken.

use core::fmt::{self, Display};

use ringfence_kernel::types::Name;

use crate::exchange::{Symbols, VenueRules};
use crate::fault::{Command, Filter, Strike};

/// Most names that a refusal lists.
const LISTED_MAX: usize = 8;

/// A line that can never act here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaningless {
    what: &'static str,
    found: String,
    known: Vec<Name>,
    more: usize,
}

impl Meaningless {
    fn new(what: &'static str, found: String, known: impl Iterator<Item = Name>) -> Self {
        let mut known: Vec<Name> = known.collect();
        let more = known.len().saturating_sub(LISTED_MAX);
        known.truncate(LISTED_MAX);
        Self { what, found, known, more }
    }
}

impl Display for Meaningless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, found, known, more } = self;
        write!(f, "no {what} is called {found}; there are")?;
        for (place, name) in known.iter().enumerate() {
            write!(f, "{} {name}", if place == 0 { "" } else { "," })?;
        }
        if *more == 0 { Ok(()) } else { write!(f, " and {more} more") }
    }
}

/// Returns why a command can never act at a venue with these rules.
pub(super) fn check(command: &Command, rules: &VenueRules) -> Result<(), Meaningless> {
    let (filter, addressee) = match command {
        Command::Lasting { filter, .. } => (filter, None),
        Command::Once { filter, strike: Strike::UnknownExecution { port, .. }, .. } => {
            (filter, Some(*port))
        }
        Command::Once { filter, .. } => (filter, None),
    };
    for port in filter.port.into_iter().chain(addressee) {
        if !rules.ports.iter().any(|known| known.name == port) {
            let known = rules.ports.iter().map(|port| port.name);
            return Err(Meaningless::new("port", port.to_string(), known));
        }
    }
    check_symbols(filter, rules)
}

fn check_symbols(filter: &Filter, rules: &VenueRules) -> Result<(), Meaningless> {
    let known = || rules.instruments.iter().map(|one| one.symbol);
    let found = match &filter.symbols {
        Symbols::All => return Ok(()),
        Symbols::Of(names) => match names.iter().find(|name| known().all(|one| one != **name)) {
            Some(name) => name.to_string(),
            None => return Ok(()),
        },
        Symbols::Range(first, last) => {
            if known().any(|one| filter.symbols.contains(&one)) {
                return Ok(());
            }
            format!("{first}..{last}")
        }
    };
    Err(Meaningless::new("symbol", found, known()))
}
