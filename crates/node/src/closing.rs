//! What a trading day leaves, and whether another one may follow it.
//!
//! A day that follows knows nothing of the orders, halts and unconfirmed fills of the one before,
//! so that one may end only without them. Positions come from the configuration of the new day,
//! which must say what was closed. Refuses to forget: what is open at a venue, or in doubt there,
//! can only be settled on its own day; the rest may differ where the configuration of the new day
//! says so, by its date and with a cause.

use std::collections::BTreeMap;
use std::path::Path;

use ringfence_fix::endpoint::FoldError;
use ringfence_kernel::clearance::wire_id;
use ringfence_kernel::state::State;
use ringfence_kernel::state::order::{Bucket, Child, Order};
use ringfence_kernel::state::position::{Row, TwoSided};
use ringfence_kernel::types::{ChildId, Name, OrderId, Price, TradingState, Ts};
use ringfence_kernel::{Event, Input, Kernel, decode_into};

use crate::host::DayBefore;
use crate::journal::{
    Ending, JournalError, JournalReader, NextDay, TradeDate, journal_path, next_day, verify,
};
use crate::wire;

/// Lines of one kind that are listed; the rest is counted.
pub const LISTED_MAX: usize = 50;

/// Something that may differ between the end of a day and the begin of the next, if it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Scopes that were not active begin active.
    Halts,
    /// Positions open otherwise than they were closed.
    Positions,
    /// Fills that were provisional or disputed count as confirmed.
    Unconfirmed,
}

impl Accepted {
    /// Returns what a name of the configuration means.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "halts" => Some(Self::Halts),
            "positions" => Some(Self::Positions),
            "unconfirmed" => Some(Self::Unconfirmed),
            _ => None,
        }
    }
    /// Returns its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Halts => "halts",
            Self::Positions => "positions",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

/// A position as a day left it, or as the next one opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosingPosition {
    /// Account.
    pub account: Name,
    /// Instrument.
    pub symbol: Name,
    /// Units, positive long, negative short; never zero.
    pub qty: i64,
    /// Average price of the open units, rounded towards zero at 1e-9.
    pub average_px: Price,
}

/// What the day that begins says about the day before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Positions that the configuration opens with.
    pub positions: Vec<ClosingPosition>,
    /// What may differ, on purpose.
    pub accepted: Vec<Accepted>,
    /// Why.
    pub cause: String,
}

impl Opening {
    /// Returns the opening positions among definitions, with nothing that may differ.
    pub fn of(definitions: &[Input]) -> Self {
        #[expect(clippy::wildcard_enum_match_arm, reason = "one definition is a position")]
        let position = |input: &Input| match input {
            Input::OpeningPosition(row) if row.qty != 0 => Some(ClosingPosition {
                account: row.account,
                symbol: row.symbol,
                qty: row.qty,
                average_px: row.average_px,
            }),
            _ => None,
        };
        let positions = definitions.iter().filter_map(position).collect();
        Self { positions, accepted: Vec::new(), cause: String::new() }
    }
}

/// What a trading day leaves; each line is a sentence for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// Orders that are open or in doubt, and what is open of them at venues.
    pub open: Vec<String>,
    /// Positions with fills that are provisional or disputed.
    pub unconfirmed: Vec<String>,
    /// Scopes that are not active.
    pub halts: Vec<String>,
    /// What every account holds, by account and instrument.
    pub positions: Vec<ClosingPosition>,
}

