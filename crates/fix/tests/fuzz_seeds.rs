//! Damaged messages: whatever arrives, the codec goes on and a check gives a verdict.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ringfence_fix::codec::{Frame, Message, Parser, SOH, encode, next_frame};
use ringfence_fix::dict::{Dictionary, Policies, Policy, Version};
use ringfence_fix::tag;

/// Damaged messages in one run; a fixed budget, a few seconds.
const MUTATIONS: usize = 200_000;
const PACKED: [&str; 7] = [
    "messages/epam_1000_msg.fix.gz",
    "messages/epam_fix42_all.fix.gz",
    "messages/epam_fix42_valid_datatypes.fix.gz",
    "messages/epam_fix44_all.fix.gz",
    "messages/epam_fix44_valid_datatypes.fix.gz",
    "messages/epam_fixt50_all.fix.gz",
    "messages/hffix_fix50_set2.fix",
];
const LOGS: [&str; 4] = [
    "logs/FIX42-CoyTrade-BCExchange-SenderMessagePerLine.log",
    "logs/FIX42-CoyTrade-BCExchange-SenderMessagePerLineMixedWithOtherText.log",
    "logs/FIX42-CoyTrade-BCExchange-MessagesSplitBetweenMultipleLines.log",
    "logs/FIX44-FXSpot-WithSubparties.log",
];
/// Version and fields of messages that are there in every clone.
const WRITTEN: [(Version, &str); 5] = [
    (Version::Fix42, "35=A|34=1|49=A|52=20260105-14:30:00|56=B|98=0|108=30|95=3|96=a|b|"),
    (
        Version::Fix42,
        "35=D|34=2|49=A|52=20260105-14:30:00|56=B|11=id|21=1|55=X|54=1|60=20260105-14:30:00|\
         38=100|40=2|44=10.25|78=2|79=a|80=50|79=b|80=50|",
    ),
    (
        Version::Fix42,
        "35=8|34=3|49=A|52=20260105-14:30:00|56=B|37=o|17=e|20=0|150=2|39=2|55=X|54=1|38=100|\
         32=100|31=10.25|151=0|14=100|6=10.25|",
    ),
    (
        Version::Fix44,
        "35=F|34=4|49=A|52=20260105-14:30:00|56=B|41=id|11=id2|55=X|54=1|\
         60=20260105-14:30:00|453=2|448=a|447=D|452=1|448=b|447=D|452=3|802=1|523=s|803=1|",
    ),
    (
        Version::Fixt11,
        "35=V|34=5|49=A|52=20260105-14:30:00|56=B|262=r|263=1|264=1|265=0|267=2|269=0|269=1|\
         146=1|55=X|",
    ),
];

/// A small generator (xorshift) so that a failure replays.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound.max(1)).expect("small");
        usize::try_from((self.0 >> 11) % bound).expect("small")
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (version, fields) in WRITTEN {
        let dictionary = support::compact(version);
        assert_eq!(Ok(()), support::judge(&dictionary, &fields.replace("a|b", "a_b")), "{fields}");
        seeds.push(support::wire(dictionary.begin_string(), fields));
    }
    for name in PACKED.into_iter().chain(LOGS) {
        let Some(stream) = support::bytes(name) else { break };
        support::each_message(&stream, |message| seeds.push(message.raw().to_vec()));
        // As it stands: text between messages, cut lines, other separators.
        seeds.extend(stream.chunks(4_096).take(4).map(<[u8]>::to_vec));
    }
    seeds
}

fn dictionaries() -> Vec<Dictionary> {
    let lenient = Policies {
        out_of_order: Policy::Accept,
        group_out_of_order: Policy::Accept,
        empty_value: Policy::Accept,
        user_defined: Policy::Accept,
        unlisted_value: Policy::Accept,
    };
    let mut all =
        Vec::from([Version::Fix42, Version::Fix44, Version::Fixt11].map(support::compact));
    for spec in support::xml_specifications().into_iter().flatten() {
        all.push(spec.dictionary(lenient));
    }
    all
}

