//! Missing messages of the peer: asked for, awaited in order, asked for again.

use super::SessionIndex;
use super::step::Step;
use crate::session::state::{Gap, Held, Hole, Link, Session};
use crate::tag;

impl Step<'_> {
    /// Keeps a message that came early and asks for those before it, unless that was done, or the
    /// peer has `promised` to send them by itself (FIX 789).
    pub(super) fn open_gap(&mut self, session: SessionIndex, seq: u64, held: Held, promised: bool) {
        let now = self.now;
        let Some(link) = self.core.session_mut(session).and_then(Session::link_mut) else {
            return;
        };
        match &mut link.gap {
            Gap::Open(hole) => hole.hold(seq, held),
            Gap::Closed => {
                let mut hole = Hole::new(seq, now);
                hole.hold(seq, held);
                link.gap = Gap::Open(hole);
                if !promised {
                    self.ask(session);
                }
            }
        }
        self.touch(session);
    }
    /// Asks for what is missing from the next number on: all of it, or a chunk.
    pub(super) fn ask(&mut self, session: SessionIndex) {
        let now = self.now;
        let Some(found) = self.core.session_mut(session) else {
            return;
        };
        let (next, chunk) = (found.numbers.next_in, u64::from(found.settings.resend_chunk));
        let Some(Link { gap: Gap::Open(hole), .. }) = found.link_mut() else {
            return;
        };
        let first_held = hole.held.keys().find(|seq| **seq > next).copied();
        let missing_to = first_held.map_or(hole.top, |seq| seq - 1);
        let last = match chunk {
            0 => 0,
            _ => missing_to.min(next + chunk - 1),
        };
        hole.asked_to = if last == 0 { missing_to } else { last };
        hole.asked_at = now;
        self.send_admin(session, "2", |body| {
            body.number(tag::BEGIN_SEQ_NO, next).number(tag::END_SEQ_NO, last);
        });
    }
    /// Notes that a peer beats on without having asked for anything: it has what came before the
    /// logon, since it would have asked at once.
    pub(super) fn asks_for_nothing(&mut self, session: SessionIndex) {
        if let Some(found) = self.core.session_mut(session)
            && let Some(first) = found.link().filter(|link| link.resend.is_none())
        {
            let seq = first.first_out;
            found.untold.resend(seq);
        }
    }
    /// Returns the next message that came early, once those before it are there; closes the gap
    /// when nothing is missing, and asks on when the last request is fulfilled.
    pub(super) fn next_held(&mut self, session: SessionIndex) -> Option<Held> {
        let found = self.core.session_mut(session)?;
        let next = found.numbers.next_in;
        let link = found.link_mut()?;
        let Gap::Open(hole) = &mut link.gap else {
            return None;
        };
        if let Some(held) = hole.take(next) {
            return Some(held);
        }
        if next > hole.top {
            link.gap = Gap::Closed;
            self.touch(session);
        } else if next > hole.asked_to {
            hole.tries = 1;
            self.ask(session);
        }
        None
    }
}
