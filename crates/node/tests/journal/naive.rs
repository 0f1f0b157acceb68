//! A second reader of the format, written from its description and sharing no code with the first.
//!
//! Slow, plain, and only for sound files: it stops at the first frame that is not valid.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::common::segments;

/// One batch or closing marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NaiveBatch {
    /// Number of the segment, from 1.
    pub(crate) segment: usize,
    /// Where each frame of it begins in the segment file, the end's frame last.
    pub(crate) frames: Vec<usize>,
    /// Where it ends in the segment file.
    pub(crate) end: usize,
    /// Numbers, times and payloads of its records.
    pub(crate) records: Vec<(u64, i64, Vec<u8>)>,
    /// Code of the frame that ends it.
    pub(crate) kind: u8,
}

/// Reads all batches of a journal directory.
pub(crate) fn batches(dir: &Path) -> Vec<NaiveBatch> {
    let mut found = Vec::new();
    let mut chain: [u8; 32] = [0; 32];
    for (index, path) in segments(dir).iter().enumerate() {
        let bytes = fs::read(path).unwrap();
        assert_eq!(b"RINGFNCE\x01\x00", &bytes[..10], "magic and version");
        assert_eq!(crc32fast::hash(&bytes[..76]).to_le_bytes(), bytes[76..80], "header checksum");
        if index > 0 {
            assert_eq!(chain, bytes[40..72], "chain across segments");
        }
        let seed = u32::from_le_bytes(bytes[72..76].try_into().unwrap());
        chain = hash(&[b"ringfence journal v1 segment\0", &bytes[..76]]);
        let mut at = 80;
        while let Some((batch, after)) = batch(&bytes, at, seed, chain, index + 1) {
            at = batch.end;
            chain = after;
            found.push(batch);
        }
    }
    found
}

fn batch(
    bytes: &[u8],
    start: usize,
    seed: u32,
    chain: [u8; 32],
    segment: usize,
) -> Option<(NaiveBatch, [u8; 32])> {
    let (mut at, mut frames, mut records) = (start, Vec::new(), Vec::new());
    loop {
        let length = u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().unwrap());
        let frame =
            bytes.get(at..at + usize::try_from(length).unwrap()).filter(|f| f.len() > 24)?;
        let (body, sum) = frame.split_at(frame.len() - 4);
        let mut hasher = crc32fast::Hasher::new_with_initial(seed);
        hasher.update(body);
        if hasher.finalize().to_le_bytes() != sum {
            return None;
        }
        frames.push(at);
        if body[20] == 0x0F {
            let seq = u64::from_le_bytes(body[4..12].try_into().unwrap());
            let ts = i64::from_le_bytes(body[12..20].try_into().unwrap());
            records.push((seq, ts, body[21..].to_vec()));
            at += frame.len();
            continue;
        }
        let tip = hash(&[b"ringfence journal v1 batch\0", &chain, &bytes[start..at + 25]]);
        assert_eq!(tip, body[25..57], "chain of the batch at {start}");
        let end = at + frame.len();
        return Some((NaiveBatch { segment, frames, end, records, kind: body[20] }, tip));
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}
