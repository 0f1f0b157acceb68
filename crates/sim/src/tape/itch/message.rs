//! The fields of single ITCH messages.

use ringfence_kernel::types::{Name, Price, Qty};

use crate::tape::error::{Fault, Place, TapeError};
use crate::tape::event::{
    BookSide, Level, MatchNumber, OrderRef, Phase, TapeTime, TradeFlags, What,
};

/// 1e-9 currency units in ITCH's unit of 1e-4.
const UNIT_NANOS: i64 = 100_000;

/// Returns the length in bytes of a message of type `kind`, or nothing for an unknown type.
pub(super) const fn length(kind: u8) -> Option<usize> {
    Some(match kind {
        b'S' | b'W' => 12,
        b'B' | b'D' => 19,
        b'Y' | b'N' => 20,
        b'h' => 21,
        b'X' => 23,
        b'H' => 25,
        b'L' => 26,
        b'K' => 28,
        b'E' => 31,
        b'V' | b'J' | b'U' => 35,
        b'A' | b'C' => 36,
        b'R' => 39,
        b'F' | b'Q' => 40,
        b'P' => 44,
        b'O' => 48,
        b'I' => 50,
        _ => return None,
    })
}

/// A message: what all have, and what this one says.
pub(super) struct Message {
    pub(super) locate: u16,
    pub(super) at: TapeTime,
    pub(super) body: Body,
}

/// What a message says.
pub(super) enum Body {
    /// Nothing about orders or trades.
    Passed,
    /// The symbol of the message's locate code.
    Directory(Name),
    /// An event of the tape.
    Event(What),
}

/// Returns the message of type `kind` whose bytes, the type included, are `bytes`.
pub(super) fn read(kind: u8, bytes: &[u8], place: Place) -> Result<Message, TapeError> {
    let mut fields = Fields { rest: bytes.get(1..).unwrap_or_default(), place };
    let locate = u16::from_be_bytes(fields.take()?);
    let [_, _] = fields.take()?;
    let [a, b, c, d, e, f] = fields.take()?;
    let nanos = i64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    let at = TapeTime::from_nanos(nanos).ok_or_else(|| {
        TapeError::expected(place, "a time of one day", nanos.to_string().as_bytes())
    })?;
    let body = match kind {
        b'R' => Body::Directory(fields.stock()?),
        b'H' => phase(&mut fields)?,
        b'A' | b'F' | b'D' | b'X' | b'U' => Body::Event(order(kind, &mut fields)?),
        b'E' | b'C' | b'P' | b'B' => Body::Event(execution(kind, &mut fields)?),
        b'Q' => cross(&mut fields)?,
        _ => Body::Passed,
    };
    Ok(Message { locate, at, body })
}

fn phase(fields: &mut Fields<'_>) -> Result<Body, TapeError> {
    fields.stock()?;
    Ok(Body::Event(What::Phase(match fields.take()? {
        [b'H' | b'P'] => Phase::Halted,
        [b'Q'] => Phase::QuotesOnly,
        [b'T'] => Phase::Trading,
        found => return Err(TapeError::expected(fields.place, "a trading state", &found)),
    })))
}

fn order(kind: u8, fields: &mut Fields<'_>) -> Result<What, TapeError> {
    let order_ref = fields.order_ref()?;
    Ok(match kind {
        b'D' => What::Delete { order_ref },
        b'X' => What::Reduce { order_ref, qty: fields.qty()? },
        b'U' => {
            let new_ref = fields.order_ref()?;
            let qty = fields.qty()?;
            What::Replace { order_ref, new_ref, level: Level { px: fields.price()?, qty } }
        }
        _ => {
            let (side, qty) = (fields.side()?, fields.qty()?);
            fields.stock()?;
            What::Add { order_ref, side, level: Level { px: fields.price()?, qty } }
        }
    })
}

fn execution(kind: u8, fields: &mut Fields<'_>) -> Result<What, TapeError> {
    if kind == b'B' {
        return Ok(What::Broken { match_number: fields.match_number()? });
    }
    let order_ref = fields.order_ref()?;
    if kind == b'P' {
        let (side, qty) = (fields.side()?, fields.qty()?);
        fields.stock()?;
        let (px, match_number) = (fields.price()?, Some(fields.match_number()?));
        return Ok(What::ExecuteHidden { side, px, qty, match_number });
    }
    let (qty, match_number) = (fields.qty()?, Some(fields.match_number()?));
    if kind == b'E' {
        return Ok(What::Execute { order_ref, qty, px: None, match_number, is_printed: true });
    }
    let is_printed = match fields.take()? {
        [b'Y'] => true,
        [b'N'] => false,
        found => return Err(TapeError::expected(fields.place, "printable Y or N", &found)),
    };
    Ok(What::Execute { order_ref, qty, px: Some(fields.price()?), match_number, is_printed })
}

/// A cross of zero shares says that there was none: it is no event.
fn cross(fields: &mut Fields<'_>) -> Result<Body, TapeError> {
    let units = u64::from_be_bytes(fields.take()?);
    fields.stock()?;
    let price = fields.take()?;
    let match_number = Some(fields.match_number()?);
    let flags = match fields.take()? {
        [b'O'] => TradeFlags::OPEN_CROSS,
        [b'C'] => TradeFlags::CLOSE_CROSS,
        [b'H' | b'I'] => TradeFlags::OTHER_CROSS,
        found => return Err(TapeError::expected(fields.place, "a type of cross", &found)),
    };
    if units == 0 {
        return Ok(Body::Passed);
    }
    let px = fields.priced(price)?;
    Ok(Body::Event(What::Trade { px, qty: Qty::new(units), flags, match_number }))
}

/// The fields that were not read yet.
struct Fields<'a> {
    rest: &'a [u8],
    place: Place,
}

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], TapeError> {
        let (field, rest) =
            self.rest.split_first_chunk().ok_or(TapeError::new(self.place, Fault::Torn))?;
        self.rest = rest;
        Ok(*field)
    }
    fn order_ref(&mut self) -> Result<OrderRef, TapeError> {
        Ok(OrderRef::new(u64::from_be_bytes(self.take()?)))
    }
    fn match_number(&mut self) -> Result<MatchNumber, TapeError> {
        Ok(MatchNumber::new(u64::from_be_bytes(self.take()?)))
    }
    fn side(&mut self) -> Result<BookSide, TapeError> {
        match self.take()? {
            [b'B'] => Ok(BookSide::Bid),
            [b'S'] => Ok(BookSide::Ask),
            found => Err(TapeError::expected(self.place, "side B or S", &found)),
        }
    }
    fn qty(&mut self) -> Result<Qty, TapeError> {
        match u32::from_be_bytes(self.take()?) {
            0 => Err(TapeError::expected(self.place, "shares above zero", b"0")),
            units => Ok(Qty::new(units.into())),
        }
    }
    fn price(&mut self) -> Result<Price, TapeError> {
        let field = self.take()?;
        self.priced(field)
    }
    fn priced(&self, field: [u8; 4]) -> Result<Price, TapeError> {
        match i64::from(u32::from_be_bytes(field)) {
            0 => Err(TapeError::expected(self.place, "a price above zero", b"0")),
            units => Ok(Price::from_nanos(units * UNIT_NANOS)),
        }
    }
    fn stock(&mut self) -> Result<Name, TapeError> {
        let field: [u8; 8] = self.take()?;
        let text = field.trim_ascii_end();
        Name::from_bytes(text)
            .ok_or_else(|| TapeError::expected(self.place, "a stock symbol", &field))
    }
}