fn damage(seed: &[u8], chance: &mut Chance, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(seed);
    for _ in 0..=chance.below(3) {
        let (at, len) = (chance.below(out.len()), chance.below(24));
        let end = (at + len).min(out.len());
        match chance.below(7) {
            0 if at < out.len() => out[at] = u8::try_from(chance.below(256)).expect("a byte"),
            1 => drop(out.drain(at..end)),
            2 => {
                let copy = out[at..end].to_vec();
                let to = chance.below(out.len());
                out.splice(to..to, copy);
            }
            3 => out.insert(at, b"\x01=8910-+.YN"[chance.below(11)]),
            4 => out.truncate(at + 1),
            5 => {
                // A whole field goes, or stands twice.
                let mut fields: Vec<&[u8]> = seed.split_inclusive(|byte| *byte == SOH).collect();
                let one = chance.below(fields.len());
                let other = chance.below(fields.len());
                fields.swap(one, other);
                *out = fields.concat();
            }
            _ => out.extend_from_slice(&seed[..seed.len().min(at)]),
        }
        if out.is_empty() {
            out.push(b'8');
        }
    }
}

/// Gives a damaged message the length and the sum that it should have.
fn repair(damaged: &[u8], out: &mut Vec<u8>) {
    let find = |wanted: &[u8]| damaged.windows(wanted.len()).position(|part| part == wanted);
    let begin = find(b"\x0135=").map_or(0, |at| at + 1);
    let end = find(b"\x0110=").map_or(damaged.len(), |at| at + 1).max(begin);
    out.clear();
    let version = if damaged.starts_with(b"8=FIX.4.2") { "FIX.4.2" } else { "FIX.4.4" };
    encode(version, &damaged[begin..end], b"", out);
}

/// Returns whether every frame of a stream was found with progress; parses and checks each.
fn read(stream: &[u8], dictionaries: &[Dictionary], tally: &mut Tally) {
    let (mut parser, mut rest) = (Parser::default(), stream);
    loop {
        let len = match next_frame(rest) {
            Frame::Incomplete => return,
            Frame::Garbled { len, .. } => len,
            Frame::Message { len } => {
                if let Ok(message) = parser.parse(&rest[..len]) {
                    tally.parsed += 1;
                    written_again(&message);
                    for dictionary in dictionaries {
                        tally.accepted += usize::from(dictionary.check(&message).is_ok());
                    }
                }
                len
            }
        };
        assert!((1..=rest.len()).contains(&len), "no progress at {:?}", rest.escape_ascii());
        rest = &rest[len..];
    }
}

/// What a parsed message says is what stood on the wire.
fn written_again(message: &Message<'_>) {
    let mut again = Vec::with_capacity(message.raw().len());
    for (tag, value) in message.fields() {
        again.extend_from_slice(format!("{tag}=").as_bytes());
        again.extend_from_slice(value);
        again.push(SOH);
    }
    // Zeros before a tag are read over, and so is the minus of a zero; every other byte comes back.
    let has_zeros = message.raw().windows(3).any(|part| match part {
        [SOH, b'0', digit] => digit.is_ascii_digit(),
        [SOH, b'-', b'0'] => true,
        _ => false,
    });
    assert!(has_zeros || again == message.raw(), "{}", message.raw().escape_ascii());
    assert_eq!(message.get(tag::MSG_TYPE), Some(message.msg_type()));
}

#[derive(Debug, Default)]
struct Tally {
    parsed: usize,
    accepted: usize,
}

/// FIX session test cases 2d and 3c, at large: damaged bytes are skipped or judged, never a panic,
/// never a standstill, and a message that is read says what was written.
#[test]
fn damaged_messages_are_read_without_panic() {
    let (seeds, dictionaries) = (seeds(), dictionaries());
    let mut chance = Chance(0x5EED_0F1A);
    let (mut damaged, mut repaired) = (Vec::new(), Vec::new());
    let mut tally = Tally::default();
    for mutation in 0..MUTATIONS {
        damage(&seeds[mutation % seeds.len()], &mut chance, &mut damaged);
        if chance.below(2) == 0 {
            repair(&damaged, &mut repaired);
            read(&repaired, &dictionaries, &mut tally);
        } else {
            read(&damaged, &dictionaries, &mut tally);
        }
    }
    // The budget reaches the dictionary and its verdict "valid" often enough to mean something.
    assert!(tally.parsed > MUTATIONS / 10, "{tally:?}");
    assert!(tally.accepted > MUTATIONS / 200, "{tally:?}");
}
