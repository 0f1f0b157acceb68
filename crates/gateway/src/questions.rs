//! Which children a venue is asked about, and when it is asked again.
//!
//! Silence is not an answer: a question stays until it is answered or its child has ended, and is
//! asked again after a while. A venue whose questions of the beginning are open is not sent to.

use std::collections::{BTreeMap, VecDeque};

use ringfence_kernel::types::{ChildId, Ts};

/// By how much less often a question is asked again in the end.
const SLOWER_MAX: u32 = 4;

/// A child and the version of its identifier that is asked about.
pub(super) type Question = (ChildId, u32);

/// The questions to one venue.
#[derive(Clone, Debug, Default)]
pub(super) struct Questions {
    unasked: VecDeque<Question>,
    /// Asked, with the time of the last asking and how often.
    asked: BTreeMap<Question, (Ts, u32)>,
}

impl Questions {
    /// Returns whether every question was answered.
    pub(super) fn is_empty(&self) -> bool {
        self.unasked.is_empty() && self.asked.is_empty()
    }
    /// Adds a question that is not open yet.
    pub(super) fn add(&mut self, question: Question) {
        if !self.asked.contains_key(&question) && !self.unasked.contains(&question) {
            self.unasked.push_back(question);
        }
    }
    /// Forgets every question.
    pub(super) fn clear(&mut self) {
        self.unasked.clear();
        self.asked.clear();
    }
    /// Takes the answer to a question.
    pub(super) fn answered(&mut self, question: Question) {
        self.asked.remove(&question);
        self.unasked.retain(|open| *open != question);
    }
    /// Drops every question about a child that needs no answer any more.
    pub(super) fn drop_child(&mut self, child_id: ChildId) {
        self.asked.retain(|(id, _), _| *id != child_id);
        self.unasked.retain(|(id, _)| *id != child_id);
    }
    /// Returns the questions to ask now: at most `under_way_max` are open at once, and one is asked
    /// again `retry_ns` after the last time, in the end [`SLOWER_MAX`] times that: a venue that
    /// refuses many at once is not asked so fast that it must refuse them again. With each, how
    /// often it was asked before.
    pub(super) fn due(
        &mut self,
        now: Ts,
        retry_ns: i64,
        under_way_max: usize,
    ) -> Vec<(Question, u32)> {
        let late = |(asked, count): &(Ts, u32)| {
            let slower = i64::from((*count).clamp(1, SLOWER_MAX));
            now.since(*asked) >= retry_ns.saturating_mul(slower)
        };
        let mut due: Vec<(Question, u32)> = self
            .asked
            .iter()
            .filter(|(_, times)| late(times))
            .map(|(question, (_, count))| (*question, *count))
            .collect();
        while self.asked.len() + due.len() < under_way_max {
            let Some(question) = self.unasked.pop_front() else { break };
            due.push((question, 0));
        }
        due.truncate(under_way_max);
        for (question, count) in &due {
            self.asked.insert(*question, (now, count + 1));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ts(seconds: i64) -> Ts {
        Ts::from_nanos(seconds * 1_000_000_000)
    }

    const RETRY_NS: i64 = 5_000_000_000;

    /// R50: a question stays open until its answer, and is asked again after a while.
    #[test]
    fn silence_is_no_answer() {
        let (mut questions, one) = (Questions::default(), (ChildId::new(7), 1));
        questions.add(one);
        questions.add(one);
        assert_eq!(vec![(one, 0)], questions.due(ts(0), RETRY_NS, 10));
        assert!(questions.due(ts(4), RETRY_NS, 10).is_empty());
        assert_eq!(vec![(one, 1)], questions.due(ts(5), RETRY_NS, 10));
        // Each time later, up to four times as late: who cannot answer so many is not hurried.
        for (count, asked) in [(2, 15), (3, 30), (4, 50), (5, 70)] {
            assert!(questions.due(ts(asked - 1), RETRY_NS, 10).is_empty());
            assert_eq!(vec![(one, count)], questions.due(ts(asked), RETRY_NS, 10));
        }
        assert!(!questions.is_empty());
        questions.answered(one);
        assert!(questions.is_empty());
    }

    /// Rule 7 of STYLE.md: no more than the bound is under way at once, and all are asked in turn.
    #[test]
    fn few_are_under_way_at_once() {
        let mut questions = Questions::default();
        (0..5).for_each(|id| questions.add((ChildId::new(id), 0)));
        let first: Vec<_> = questions.due(ts(0), RETRY_NS, 2);
        assert_eq!(2, first.len());
        assert!(questions.due(ts(1), RETRY_NS, 2).is_empty());
        questions.answered((ChildId::new(0), 0));
        assert_eq!(vec![((ChildId::new(2), 0), 0)], questions.due(ts(1), RETRY_NS, 2));
        questions.drop_child(ChildId::new(1));
        questions.drop_child(ChildId::new(2));
        assert_eq!(2, questions.due(ts(1), RETRY_NS, 2).len());
    }
}
