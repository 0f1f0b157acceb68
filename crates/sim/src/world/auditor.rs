//! Watches the wire and adds up what crossed it: naive, sharing no logic with what it judges.
//!
//! Reads bytes by splitting them at the separator, keeps every message it needs, and recomputes
//! from scratch whenever it is asked.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ringfence_kernel::types::Ts;

use super::ProcessId;
use super::network::Way;

/// Sees every byte that is written.
pub trait Tap {
    /// `bytes` were written; they may yet be lost.
    fn written(&mut self, now: Ts, way: Way, bytes: &[u8]);
}

/// What a process is, for the auditor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Enters orders.
    Client,
    /// Passes them on.
    Node,
    /// Executes them.
    Venue,
}

/// A message as text: tag and value in order.
type Fields = Vec<(String, String)>;

fn field<'a>(fields: &'a Fields, tag: &str) -> &'a str {
    fields.iter().find(|(own, _)| own == tag).map_or("", |(_, value)| value.as_str())
}

fn number(fields: &Fields, tag: &str) -> u64 {
    field(fields, tag).split('.').next().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// One execution as a report told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Order it was told for (FIX 11).
    pub cl_ord_id: String,
    /// Instrument.
    pub symbol: String,
    /// Whether it was a buy.
    pub is_buy: bool,
    /// Units.
    pub qty: u64,
}

/// Units by instrument and by whether they were bought.
pub type Gross = BTreeMap<(String, bool), u64>;

/// What a report tells of an execution.
enum Told {
    Fill(Execution),
    Void { of: String },
    Corrected { of: String, now: Execution },
}

/// Executions as reports told them, each report once, whatever the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Executions {
    standing: BTreeMap<(ProcessId, String), Execution>,
    void: BTreeSet<(ProcessId, String)>,
    seen: BTreeSet<(ProcessId, String)>,
    /// Executions that were canceled.
    pub void_count: u64,
    /// Executions that were corrected.
    pub corrected_count: u64,
}

impl Executions {
    fn take(&mut self, process: ProcessId, exec_id: &str, told: Told) {
        let key = (process, exec_id.to_owned());
        if !self.seen.insert(key.clone()) {
            return;
        }
        let now = match told {
            Told::Fill(execution) => execution,
            Told::Void { of } => {
                self.void_count += 1;
                self.end((process, of));
                return;
            }
            Told::Corrected { of, now } => {
                self.corrected_count += 1;
                self.end((process, of));
                now
            }
        };
        if !self.void.contains(&key) {
            self.standing.insert(key, now);
        }
    }
    fn end(&mut self, key: (ProcessId, String)) {
        self.standing.remove(&key);
        self.void.insert(key);
    }
    /// Returns the executions that stand, by who told or was told of them and ExecID.
    pub fn standing(&self) -> impl Iterator<Item = (&(ProcessId, String), &Execution)> {
        self.standing.iter()
    }
    /// Returns the units of the executions that stand.
    pub fn gross(&self) -> Gross {
        let mut gross = Gross::new();
        for execution in self.standing.values() {
            let key = (execution.symbol.clone(), execution.is_buy);
            *gross.entry(key).or_insert(0) += execution.qty;
        }
        gross
    }
}

/// What crossed the wire so far.
#[derive(Debug, Default)]
pub struct Books {
    parts: BTreeMap<ProcessId, Part>,
    streams: BTreeMap<(ProcessId, u64), String>,
    /// Orders of clients: quantity asked for, largest, by client and identifier.
    pub asked: BTreeMap<(ProcessId, String), u64>,
    /// First identifier of the chain of replaces that an identifier belongs to.
    chains: BTreeMap<(ProcessId, String), String>,
    /// Children by identifier: quantity, largest.
    pub children: BTreeMap<String, u64>,
    child_chains: BTreeMap<String, String>,
    /// What venues told of executions, on whichever session.
    pub executed: Executions,
    /// What clients were told of executions.
    pub told: Executions,
    /// Executions of orders that were never sent, by venue and ExecID.
    pub strangers: BTreeMap<(ProcessId, String), Execution>,
    /// New orders that crossed the wire to a venue.
    pub sent_count: u64,
    /// Changes of orders that crossed the wire to a venue.
    pub replace_count: u64,
    /// Messages that crossed the wire again, as the session rules ask (FIX 43=Y).
    pub again_count: u64,
    /// Everything that must never be, as sentences.
    pub violations: Vec<String>,
    seen: BTreeSet<String>,
}

/// The auditor: a tap, and the books that it keeps.
#[derive(Clone, Debug, Default)]
pub struct Auditor(Rc<RefCell<Books>>);

impl Auditor {
    /// Returns an auditor who has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }
    /// Says what a process is.
    pub fn know(&self, process: ProcessId, part: Part) {
        self.0.borrow_mut().parts.insert(process, part);
    }
    /// Reads the books.
    pub fn read<T>(&self, read: impl FnOnce(&Books) -> T) -> T {
        read(&self.0.borrow())
    }
}

impl Tap for Auditor {
    fn written(&mut self, _now: Ts, way: Way, bytes: &[u8]) {
        self.0.borrow_mut().take(way, bytes);
    }
}

