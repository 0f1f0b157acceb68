//! Version 1 of the journal's bytes: segment header, frames, hash chain.
//!
//! All integers are little-endian. A segment is one header and then whole batches; what was never
//! written reads as zero. A batch is record frames and one batch end; a closing marker (close or
//! seal) stands alone. Any change to what is written here is a new version in a module of its own.
//!
//! | segment header | bytes | meaning |
//! | --- | --- | --- |
//! | magic | 8 | `RINGFNCE` |
//! | version | 2 | 1 |
//! | durability | 1 | 1 process, 2 disk |
//! | reserved | 1 | 0 |
//! | segment | 4 | number of the segment within the day, from 1 |
//! | trade date | 4 | decimal `YYYYMMDD` |
//! | previous date | 4 | day of the journal in front, 0 for none |
//! | first seq | 8 | of the first record in the segment |
//! | floor | 8 | time that no record may be before, nanoseconds UTC |
//! | previous chain | 32 | chain tip in front of the segment, of this day or the day before |
//! | frame seed | 4 | start value of every frame checksum of the day |
//! | checksum | 4 | CRC-32 of the 76 bytes in front |
//!
//! | frame | bytes | meaning |
//! | --- | --- | --- |
//! | length | 4 | of the whole frame, 25 and up; 0 means never written |
//! | seq | 8 | of the record; of the last record for an end or a marker |
//! | ts | 8 | nanoseconds UTC, likewise |
//! | kind | 1 | codes that differ from each other in four bits |
//! | payload | length - 25 | the caller's bytes; for an end or a marker see below |
//! | checksum | 4 | CRC-32 from the day's seed over everything in front |
//!
//! The payload of an end or a marker is the number of records in the batch (4 bytes) and the chain
//! hash (32 bytes): SHA-256 of a domain text, the hash in front, all record frames of the batch,
//! and the end's own bytes up to the hash. So an end has no byte of its own: it can be computed
//! from what is in front of it, which is how a flipped bit in it is told from a torn write. The
//! chain of a segment starts from the hash of its header.
//!
//! The seed ties every frame to its day: bytes of another journal that show up on recycled disk
//! blocks, or inside a payload, are no frames here.

use sha2::{Digest, Sha256};

use super::date::TradeDate;
use super::value::{ChainHash, Durability, Seq, Ts};

/// The version that this module reads and writes.
pub(crate) const VERSION: u16 = 1;
/// The first bytes of every segment of every version.
pub(crate) const MAGIC: &[u8; 8] = b"RINGFNCE";
/// Length of a segment header.
pub(crate) const HEADER_BYTES: usize = 80;
/// Bytes of a frame besides its payload; the length of the shortest frame.
pub(crate) const FRAME_BYTES: usize = 25;
/// Length of a batch end or closing marker.
pub(crate) const MARK_BYTES: usize = FRAME_BYTES + 36;

/// Bytes of a frame in front of its payload.
const HEAD_BYTES: usize = 21;
/// Bytes of an end in front of its chain hash.
const MARK_HEAD_BYTES: usize = HEAD_BYTES + 4;
const BATCH_DOMAIN: &[u8] = b"ringfence journal v1 batch\0";
const SEGMENT_DOMAIN: &[u8] = b"ringfence journal v1 segment\0";

/// What a segment says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) durability: Durability,
    pub(crate) segment: u32,
    pub(crate) trade_date: TradeDate,
    pub(crate) previous_date: Option<TradeDate>,
    pub(crate) first_seq: Seq,
    pub(crate) floor: Ts,
    pub(crate) previous_chain: ChainHash,
    pub(crate) frame_seed: u32,
}

impl Header {
    /// Returns the bytes of the header.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.fields();
        let sum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Returns the header in the first bytes of a segment, or nothing when they are damaged.
    ///
    /// The caller has looked at magic and version.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEADER_BYTES)?;
        let (fields, sum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(fields) != u32::from_le_bytes(*sum) {
            return None;
        }
        let mut rest = fields.get(MAGIC.len() + 2..)?;
        let durability = match take::<2>(&mut rest)? {
            [1, 0] => Durability::Process,
            [2, 0] => Durability::Disk,
            _ => return None,
        };
        let segment = u32::from_le_bytes(take(&mut rest)?);
        let trade_date = TradeDate::from_number(u32::from_le_bytes(take(&mut rest)?))?;
        let previous_date = match u32::from_le_bytes(take(&mut rest)?) {
            0 => None,
            number => Some(TradeDate::from_number(number)?),
        };
        Some(Self {
            durability,
            segment,
            trade_date,
            previous_date,
            first_seq: Seq::new(u64::from_le_bytes(take(&mut rest)?)),
            floor: Ts::from_nanos(i64::from_le_bytes(take(&mut rest)?)),
            previous_chain: ChainHash(take(&mut rest)?),
            frame_seed: u32::from_le_bytes(take(&mut rest)?),
        })
    }

