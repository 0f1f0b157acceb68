//! R11: a code has one meaning for ever; what was taken away never comes back as something else.
//!
//! `tests/golden/codes.txt` is the register: owner, code, name. A new member gets a line there. A
//! member that goes leaves its line, with `retired` before the name.

use std::collections::BTreeMap;

use ringfence_kernel::event::{Asked, CancelCause, Close, Destination, Ignored, Subject};
use ringfence_kernel::input::SelfMatchPolicy;
use ringfence_kernel::limit::{Level, LimitKey, Unit};
use ringfence_kernel::reason::Reason;
use ringfence_kernel::types::{
    ExecType, HaltKind, OrdStatus, OrdType, Origin, Phase, PositionState, PriceSource, ScopeKind,
    SessionStatus, Side, TimeInForce, TradingState,
};
use ringfence_kernel::{Event, Input};

/// Code to name, by owner.
type Codes = BTreeMap<(String, u16), String>;

const REGISTER: &str = include_str!("../../../tests/golden/codes.txt");

macro_rules! used {
    ($($owner:ident)*) => {{
        let mut all = Codes::new();
        $(for member in $owner::ALL {
            let key = (stringify!($owner).to_string(), member.code());
            assert_eq!(None, all.insert(key, member.name().to_string()), "{member}");
        })*
        all
    }};
}

fn all_used() -> Codes {
    let mut all = used!(
        Asked CancelCause Close Destination ExecType HaltKind Ignored Level LimitKey OrdStatus
        OrdType Origin Phase PositionState PriceSource Reason ScopeKind SelfMatchPolicy
        SessionStatus Side Subject TimeInForce TradingState Unit
    );
    for (owner, tags, specs) in
        [("Input", Input::TAGS, Input::SPECS), ("Event", Event::TAGS, Event::SPECS)]
    {
        for (tag, spec) in tags.iter().zip(specs) {
            all.insert((owner.to_string(), *tag), spec.name.to_string());
        }
    }
    all
}

fn registered() -> Codes {
    let mut all = Codes::new();
    for line in REGISTER.lines() {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default().to_string();
        let (owner, code, name) = (word(), word(), word());
        let code = code.parse().unwrap_or(u16::MAX);
        assert_eq!(None, all.insert((owner, code), name), "registered twice: {line}");
    }
    all
}

/// R11: every code in use is registered with the name it has; no code is used by nobody's leave.
#[test]
fn a_code_means_what_it_always_meant() {
    let registered = registered();
    for (key, name) in all_used() {
        assert_eq!(Some(&name), registered.get(&key), "{} {} in the register", key.0, key.1);
    }
}

/// R11: a registered code that is not in use is marked as retired, so that it stays taken.
#[test]
fn a_retired_code_keeps_its_tombstone() {
    let used = all_used();
    for (key, name) in registered() {
        assert_ne!(used.contains_key(&key), name.starts_with("retired "), "{} {name}", key.0);
    }
}