impl Books {
    fn take(&mut self, way: Way, bytes: &[u8]) {
        let key = (way.from, way.connection.number());
        let stream = self.streams.entry(key).or_default();
        stream.push_str(&String::from_utf8_lossy(bytes));
        let mut rest = core::mem::take(stream);
        while let Some(at) = rest.find("\u{1}10=") {
            let Some(end) = rest.get(at + 4..).and_then(|tail| tail.find('\u{1}')) else { break };
            let tail = rest.split_off(at + 4 + end + 1);
            let message = core::mem::replace(&mut rest, tail);
            let fields: Fields = message
                .split('\u{1}')
                .filter_map(|part| part.split_once('='))
                .map(|(tag, value)| (tag.to_owned(), value.to_owned()))
                .collect();
            self.message(way, &fields);
        }
        self.streams.insert(key, rest);
    }
    fn message(&mut self, way: Way, fields: &Fields) {
        self.again_count += u64::from(field(fields, "43") == "Y");
        let part = |id| self.parts.get(&id).copied();
        match (part(way.from), part(way.to), field(fields, "35")) {
            (Some(Part::Client), Some(Part::Node), "D" | "G") => self.client_order(way, fields),
            (Some(Part::Node), Some(Part::Venue), "D" | "G") => self.child_order(fields),
            (Some(Part::Venue), Some(Part::Node), "8") => {
                if let Some(told) = told(fields) {
                    self.execute(way.from, field(fields, "17"), told);
                }
            }
            (Some(Part::Node), Some(Part::Client), "8") => {
                if let Some(told) = told(fields) {
                    self.told.take(way.to, field(fields, "17"), told);
                }
            }
            _ => {}
        }
    }
    fn client_order(&mut self, way: Way, fields: &Fields) {
        let (id, orig) = (field(fields, "11").to_owned(), field(fields, "41").to_owned());
        let known = self.chains.get(&(way.from, orig)).cloned();
        let first = known.unwrap_or_else(|| id.clone());
        self.chains.insert((way.from, id), first.clone());
        let asked = self.asked.entry((way.from, first)).or_insert(0);
        *asked = (*asked).max(number(fields, "38"));
    }
    /// A new order may cross the wire once: never again under its identifier, flagged or not.
    fn child_order(&mut self, fields: &Fields) {
        let (id, orig) = (field(fields, "11").to_owned(), field(fields, "41").to_owned());
        if field(fields, "35") == "D" {
            self.sent_count += 1;
            if !self.seen.insert(id.clone()) {
                self.violations.push(format!("order {id} crossed the wire to a venue twice"));
            }
        }
        self.replace_count += u64::from(field(fields, "35") == "G");
        let first = self.child_chains.get(&orig).cloned().unwrap_or_else(|| id.clone());
        self.child_chains.insert(id, first.clone());
        let asked = self.children.entry(first).or_insert(0);
        *asked = (*asked).max(number(fields, "38"));
    }
    fn execute(&mut self, venue: ProcessId, exec_id: &str, told: Told) {
        if let Told::Fill(execution) = &told
            && !self.child_chains.contains_key(&execution.cl_ord_id)
        {
            self.strangers.insert((venue, exec_id.to_owned()), execution.clone());
        }
        self.executed.take(venue, exec_id, told);
    }
    /// Returns what a venue did that no honest one does: executions of orders that were never sent,
    /// and more than an order asks for.
    pub fn dishonest(&self) -> Vec<String> {
        let strangers = self.strangers.values();
        let mut found: Vec<String> = strangers
            .map(|execution| {
                format!("a venue executed {}, which was never sent", execution.cl_ord_id)
            })
            .collect();
        let mut of_child: BTreeMap<&String, u64> = BTreeMap::new();
        for (_, execution) in self.executed.standing() {
            if let Some(first) = self.child_chains.get(&execution.cl_ord_id) {
                *of_child.entry(first).or_insert(0) += execution.qty;
            }
        }
        for (child, filled) in of_child {
            let most = self.children.get(child).copied().unwrap_or(0);
            if filled > most {
                found.push(format!("child {child}: {filled} filled of {most}"));
            }
        }
        found
    }
    /// Returns everything that must never be and is, over-fills of parents included.
    pub fn findings(&self) -> Vec<String> {
        let mut found = self.violations.clone();
        let mut of_parent: BTreeMap<(ProcessId, &String), u64> = BTreeMap::new();
        for ((client, _), execution) in self.told.standing() {
            if let Some(first) = self.chains.get(&(*client, execution.cl_ord_id.clone())) {
                *of_parent.entry((*client, first)).or_insert(0) += execution.qty;
            }
        }
        for ((client, parent), filled) in of_parent {
            let most = self.asked.get(&(client, parent.clone())).copied().unwrap_or(0);
            if filled > most {
                found.push(format!("parent {parent}: {filled} filled of {most}"));
            }
        }
        found
    }
}

/// Returns what a report tells of an execution, in any version: by ExecTransType (FIX 20=1, 2) or
/// by ExecType (FIX 150=H, G), else a fill.
fn told(fields: &Fields) -> Option<Told> {
    let of = || field(fields, "19").to_owned();
    match (field(fields, "20"), field(fields, "150")) {
        ("1", _) | (_, "H") => Some(Told::Void { of: of() }),
        ("2", _) | (_, "G") => Some(Told::Corrected { of: of(), now: execution(fields) }),
        ("" | "0", "F" | "1" | "2") if number(fields, "32") > 0 => {
            Some(Told::Fill(execution(fields)))
        }
        (_, _) => None,
    }
}

fn execution(fields: &Fields) -> Execution {
    Execution {
        cl_ord_id: field(fields, "11").to_owned(),
        symbol: field(fields, "55").to_owned(),
        is_buy: field(fields, "54") == "1",
        qty: number(fields, "32"),
    }
}
