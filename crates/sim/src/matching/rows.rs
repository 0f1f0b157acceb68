//! Rows of both files as requests to a book.

use ringfence_kernel::types::value::Value;
use ringfence_kernel::types::{OrdType, Price, Qty, Side, TimeInForce};

use super::csv::{CsvFile, CsvProblem, Row, Table};
use crate::book::{BookOrder, BookOrderId, BookOrderKind, OwnerId, Replacement, Visibility};

const BOOK_COLUMNS: &[&str] =
    &["order_id", "side", "price", "qty", "min_qty", "display_qty", "hidden"];
const BOOK_COLUMNS_REQUIRED: &[&str] = &["order_id", "side", "price", "qty"];
const ORDER_COLUMNS: &[&str] = &[
    "action",
    "order_id",
    "side",
    "type",
    "price",
    "qty",
    "tif",
    "stop_px",
    "min_qty",
    "display_qty",
    "hidden",
    "post_only",
];
const ORDER_COLUMNS_REQUIRED: &[&str] = &["action", "order_id"];
/// What a cancel must not say.
const TERMS: &[&str] = &[
    "side",
    "type",
    "price",
    "qty",
    "tif",
    "stop_px",
    "min_qty",
    "display_qty",
    "hidden",
    "post_only",
];
/// What a replace must not say.
const FIXED_TERMS: &[&str] =
    &["side", "type", "tif", "stop_px", "min_qty", "display_qty", "hidden", "post_only"];
const PRICE: &str = "a decimal with at most nine digits after the point";
const QTY: &str = "a whole number from 1 to 10000000000";

/// A request of the second file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    New(BookOrder),
    Cancel(BookOrderId),
    Replace(BookOrderId, Replacement),
}

pub(super) fn book_table(bytes: &[u8]) -> Result<Table<'_>, CsvProblem> {
    Table::read(CsvFile::Book, bytes, BOOK_COLUMNS, BOOK_COLUMNS_REQUIRED)
}

pub(super) fn order_table(bytes: &[u8]) -> Result<Table<'_>, CsvProblem> {
    Table::read(CsvFile::Orders, bytes, ORDER_COLUMNS, ORDER_COLUMNS_REQUIRED)
}

/// Returns the resting order of a row.
pub(super) fn resting_order(row: &Row<'_, '_>) -> Result<BookOrder, CsvProblem> {
    let kind = BookOrderKind::Limit(row.value("price", PRICE, price)?);
    order(row, kind, TimeInForce::Day)
}

/// Returns the request of a row.
pub(super) fn action(row: &Row<'_, '_>) -> Result<Action, CsvProblem> {
    let known = |cell: &str| match cell {
        "new" | "cancel" | "replace" => Some(cell.to_owned()),
        _ => None,
    };
    match row.value("action", "new, cancel or replace", known)?.as_str() {
        "cancel" => {
            row.must_be_empty(TERMS, "a cancel")?;
            Ok(Action::Cancel(order_id(row)?))
        }
        "replace" => {
            row.must_be_empty(FIXED_TERMS, "a replace")?;
            let qty = row.value("qty", QTY, qty)?;
            let px = row.value_if_there("price", PRICE, price)?;
            Ok(Action::Replace(order_id(row)?, Replacement { qty, px }))
        }
        _ => {
            let time_in_force = row.value_if_there("tif", TimeInForce::KIND, time_in_force)?;
            Ok(Action::New(order(row, kind(row)?, time_in_force.unwrap_or(TimeInForce::Day))?))
        }
    }
}

fn order_id(row: &Row<'_, '_>) -> Result<BookOrderId, CsvProblem> {
    let read = |cell: &str| cell.parse().ok().map(BookOrderId::new);
    row.value("order_id", "a whole number below 2^64", read)
}

fn kind(row: &Row<'_, '_>) -> Result<BookOrderKind, CsvProblem> {
    let ord_type = row.value("type", OrdType::KIND, OrdType::from_name)?;
    let px = || row.value("price", PRICE, price);
    let stop_px = || row.value("stop_px", PRICE, price);
    let none = |column| row.must_be_empty(&[column], ord_type.name());
    match ord_type {
        OrdType::Market => {
            none("price")?;
            none("stop_px")?;
            Ok(BookOrderKind::Market)
        }
        OrdType::Limit => {
            none("stop_px")?;
            Ok(BookOrderKind::Limit(px()?))
        }
        OrdType::Stop => {
            none("price")?;
            Ok(BookOrderKind::Stop(stop_px()?))
        }
        OrdType::StopLimit => Ok(BookOrderKind::StopLimit { stop_px: stop_px()?, px: px()? }),
    }
}

fn order(
    row: &Row<'_, '_>,
    kind: BookOrderKind,
    time_in_force: TimeInForce,
) -> Result<BookOrder, CsvProblem> {
    let flag = |column| row.value_if_there(column, "true or false", truth);
    let displayed = row.value_if_there("display_qty", QTY, qty)?;
    let visibility = match (flag("hidden")?.unwrap_or(false), displayed) {
        (false, None) => Visibility::Displayed,
        (false, Some(at_most)) => Visibility::Reserve(at_most),
        (true, None) => Visibility::Hidden,
        (true, Some(_)) => {
            return Err(row.problem(
                "display_qty",
                "nothing, as the order is hidden",
                "a quantity",
            ));
        }
    };
    Ok(BookOrder {
        id: order_id(row)?,
        owner: OwnerId::new(0),
        side: row.value("side", Side::KIND, Side::from_name)?,
        kind,
        time_in_force,
        qty: row.value("qty", QTY, qty)?,
        min_qty: row.value_if_there("min_qty", QTY, qty)?,
        visibility,
        post_only: flag("post_only")?.unwrap_or(false),
    })
}

fn price(cell: &str) -> Option<Price> {
    Price::parse(cell).ok()
}

fn qty(cell: &str) -> Option<Qty> {
    Qty::parse(cell).ok().filter(|qty| !qty.is_zero())
}

fn truth(cell: &str) -> Option<bool> {
    cell.parse().ok()
}

/// Returns the time in force by its name, or by the abbreviation that every desk knows.
fn time_in_force(cell: &str) -> Option<TimeInForce> {
    match cell {
        "ioc" => Some(TimeInForce::ImmediateOrCancel),
        "fok" => Some(TimeInForce::FillOrKill),
        name => TimeInForce::from_name(name),
    }
}