    /// Returns the hash from which the chain of this segment goes on.
    pub(crate) fn chain_start(&self) -> ChainHash {
        let hash = Sha256::new_with_prefix(SEGMENT_DOMAIN).chain_update(self.fields());
        ChainHash(hash.finalize().into())
    }

    fn fields(&self) -> Vec<u8> {
        let durability = match self.durability {
            Durability::Process => 1,
            Durability::Disk => 2,
        };
        let previous_date = self.previous_date.map_or(0, TradeDate::number);
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[durability, 0]);
        bytes.extend_from_slice(&self.segment.to_le_bytes());
        bytes.extend_from_slice(&self.trade_date.number().to_le_bytes());
        bytes.extend_from_slice(&previous_date.to_le_bytes());
        bytes.extend_from_slice(&self.first_seq.get().to_le_bytes());
        bytes.extend_from_slice(&self.floor.nanos().to_le_bytes());
        bytes.extend_from_slice(&self.previous_chain.0);
        bytes.extend_from_slice(&self.frame_seed.to_le_bytes());
        bytes
    }
}

/// Returns the start value of the frame checksums of a day.
pub(crate) fn frame_seed(trade_date: TradeDate, previous_chain: &ChainHash) -> u32 {
    checksum(crc32fast::hash(&trade_date.number().to_le_bytes()), &previous_chain.0)
}

/// What a frame is. The codes differ from each other in four bits, so that no single flipped bit
/// makes one kind of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Record,
    BatchEnd,
    Close,
    Seal,
}

impl Kind {
    /// Returns the code in the file.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Record => 0x0F,
            Self::BatchEnd => 0x33,
            Self::Close => 0x55,
            Self::Seal => 0x69,
        }
    }

    /// Returns the kind of a code, or nothing when it is unknown.
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        [Self::Record, Self::BatchEnd, Self::Close, Self::Seal]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// A frame whose checksum holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) seq: Seq,
    pub(crate) ts: Ts,
    pub(crate) kind: Kind,
    pub(crate) payload: &'a [u8],
    pub(crate) length: usize,
}

impl Frame<'_> {
    /// Returns record count and chain hash of an end or a marker.
    pub(crate) fn mark(&self) -> Option<(u32, ChainHash)> {
        let mut rest = self.payload;
        let count = u32::from_le_bytes(take(&mut rest)?);
        let chain = ChainHash(take(&mut rest)?);
        rest.is_empty().then_some((count, chain))
    }
}

/// Why there is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameFault {
    /// The length is zero: nothing was ever written here.
    Unwritten,
    /// The bytes end before the frame does; that many are needed to say more.
    Short(usize),
    /// The length is impossible.
    Length(u32),
    /// The checksum does not hold.
    Checksum,
    /// The checksum holds and the kind is unknown.
    Kind(u8),
}

/// Returns the frame at the start of `bytes`.
///
/// `frame_bytes_max` is the length of the longest frame allowed.
pub(crate) fn decode(
    bytes: &[u8],
    seed: u32,
    frame_bytes_max: usize,
) -> Result<Frame<'_>, FrameFault> {
    let (length, _) = bytes.split_first_chunk::<4>().ok_or(FrameFault::Short(4))?;
    let length = u32::from_le_bytes(*length);
    if length == 0 {
        return Err(FrameFault::Unwritten);
    }
    let frame_bytes = usize::try_from(length).map_err(|_| FrameFault::Length(length))?;
    if !(FRAME_BYTES..=frame_bytes_max).contains(&frame_bytes) {
        return Err(FrameFault::Length(length));
    }
    let frame = bytes.get(..frame_bytes).ok_or(FrameFault::Short(frame_bytes))?;
    let (body, sum) = frame.split_last_chunk::<4>().ok_or(FrameFault::Length(length))?;
    if checksum(seed, body) != u32::from_le_bytes(*sum) {
        return Err(FrameFault::Checksum);
    }
    let head = Head::read(body).ok_or(FrameFault::Length(length))?;
    let payload = body.get(HEAD_BYTES..).ok_or(FrameFault::Length(length))?;
    let kind = Kind::from_code(head.kind).ok_or(FrameFault::Kind(head.kind))?;
    Ok(Frame { seq: head.seq, ts: head.ts, kind, payload, length: frame_bytes })
}

