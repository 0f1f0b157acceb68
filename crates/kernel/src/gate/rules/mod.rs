//! The rules, one file each, in the order in which they run.

mod r01_trading_state;
mod r02_entitlement;
mod r03_restricted_list;
mod r04_phase_and_type;
mod r05_lot_and_tick;
mod r06_max_order_qty;
mod r07_max_order_notional;
mod r08_share_of_volume;
mod r09_price_collar;
mod r10_price_drift;
mod r11_price_band;
mod r12_duplicate;
mod r13_message_rate;
mod r14_repeated_execution;
mod r15_open_orders;
mod r16_position;
mod r17_gross_and_net_notional;
mod r18_daily_totals;
mod r19_buying_power;
mod r20_basket_totals;
mod r21_short_sale;
mod r22_self_match;
mod r23_loss;
mod r24_market_impact;
mod r25_per_parent;
mod r26_flow;

use super::{Case, Rule, Warning};
use crate::reason::Denial;

/// Lists the rules, and calls them one after another without a table of pointers.
macro_rules! in_order {
    ($($rule:ident),* $(,)?) => {
        /// Every rule, by number.
        pub(super) const ALL: &[Rule] = &[$($rule::RULE),*];

        /// Runs every rule of the case's stages in order; the first denial ends it.
        pub(super) fn check(case: &Case<'_>, warnings: &mut Vec<Warning>) -> Result<(), Denial> {
            $(if $rule::RULE.stages.meets(case.stages) {
                let before = warnings.len();
                let result = $rule::check(case, warnings);
                if warnings.len() > before {
                    sign(warnings, before, $rule::RULE.number);
                }
                result.map_err(|denial| denial.by($rule::RULE.number))?;
            })*
            Ok(())
        }
    };
}

in_order! {
    r01_trading_state,
    r02_entitlement,
    r03_restricted_list,
    r04_phase_and_type,
    r05_lot_and_tick,
    r06_max_order_qty,
    r07_max_order_notional,
    r08_share_of_volume,
    r09_price_collar,
    r10_price_drift,
    r11_price_band,
    r12_duplicate,
    r13_message_rate,
    r14_repeated_execution,
    r15_open_orders,
    r16_position,
    r17_gross_and_net_notional,
    r18_daily_totals,
    r19_buying_power,
    r20_basket_totals,
    r21_short_sale,
    r22_self_match,
    r23_loss,
    r24_market_impact,
    r25_per_parent,
    r26_flow,
}

/// Puts the number of a rule on the warnings it gave.
#[cold]
fn sign(warnings: &mut [Warning], first: usize, number: u8) {
    warnings.iter_mut().skip(first).for_each(|warning| warning.rule = number);
}
