//! Closed sets that events use: what was refused, how something ended, why.

use crate::types::record::domain_enum;

domain_enum! {
    /// What a refusal answers.
    pub enum Subject {
        /// A new parent order.
        NewOrder = 1 "new_order",
        /// A change of a parent.
        ReplaceOrder = 2 "replace_order",
        /// A cancel of a parent.
        CancelOrder = 3 "cancel_order",
        /// A status request.
        StatusRequest = 4 "status_request",
        /// A slice of an algorithm.
        Slice = 5 "slice",
        /// A change of a child.
        ChildReplace = 6 "child_replace",
        /// A cancel of a child.
        ChildCancel = 7 "child_cancel",
        /// A stop whose trigger price traded.
        TriggeredStop = 8 "triggered_stop",
        /// A command of an operator.
        Command = 9 "command",
        /// A definition.
        Definition = 10 "definition",
        /// A fact of the market or the margin side.
        Fact = 11 "fact",
    }
    /// How an order ended.
    pub enum Close {
        /// Completely filled.
        Filled = 1 "filled",
        /// Canceled.
        Canceled = 2 "canceled",
        /// Rejected by the venue.
        Rejected = 3 "rejected",
        /// Expired.
        Expired = 4 "expired",
        /// Done for the day.
        DoneForDay = 5 "done_for_day",
        /// Denied by us after it was accepted (a triggered stop).
        Denied = 6 "denied",
    }
    /// Why a cancel was requested.
    pub enum CancelCause {
        /// The client asked.
        Client = 1 "client",
        /// The algorithm asked.
        Strategy = 2 "strategy",
        /// A halt.
        Halt = 3 "halt",
        /// The client session went down.
        Disconnect = 4 "disconnect",
        /// The order reached its end.
        Expiry = 5 "expiry",
        /// The trading day ended.
        DayEnd = 6 "day_end",
    }
    /// What was asked of a venue about one of its orders.
    pub enum Asked {
        /// A cancel.
        Cancel = 1 "cancel",
        /// New terms.
        Replace = 2 "replace",
    }
    /// Why a venue's report changed nothing.
    pub enum Ignored {
        /// The report was applied before (FIX 17).
        SeenBefore = 1 "seen_before",
        /// The report says what is already known.
        NoChange = 2 "no_change",
        /// The order is already closed.
        Closed = 3 "closed",
        /// The fields needed for this kind of report are missing.
        Incomplete = 4 "incomplete",
        /// The venue's cumulative quantity is above ours: a fill report is missing.
        FillMissing = 5 "fill_missing",
        /// The fill was canceled before.
        Busted = 6 "busted",
    }
}
