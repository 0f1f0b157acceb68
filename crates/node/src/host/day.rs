//! Folds the journal into the endpoint: the day that goes on, or what lives on of the day before.
//!
//! Of the day before, sessions keep their numbers; the application keeps nothing, and only says
//! whether that day may end. Refuses to begin a day otherwise, and to send messages of an earlier
//! day again: they are not in the new journal, and are gap-filled.

use ringfence_fix::endpoint::{Application, Endpoint, FoldError};
use ringfence_kernel::types::Ts;

use super::{HostError, HostEvent, Log};
use crate::journal::{DayFold, Record, Recovered, TradeDate};

/// Records between two words about the progress of folding.
const PROGRESS_RECORDS: u64 = 100_000;

/// Judges a trading day that is to end, so that another one may begin.
pub trait DayBefore: Send {
    /// Takes the application's part of a record of that day, in order.
    fn take(&mut self, ts: Ts, payload: &[u8]) -> Result<(), FoldError>;
    /// Returns what a person should know of the end of that day, or why it may not end.
    fn may_end(&mut self) -> Result<Vec<String>, String>;
}

/// An endpoint that takes back what the journal remembers.
pub(super) struct Folding<'a, A> {
    pub(super) endpoint: &'a mut Endpoint<A>,
    pub(super) day_before: Option<Box<dyn DayBefore>>,
    pub(super) log: &'a mut Log,
    pub(super) records: u64,
}

impl<A> Folding<'_, A> {
    fn count(&mut self) {
        self.records = self.records.saturating_add(1);
        if self.records.is_multiple_of(PROGRESS_RECORDS) {
            (self.log)(&HostEvent::Folding { records: self.records });
        }
    }
}

impl<A: Application> DayFold for Folding<'_, A> {
    type Error = HostError;
    fn today(&mut self, record: Record<'_>) -> Result<(), HostError> {
        let (seq, ts) = (record.seq, Ts::from_nanos(record.ts.nanos()));
        let taken = self.endpoint.fold(seq.get(), ts, record.payload);
        taken.map_err(|why| HostError::Fold { record: seq, why })?;
        self.count();
        Ok(())
    }
    fn before(&mut self, record: Record<'_>) -> Result<(), HostError> {
        let (seq, ts) = (record.seq, Ts::from_nanos(record.ts.nanos()));
        let taken = self.endpoint.fold_earlier(seq.get(), record.payload);
        let judged = taken.and_then(|payload| match &mut self.day_before {
            Some(judge) => judge.take(ts, payload),
            None => Ok(()),
        });
        judged.map_err(|why| HostError::Fold { record: seq, why })?;
        self.count();
        Ok(())
    }
    fn may_follow(&mut self, before: TradeDate, found: Recovered) -> Result<(), HostError> {
        let judged = self.day_before.take().map_or(Ok(Vec::new()), |mut judge| judge.may_end());
        let known = judged.map_err(|why| HostError::NotFollowed { before, why })?;
        self.endpoint.begin_journal();
        (self.log)(&HostEvent::DayEnded { trade_date: before, found });
        known.into_iter().for_each(|text| {
            (self.log)(&HostEvent::CarriedOver { text });
        });
        self.records = 0;
        Ok(())
    }
}
