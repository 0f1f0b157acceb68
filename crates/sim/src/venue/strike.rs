//! What happens when a fault begins, ends or strikes once.

use ringfence_kernel::types::{ExecType, Name, OrdStatus, OrdType, Text, Ts, WireId};

use super::outbox::Post;
use super::{CommandError, Venue};
use crate::book::Book;
use crate::exchange::{Last, LiquidityFlag, Operation, PortId, Report, Retail, Throttle};
use crate::fault::{Fault, Filter, Strike, Turned};

impl<B: Book> Venue<B> {
    pub(super) fn fault_turned(&mut self, origin: Ts, turned: Turned) {
        match turned {
            Turned::Struck(strike, filter) => self.strike(origin, strike, &filter),
            Turned::Changed(fault, filter, begins) => self.changed(&fault, &filter, begins),
        }
    }
    /// Does what a lasting fault needs beyond bending messages.
    fn changed(&mut self, fault: &Fault, filter: &Filter, begins: bool) {
        if let Fault::Throttle { take_max, disconnect_max } = *fault {
            let throttle = begins.then_some(Throttle { take_max, disconnect_max });
            for port in self.meant(filter) {
                self.exchange.set_throttle(port, throttle);
            }
        }
        if !begins && matches!(fault, Fault::MarketDataLoss | Fault::MarketDataFreeze) {
            self.market_data.note_all(self.now);
        }
    }
    fn strike(&mut self, origin: Ts, strike: Strike, filter: &Filter) {
        let symbols = filter.symbols.clone();
        let port = filter.port.and_then(|name| self.exchange.port(&name));
        let operation = match strike {
            Strike::Disconnect => {
                for port in self.meant(filter) {
                    self.posts.push(Post::Logout { port, text: "disconnected by the venue" });
                }
                return;
            }
            Strike::Clear { fault } => {
                for (fault, filter) in self.faults.clear(fault.as_ref()) {
                    self.changed(&fault, &filter, false);
                }
                return;
            }
            Strike::UnknownExecution { .. } => {
                self.tell_unknown(&strike);
                return;
            }
            Strike::Halt { reason, why } => Operation::Halt { symbols, reason, why },
            Strike::Pause => Operation::Pause { symbols },
            Strike::Reopen { auction_ns } => Operation::Reopen { symbols, auction_ns },
            Strike::Bust { exec } => Operation::Bust { exec },
            Strike::Correct { exec, px, qty } => Operation::Correct { exec, px, qty },
            Strike::MassBust { from, to } => {
                Operation::MassBust { from: from.resolve(origin), to: to.resolve(origin), symbols }
            }
            Strike::CancelOrders => Operation::CancelOrders { port, symbols },
            Strike::Restate { share_bps } => Operation::Restate { port, symbols, share_bps },
            Strike::Band { lower, upper } => Operation::SetBand { symbols, lower, upper },
            Strike::BandOff => Operation::DropBand { symbols },
            Strike::BandRule => Operation::RestoreBand { symbols },
            Strike::Announce { text } => Operation::Announce { text },
        };
        if let Err(why) = self.exchange.operate(&operation, &mut self.events) {
            self.posts.push(Post::Alert(format!("the venue's operation did nothing: {why}")));
            self.failure = Some(CommandError::Operation(why));
        }
    }
    /// Tells a fill of an order that nobody sent; it stands in no book and in no ledger.
    fn tell_unknown(&mut self, strike: &Strike) {
        let Strike::UnknownExecution { port, symbol, side, qty, px, cl_ord_id } = strike else {
            return;
        };
        let Some(to) = self.exchange.port(port) else {
            let text = format!("no port is called {port}: nobody was told of an execution");
            self.posts.push(Post::Alert(text));
            return;
        };
        let exec = self.exchange.next_exec();
        let made_up = || Text::<47>::clipped("UNKNOWN").with_numbers([exec.raw(), 0]);
        let cl_ord_id: Option<WireId> = (*cl_ord_id).or_else(made_up);
        let fee = ringfence_kernel::types::Money::ZERO;
        let liquidity = LiquidityFlag::Removed;
        let report = Report {
            port: to,
            order: None,
            exec: Some(exec),
            exec_ref: None,
            exec_type: ExecType::Trade,
            status: OrdStatus::Filled,
            cl_ord_id: cl_ord_id.unwrap_or_else(|| WireId::clipped("UNKNOWN")),
            orig_cl_ord_id: None,
            account: None,
            symbol: *symbol,
            side: *side,
            ord_type: Some(OrdType::Limit),
            px: Some(*px),
            stop_px: None,
            expire_ts: None,
            time_in_force: None,
            qty: *qty,
            cum_qty: *qty,
            leaves_qty: ringfence_kernel::types::Qty::ZERO,
            avg_px: *px,
            last: Some(Last { px: *px, qty: *qty, fee, liquidity }),
            reason: None,
            restated: None,
            text: None,
            retail: Retail::None,
            mass: None,
            ts: self.now,
        };
        self.publish_report(&report);
    }
    /// Returns the ports that a filter names.
    fn meant(&self, filter: &Filter) -> Vec<PortId> {
        let is_meant = |port: &PortId| {
            let name: Option<Name> = self.exchange.port_rules(*port).map(|rules| rules.name);
            filter.port.is_none() || filter.port == name
        };
        self.ports().filter(is_meant).collect()
    }
}
