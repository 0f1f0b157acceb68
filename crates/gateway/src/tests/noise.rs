//! Messages that a dictionary would let pass, or not even that, in any order.

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert, proptest};
use proptest::sample::{Index, select};
use ringfence_fix::endpoint::SessionIndex;
use ringfence_fix::tag;
use ringfence_fix::terms::Version;

use super::restart::folded;
use super::world::{CLIENT, COPY, LIT1, LIT1_COPY, LIT2, World};

/// Messages that are right: who sends it, MsgType, fields; `$C` is an identifier of the client that
/// was used, `$N` a new one, `$V` one under which a venue knows an order.
const RIGHT: [(SessionIndex, &str, &str); 24] = [
    (CLIENT, "D", "11=$N|1=alice|100=LIT1|55=BAC|54=1|38=100|40=2|44=10.00|59=0"),
    (CLIENT, "D", "11=$N|1=alice|100=LIT2|55=BAC|54=2|38=300|40=1|59=3"),
    (CLIENT, "D", "11=$N|1=alice|100=LIT1|55=BAC|54=1|38=50|40=3|99=10.10|59=0"),
    (CLIENT, "G", "41=$C|11=$N|55=BAC|54=1|38=150|40=2|44=10.00"),
    (CLIENT, "F", "41=$C|11=$N|55=BAC|54=1|38=100"),
    (CLIENT, "H", "11=$C|55=BAC|54=1"),
    (CLIENT, "q", "11=$N|530=7"),
    (LIT1, "8", "11=$V|37=V|17=$N|150=0|39=0|151=100|14=0"),
    (LIT1, "8", "11=$V|37=V|17=$N|150=F|39=1|32=40|31=10.00|14=40|151=60"),
    (LIT2, "8", "11=$V|37=V|17=$N|150=F|39=2|32=100|31=10.01|14=100|151=0"),
    (LIT1, "8", "11=$V|41=$V|37=V|17=$N|150=5|39=0|38=150|44=10.00|14=0|151=150"),
    (LIT1, "8", "11=$V|41=$V|37=V|17=$N|150=4|39=4|14=0|151=0"),
    (LIT1, "8", "11=$V|37=V|17=$N|150=8|39=8|58=no"),
    (LIT1, "8", "11=$V|37=V|17=$N|19=$N|150=H|39=0|14=0|151=100"),
    (LIT1, "8", "11=$V|37=V|17=$N|150=I|39=1|14=40|151=60"),
    (LIT1, "9", "11=$V|41=$V|37=V|39=0|434=1|102=0"),
    (LIT1, "3", "45=5|58=no"),
    (LIT1, "j", "45=5|372=D|380=3|58=no"),
    (LIT2, "W", "55=BAC|268=2|269=0|270=9.98|271=100|269=1|270=10.02|271=100"),
    (CLIENT, "AF", "584=$N|585=7"),
    (LIT1, "f", "55=BAC|326=2|324=x|327=X"),
    (LIT1, "f", "55=BAC|326=17"),
    (LIT2, "h", "335=x|336=1|340=2"),
    (LIT1_COPY, "8", "11=$V|37=V|17=$N|150=F|39=1|32=40|31=10.00|14=40|151=60|797=Y"),
];
const TAGS: [u32; 28] = [
    1, 6, 11, 14, 17, 19, 31, 32, 37, 38, 39, 40, 41, 44, 54, 55, 58, 59, 99, 100, 103, 126, 150,
    151, 268, 326, 434, 530,
];
const JUNK: [&str; 22] = [
    "0",
    "1",
    "2",
    "5",
    "100",
    "-1",
    "1.5",
    "0.0000000001",
    "99999999999999999999",
    "9223372036",
    "18446744073709551615",
    "1e9",
    "NaN",
    "Y",
    "",
    " ",
    "BAC",
    "XXX",
    "alice",
    "$C",
    "$V",
    "a-text-that-is-longer-than-any-identifier-of-ours-may-be-and-then-some-more-of-it",
];

