//! What the exchange did goes out: by version of FIX, to whom it belongs, bent by the faults.

use ringfence_fix::codec::Body;
use ringfence_fix::dict::Version;
use ringfence_kernel::types::{ExecType, Name, Side};

use super::market_data::Told;
use super::outbound::{self, Style};
use super::outbox::{Outgoing, Post};
use super::tags;
use super::wording::Wording;
use super::{StatusWanted, Venue};
use crate::book::Book;
use crate::exchange::{Event, PortId, Report, StatusCause};
use crate::fault::{Delivery, ExecIds, Message, MessageKind};

impl<B: Book> Venue<B> {
    /// Sends everything that the exchange did, and what a fault makes of it.
    pub(super) fn publish(&mut self) {
        while !self.events.is_empty() {
            for event in core::mem::take(&mut self.events) {
                self.publish_event(event);
            }
        }
    }
    fn publish_event(&mut self, event: Event) {
        match event {
            Event::Report(report) => self.publish_report(&report),
            Event::CancelRejected(rejected) => {
                let order = rejected.order.and_then(|number| self.exchange.order(number));
                let symbol = order.map(|order| order.terms.symbol);
                let style = self.style(rejected.port, symbol.as_ref(), None);
                let body = outbound::cancel_rejected(style, &rejected);
                self.emit(rejected.port, "9", body, MessageKind::Answer, symbol);
            }
            Event::MassCanceled(done) => {
                let body = outbound::mass_canceled(self.style(done.port, None, None), &done);
                self.emit(done.port, "r", body, MessageKind::Answer, None);
            }
            Event::Status(status) => {
                let is_retail = status.cause == StatusCause::RetailInterest;
                let wanted = self.status_wanted.iter();
                let ports: Vec<(PortId, bool)> = wanted
                    .filter(|((_, symbol), _)| *symbol == status.symbol)
                    .map(|((port, _), wanted)| (*port, *wanted == StatusWanted::Retail))
                    .filter(|(_, wants_retail)| *wants_retail || !is_retail)
                    .collect();
                for (port, has_retail) in ports {
                    let style = self.style(port, Some(&status.symbol), None);
                    let style = Style { has_retail, ..style };
                    let body = outbound::security_status(style, None, &status);
                    self.emit(port, "f", body, MessageKind::Other, Some(status.symbol));
                }
            }
            Event::Session(session) => {
                let ports: Vec<PortId> = self.session_wanted.keys().copied().collect();
                for port in ports {
                    let style = self.style(port, None, None);
                    let body = outbound::trading_session(style, None, &session);
                    self.emit(port, "h", body, MessageKind::Other, None);
                }
            }
            Event::News { text, .. } => {
                for port in self.ports().filter(|port| self.port_is_up(*port)).collect::<Vec<_>>() {
                    self.emit(port, "B", outbound::news(text), MessageKind::Other, None);
                }
            }
            Event::LiquidityLost { text } => {
                self.posts.push(Post::Alert(format!("the anonymous participant is gone: {text}")));
            }
            Event::Print { instrument, px, qty, ts } => {
                self.market_data.note_print(instrument, px, qty, ts);
            }
            Event::BookChanged { instrument, ts } => self.market_data.note_change(instrument, ts),
        }
    }
    pub(super) fn publish_report(&mut self, report: &Report) {
        self.deliver_report(report.port, report, false);
        // Only what has a report of its own is copied; an answer to a status request has none.
        if report.exec.is_some() {
            let copies: Vec<PortId> = self.exchange.copies_of(report.port).collect();
            for port in copies {
                self.deliver_report(port, report, true);
            }
        }
        if report.exec_type == ExecType::Canceled
            && let Some(number) = report.order
            && self.with_message(
                report.port,
                Some(&report.symbol),
                Some(report.side),
                |venue, m| venue.faults.fills_canceled(m),
            )
        {
            self.exchange.fill_canceled(number, &mut self.events);
        }
    }
    fn deliver_report(&mut self, port: PortId, report: &Report, is_copy: bool) {
        let kind = if outbound::is_fill(report) { MessageKind::Fill } else { MessageKind::Answer };
        let (symbol, side) = (report.symbol, report.side);
        let style = self.style(port, Some(&symbol), Some(side));
        let body = outbound::report(style, report, is_copy);
        let delivery = self.with_message(port, Some(&symbol), Some(side), |venue, message| {
            let now = venue.now;
            venue.faults.deliver(message, kind, now)
        });
        let Delivery::At { due, copy } = delivery else { return };
        let again = match copy {
            None => None,
            Some(ExecIds::Same) => Some(body.clone()),
            Some(ExecIds::New) => {
                let exec = Some(self.exchange.next_exec());
                Some(outbound::report(style, &Report { exec, ..*report }, is_copy))
            }
        };
        for body in core::iter::once(body).chain(again) {
            self.post(due, Outgoing { port, msg_type: "8", body, needs_up: false });
        }
    }
    pub(super) fn emit_market_data(&mut self, told: Told) {
        let Told { port, symbol, msg_type, mut body } = told;
        let style = self.style(port, Some(&symbol), None);
        if msg_type == "W" && style.version.has_update_time() {
            body.utc(tags::LAST_UPDATE_TIME, style.time(self.now));
        }
        self.emit(port, msg_type, body, MessageKind::Other, Some(symbol));
    }
    /// Sends a message of a port, bent by the faults.
    pub(super) fn emit(
        &mut self,
        port: PortId,
        msg_type: &'static str,
        body: Body,
        kind: MessageKind,
        symbol: Option<Name>,
    ) {
        let delivery = self.with_message(port, symbol.as_ref(), None, |venue, message| {
            let now = venue.now;
            venue.faults.deliver(message, kind, now)
        });
        if let Delivery::At { due, .. } = delivery {
            let needs_up = kind == MessageKind::Other;
            self.post(due, Outgoing { port, msg_type, body, needs_up });
        }
    }
    fn post(&mut self, due: ringfence_kernel::types::Ts, message: Outgoing) {
        if due <= self.now {
            self.posts.push(Post::Message(message));
        } else if let Some(message) = self.outbox.hold(due, message) {
            self.posts.push(Post::Alert("no room for another late message".to_string()));
            self.posts.push(Post::Message(message));
        }
    }
    /// Returns how a message of a port is written.
    pub(super) fn style(
        &mut self,
        port: PortId,
        symbol: Option<&Name>,
        side: Option<Side>,
    ) -> Style {
        let version = self.versions.get(port.index()).copied().unwrap_or(Version::Fix44);
        let prefix = self.exchange.rules().id_prefix;
        let offset_ns = self.with_message(port, symbol, side, |venue, message| {
            venue.faults.clock_offset_ns(message)
        });
        Style { version, prefix, offset_ns, has_retail: self.has_retail(port) }
    }
    /// Returns whether a port is in the retail program, and so told of it in the venue's fields.
    pub(super) fn has_retail(&self, port: PortId) -> bool {
        let is_member = self.exchange.port_rules(port).is_some_and(|rules| rules.is_retail);
        is_member && self.exchange.rules().retail.is_some()
    }
    fn with_message<T>(
        &mut self,
        port: PortId,
        symbol: Option<&Name>,
        side: Option<Side>,
        ask: impl FnOnce(&mut Self, Message<'_>) -> T,
    ) -> T {
        let name =
            self.exchange.port_rules(port).map_or_else(|| Name::clipped("-"), |rules| rules.name);
        ask(self, Message { port, port_name: &name, symbol, side })
    }
}
