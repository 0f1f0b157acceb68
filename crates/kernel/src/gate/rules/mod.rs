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

use super::Rule;

/// Every rule, by number.
pub(super) const ALL: &[Rule] = &[
    r01_trading_state::RULE,
    r02_entitlement::RULE,
    r03_restricted_list::RULE,
    r04_phase_and_type::RULE,
    r05_lot_and_tick::RULE,
    r06_max_order_qty::RULE,
    r07_max_order_notional::RULE,
    r08_share_of_volume::RULE,
    r09_price_collar::RULE,
    r10_price_drift::RULE,
    r11_price_band::RULE,
    r12_duplicate::RULE,
    r13_message_rate::RULE,
    r14_repeated_execution::RULE,
    r15_open_orders::RULE,
    r16_position::RULE,
    r17_gross_and_net_notional::RULE,
    r18_daily_totals::RULE,
    r19_buying_power::RULE,
    r20_basket_totals::RULE,
    r21_short_sale::RULE,
    r22_self_match::RULE,
    r23_loss::RULE,
    r24_market_impact::RULE,
    r25_per_parent::RULE,
    r26_flow::RULE,
];
