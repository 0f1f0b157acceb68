//! What time brings: windows, auctions, pauses, expiries and the anonymous participant.

use ringfence_kernel::types::{TimeInForce, Ts};

use super::band::{BandOverride, BandState, Edges, on_ticks};
use super::command::HaltReason;
use super::event::{Event, StatusCause};
use super::ids::InstrumentIndex;
use super::instrument::Halt;
use super::order::CloseCause;
use super::rules::{BandKind, LimitBandRules, SessionWindow};
use super::{Exchange, RetailLeg};
use crate::book::{AuctionKind, Band, Book, BookMode};

/// What is due, in the order in which things of one time are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Window,
    Timer,
    Expiry,
    Market,
}

impl<B: Book> Exchange<B> {
    /// Returns when time brings something next.
    pub fn next_due(&self) -> Option<Ts> {
        self.next().map(|(ts, _)| ts)
    }
    /// Does everything that time brings up to `until`, in its order.
    pub fn advance(&mut self, until: Ts, events: &mut Vec<Event>) {
        while let Some((ts, due)) = self.next().filter(|(ts, _)| *ts <= until) {
            self.now = self.now.max(ts);
            match due {
                Due::Window => self.pass_boundary(events),
                Due::Timer => self.fire_timer(events),
                Due::Expiry => self.expire_dated(events),
                Due::Market => self.take_market(events),
            }
        }
        self.now = self.now.max(until);
    }
    fn next(&self) -> Option<(Ts, Due)> {
        let windows = &self.rules.windows;
        let boundary = match self.window {
            Some(at) => windows.get(at).map(|window| window.end),
            None => windows.get(self.window_next).map(|window| window.start),
        };
        let market = self.liquidity.as_ref().and_then(|source| source.next_due());
        let all = [
            boundary.map(|ts| (ts, Due::Window)),
            self.timers.first().map(|(ts, _)| (*ts, Due::Timer)),
            self.orders.next_expiry().map(|(ts, _)| (ts, Due::Expiry)),
            market.map(|ts| (ts, Due::Market)),
        ];
        all.into_iter().flatten().min()
    }
    fn current(&self) -> Option<&SessionWindow> {
        self.window.and_then(|at| self.rules.windows.get(at))
    }
    /// Returns the rules of the limit band, while the window has one.
    pub(super) fn limit_rules(&self) -> Option<LimitBandRules> {
        let kind = self.current().map(|window| window.band);
        self.rules.limit_band.filter(|_| kind.is_some_and(BandKind::is_limit))
    }
    fn scheduled_mode(&self) -> BookMode {
        self.current().map_or(BookMode::Halted, SessionWindow::mode)
    }
    fn pass_boundary(&mut self, events: &mut Vec<Event>) {
        let ended = self.current().map(|window| window.end);
        let was_limited = self.limit_rules().is_some();
        let next = self.rules.windows.get(self.window_next).map(|window| window.start);
        let begins = next.is_some() && (ended.is_none() || next == ended);
        self.window = begins.then_some(self.window_next);
        self.window_next += usize::from(begins);
        events.push(Event::Session(self.trading_session()));
        let mode = self.scheduled_mode();
        if !was_limited && self.limit_rules().is_some() {
            let now = self.now;
            self.instruments.iter_mut().for_each(|one| one.reference.begin(now));
        }
        for at in self.indexes() {
            self.begin_window(at, mode, events);
        }
        if self.window.is_none() {
            let stays = |tif| tif == TimeInForce::GoodTillDate;
            let ended = self.open_where(|order| !stays(order.terms.time_in_force));
            self.close_all(&ended, CloseCause::Expiry, events);
        }
    }
    fn begin_window(&mut self, at: InstrumentIndex, mode: BookMode, events: &mut Vec<Event>) {
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        one.session_band = None;
        let waits = match one.halt {
            Halt::None => false,
            Halt::Halted { .. } => true,
            Halt::Pause { .. } | Halt::Reopening { .. } => mode == BookMode::Continuous,
        };
        if waits {
            self.lift_band(at, events);
            return;
        }
        one.halt = Halt::None;
        one.band_state = BandState::Clear;
        self.switch(at, mode, events);
        self.tell_status(at, StatusCause::Schedule, events);
    }
    pub(super) fn tell_status(
        &self,
        at: InstrumentIndex,
        cause: StatusCause,
        events: &mut Vec<Event>,
    ) {
        events.extend(self.status(at, cause).map(Event::Status));
    }
    /// Changes the mode of the book; an auction that ends trades first.
    pub(super) fn switch(
        &mut self,
        at: InstrumentIndex,
        target: BookMode,
        events: &mut Vec<Event>,
    ) {
        let Some(was) = self.instruments.get(at.index()).map(|one| one.book.mode()) else {
            return;
        };
        let is_auction = |mode| matches!(mode, BookMode::Auction(_));
        if is_auction(was) && !is_auction(target) {
            self.uncross(at, events);
        }
        if target == BookMode::Continuous {
            self.apply_band(at, events);
        } else {
            self.lift_band(at, events);
        }
        if was != target && !self.set_mode(at, target, events) {
            // Orders that were collected without an auction trade in one first.
            self.set_mode(at, BookMode::Auction(AuctionKind::Reopening), events);
            self.uncross(at, events);
            self.apply_band(at, events);
            let done = self.set_mode(at, target, events);
            assert!(done, "an uncrossed book must take up continuous trading");
        }
        self.settle(at, events);
    }
    fn set_mode(&mut self, at: InstrumentIndex, mode: BookMode, events: &mut Vec<Event>) -> bool {
        let Some(one) = self.instruments.get_mut(at.index()) else { return true };
        let done = one.book.set_mode(mode, &mut self.book_events).is_ok();
        self.translate(at, RetailLeg::Book, events);
        done
    }
    fn uncross(&mut self, at: InstrumentIndex, events: &mut Vec<Event>) {
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        let crossed = one.book.uncross(one.reference.px, &mut self.book_events);
        self.translate(at, RetailLeg::Book, events);
        if let (Ok(Some(cross)), Some(one)) = (crossed, self.instruments.get_mut(at.index())) {
            one.reference.restart(cross.px, self.now);
            self.note_trade(at, cross.px);
        }
    }
    /// Halts an instrument now: nothing trades, nothing is uncrossed.
    pub(super) fn stop(
        &mut self,
        at: InstrumentIndex,
        reason: Option<HaltReason>,
        events: &mut Vec<Event>,
    ) {
        if let Some(one) = self.instruments.get_mut(at.index()) {
            one.halt = Halt::Halted { reason };
            one.band_state = BandState::Clear;
        }
        self.lift_band(at, events);
        self.set_mode(at, BookMode::Halted, events);
        self.settle(at, events);
        self.tell_status(at, StatusCause::Halt, events);
    }
    /// Collects orders until `until` and then trades on; without a pause where that is now.
    pub(super) fn collect(&mut self, at: InstrumentIndex, halt: Halt, events: &mut Vec<Event>) {
        let (until, cause) = match halt {
            Halt::Pause { until } => (until, StatusCause::LimitPause),
            Halt::Reopening { until } => (until, StatusCause::Reopening),
            Halt::None | Halt::Halted { .. } => return,
        };
        if let Some(one) = self.instruments.get_mut(at.index()) {
            one.halt = halt;
            one.band_state = BandState::Clear;
        }
        if until <= self.now || self.scheduled_mode() != BookMode::Continuous {
            self.resume(at, events);
            return;
        }
        self.lift_band(at, events);
        self.set_mode(at, BookMode::Auction(AuctionKind::Reopening), events);
        self.settle(at, events);
        self.tell_status(at, cause, events);
    }
    /// Pauses trading for the time of the rules; an auction ends the pause.
    pub(super) fn pause_now(&mut self, at: InstrumentIndex, events: &mut Vec<Event>) {
        if let Some(rules) = self.limit_rules() {
            let until = Ts::from_nanos(self.now.nanos().saturating_add(rules.pause_ns));
            self.collect(at, Halt::Pause { until }, events);
        }
    }
    fn resume(&mut self, at: InstrumentIndex, events: &mut Vec<Event>) {
        if let Some(one) = self.instruments.get_mut(at.index()) {
            one.halt = Halt::None;
        }
        self.switch(at, self.scheduled_mode(), events);
        self.tell_status(at, StatusCause::Resumed, events);
    }
    fn fire_timer(&mut self, events: &mut Vec<Event>) {
        let Some((_, at)) = self.timers.pop_first() else { return };
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        one.timer = None;
        match one.halt {
            Halt::Pause { .. } | Halt::Reopening { .. } => self.resume(at, events),
            Halt::None if one.band_state.is_limit() => self.pause_now(at, events),
            // The reference may move: by its age, or by a trade that is too old.
            Halt::None => self.settle(at, events),
            Halt::Halted { .. } => {}
        }
        self.rearm(at);
    }
    fn expire_dated(&mut self, events: &mut Vec<Event>) {
        if let Some((_, number)) = self.orders.next_expiry() {
            self.close_all(&[number], CloseCause::Expiry, events);
        }
    }
    /// Takes the band away where nothing trades; one that is fixed for the session stays.
    fn lift_band(&mut self, at: InstrumentIndex, events: &mut Vec<Event>) {
        if self.band_kind() == BandKind::Session {
            self.apply_band(at, events);
        } else {
            self.set_band(at, None, events);
        }
    }
    /// Returns which band the window has; none between windows.
    pub(super) fn band_kind(&self) -> BandKind {
        self.current().map_or(BandKind::Unbounded, |window| window.band)
    }
    /// Sets the band that rule, or the venue's operator, gives now.
    pub(super) fn apply_band(&mut self, at: InstrumentIndex, events: &mut Vec<Event>) {
        let (kind, session_width, now) = (self.band_kind(), self.rules.session_band, self.now);
        let (Some(one), Some(rules)) =
            (self.instruments.get_mut(at.index()), self.rules.instruments.get(at.index()))
        else {
            return;
        };
        let is_closing = kind == BandKind::LimitUpDownClosing;
        let ruled = match kind {
            BandKind::Unbounded => None,
            BandKind::LimitUpDown | BandKind::LimitUpDownClosing => {
                let limit = self.rules.limit_band.as_ref();
                limit
                    .and_then(|limit| Edges::limit(one.reference.px, rules, limit, is_closing))
                    .and_then(|edges| on_ticks(edges, rules))
            }
            BandKind::Session => {
                let fix = |width| one.fix_session_band(width, rules, now);
                session_width.and_then(fix)
            }
        };
        let band = match one.band_override {
            BandOverride::Rule => ruled,
            BandOverride::Fixed(band) => Some(band),
            BandOverride::Dropped => None,
        };
        self.set_band(at, band, events);
    }
    fn set_band(&mut self, at: InstrumentIndex, band: Option<Band>, events: &mut Vec<Event>) {
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        if one.book.band() == band {
            return;
        }
        one.book.set_band(band, &mut self.book_events);
        for book in one.interest.iter_mut().flatten() {
            book.set_band(band, &mut self.book_events);
        }
        self.translate(at, RetailLeg::Book, events);
    }
}