/// What is done to a message.
#[derive(Clone, Debug)]
enum Harm {
    Drop(Index),
    Repeat(Index),
    Replace(Index, &'static str),
    Add(u32, &'static str),
}

#[derive(Clone, Debug)]
struct Piece {
    right: usize,
    harm: Vec<Harm>,
    which: Index,
    waits: bool,
}

fn harm() -> impl Strategy<Value = Harm> {
    let junk = || select(JUNK.to_vec());
    proptest::prop_oneof![
        any::<Index>().prop_map(Harm::Drop),
        any::<Index>().prop_map(Harm::Repeat),
        (any::<Index>(), junk()).prop_map(|(at, value)| Harm::Replace(at, value)),
        (select(TAGS.to_vec()), junk()).prop_map(|(tag, value)| Harm::Add(tag, value)),
    ]
}

fn piece() -> impl Strategy<Value = Piece> {
    // Half of the messages are right: what is wrong must meet orders that live.
    let harm = proptest::prop_oneof![Just(Vec::new()), prop::collection::vec(harm(), 1..4)];
    (0..RIGHT.len(), harm, any::<Index>(), any::<bool>())
        .prop_map(|(right, harm, which, waits)| Piece { right, harm, which, waits })
}

/// What was named so far.
struct Names {
    next: u32,
    client: Vec<String>,
    venue: Vec<String>,
}

impl Names {
    fn written(&mut self, piece: &Piece, fields: &str) -> String {
        let mut fields: Vec<String> = fields.split('|').map(str::to_owned).collect();
        for harm in &piece.harm {
            let at = |index: &Index| index.index(fields.len().max(1)).min(fields.len());
            match harm {
                Harm::Drop(index) if fields.len() > 1 => drop(fields.remove(at(index))),
                Harm::Drop(_) => {}
                Harm::Repeat(index) => fields.push(fields[at(index)].clone()),
                Harm::Replace(index, value) => {
                    let place = at(index);
                    let tag = fields[place].split('=').next().unwrap_or_default().to_owned();
                    fields[place] = format!("{tag}={value}");
                }
                Harm::Add(tag, value) => fields.push(format!("{tag}={value}")),
            }
        }
        let pick = |from: &[String]| match from.len() {
            0 => "none".to_owned(),
            len => from[piece.which.index(len)].clone(),
        };
        let (client, venue) = (pick(&self.client), pick(&self.venue));
        self.next += 1;
        let new = format!("N{}", self.next);
        let text = fields.join("|").replace("$C", &client).replace("$V", &venue);
        if RIGHT[piece.right].0 == CLIENT {
            self.client.push(new.clone());
        }
        text.replace("$N", &new)
    }
    /// Remembers under which identifiers orders went to venues.
    fn note(&mut self, world: &mut World) {
        for sent in [LIT1, LIT2].into_iter().flat_map(|venue| world.take(venue)) {
            if matches!(sent.msg_type.as_str(), "D" | "F" | "G") {
                self.venue.push(sent.get(tag::CL_ORD_ID).to_owned());
            }
        }
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// R1, R51: whatever clients and venues say, in whatever order, nothing breaks; each request of
    /// a client is answered, no order is booked beyond its quantity, and the records fold to the
    /// same state.
    #[test]
    fn any_messages_are_survived(pieces in prop::collection::vec(piece(), 1..80), of in 0..3_u8) {
        let version = match of {
            0 => Version::Fix42,
            1 => Version::Fix44,
            _ => Version::Fixt11,
        };
        let mut world = World::open(version);
        let mut names = Names { next: 0, client: Vec::new(), venue: Vec::new() };
        for piece in &pieces {
            let (from, msg_type, fields) = RIGHT[piece.right];
            let text = names.written(piece, fields);
            world.log.refused.clear();
            world.deliver(from, msg_type, &text);
            let answers = world.take(CLIENT).len() + world.log.refused.len();
            prop_assert!(from != CLIENT || answers > 0, "{msg_type} {text}: no answer");
            drop(world.take(COPY));
            names.note(&mut world);
            if piece.waits {
                world.wait(2);
            }
            for (_, order) in world.gateway.kernel().state().orders.orders() {
                let asked = order.order_qty >= order.cum_qty();
                prop_assert!(asked, "{text}: an order is filled beyond its quantity");
            }
        }
        let live = world.gateway.kernel().state().digest();
        prop_assert!(folded(&world).kernel().state().digest() == live);
    }
}
