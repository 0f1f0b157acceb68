//! The limit band as things happen: the reference follows, states begin and end, timers are set.

use ringfence_kernel::types::Ts;

use super::Exchange;
use super::band::BandState;
use super::event::{Event, StatusCause};
use super::ids::InstrumentIndex;
use super::instrument::Halt;
use super::rules::LimitBandRules;
use crate::book::Book;

impl<B: Book> Exchange<B> {
    /// Looks at the reference, the state in the band and the timers after something happened.
    pub(super) fn watch(&mut self, at: InstrumentIndex, events: &mut Vec<Event>) {
        match self.limit_rules() {
            Some(rules) => self.watch_limit(at, &rules, events),
            None => self.enter_state(at, BandState::Clear, false, events),
        }
        self.rearm(at);
    }
    fn watch_limit(
        &mut self,
        at: InstrumentIndex,
        rules: &LimitBandRules,
        events: &mut Vec<Event>,
    ) {
        let now = self.now;
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        let was = one.band_state;
        // In a limit state no new reference is published.
        let follows = one.is_trading() && !was.is_limit();
        let mut moved = follows && one.reference.follow(now, rules);
        if moved {
            self.apply_band(at, events);
        }
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        let mut state = one.state_after(was, now);
        if was.is_limit() && !state.is_limit() && one.is_trading() {
            moved = one.reference.renew(now, rules);
            if moved {
                self.apply_band(at, events);
                let one = self.instruments.get(at.index());
                state = one.map_or(state, |one| one.state_after(state, now));
            }
        }
        self.enter_state(at, state, moved, events);
    }
    /// Notes the state in the band and tells it where it, or the band, is another than before.
    fn enter_state(
        &mut self,
        at: InstrumentIndex,
        state: BandState,
        moved: bool,
        events: &mut Vec<Event>,
    ) {
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        let was = core::mem::replace(&mut one.band_state, state);
        let cause = match (was, state) {
            _ if was == state => moved.then_some(StatusCause::Schedule),
            (_, BandState::Limit { .. }) => Some(StatusCause::LimitState),
            (_, BandState::Straddle) => Some(StatusCause::StraddleState),
            (BandState::Limit { .. }, BandState::Clear) => Some(StatusCause::LimitStateOver),
            (BandState::Straddle | BandState::Clear, BandState::Clear) => {
                Some(StatusCause::StraddleStateOver)
            }
        };
        if let Some(cause) = cause {
            self.tell_status(at, cause, events);
        }
    }
    /// Sets the timer of an instrument to when time alone changes something of its trading.
    pub(super) fn rearm(&mut self, at: InstrumentIndex) {
        let (now, rules) = (self.now, self.limit_rules());
        let Some(one) = self.instruments.get_mut(at.index()) else { return };
        let after = |since: Ts, ns: i64| Ts::from_nanos(since.nanos().saturating_add(ns));
        let wanted = match one.halt {
            Halt::Pause { until } | Halt::Reopening { until } => Some(until),
            Halt::Halted { .. } => None,
            Halt::None => {
                rules.filter(|_| one.is_trading()).and_then(|rules| match one.band_state {
                    BandState::Limit { since } => Some(after(since, rules.limit_state_ns)),
                    BandState::Clear | BandState::Straddle => one.reference.next_look(now, &rules),
                })
            }
        };
        if wanted != one.timer {
            if let Some(old) = one.timer {
                self.timers.remove(&(old, at));
            }
            if let Some(new) = wanted {
                self.timers.insert((new, at));
            }
            one.timer = wanted;
        }
    }
}