/// The fixed fields of a frame, unverified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) length: u32,
    pub(crate) seq: Seq,
    pub(crate) ts: Ts,
    pub(crate) kind: u8,
}

impl Head {
    /// Returns the fields in front of a payload, or nothing when the bytes are too few.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, _) = bytes.split_first_chunk::<HEAD_BYTES>()?;
        let mut rest = head.as_slice();
        Some(Self {
            length: u32::from_le_bytes(take(&mut rest)?),
            seq: Seq::new(u64::from_le_bytes(take(&mut rest)?)),
            ts: Ts::from_nanos(i64::from_le_bytes(take(&mut rest)?)),
            kind: u8::from_le_bytes(take(&mut rest)?),
        })
    }
}

/// Returns a record frame's parts and the bytes after it; for frames verified before.
pub(crate) fn split_record(bytes: &[u8]) -> Option<(Head, &[u8], &[u8])> {
    let head = Head::read(bytes)?;
    let (frame, rest) = bytes.split_at_checked(usize::try_from(head.length).ok()?)?;
    let payload = frame.get(HEAD_BYTES..frame.len().checked_sub(4)?)?;
    Some((head, payload, rest))
}

/// Appends a record frame; returns false and appends nothing when its length does not fit a frame.
pub(crate) fn put_record(
    out: &mut Vec<u8>,
    seed: u32,
    (seq, ts): (Seq, Ts),
    payload: &[u8],
) -> bool {
    let length = FRAME_BYTES.checked_add(payload.len()).map(u32::try_from);
    let Some(Ok(length)) = length else {
        return false;
    };
    let start = out.len();
    put_head(out, Head { length, seq, ts, kind: Kind::Record.code() });
    out.extend_from_slice(payload);
    let sum = checksum(seed, out.get(start..).unwrap_or_default());
    out.extend_from_slice(&sum.to_le_bytes());
    true
}

/// An end or a marker that is to be written, or that is expected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) kind: Kind,
    pub(crate) seq: Seq,
    pub(crate) ts: Ts,
    pub(crate) records: u32,
}

impl Mark {
    /// Returns the frame of this mark and the chain hash in it.
    ///
    /// `frames` are the record frames of the batch, `previous` is the hash in front of them.
    pub(crate) fn encode(
        &self,
        seed: u32,
        previous: &ChainHash,
        frames: &[u8],
    ) -> (Vec<u8>, ChainHash) {
        let mut out = Vec::with_capacity(MARK_BYTES);
        put_head(
            &mut out,
            Head { length: MARK_LENGTH, seq: self.seq, ts: self.ts, kind: self.kind.code() },
        );
        out.extend_from_slice(&self.records.to_le_bytes());
        let chain = chain(previous, frames, &out);
        out.extend_from_slice(&chain.0);
        let sum = checksum(seed, &out);
        out.extend_from_slice(&sum.to_le_bytes());
        (out, chain)
    }
}

/// Returns the chain hash after a batch of `frames` whose end begins with the bytes `end`.
pub(crate) fn chain(previous: &ChainHash, frames: &[u8], end: &[u8]) -> ChainHash {
    let hash = Sha256::new_with_prefix(BATCH_DOMAIN)
        .chain_update(previous.0)
        .chain_update(frames)
        .chain_update(end.get(..MARK_HEAD_BYTES).unwrap_or(end));
    ChainHash(hash.finalize().into())
}

/// [`MARK_BYTES`] as it stands in the length field.
const MARK_LENGTH: u32 = 61;
const _: () = assert!(MARK_BYTES == 61);

fn put_head(out: &mut Vec<u8>, head: Head) {
    out.extend_from_slice(&head.length.to_le_bytes());
    out.extend_from_slice(&head.seq.get().to_le_bytes());
    out.extend_from_slice(&head.ts.nanos().to_le_bytes());
    out.push(head.kind);
}

fn checksum(seed: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(seed);
    hasher.update(bytes);
    hasher.finalize()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}
