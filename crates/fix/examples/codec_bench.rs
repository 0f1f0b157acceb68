//! Times the codec on prepared messages; `ringfence bench codec` makes them and reads the answer.
//!
//! `codec_bench ROUNDS (NAME FILE DICTIONARY)...` prints one JSON object. A FILE holds messages,
//! one behind the other, and is gone through ROUNDS times for each case; NAME stands in the rows.
//! DICTIONARY is an XML file, or `compact` for the built-in FIX 4.4.
//!
//! Reading finds the frame, checks length, checksum and every field's shape; the dictionary check
//! comes on top. Writing puts every field again and must give the same bytes; a message that cannot
//! be read is counted and left out of that. Left out: what fields mean, sessions, sockets.

use std::env;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use ringfence_fix::codec::{Body, Frame, Message, Parser, encode, next_frame};
use ringfence_fix::dict::{Dictionary, Policies, Specification, Version};
use ringfence_fix::tag::{self, Tag};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Fields of the frame, which the codec writes itself.
const FRAME: [Tag; 3] = [tag::BEGIN_STRING, tag::BODY_LENGTH, tag::CHECK_SUM];
const CLOCK_READINGS: u32 = 100_000;

fn main() -> Outcome<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let usage = "usage: codec_bench ROUNDS (NAME FILE DICTIONARY)...";
    let (rounds, inputs) = words.split_first().ok_or(usage)?;
    let rounds: usize = rounds.parse()?;
    let (mut rows, mut sum) = (Vec::new(), Sum::default());
    for input in inputs.chunks(3) {
        let [name, file, dictionary] = input else { return Err(usage.into()) };
        let stream = fs::read(file).map_err(|why| format!("{file}: {why}"))?;
        let dictionary = self::dictionary(dictionary)?;
        let messages = Messages::find(&stream);
        rows.append(&mut messages.measure(name, rounds, &dictionary, &mut sum)?);
    }
    let Sum { fields, refused, garbled, digest } = sum;
    println!(
        "{{\"results\":[{}],\"checksum\":\"{digest:016x}\",\"fields\":{fields},\
         \"refused\":{refused},\"garbled\":{garbled},\"clock_ns\":{}}}",
        rows.join(","),
        clock_ns(),
    );
    Ok(())
}

fn dictionary(name: &str) -> Outcome<Dictionary> {
    let specification = match name {
        "compact" => Specification::compact(Version::Fix44)?,
        file => Specification::from_xml(&fs::read_to_string(file)?)?,
    };
    Ok(specification.dictionary(Policies::default()))
}

/// What was seen, the same in every run.
#[derive(Default)]
struct Sum {
    fields: usize,
    /// Messages that the dictionary refuses.
    refused: usize,
    garbled: usize,
    /// FNV-1a of every tag and value.
    digest: u64,
}

