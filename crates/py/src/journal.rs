//! Journals that are only read: what they hold, and their records page by page.

use std::path::PathBuf;

use pyo3::prelude::*;
use ringfence_kernel::types::Ts;
use ringfence_node::journal::{JournalReader, Record};
use ringfence_node::jsonl;

use crate::convert::{self, journal_error};
use crate::days;

/// Records of a journal as lists of JSON objects, read once from the first to the last.
///
/// Numbers are inclusive, from 1; without `last_seq` the pages end with the journal. A page has
/// `page_records` records, the last one fewer. The GIL is released while a page is read. After a
/// record that cannot be believed the records before it still come, and then JournalError.
#[pyclass(module = "ringfence._core")]
pub(crate) struct JournalPages {
    reader: JournalReader,
    first_seq: u64,
    last_seq: u64,
    page_records: usize,
    ended: bool,
    failed: Option<PyErr>,
}

#[pymethods]
impl JournalPages {
    #[new]
    #[pyo3(signature = (directory, first_seq=1, last_seq=None, page_records=100_000))]
    fn new(
        py: Python<'_>,
        directory: PathBuf,
        first_seq: u64,
        last_seq: Option<u64>,
        page_records: usize,
    ) -> PyResult<Self> {
        let reader = py.detach(|| JournalReader::open(&directory)).map_err(journal_error)?;
        let (last_seq, page_records) = (last_seq.unwrap_or(u64::MAX), page_records.max(1));
        let ended = first_seq > last_seq;
        Ok(Self { reader, first_seq, last_seq, page_records, ended, failed: None })
    }
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }
    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Vec<String>>> {
        let page = py.detach(|| self.page());
        match self.failed.take() {
            Some(why) if page.is_empty() => Err(why),
            failed => {
                self.failed = failed;
                Ok(Some(page).filter(|page| !page.is_empty()))
            }
        }
    }
}

impl JournalPages {
    /// Reads the next page; it is short at the end and before a failure, which is kept.
    fn page(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while !self.ended && lines.len() < self.page_records {
            let line = match self.reader.next_record() {
                Ok(Some(record)) if record.seq.get() < self.first_seq => continue,
                Ok(Some(record)) => {
                    self.ended = record.seq.get() >= self.last_seq;
                    line(&record)
                }
                Ok(None) => {
                    self.ended = true;
                    break;
                }
                Err(why) => Err(journal_error(why)),
            };
            match line {
                Ok(line) => lines.push(line),
                Err(why) => {
                    self.failed = Some(why);
                    self.ended = true;
                }
            }
        }
        lines
    }
}

fn line(record: &Record<'_>) -> PyResult<String> {
    let (seq, ts) = (record.seq.get(), Ts::from_nanos(record.ts.nanos()));
    let mut line = String::new();
    let written = jsonl::write_record(seq, ts, record.payload, &mut line);
    written.map_err(|why| journal_error(format!("record {seq} does not decode: {why}")))?;
    Ok(line)
}

/// End a day for good: verify its journal and seal it, unless it is sealed already.
#[pyfunction]
pub(crate) fn seal_day(py: Python<'_>, directory: PathBuf) -> PyResult<()> {
    py.detach(|| ringfence_node::journal::seal_day(&directory)).map_err(journal_error)
}

/// Return what a journal holds, after every byte of it was checked.
#[pyfunction]
pub(crate) fn journal_stats(py: Python<'_>, directory: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    let report =
        py.detach(|| ringfence_node::journal::verify(&directory)).map_err(journal_error)?;
    convert::python(py, &days::report(&report))
}
