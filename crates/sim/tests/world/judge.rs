//! What must hold of a world that has healed, and what has happened in it.

use std::collections::BTreeMap;

use super::town::{Scenario, Town, net};
use super::troubles::{BLOWS, FAULTS, Trouble};

/// What happened in all worlds of a test, by name.
pub(super) type Seen = BTreeMap<&'static str, u64>;

pub(super) fn note(town: &Town, scenario: &Scenario, seen: &mut Seen) {
    for name in FAULTS.into_iter().chain(BLOWS) {
        let count = scenario.troubles.iter().filter(|trouble| trouble.name() == name).count();
        *seen.entry(name).or_insert(0) += u64::try_from(count).unwrap();
    }
    let mut add = |name, count: usize| {
        *seen.entry(name).or_insert(0) += u64::try_from(count).unwrap();
    };
    let whole = |count: u64| usize::try_from(count).unwrap();
    let told = |text: &str| {
        let all = town.node().told().iter();
        all.filter(|(_, told)| told.contains(text)).count()
    };
    add("restarts of the node", usize::try_from(town.node().starts() - 1).unwrap());
    add("restarts of venues", usize::try_from(town.venue_starts() - 2).unwrap());
    add("children in doubt", told("child_in_doubt"));
    add("venues reconciled with questions", told("logged on, 1") + told("logged on, 2"));
    add("questions asked in vain", told("no answer about child"));
    town.auditor.read(|books| {
        add("orders sent", whole(books.sent_count));
        add("executions", books.executed.standing().count());
        add("executions canceled", whole(books.executed.void_count));
        add("executions corrected", whole(books.executed.corrected_count));
        add("executions of nobody's order", books.strangers.len());
        add("messages sent again", whole(books.again_count));
        add("changes sent", whole(books.replace_count));
    });
    add("executions that the venues have from others", net(&town.venue_gross()).len());
}

/// Returns whether the venues only do what their ledgers have.
fn is_honest(scenario: &Scenario) -> bool {
    let lies = |text: &str| text.contains("id=new") || text.contains("unknown_execution");
    !scenario.troubles.iter().any(|trouble| match trouble {
        Trouble::Line { text, .. } => lies(text),
        Trouble::Blow { .. } => false,
    })
}

/// Returns everything that must not be and is.
pub(super) fn judge(town: &Town, scenario: &Scenario) -> Vec<String> {
    let mut found = town.auditor.read(|books| books.findings());
    let honest = is_honest(scenario);
    let mut must = |holds: bool, why: &dyn Fn() -> String| {
        if !holds {
            found.push(why());
        }
    };
    let node = town.node();
    let Some(endpoint) = node.endpoint() else {
        found.push("the node did not come back".to_owned());
        return found;
    };
    let state = endpoint.application().kernel().state();
    let open = state.orders.open_orders().count();
    must(open == 0, &|| {
        let latest: Vec<_> = node.told().iter().rev().take(6).map(|told| &told.1).collect();
        format!("{open} orders have not ended; {latest:#?}")
    });
    for id in state.orders.open_children() {
        must(false, &|| format!("child {id} has not ended: {:?}", state.orders.child(id)));
    }
    let (executed, told) = town.auditor.read(|books| (books.executed.gross(), books.told.gross()));
    let (booked, of_clients) = (town.node_gross(true), town.node_gross(false));
    must(executed == booked, &|| format!("I13: executed {executed:?}, booked {booked:?}"));
    must(told == of_clients, &|| {
        format!("clients were told {told:?}, and {of_clients:?} was booked")
    });
    let (units, positions) = (net(&booked), town.node_net());
    must(units == positions, &|| format!("I13: fills {units:?}, positions {positions:?}"));
    if honest {
        let ledger = town.venue_gross();
        must(ledger == booked, &|| format!("I13: ledgers {ledger:?}, booked {booked:?}"));
        let lies = town.auditor.read(|books| books.dishonest());
        must(lies.is_empty(), &|| format!("a venue lies: {lies:#?}"));
        must(of_clients == booked, &|| format!("error account of {booked:?}, {of_clients:?}"));
    }
    let folded = node.folded();
    let folded = folded.application().kernel().state();
    must(state.digest() == folded.digest(), &|| "the fold is not the live state (I6)".to_owned());
    found
}
