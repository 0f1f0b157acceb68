//! Rule 16: position, long and short.
//!
//! # What it checks
//! The longest and the shortest that each level's position in the instrument can become, working
//! and in-doubt quantity included. At a level whose position the order only reduces, it can
//! worsen neither.
//!
//! # Why
//! Knight's position limits ignored outstanding orders; orders sent again while the first were
//! unanswered were all filled.
//!
//! # Denies with
//! MAX_POSITION_LONG, MAX_POSITION_SHORT, LIMIT_RESTRICTS, LIMIT_MISSING
//!
//! # Parameters
//! position_long, position_short (units), per account level.
//!
//! # Source
//! Knight order paragraphs 22 to 24; FIA 2024 section 1.2; incidents I1, I11

use crate::gate::{Case, Rule, Stages, Warning};
use crate::limit::LimitKey;
use crate::reason::{Denial, Reason};

/// The rule.
pub(super) const RULE: Rule = Rule {
    number: 16,
    name: "position",
    stages: Stages::SENDS,
    latches: false,
    source: include_str!("r16_position.rs"),
};

/// Runs the rule.
pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
    let draft = case.draft;
    let added = i128::from(draft.added_qty.units());
    for level in case.levels() {
        if level.row.is_some_and(|row| row.is_reduced_by(draft.side, draft.added_qty)) {
            continue;
        }
        let (key, reason, value) = if draft.side.is_buy() {
            let long = level.row.map_or(0, |row| i128::from(row.worst_long()));
            (LimitKey::PositionLong, Reason::PositionLong, long + added)
        } else {
            let short = level.row.map_or(0, |row| -i128::from(row.worst_short()));
            (LimitKey::PositionShort, Reason::PositionShort, short + added)
        };
        case.at_level(warnings, level, key, reason, value)?;
    }
    Ok(())
}
