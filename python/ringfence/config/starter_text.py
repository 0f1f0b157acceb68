"""The text of a first configuration, with a place for each number that is worked out."""

from __future__ import annotations

from string import Template
from typing import Final

__all__ = ["FILE", "INSTRUMENT"]

INSTRUMENT: Final = Template("""\
[$table]
currency = "USD"
lot_size = 1
ladder = "us_equity"
plan = "us_equity"
profile = "us_equity"
average_volume = $average_volume
shares_outstanding = $shares_outstanding

[$overrides]
# From a price of $price and an average volume of $average_volume.
order_qty = $order_qty
order_notional = "$order_notional"
price_collar = "$collar"
price_drift = "$collar"
""")

FILE: Final = Template("""\
# Ringfence configuration. `ringfence config check` says what is wrong with it,
# `ringfence config explain ACCOUNT SYMBOL` what it means for one client in one instrument.
#
# Every amount has its unit. An unknown key is an error, and so is a limit that nobody gives:
# whoever wants no limit writes "UNLIMITED". The file holds no secret and no market data.

[gateway]
node = "node1"  # begins the ClOrdID of every order that leaves; at most 12 bytes
build = "unreleased"  # version or digest of the build that runs
base_currency = "USD"  # of every amount of money below
error_account = "error"  # takes fills that nobody ordered
rearm_max = 3  # times a day that a halt by a guard may be lifted
trade_date = "$trade_date"

# ---------------------------------------------------------------------------------------------
# Limits of accounts. A profile gives limits, and inherits what it does not give. An account has
# its profile's limits, and where that gives none, those of the account above it. An order has to
# pass the limits of every level and of its instrument.
#
# Each limit warns above 70 % of its value, lets only reducing orders pass above 90 % and nothing
# above 100 %. Write `warn` and `restrict` in a profile to change that, or with one limit:
#     order_qty = { value = "500 shares", warn = "50 %", restrict = "100 %" }
#
# The numbers follow from the largest order of any instrument below, called Q (shares) and N
# (money at the end of its collar). Q is 1 % of the average volume, or what $cap buys if that
# is less. A client may hold 5 Q, and 20 N on both sides; a desk has 4 times as much as a client,
# and the firm twice as much as a desk.

[profiles.firm]
order_qty = $order_qty  # Q
order_notional = "$order_notional"  # N
order_average_volume_share = "1 %"
order_outstanding_share = "0.1 %"
price_collar = "10 %"
price_drift = "10 %"
# Equal orders within the window, the first included: 1 denies every repetition.
duplicate_count = { value = "1 count", warn = "100 %", restrict = "100 %" }
duplicate_window = "1 s"
message_count = "400 count"
message_disable_count = "1_000 count"  # then the session is halted
message_window = "1 s"
cancel_reserve_count = "40 count"  # of message_count, kept free for cancels
repeat_count = "200 count"  # automated sends without a person attending
repeat_window = "60 s"
open_order_count = "800 count"
position_long = "$position_firm"  # in one instrument, open orders included
position_short = "$position_firm"
gross_notional = "$gross_firm"
net_notional = "$net_firm"
daily_notional = "$daily_firm"
daily_qty = "$daily_qty_firm"
daily_count = "40_000 count"
basket_notional = "$gross"
loss = "$loss_firm"  # 2 % of gross_notional; passing it halts
loss_rate = "$loss_rate_firm"  # a quarter of that, within the window
loss_window = "60 s"
# Both together halt. At Knight it was 20 % and 5 % in 75 stocks, and nothing compared them.
volume_share = "20 %"
price_move = "5 %"
volume_share_floor = "$floor"  # below it nothing is judged: 0.1 % of the largest volume
parent_child_count = "1_000 count"
parent_notional = "$parent_notional"  # 5 N: what was canceled and sent again counts again
parent_message_count = "4_000 count"
# What leaves against what came in. These warn and restrict at 100 % unless written otherwise.
flow_qty = "100 %"
flow_notional = "110 %"  # prices move between entering and sending
flow_count = "1_000 count"  # children for each parent
flow_window = "60 s"

[profiles.desk]
inherits = "firm"
position_long = "$position_desk"
position_short = "$position_desk"
gross_notional = "$gross_desk"
net_notional = "$net_desk"
daily_notional = "$daily_desk"
daily_qty = "$daily_qty_desk"
loss = "$loss_desk"
loss_rate = "$loss_rate_desk"
daily_count = "20_000 count"
open_order_count = "400 count"

[profiles.client]
inherits = "desk"
message_count = "100 count"
message_disable_count = "300 count"
cancel_reserve_count = "10 count"
open_order_count = "100 count"
position_long = "$position"
position_short = "$position"
gross_notional = "$gross"
net_notional = "$net"
daily_notional = "$daily"
daily_qty = "$daily_qty"
daily_count = "5_000 count"
loss = "$loss"
loss_rate = "$loss_rate"

# The error account is inside the firm's totals, takes no orders of clients, and blocks.
[profiles.error]
inherits = "client"
position_long = "$order_qty_plain"
position_short = "$order_qty_plain"
gross_notional = "$order_notional"
net_notional = "$order_notional"

# ---------------------------------------------------------------------------------------------
# The account tree, at most eight levels. One account has nothing above it: the firm.

[accounts.firm]
profile = "firm"

[accounts.error]
above = "firm"
profile = "error"
tradable = true  # so that operators can close what ended up here
self_match_group = "error"
self_match_policy = "deny_incoming"

[accounts.desk]
above = "firm"
profile = "desk"

[accounts.client]
above = "desk"
profile = "client"
tradable = true
self_match_group = "client"  # orders of one group must not trade with each other
self_match_policy = "deny_incoming"

# [accounts.client.overrides]
# loss = "10_000 USD"  # single limits of this account alone

# ---------------------------------------------------------------------------------------------
# What a client's connection may use. What is not listed is not entitled; "*" means everything.

[sessions.CLIENT]
ord_types = ["limit", "market"]
phases = ["continuous"]
accounts = ["client"]
symbols = ["*"]
venues = ["SIM"]
strategies = ["DMA"]

[strategies.DMA]
direct = true  # straight to the destination, without an algorithm

[venues.SIM]
provisional = false  # true where the venue may void its trades later
ack_timeout = "2 s"  # without an answer for so long, an order is in doubt
message_max = 500  # a second

# People whose commands count, by their public keys. What loosens a control needs two of them.
# [operators.ann]
# public_key = "64 hexadecimal digits"

# ---------------------------------------------------------------------------------------------
# What holds in each phase. A phase that is not written here admits nothing, and a phase without
# a fresh source of the reference price denies.

[phase_plans.us_equity.continuous]
ord_types = ["limit", "market"]
sources = ["mid", "last"]
age_max = "5 s"
collar = "10 %"  # the collars of accounts and instruments hold as well
drift = "10 %"
drift_window = "60 s"

[phase_plans.us_equity.auction]
ord_types = ["limit"]
sources = ["indicative", "previous_close"]
age_max = "24 h"
collar = "10 %"
drift = "10 %"
drift_window = "60 s"

[phase_plans.us_equity.overnight]
ord_types = ["limit"]
sources = ["session_reference"]
age_max = "24 h"
collar = "5 %"
band = "20 %"  # fixed by the venue for the whole session
drift = "5 %"
drift_window = "60 s"

# Rule 612 of Regulation NMS.
[tick_ladders.us_equity]
steps = [{ from_px = "0", tick = "0.0001" }, { from_px = "1", tick = "0.01" }]

# ---------------------------------------------------------------------------------------------
# Instruments, and the limits that follow from price and volume:
#   order_qty       the smaller of 1 % of the average volume and $cap / price,
#                   rounded down to 100 where it is at least that
#   order_notional  order_qty at the end of the collar, rounded up
#   price_collar    10 % up to 25.00, 5 % up to 50.00, 3 % above: the guidelines by which US
#                   exchanges call a trade clearly erroneous in regular hours
#   price_drift     the same over the phase plan's drift window

[instrument_profiles.us_equity]
order_average_volume_share = "1 %"
order_outstanding_share = "0.1 %"

$instruments""")