impl Closing {
    /// Returns what a day leaves whose last state this is.
    pub fn of(state: &State) -> Self {
        let orders = state.orders.open_orders().map(|id| order(state, id));
        let children = state.orders.open_children().map(|id| child(state, id));
        let held = || state.positions.rows().filter(|row| row.book.is_some());
        let unsure = |row: &&Row| {
            [row.provisional, row.disputed].iter().any(|part| *part != TwoSided::default())
        };
        let scopes = state.control.scopes.rows().into_iter();
        let mut positions: Vec<_> = held().filter_map(|row| position(state, row)).collect();
        positions.sort_unstable_by_key(|row| (row.account, row.symbol));
        Self {
            open: orders.chain(children).collect(),
            unconfirmed: held().filter(unsure).map(|row| unconfirmed(state, row)).collect(),
            halts: scopes
                .filter(|(_, row)| row.in_force() != TradingState::Active)
                .map(|(scope, row)| {
                    let why = row.latch.map_or(String::new(), |latch| {
                        format!(", latched by {}", latch.reason.name())
                    });
                    format!("{} {}: {}{why}", scope.kind.name(), row.name, row.in_force().name())
                })
                .collect(),
            positions,
        }
    }
    /// Returns what a person should know when another day follows, or why none may.
    pub fn may_be_followed(&self, next: &Opening) -> Result<Vec<String>, String> {
        let changed = changes(&self.positions, &next.positions);
        let told = [
            (Accepted::Unconfirmed, "unconfirmed fills", &self.unconfirmed),
            (Accepted::Halts, "not active", &self.halts),
            (Accepted::Positions, "opens otherwise than it closed", &changed),
        ];
        let mut against = Vec::new();
        if !self.open.is_empty() {
            against.push(format!("open or in doubt: {}", listed(&self.open)));
        }
        let mut known = Vec::new();
        for (kind, what, lines) in told.into_iter().filter(|(_, _, lines)| !lines.is_empty()) {
            if next.accepted.contains(&kind) {
                let Opening { cause, .. } = next;
                known.push(format!("{what}, accepted ({cause}): {}", listed(lines)));
            } else {
                let name = kind.name();
                against.push(format!("{what} (new_day.accepts \"{name}\"): {}", listed(lines)));
            }
        }
        if against.is_empty() { Ok(known) } else { Err(against.join("; ")) }
    }
}

fn order(state: &State, id: OrderId) -> String {
    let (order, directory): (&Order, _) = (state.orders.order(id), &state.directory);
    let doubt = order.buckets.get(Bucket::InDoubt);
    format!(
        "order {} of {} ({} {} {} for {}): {} left, {} of it in doubt",
        order.cl_ord_id,
        directory.named_session(order.session).name,
        order.side.name(),
        order.order_qty,
        directory.named_instrument(order.symbol).name,
        directory.named_account(order.account).name,
        order.leaves_qty(),
        doubt,
    )
}

fn child(state: &State, id: ChildId) -> String {
    let (child, directory): (&Child, _) = (state.orders.child(id), &state.directory);
    let wire = wire_id(state, id, child.live_version).map_or(String::new(), |id| id.to_string());
    format!(
        "{wire} at {}: {} of {} open",
        directory.named_venue(child.venue).name,
        child.leaves_qty(),
        child.qty
    )
}

fn unconfirmed(state: &State, row: &Row) -> String {
    let units = |part: TwoSided| format!("{} bought, {} sold", part.bought, part.sold);
    format!(
        "{} {}: {} provisional, {} disputed",
        state.directory.named_account(row.account).name,
        state.directory.named_instrument(row.symbol).name,
        units(row.provisional),
        units(row.disputed),
    )
}

fn position(state: &State, row: &Row) -> Option<ClosingPosition> {
    let holding = state.positions.book_of(row)?.holding;
    let instrument = state.directory.instruments.at(row.symbol);
    (holding.qty != 0).then(|| ClosingPosition {
        account: state.directory.named_account(row.account).name,
        symbol: state.directory.named_instrument(row.symbol).name,
        qty: holding.qty,
        average_px: holding.average_px(instrument.multiplier).unwrap_or_default(),
    })
}

/// Returns where what opens is not what was closed, both sides named.
fn changes(closed: &[ClosingPosition], opens: &[ClosingPosition]) -> Vec<String> {
    let mut rows: BTreeMap<(Name, Name), [Option<&ClosingPosition>; 2]> = BTreeMap::new();
    for (side, found) in [closed, opens].into_iter().enumerate() {
        for row in found {
            let pair = rows.entry((row.account, row.symbol)).or_default();
            pair.iter_mut().skip(side).take(1).for_each(|slot| *slot = Some(row));
        }
    }
    let said = |row: Option<&ClosingPosition>| {
        row.map_or("0".to_owned(), |row| format!("{} at {}", row.qty, row.average_px))
    };
    let differing = rows.into_iter().filter(|(_, [before, after])| before != after);
    differing
        .map(|((account, symbol), [before, after])| {
            format!("{account} {symbol}: closed {}, opens {}", said(before), said(after))
        })
        .collect()
}

