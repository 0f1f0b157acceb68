"""Positions: what is held, how sure it is, what it cost, where it came from; and it adds up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from ringfence import InputError
from ringfence.rows import ExposureRow, PositionRow

from tests.world import SECOND, World, assert_denied, names, sent

TREE = ("firm", "desk", "trader", "alice")


def row(world: World, account: str = "alice", symbol: str = "BAC") -> PositionRow:
    """Return the position row of an account and an instrument."""
    (found,) = [row for row in world.kernel.positions(account) if row["symbol"] == symbol]
    return found


def total(world: World, account: str) -> ExposureRow:
    """Return the totals of an account, base currency."""
    (found,) = [row for row in world.kernel.exposures() if row["account"] == account]
    return found


def deal(world: World, side: str, qty: int, px: str, **terms: Any) -> None:
    """Enter an order and let it be filled at a price."""
    sent(world.order(side=side, order_qty=qty, price=px, **terms))
    child = world.kernel.orders()[-1]["children"][-1]
    world.fill(qty, child_id=child, px=px)


def shown(world: World, *columns: str, account: str = "alice", symbol: str = "BAC") -> list[Any]:
    """Return columns of a position row."""
    found: dict[str, Any] = {**row(world, account, symbol)}
    return [found[column] for column in columns]


def balanced(world: World) -> None:
    """Check the zero-sum report: what the venues reported is what is booked (I13)."""
    report = world.kernel.zero_sum()
    assert report
    assert [0] * len(report) == [line["difference"] for line in report]


def test_the_average_price_is_that_of_the_open_units() -> None:
    """R43: purchases average, a partial sale leaves the average, and its result is realised."""
    world = World()
    deal(world, "buy", 100, "10")
    deal(world, "buy", 300, "10.4")
    assert [400, "10.3", "4120"] == shown(world, "qty", "average_px", "cost")
    deal(world, "sell", 100, "11")
    assert [300, "10.3", "3090", "70"] == shown(world, "qty", "average_px", "cost", "realised")
    deal(world, "sell", 300, "10")
    assert [0, None, "0", "-20"] == shown(world, "qty", "average_px", "cost", "realised")


@pytest.mark.parametrize(
    ("first", "second", "px", "average", "realised"),
    [("buy", "sell", "12", "12", "200"), ("sell", "buy", "8", "8", "200")],
)
def test_a_position_goes_through_zero(
    first: str, second: str, px: str, average: str, realised: str
) -> None:
    """R43: what is closed is realised at the old average, the rest begins at the new price."""
    world = World()
    deal(world, first, 100, "10")
    deal(world, second, 150, px)
    sign = -1 if second == "sell" else 1
    assert [50 * sign, average] == shown(world, "qty", "average_px")
    assert [realised] == shown(world, "realised")
    assert str(50 * sign * int(px)) == row(world)["cost"]


@pytest.mark.parametrize(
    ("side", "px", "unrealised"),
    [("buy", "10.5", "50"), ("buy", "9", "-100"), ("sell", "10.5", "-50"), ("sell", "9", "100")],
)
def test_an_open_position_is_valued_at_the_market(side: str, px: str, unrealised: str) -> None:
    """R36, R40: unrealised is market value less cost, signed, at every level of the tree."""
    world = World()
    deal(world, side, 100, "10")
    world.step("quote", symbol="BAC", bid_px=px, ask_px=px)
    world.wait(1)
    assert [unrealised] == shown(world, "unrealised")
    assert [unrealised] * 4 == [total(world, name)["unrealised"] for name in TREE]


def test_the_last_trade_is_a_mark_as_well() -> None:
    """R36: whichever of quote and trade came last is the mark."""
    world = World()
    deal(world, "buy", 100, "10")
    world.step("market_trade", symbol="BAC", px="10.2", qty=1)
    world.wait(1)
    assert ["20"] == shown(world, "unrealised")


def test_costs_are_exact_to_the_last_digit() -> None:
    """R39: thirds of a cent do not get lost: cost and result add up to what was paid."""
    world = World()
    for px, qty in (("0.0001", 7), ("0.3333", 11), ("999.99", 13)):
        deal(world, "buy", qty, px)
    paid = Decimal("0.0001") * 7 + Decimal("0.3333") * 11 + Decimal("999.99") * 13
    assert paid == Decimal(row(world)["cost"])
    deal(world, "sell", 10, "500")
    found = row(world)
    assert Decimal(5_000) == Decimal(found["realised"]) + paid - Decimal(found["cost"])


def test_a_foreign_position_is_valued_through_its_rate() -> None:
    """R36, R39: the row is in yen, the totals in dollars at the rates of fills and of now."""
    world = World()
    deal(world, "buy", 100, "2000", symbol="SONY")
    world.step("currency_rate", currency="JPY", rate="0.02")
    deal(world, "sell", 50, "2100", symbol="SONY")
    found = row(world, symbol="SONY")
    assert ["100000", "5000", "2000"] == [
        found["cost"],
        found["realised"],
        found["average_px"],
    ]
    # Bought 100 for 2,000 dollars, sold 50 for 2,100: 1,100 more than half of what they cost.
    assert ("1000", "1100") == (total(world, "firm")["gross"], total(world, "firm")["realised"])
    world.step("quote", symbol="SONY", bid_px="2010", ask_px="2010")
    world.wait(1)
    assert "10" == total(world, "firm")["unrealised"]
    world.step("currency_rate", currency="JPY", rate="0.03")
    world.wait(1)
    assert "15" == total(world, "firm")["unrealised"]


def test_a_fill_without_a_rate_is_booked_and_blocks_until_it_can_be_valued() -> None:
    """R13, R46: late or unasked, every fill is booked; unknown value is not zero and not one."""
    world = World(yen=None)
    assert_denied(world.order(symbol="SONY", price="2000"), rule=7, reason="UNPRICEABLE")
    orphan: dict[str, Any] = {"cl_ord_id": "stranger", "symbol": "SONY", "side": "buy"}
    world.fill(100, venue="OCEA", px="2000", exec_id="F1", **orphan)
    assert 100 == row(world, "error", "SONY")["qty"]
    assert "0" == total(world, "firm")["gross"]
    assert_denied(world.order(), rule=17, reason="UNPRICEABLE", scope="firm")
    world.step("currency_rate", currency="JPY", rate="0.01")
    assert "2000" == total(world, "firm")["gross"]
    sent(world.order())


def test_a_voided_fill_without_a_rate_blocks_no_longer() -> None:
    """R13, R53: what is unpriceable goes away with the fill."""
    world = World(yen=None)
    orphan: dict[str, Any] = {"cl_ord_id": "stranger", "symbol": "SONY", "side": "buy"}
    world.fill(100, venue="OCEA", px="2000", exec_id="F1", **orphan)
    assert_denied(world.order(), reason="UNPRICEABLE")
    world.report("trade_cancel", venue="OCEA", cl_ord_id="stranger", exec_ref_id="F1")
    sent(world.order())
    balanced(world)


def test_negative_prices_are_booked_with_their_sign() -> None:
    """R39 (WTI, April 2020): who buys at -37.63 is paid, and the result says so."""
    world = World(
        instruments={"BAC": {"negative_prices": True, "ladder": "signed"}},
        more=(("tick_definition", {"ladder": "signed", "from_px": "-100", "tick": "0.01"}),),
    )
    deal(world, "buy", 100, "-37.63")
    assert [100, "-37.63", "-3763"] == shown(world, "qty", "average_px", "cost")
    assert ("3763", "-3763") == (total(world, "alice")["gross"], total(world, "alice")["net"])
    world.step("quote", symbol="BAC", bid_px="-40", ask_px="-40")
    world.wait(1)
    assert ["-237"] == shown(world, "unrealised")
    deal(world, "sell", 100, "10")
    assert [0, "4763"] == shown(world, "qty", "realised")


def states(world: World, account: str = "alice") -> list[Any]:
    """Return quantity, confirmed, provisional, disputed, unknown and what may be sold."""
    found = row(world, account)
    return [
        found["qty"],
        found["confirmed"],
        *(tuple(found[state].values()) for state in ("provisional", "disputed", "unknown")),
        found["sellable"],
    ]


def test_a_fill_is_provisional_until_its_venue_confirms() -> None:
    """R46, R58 (Blue Ocean): fills that may be voided are shown apart, at every level."""
    world = World()
    deal(world, "buy", 100, "10", ex_destination="OCEA")
    deal(world, "buy", 40, "10")
    for name in TREE:
        assert [140, 40, (100, 0), (0, 0), (0, 0), 40] == states(world, name)
    world.step("fill_confirmation", venue="OCEA", symbol=None, until_ts=world.now)
    for name in TREE:
        assert [140, 140, (0, 0), (0, 0), (0, 0), 140] == states(world, name)


@pytest.mark.parametrize(
    ("venue", "symbol", "earlier"), [("XNYS", None, 0), ("OCEA", "IBM", 0), ("OCEA", None, 1)]
)
def test_a_confirmation_confirms_what_it_names(
    venue: str, symbol: str | None, earlier: int
) -> None:
    """R46: another venue, another instrument or a later fill stays provisional."""
    world = World()
    deal(world, "buy", 100, "10", ex_destination="OCEA")
    until = world.now - earlier
    world.step("fill_confirmation", venue=venue, symbol=symbol, until_ts=until)
    assert [100, 0, (100, 0), (0, 0), (0, 0), 0] == states(world)


@pytest.mark.parametrize(("venue", "before"), [("XNYS", (100, (0, 0))), ("OCEA", (0, (100, 0)))])
def test_a_dispute_ends_where_it_began(venue: str, before: tuple[int, tuple[int, int]]) -> None:
    """R46: a contested fill counts and may not be sold; afterwards it is as sure as before."""
    world = World()
    sent(world.order(ex_destination=venue))
    world.fill(100, exec_id="F1")
    confirmed, provisional = before
    world.step("fill_dispute", venue=venue, exec_id="F1", disputed=True)
    assert [100, 0, (0, 0), (100, 0), (0, 0), 0] == states(world)
    world.step("fill_dispute", venue=venue, exec_id="F1", disputed=False)
    assert [100, confirmed, provisional, (0, 0), (0, 0), confirmed] == states(world)


def test_a_voided_fill_cannot_be_disputed_back() -> None:
    """R46, R52: voided is the end; neither a dispute nor its end brings the units back."""
    world = World()
    sent(world.order())
    world.fill(100, exec_id="F1")
    world.report("trade_cancel", exec_ref_id="F1")
    for disputed in (True, False):
        events = world.step("fill_dispute", venue="XNYS", exec_id="F1", disputed=disputed)
        assert "denied" in names(events)
    deal(world, "buy", 10, "10")
    assert [10, 10, (0, 0), (0, 0), (0, 0), 10] == states(world)
    balanced(world)


def test_what_is_in_doubt_is_shown_as_unknown() -> None:
    """R46, R50: an unanswered order is neither zero nor a position."""
    world = World(opening=(("alice", "BAC", 500, "10"),))
    sent(world.order())
    sent(world.order(side="sell", order_qty=30))
    world.wait(1)
    assert [500, 500, (0, 0), (0, 0), (100, 30), 470] == states(world)
    world.fill(100)
    world.report("rejected", child_id=1)
    assert [600, 600, (0, 0), (0, 0), (0, 0), 600] == states(world)


def test_an_opening_position_begins_the_day() -> None:
    """R43: brought forward, at its average price, confirmed, in every level above."""
    opening = (("alice", "BAC", 100, "9"), ("bob", "BAC", -40, "11"), ("alice", "SONY", 10, "1000"))
    world = World(opening=opening)
    assert [100, "9", "900", 100] == shown(world, "qty", "average_px", "cost", "confirmed")
    assert [-40, "11", "-440"] == shown(world, "qty", "average_px", "cost", account="bob")
    assert [60] == shown(world, "qty", account="desk")
    assert ("1440", "560") == (total(world, "desk")["gross"], total(world, "desk")["net"])
    deal(world, "sell", 100, "10")
    assert ["100"] == shown(world, "realised")
    balanced(world)


@pytest.mark.parametrize(
    ("account", "symbol"), [("desk", "BAC"), ("nobody", "BAC"), ("alice", "NONE")]
)
def test_an_opening_position_needs_an_account_that_holds(account: str, symbol: str) -> None:
    """R13: a position of a desk, or of somebody unknown, stops the start."""
    with pytest.raises(InputError):
        World(opening=((account, symbol, 100, "10"),))


def test_a_foreign_opening_position_needs_its_rate() -> None:
    """R13, R46: 200,000 yen without a rate are not 200,000 dollars, they stop the start."""
    opening = (("alice", "SONY", 100, "2000"),)
    with pytest.raises(InputError, match="the currency has no rate yet"):
        World(opening=opening, yen=None)
    assert "2000" == total(World(opening=opening), "firm")["gross"]


def split(world: World, numerator: int, denominator: int) -> list[str]:
    """Give BAC new units for old ones."""
    return names(
        world.step("corporate_action", symbol="BAC", numerator=numerator, denominator=denominator)
    )


def test_a_split_restates_positions_prices_and_volumes() -> None:
    """R48, R60 (AAPL, 7 for 1): the value stays, the units and prices change together."""
    world = World(opening=(("bob", "BAC", 50, "10"),))
    deal(world, "buy", 100, "10", ex_destination="OCEA")
    assert ["fact_taken"] == split(world, 4, 1)
    assert [400, "2.5", "1000"] == shown(world, "qty", "average_px", "cost")
    assert [400, 0, (400, 0), (0, 0), (0, 0), 0] == states(world)
    assert [200] == shown(world, "qty", account="bob")
    assert [600] == shown(world, "qty", account="firm")
    balanced(world)
    world.wait(1)
    assert ["0"] == shown(world, "unrealised")
    collar = World(phases={"continuous": {"collar": 500}})
    split(collar, 4, 1)
    sent(collar.order(price="2.62"))
    assert_denied(collar.order(price="2.63"), rule=9, reason="PRICE_COLLAR")


@pytest.mark.parametrize(("numerator", "denominator", "held"), [(3, 1, 303), (1, 10, 10)])
def test_fills_from_before_a_split_are_confirmed_and_voided_after_it(
    numerator: int, denominator: int, held: int
) -> None:
    """R52, R60: a bust days later takes out what the fill has become, no more and no less."""
    world = World()
    sent(world.order(order_qty=101, ex_destination="OCEA"))
    world.fill(101, exec_id="F1")
    sent(world.order(order_qty=50, ex_destination="OCEA"))
    world.fill(50, child_id=1, exec_id="F2")
    split(world, numerator, denominator)
    balanced(world)
    world.step("fill_confirmation", venue="OCEA", symbol="BAC", until_ts=world.now)
    found = row(world)
    assert (found["qty"], 0) == (found["confirmed"], found["provisional"]["bought"])
    world.report("trade_cancel", child_id=1, exec_ref_id="F2")
    assert abs(held - row(world)["qty"]) <= 1
    balanced(world)
    world.report("trade_cancel", child_id=0, exec_ref_id="F1")
    assert [0, 0, (0, 0), (0, 0), (0, 0), 0] == states(world)
    balanced(world)


def test_a_split_waits_until_no_order_is_open() -> None:
    """R48: an order of old units at an old price must not meet new ones."""
    world = World()
    sent(world.order())
    expected = {"reason": "OPEN_ORDERS", "scope_kind": "symbol", "scope": "BAC"}
    events = world.step("corporate_action", symbol="BAC", numerator=2, denominator=1)
    assert_denied(events, subject="fact", **expected)
    other = world.step("corporate_action", symbol="IBM", numerator=2, denominator=1)
    assert ["fact_taken"] == names(other)
    world.report("rejected")
    world.order(ord_type="stop", stop_px="11")
    held = world.step("corporate_action", symbol="BAC", numerator=2, denominator=1)
    assert_denied(held, **expected)
    world.cancel(of="C2")
    assert ["fact_taken"] == split(world, 2, 1)


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 1), (1, 0), (1_001, 1), (1, 1_001)])
def test_an_implausible_split_is_refused(numerator: int, denominator: int) -> None:
    """R48 (Samsung Securities): a corporate action beyond a plausible bound changes nothing."""
    world = World(opening=(("alice", "BAC", 100, "10"),))
    assert ["denied"] == split(world, numerator, denominator)
    assert [100] == shown(world, "qty")


def test_a_position_can_be_traced_to_its_sources() -> None:
    """R43 (Knight, paragraph 24): by parent, strategy, session, node and build, in one query."""
    world = World()
    deal(world, "buy", 100, "10")
    world.order(strategy="TWAP", order_qty=60)
    for number in range(2):
        sent(world.slice(1, 30))
        world.fill(30, child_id=1 + number)
    deal(world, "sell", 20, "10")
    world.fill(7, venue="XNYS", cl_ord_id="stranger", symbol="BAC", side="buy")
    columns = ("order_id", "cl_ord_id", "strategy", "session", "node", "build", "bought", "sold")
    lines: list[dict[str, Any]] = [{**line} for line in world.kernel.sources("alice", "BAC")]
    found = [tuple(line[column] for column in columns) for line in lines]
    assert [
        (0, "C1", "DMA", "CLIENT", "N1", "test", 100, 0),
        (1, "C2", "TWAP", "CLIENT", "N1", "test", 60, 0),
        (2, "C3", "DMA", "CLIENT", "N1", "test", 0, 20),
    ] == found
    firm = world.kernel.sources("firm", "BAC")
    assert (None, None, 7) == (firm[0]["order_id"], firm[0]["strategy"], firm[0]["bought"])
    assert row(world, "firm")["qty"] == sum(line["bought"] - line["sold"] for line in firm)


def test_the_books_sum_to_the_venues_through_everything() -> None:
    """R60, I13: fills, busts, corrections, orphans, over-fills, late fills and splits."""
    world = World()
    deal(world, "buy", 100, "10")
    sent(world.order(account="bob", side="sell", ex_destination="OCEA"))
    world.fill(130, child_id=1, exec_id="F1")
    balanced(world)
    for scope in (("account", "bob"), ("node", "N1")):
        world.signed("rearm", "olga", scope_kind=scope[0], scope=scope[1], cause="x")
    world.fill(40, venue="XNYS", cl_ord_id="stranger", exec_id="F2", symbol="BAC", side="buy")
    balanced(world)
    correction: dict[str, Any] = {"exec_ref_id": "F1", "last_qty": 110, "last_px": "10"}
    world.report("trade_correct", child_id=1, exec_id="G1", **correction)
    balanced(world)
    assert split(world, 3, 1) == ["fact_taken"]
    balanced(world)
    world.report("trade_correct", child_id=1, exec_id="G2", **correction | {"exec_ref_id": "G1"})
    balanced(world)
    world.report("trade_cancel", child_id=1, exec_ref_id="G2")
    world.report("trade_cancel", venue="XNYS", cl_ord_id="stranger", exec_ref_id="F2")
    balanced(world)
    assert {"alice": 300, "firm": 300, "desk": 300, "trader": 300} == {
        line["account"]: line["qty"] for line in world.kernel.positions() if line["qty"]
    }


def test_the_units_of_all_accounts_are_those_of_the_firm() -> None:
    """R60: rows of desks and the firm are the sums of the accounts below them."""
    world = World(opening=(("bob", "BAC", -300, "10"),))
    deal(world, "buy", 100, "10")
    deal(world, "buy", 50, "10", account="bob", ex_destination="OCEA")
    world.fill(9, venue="XNYS", cl_ord_id="stranger", symbol="BAC", side="sell")
    world.now += SECOND
    for column in ("qty", "confirmed", "open_buy", "open_sell", "traded_qty"):
        below = [row(world, name)[column] for name in ("alice", "bob")]
        assert sum(below) == row(world, "desk")[column], column
        above = sum(below) + row(world, "error")[column]
        assert above == row(world, "firm")[column], column
