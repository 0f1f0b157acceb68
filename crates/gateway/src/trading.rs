//! What venues say about trading: halts of instruments (FIX 35=f), their session (FIX 35=h).
//!
//! A venue's word counts for that venue alone: it ends the halts that it told of and no others.
//! What is in force is the kernel's state, so neither a broken session nor a restart ends anything.

use ringfence_fix::codec::{Body, Message};
use ringfence_fix::endpoint::{Context, SessionIndex};
use ringfence_fix::tag;
use ringfence_kernel::input::{TradingHalt, TradingSession};
use ringfence_kernel::types::{HaltKind, Name, Phase, SessionStatus, Ts};

use super::Gateway;
use super::from_venue::name;

/// Puts the question about a venue's trading session (FIX 35=g), answered when it changes.
pub(super) fn session_status_request(body: &mut Body, now: Ts, venue: Name) {
    body.put(tag::TRAD_SES_REQ_ID, format_args!("{venue}-{}", now.nanos()))
        .put(tag::SUBSCRIPTION_REQUEST_TYPE, 1);
}

/// Returns whom a halt holds for by its reason (FIX 327; a character, in 5.0 a number): an order
/// imbalance, an influx of orders and equipment are the venue's own, everything else is not.
fn halt_kind(message: &Message<'_>) -> HaltKind {
    match message.get(tag::HALT_REASON) {
        Some(b"I" | b"E" | b"X" | b"1" | b"2" | b"5") => HaltKind::Operational,
        Some(_) | None => HaltKind::Regulatory,
    }
}

/// Returns what a venue says about its session (FIX 340); other codes say nothing about it.
fn session_status(message: &Message<'_>) -> Option<SessionStatus> {
    match message.get(tag::TRAD_SES_STATUS) {
        Some(b"1") => Some(SessionStatus::Halted),
        Some(b"2" | b"4" | b"5") => Some(SessionStatus::Open),
        Some(b"3") => Some(SessionStatus::Closed),
        Some(_) | None => None,
    }
}

impl Gateway {
    /// Takes the status of an instrument at a venue (FIX 326): a halt (2) begins one there, that it
    /// trades (3, 17) ends the one that this venue told of. Other states change nothing.
    pub(super) fn security_status(
        &mut self,
        session: SessionIndex,
        venue: Name,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        let Ok(Some(symbol)) = name(message, tag::SYMBOL) else { return };
        let directory = &self.kernel.state().directory;
        let ids = (directory.instruments.find(&symbol), directory.venues.find(&venue));
        let (Some(id), Some(venue_id)) = ids else { return };
        let row = self.kernel.state().market.row(id);
        let known = row.and_then(|row| row.halt_of(Some(venue_id)));
        let halt = |kind: Option<HaltKind>| {
            let active = kind.is_some();
            TradingHalt { symbol, venue: Some(venue), kind, active }
        };
        match message.get(tag::SECURITY_TRADING_STATUS) {
            Some(b"2") => {
                let kind = halt_kind(message);
                if known.is_some_and(|known| known == kind || known == HaltKind::Regulatory) {
                    return;
                }
                self.step(&halt(Some(kind)).into(), Some(session), context);
                let text = format!("venue {venue}: {symbol} is halted, {kind}");
                context.alert(Some(session), text);
            }
            Some(b"3" | b"17") if known.is_some() => {
                self.step(&halt(None).into(), Some(session), context);
                let row = self.kernel.state().market.row(id);
                let phase = row.and_then(|row| row.phase()).map_or("unknown", Phase::name);
                let text = format!("venue {venue}: its halt of {symbol} is over: {phase}");
                context.note(Some(session), text);
            }
            Some(_) | None => {}
        }
    }
    /// Takes where the trading session of a venue stands (FIX 35=h): one that is halted or closed
    /// gets no new order.
    pub(super) fn trading_session(
        &mut self,
        session: SessionIndex,
        venue: Name,
        message: &Message<'_>,
        context: &mut dyn Context,
    ) {
        let state = self.kernel.state();
        let known = state.directory.venues.find(&venue).and_then(|id| state.venues.status(id));
        let Some(status) = session_status(message) else {
            let code = message.text(tag::TRAD_SES_STATUS).unwrap_or("");
            let text =
                format!("venue {venue}: its session is in a state that says nothing: {code}");
            return context.alert(Some(session), text);
        };
        if known == Some(status) {
            return;
        }
        self.step(&TradingSession { venue, status }.into(), Some(session), context);
        let part = message.text(tag::TRADING_SESSION_ID).unwrap_or("");
        let text = format!("venue {venue}: its session is {status} ({part})");
        match status {
            SessionStatus::Halted => context.alert(Some(session), text),
            SessionStatus::Open | SessionStatus::Closed => context.note(Some(session), text),
        }
    }
}
