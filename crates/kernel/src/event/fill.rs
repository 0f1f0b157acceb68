//! Fills, their cancels and corrections, and reports that changed nothing.

use super::kind::Ignored;
use crate::types::record::record;
use crate::types::{
    AccountId, ChildId, FillId, InstrumentId, Named, OrderId, PositionState, Price, Qty, Side,
    VenueId, WireId,
};

record! {
    /// A fill was booked.
    pub struct FillBooked = "fill_booked" {
        /// Fill.
        pub fill_id: FillId,
        /// Venue.
        pub venue: Named<VenueId>,
        /// Venue's identifier (FIX 17).
        pub exec_id: WireId,
        /// Child; absent for a fill nobody ordered.
        pub child_id: Option<ChildId>,
        /// Parent; absent for a fill nobody ordered.
        pub order_id: Option<OrderId>,
        /// Account booked to.
        pub account: Named<AccountId>,
        /// Instrument.
        pub symbol: Named<InstrumentId>,
        /// Side.
        pub side: Side,
        /// Units (FIX 32); the ordered part where the venue reported more.
        pub last_qty: Qty,
        /// Price (FIX 31).
        pub last_px: Price,
        /// State of the position that it makes.
        pub position_state: PositionState,
        /// Part that came after the child had ended.
        pub late: bool,
    }
    /// A fill was canceled by its venue (FIX 150=H).
    pub struct FillBusted = "fill_busted" {
        /// Fill.
        pub fill_id: FillId,
        /// Identifier of the cancel (FIX 17).
        pub exec_id: WireId,
    }
    /// A fill was corrected by its venue (FIX 150=G).
    pub struct FillCorrected = "fill_corrected" {
        /// Fill.
        pub fill_id: FillId,
        /// Identifier of the correction (FIX 17), by which the fill may be named from now on.
        pub exec_id: WireId,
        /// Corrected units.
        pub last_qty: Qty,
        /// Corrected price.
        pub last_px: Price,
    }
    /// A cancel or correction came before the fill it refers to; it waits for it.
    pub struct ReversalHeld = "reversal_held" {
        /// Venue.
        pub venue: Named<VenueId>,
        /// Identifier of the cancel or correction (FIX 17).
        pub exec_id: WireId,
        /// Fill that it refers to (FIX 19).
        pub exec_ref_id: WireId,
        /// Corrected units; absent for a cancel.
        pub last_qty: Option<Qty>,
        /// Corrected price; absent for a cancel.
        pub last_px: Option<Price>,
    }
    /// A report changed nothing.
    pub struct ReportIgnored = "report_ignored" {
        /// Venue.
        pub venue: Named<VenueId>,
        /// Identifier of the report (FIX 17).
        pub exec_id: WireId,
        /// Why.
        pub why: Ignored,
        /// Child concerned.
        pub child_id: Option<ChildId>,
    }
}