impl Sum {
    fn add(&mut self, message: &Message<'_>) {
        for (tag, value) in message.fields() {
            self.fields += 1;
            let bytes = tag.number().to_le_bytes();
            for byte in bytes.iter().chain(value) {
                self.digest = (self.digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
}

/// The messages of a file: whole frames, each behind the other.
struct Messages<'a>(Vec<&'a [u8]>);

impl<'a> Messages<'a> {
    fn find(stream: &'a [u8]) -> Self {
        let (mut rest, mut found) = (stream, Vec::new());
        loop {
            let (len, is_message) = match next_frame(rest) {
                Frame::Incomplete => return Self(found),
                Frame::Garbled { len, .. } => (len, false),
                Frame::Message { len } => (len, true),
            };
            let (front, behind) = rest.split_at_checked(len).unwrap_or_default();
            if is_message {
                found.push(front);
            }
            rest = behind;
        }
    }
    fn measure(
        &self,
        name: &str,
        rounds: usize,
        dictionary: &Dictionary,
        sum: &mut Sum,
    ) -> Outcome<Vec<String>> {
        let mut parser = Parser::default();
        let (mut header, mut body, mut out) = (Body::new(), Body::new(), Vec::new());
        let mut readable = Vec::new();
        for raw in &self.0 {
            let Ok(message) = parser.parse(raw) else {
                sum.garbled += 1;
                continue;
            };
            sum.add(&message);
            sum.refused += usize::from(dictionary.check(&message).is_err());
            let written = Written::of(&message)?;
            written.write(&mut header, &mut body, &mut out);
            if out != *raw {
                return Err(format!("{name}: a message was not written as it was read").into());
            }
            readable.push(written);
        }
        let mut rows = Vec::new();
        let read = |raw: &&[u8]| {
            black_box(next_frame(raw));
            black_box(parser.parse(raw)).is_ok()
        };
        timed(&format!("{name}: read"), rounds, &self.0, read, &mut rows);
        let mut parser = Parser::default();
        let checked = |raw: &&[u8]| {
            black_box(next_frame(raw));
            parser.parse(raw).is_ok_and(|message| dictionary.check(&message).is_ok())
        };
        timed(&format!("{name}: read, dictionary"), rounds, &self.0, checked, &mut rows);
        let write = |message: &Written| {
            message.write(&mut header, &mut body, &mut out);
            black_box(out.len()) > 0
        };
        timed(&format!("{name}: written"), rounds, &readable, write, &mut rows);
        Ok(rows)
    }
}

/// The fields of a message, to be written.
struct Written {
    begin_string: String,
    msg_type: Vec<u8>,
    fields: Vec<(Tag, Vec<u8>)>,
}

impl Written {
    fn of(message: &Message<'_>) -> Outcome<Self> {
        let is_own = |tag: &Tag| !FRAME.contains(tag) && *tag != tag::MSG_TYPE;
        let fields = message.fields().filter(|(tag, _)| is_own(tag));
        Ok(Self {
            begin_string: message.text(tag::BEGIN_STRING).ok_or("no BeginString")?.to_owned(),
            msg_type: message.msg_type().to_vec(),
            fields: fields.map(|(tag, value)| (tag, value.to_vec())).collect(),
        })
    }
    fn write(&self, header: &mut Body, body: &mut Body, out: &mut Vec<u8>) {
        header.clear();
        header.raw(tag::MSG_TYPE, &self.msg_type);
        body.clear();
        for (tag, value) in &self.fields {
            body.raw(*tag, value);
        }
        out.clear();
        encode(&self.begin_string, header.bytes(), body.bytes(), out);
    }
}

/// Times `one` on every item by itself, then on all of them together.
fn timed<T>(
    case: &str,
    rounds: usize,
    items: &[T],
    mut one: impl FnMut(&T) -> bool,
    rows: &mut Vec<String>,
) {
    let mut nanos = Vec::with_capacity(rounds * items.len());
    let mut good = 0_usize;
    for _ in 0..rounds {
        for item in items {
            let begun = Instant::now();
            good += usize::from(one(item));
            nanos.push(begun.elapsed().as_nanos());
        }
    }
    let begun = Instant::now();
    for _ in 0..rounds {
        for item in items {
            good += usize::from(one(item));
        }
    }
    let taken = begun.elapsed().as_nanos().max(1);
    black_box(good);
    nanos.sort_unstable();
    let count = nanos.len();
    let rate = u128::try_from(count).unwrap_or(0) * 1_000_000_000 / taken;
    let at = |thousandths: usize| {
        let rank = (count * thousandths).div_ceil(1000).max(1);
        nanos.get(rank - 1).copied().unwrap_or(0)
    };
    rows.push(format!(
        "{{\"case\":\"{case}\",\"unit\":\"ns/message\",\"n\":{count},\"p50\":{},\"p99\":{},\
         \"p99_9\":{},\"max\":{},\"rate\":{rate}}}",
        at(500),
        at(990),
        at(999),
        at(1000),
    ));
}

/// Returns what one reading of the clock costs, in nanoseconds.
fn clock_ns() -> u128 {
    let begun = Instant::now();
    for _ in 0..CLOCK_READINGS {
        black_box(Instant::now());
    }
    begun.elapsed().as_nanos() / u128::from(CLOCK_READINGS)
}
