//! One input after another, and in between what time brings.

use ringfence_kernel::types::{Name, Side, Ts};

use super::input::{
    Asked, DontKnow, Input, MarketDataRequest, PortAsked, SessionRequest, StatusRequest,
    Subscription,
};
use super::outbound::{self, Style};
use super::outbox::Post;
use super::{CommandError, StatusWanted, UNKNOWN_MAX, Venue};
use crate::book::Book;
use crate::exchange::{Admission, OrderReject, PortId, Request};
use crate::fault::{Message, MessageKind, Reception, parse_line};

/// What is due, in the order in which things of one time are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Exchange,
    Fault,
    MarketData,
    Message,
}

/// BusinessRejectReason (FIX 380=4): the application is not available.
const NOT_AVAILABLE: u16 = 4;

impl<B: Book> Venue<B> {
    /// Returns when time brings something next.
    pub(super) fn next_due(&self) -> Option<Ts> {
        self.next().map(|(ts, _)| ts)
    }
    fn next(&self) -> Option<(Ts, Due)> {
        let all = [
            self.exchange.next_due().map(|ts| (ts, Due::Exchange)),
            self.faults.next_due().map(|ts| (ts, Due::Fault)),
            self.market_data.next_due().map(|ts| (ts, Due::MarketData)),
            self.outbox.next_due().map(|ts| (ts, Due::Message)),
        ];
        all.into_iter().flatten().min()
    }
    /// Does an input at `ts`; what goes out is in `posts`.
    pub(super) fn apply(&mut self, ts: Ts, input: &Input) {
        self.advance(ts);
        match input {
            Input::Tick => {}
            Input::Asked(PortAsked { port, asked }) => self.ask(*port, asked),
            Input::Up(port) => self.port_up(*port),
            Input::Down(port) => self.port_down(*port),
            Input::Operator(line) => self.operate(line.as_str()),
            Input::Restarted => {
                for port in self.ports() {
                    self.port_down(port);
                }
            }
        }
        self.publish();
    }
    fn advance(&mut self, until: Ts) {
        while let Some((ts, due)) = self.next().filter(|(ts, _)| *ts <= until) {
            self.now = self.now.max(ts);
            self.exchange.advance(self.now, &mut self.events);
            match due {
                Due::Exchange => {}
                Due::Fault => {
                    if let Some((origin, turned)) = self.faults.turn(self.now) {
                        self.fault_turned(origin, turned);
                    }
                }
                Due::MarketData => {
                    self.flush_market_data();
                }
                Due::Message => {
                    let released = self.outbox.release(self.now);
                    self.posts.extend(released.map(Post::Message));
                }
            }
            self.publish();
        }
        self.now = self.now.max(until);
        self.exchange.advance(self.now, &mut self.events);
    }
    fn flush_market_data(&mut self) {
        let Self { market_data, exchange, faults, .. } = self;
        let told = market_data.flush(exchange, |port, symbol| {
            let rules = exchange.port_rules(port);
            let name = rules.map_or_else(|| Name::clipped("-"), |rules| rules.name);
            let symbol = Some(&symbol);
            faults.feed(Message { port, port_name: &name, symbol, side: None })
        });
        told.into_iter().for_each(|told| self.emit_market_data(told));
    }
    pub(super) fn ports(&self) -> impl Iterator<Item = PortId> + use<B> {
        (0..self.is_up.len()).filter_map(|at| u16::try_from(at).ok().map(PortId::new))
    }
    pub(super) fn port_is_up(&self, port: PortId) -> bool {
        self.is_up.get(port.index()).copied().unwrap_or(false)
    }
    fn set_up(&mut self, port: PortId, is_up: bool) {
        if let Some(found) = self.is_up.get_mut(port.index()) {
            *found = is_up;
        }
    }
    fn port_up(&mut self, port: PortId) {
        self.port_down(port);
        self.set_up(port, true);
    }
    fn port_down(&mut self, port: PortId) {
        if !self.port_is_up(port) {
            return;
        }
        self.set_up(port, false);
        self.market_data.drop_port(port);
        self.status_wanted.retain(|(of, _), _| *of != port);
        self.session_wanted.remove(&port);
        self.exchange.port_down(port, &mut self.events);
    }
    fn operate(&mut self, line: &str) {
        // A record holds only lines that were read before.
        let Ok(command) = parse_line(line) else { return };
        self.failure = None;
        if !self.faults.add(command, self.now) {
            self.failure = Some(CommandError::Full);
        }
        self.advance(self.now);
    }
    fn ask(&mut self, port: PortId, asked: &Asked) {
        let Some(name) = self.exchange.port_rules(port).map(|rules| rules.name) else { return };
        match self.exchange.admit(port) {
            Admission::Taken => {}
            Admission::Refused => {
                self.refuse(port, asked, OrderReject::Throttled);
                return;
            }
            Admission::Disconnect => {
                self.posts.push(Post::Logout { port, text: OrderReject::Throttled.text() });
                return;
            }
        }
        let (symbol, side) = about(asked);
        let message = Message { port, port_name: &name, symbol: symbol.as_ref(), side };
        let is_order = matches!(asked, Asked::Orders(Request::New(_)));
        match self.faults.receive(message, is_order, self.now) {
            Reception::Taken => {}
            Reception::Lost => return,
            Reception::Refused => {
                self.refuse(port, asked, OrderReject::Fault);
                return;
            }
        }
        match asked {
            Asked::Orders(request) => self.exchange.request(port, request, &mut self.events),
            Asked::MarketData(request) => self.ask_market_data(port, request),
            Asked::SecurityStatus(request) => self.ask_status(port, request),
            Asked::TradingSession(request) => self.ask_session(port, request),
            Asked::DontKnow(unknown) => self.note_unknown(name, unknown),
            Asked::Unreadable => {}
        }
    }
    /// Keeps that a port does not know an execution; beyond the bound it is counted alone.
    fn note_unknown(&mut self, port: Name, unknown: &DontKnow) {
        let DontKnow { exec_id, reason } = unknown;
        self.unknown.count += 1;
        if self.unknown.reasons.len() < UNKNOWN_MAX {
            self.unknown.reasons.insert(*exec_id, *reason);
        }
        let text = format!("{port} does not know execution {exec_id} (127={reason})");
        self.posts.push(Post::Alert(text));
    }
    fn refuse(&mut self, port: PortId, asked: &Asked, why: OrderReject) {
        let done = match asked {
            Asked::Orders(request) => self.exchange.refuse(port, request, why, &mut self.events),
            Asked::MarketData(_)
            | Asked::SecurityStatus(_)
            | Asked::TradingSession(_)
            | Asked::DontKnow(_)
            | Asked::Unreadable => false,
        };
        if !done {
            self.answer = Some((NOT_AVAILABLE, why.text().to_string()));
        }
    }
    fn ask_market_data(&mut self, port: PortId, request: &MarketDataRequest) {
        let lasts = request.subscription == Subscription::Subscribe;
        let told = match request.subscription {
            Subscription::Unsubscribe => {
                self.market_data.unsubscribe(port, request.id).map(|()| Vec::new())
            }
            Subscription::Snapshot | Subscription::Subscribe => {
                self.market_data.ask(port, request, lasts, &self.exchange)
            }
        };
        match told {
            Ok(told) => told.into_iter().for_each(|told| self.emit_market_data(told)),
            Err(why) => {
                let (reason, text) = why.reason();
                let body = outbound::market_data_rejected(request.id, reason, text);
                self.emit(port, "Y", body, MessageKind::Other, None);
            }
        }
    }
    fn ask_status(&mut self, port: PortId, request: &StatusRequest) {
        let key = (port, request.symbol);
        let at = self.exchange.instrument(&request.symbol);
        match (request.subscription, at) {
            (Subscription::Unsubscribe, _) => {
                self.status_wanted.remove(&key);
                return;
            }
            (Subscription::Subscribe, Some(_)) => {
                let retail = request.retail && self.has_retail(port);
                let wanted = if retail { StatusWanted::Retail } else { StatusWanted::Trading };
                self.status_wanted.insert(key, wanted);
            }
            (Subscription::Subscribe | Subscription::Snapshot, _) => {}
        }
        let style = self.style(port, Some(&request.symbol), None);
        let style = Style { has_retail: style.has_retail && request.retail, ..style };
        let body = match at.and_then(|at| self.exchange.security_status(at)) {
            Some(status) => outbound::security_status(style, Some(request.id), &status),
            None => outbound::unknown_security(style, request.id, request.symbol, self.now),
        };
        self.emit(port, "f", body, MessageKind::Other, Some(request.symbol));
    }
    fn ask_session(&mut self, port: PortId, request: &SessionRequest) {
        match request.subscription {
            Subscription::Unsubscribe => {
                self.session_wanted.remove(&port);
                return;
            }
            Subscription::Subscribe => {
                self.session_wanted.insert(port, request.id);
            }
            Subscription::Snapshot => {}
        }
        let session = self.exchange.trading_session();
        let style = self.style(port, None, None);
        let body = outbound::trading_session(style, Some(request.id), &session);
        self.emit(port, "h", body, MessageKind::Other, None);
    }
}

/// Returns symbol and side of a request, as far as it has them.
fn about(asked: &Asked) -> (Option<Name>, Option<Side>) {
    match asked {
        Asked::Orders(Request::New(order)) => (Some(order.symbol), Some(order.side)),
        Asked::Orders(Request::Cancel(asked)) => (Some(asked.symbol), Some(asked.side)),
        Asked::Orders(Request::Replace(asked)) => (Some(asked.symbol), Some(asked.side)),
        Asked::Orders(Request::Status(of)) => (Some(of.symbol), Some(of.side)),
        Asked::Orders(Request::Unsupported(order)) => (Some(order.symbol), Some(order.side)),
        Asked::SecurityStatus(request) => (Some(request.symbol), None),
        Asked::Orders(Request::MassStatus(_) | Request::MassCancel(_))
        | Asked::MarketData(_)
        | Asked::TradingSession(_)
        | Asked::DontKnow(_)
        | Asked::Unreadable => (None, None),
    }
}