fn listed(lines: &[String]) -> String {
    let shown = lines.iter().take(LISTED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match lines.len().checked_sub(LISTED_MAX) {
        None | Some(0) => shown,
        Some(more) => format!("{shown}, and {more} more"),
    }
}

/// Folds a day that is to end and judges it.
pub struct ClosingDay {
    kernel: Kernel,
    events: Vec<Event>,
    next: Opening,
}

impl ClosingDay {
    /// Returns the judge of the day in front of one that begins with `next`.
    pub fn new(next: Opening) -> Self {
        Self { kernel: Kernel::new(), events: Vec::new(), next }
    }
    /// Returns what the day in `dir` leaves and how its journal ends; changes nothing.
    pub fn read(dir: &Path) -> Result<(Closing, Ending), ClosingError> {
        let (mut reader, mut day) = (JournalReader::open(dir)?, Self::new(Opening::default()));
        while let Some(record) = reader.next_record()? {
            let parts = wire::parts(record.payload);
            let failed = |text: String| ClosingError::Fold { seq: record.seq.get(), text };
            let kernel = parts.map_err(|why| failed(why.to_string()))?.kernel;
            let taken = day.take(Ts::from_nanos(record.ts.nanos()), kernel.unwrap_or_default());
            taken.map_err(|why| failed(why.text))?;
        }
        Ok((Closing::of(day.kernel.state()), reader.ending()))
    }
}

impl DayBefore for ClosingDay {
    fn take(&mut self, ts: Ts, payload: &[u8]) -> Result<(), FoldError> {
        if payload.is_empty() {
            return Ok(());
        }
        self.events.clear();
        let failed = |text| FoldError { text: format!("the kernel's part of a record: {text}") };
        let input = decode_into(payload, &mut self.events);
        let input = input.map_err(|why| failed(format!("{why:?}")))?;
        let applied = self.kernel.apply(ts, &input, &self.events);
        applied.map_err(|why| failed(format!("{why:?}")))
    }
    fn may_end(&mut self) -> Result<Vec<String>, String> {
        Closing::of(self.kernel.state()).may_be_followed(&self.next)
    }
}

/// What a start would do with the days of a journal; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Which day it begins or goes on with, and after which.
    pub text: String,
    /// What a person should know of the change of days.
    pub known: Vec<String>,
    /// Why it would be refused.
    pub against: Option<String>,
}

/// Returns what a start on `trade_date` would do under `root`.
///
/// With an `opening` the day in front must be one of a kernel, and is judged by it; the day of
/// another application is only read.
pub fn start_of(
    root: &Path,
    trade_date: TradeDate,
    opening: Option<&Opening>,
) -> Result<Start, ClosingError> {
    let said = |text| Ok(Start { text, known: Vec::new(), against: None });
    let before = match next_day(root, trade_date)? {
        NextDay::GoesOn => return said(format!("goes on with {trade_date}")),
        NextDay::Begins { after: None } => {
            return said(format!("begins {trade_date}, the first day of its journal"));
        }
        NextDay::Begins { after: Some(before) } => before,
    };
    let dir = journal_path(root, before);
    let (judged, ending) = match opening {
        Some(opening) => {
            let (closing, ending) = ClosingDay::read(&dir)?;
            (closing.may_be_followed(opening), ending)
        }
        None => (Ok(Vec::new()), verify(&dir)?.ending),
    };
    let sealing = if ending == Ending::Sealed { "" } else { ", to be sealed" };
    let text = format!("begins {trade_date} after {before} ({ending}{sealing})");
    let refused = |why| format!("no day can follow {before} yet: {why}");
    Ok(match judged {
        Ok(known) => Start { text, known, against: None },
        Err(why) => Start { text, known: Vec::new(), against: Some(refused(why)) },
    })
}

/// Why it cannot be said what a day leaves.
#[derive(Debug)]
pub enum ClosingError {
    /// The journal cannot be read.
    Journal(JournalError),
    /// A record does not fold.
    Fold {
        /// Its number.
        seq: u64,
        /// Why.
        text: String,
    },
}

impl core::fmt::Display for ClosingError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Journal(why) => why.fmt(f),
            Self::Fold { seq, text } => write!(f, "record {seq} does not fold: {text}"),
        }
    }
}

impl core::error::Error for ClosingError {}

impl From<JournalError> for ClosingError {
    fn from(why: JournalError) -> Self {
        Self::Journal(why)
    }
}
