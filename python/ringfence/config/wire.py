"""The shape of the tables about this process and its FIX sessions; all of them may be absent.

Files are named relative to the configuration file. No table holds a secret: a password is named by
the place where it is kept.
"""

from __future__ import annotations

from typing import Annotated, Literal

from ringfence.config.kinds import (
    Address,
    CompId,
    Count,
    DateText,
    Dictionary,
    Duration,
    FileName,
    HostName,
    Name,
    Period,
    SecretReference,
    Table,
    TimeOfDay,
    TimeZone,
    UserName,
    doc,
)

__all__ = [
    "ClientTls",
    "DayEnd",
    "FixBase",
    "FixDropCopy",
    "FixSession",
    "FixVenue",
    "NewDay",
    "Node",
    "Reconnect",
    "ServerTls",
    "Window",
]

SECOND = 10**9

Certification = Literal["required", "waived"]
BeginString = Literal["FIX.4.2", "FIX.4.4", "FIXT.1.1"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Drain = Literal["cancel", "leave"]
Durability = Literal["disk", "process"]
TradeDateRule = Literal["start", "end"]
Accepted = Literal["halts", "positions", "unconfirmed"]
UnfitClock = Literal["refuse", "alert"]


class ServerTls(Table, frozen=True, kw_only=True):
    """TLS of the ports that a process listens on."""

    certificate: Annotated[FileName, doc("Certificate chain, PEM.")]
    key: Annotated[FileName, doc("Private key, PEM, readable by its owner alone.")]
    client_ca: Annotated[
        FileName | None, doc("Authorities of client certificates, PEM; absent demands none.")
    ] = None


class ClientTls(Table, frozen=True, kw_only=True):
    """TLS of a connection that a process opens."""

    ca: Annotated[FileName, doc("Authorities that may have signed the peer's certificate, PEM.")]
    server_name: Annotated[
        HostName | None, doc("Name that the peer's certificate must have; the host when absent.")
    ] = None
    certificate: Annotated[FileName | None, doc("Own certificate chain, PEM.")] = None
    key: Annotated[FileName | None, doc("Own private key, PEM.")] = None


class Window(Table, frozen=True, kw_only=True):
    """A time of the week in which a session may be logged on; sequence numbers are its own."""

    name: Annotated[Name, doc("Name of the window.")]
    days: Annotated[tuple[Day, ...], doc("Days on which it starts.")]
    start: Annotated[TimeOfDay, doc("Local time at which it starts.")]
    end: Annotated[TimeOfDay, doc("Local time at which it ends; not later is the next day.")]
    time_zone: Annotated[TimeZone, doc("Time zone of both times.")]
    trade_date: Annotated[
        TradeDateRule, doc("Whether it belongs to the date on which it starts or ends.")
    ] = "end"


class Reconnect(Table, frozen=True, kw_only=True):
    """How a lost connection is opened again."""

    initial: Annotated[Duration, doc("Pause before the second attempt; doubles each time.")] = (
        SECOND
    )
    max: Annotated[Duration, doc("Longest pause.")] = 30 * SECOND
    trip_count: Annotated[Count, doc("Failed attempts in a row after which a person is told.")] = 20
    failover_count: Annotated[
        Count, doc("Failed attempts in a row at one address after which the next is dialed.")
    ] = 2


class FixBase(Table, frozen=True, kw_only=True):
    """What every FIX session of a configuration says."""

    begin_string: Annotated[BeginString, doc("Version of the session (FIX 8).")] = "FIX.4.4"
    sender_comp_id: Annotated[CompId | None, doc("Our name (FIX 49); the node's when absent.")] = (
        None
    )
    target_comp_id: Annotated[
        CompId | None, doc("Their name (FIX 56); that of the table when absent.")
    ] = None
    sender_sub_id: Annotated[
        CompId | None, doc("Our SubID (FIX 50), which a logon to us must name in 57.")
    ] = None
    target_sub_id: Annotated[
        CompId | None, doc("Their SubID (FIX 57), from which a logon must come by 50.")
    ] = None
    dictionary: Annotated[
        Dictionary,
        doc('Messages that are known: "compact", which is taken when absent, or XML files.'),
    ] = ()
    dialect: Annotated[FileName | None, doc("File of what this peer does differently.")] = None
    username: Annotated[UserName | None, doc("Name at logon (FIX 553).")] = None
    password: Annotated[
        SecretReference | None, doc("Where the password at logon (FIX 554) is kept.")
    ] = None
    schedule: Annotated[tuple[Window, ...], doc("When it may be logged on; absent is always.")] = ()
    reset_on_logon: Annotated[bool, doc("Whether numbers begin again with each logon.")] = False
    reset_on_logout: Annotated[bool, doc("Whether numbers begin again after a logout.")] = False
    reset_on_disconnect: Annotated[
        bool, doc("Whether numbers begin again after a disconnection.")
    ] = False
    next_expected: Annotated[
        bool, doc("Whether logons carry a NextExpectedMsgSeqNum (FIX 789); from FIX.4.4 on.")
    ] = False
    resend_chunk: Annotated[
        Count, doc("Missing messages that are asked for at once; 0 asks for all of them.")
    ] = 0


class FixSession(FixBase, frozen=True, kw_only=True):
    """The FIX side of a client session; the client connects."""

    heartbeat_max: Annotated[
        Duration, doc("Longest heartbeat interval that a client may ask for (FIX 108).")
    ] = 60 * SECOND
    message_max: Annotated[
        Count, doc("Messages taken in one second; more is refused (FIX 35=j), cancels never.")
    ] = 1_000
    passed_over: Annotated[
        tuple[Count, ...],
        doc(
            "Tags of its messages that are passed over by agreement; they only describe an "
            "instrument (22, 48, 167, 207, 454-456, 460, 461, 762) or are user-defined."
        ),
    ] = ()
    drop_copy: Annotated[
        bool, doc("Whether it receives copies for its accounts and enters nothing.")
    ] = False


class FixDropCopy(Table, frozen=True, kw_only=True):
    """A second session to a venue, with copies of its reports."""

    sender_comp_id: Annotated[CompId, doc("Our name (FIX 49).")]
    target_comp_id: Annotated[CompId, doc("Their name (FIX 56).")]
    sender_sub_id: Annotated[CompId | None, doc("Our SubID (FIX 50).")] = None
    target_sub_id: Annotated[CompId | None, doc("Their SubID (FIX 57).")] = None
    address: Annotated[Address | None, doc("Where it is; that of the venue when absent.")] = None
    backups: Annotated[
        tuple[Address, ...],
        doc("Other addresses of this session; those of the venue when `address` is absent too."),
    ] = ()
    username: Annotated[UserName | None, doc("Name at logon (FIX 553).")] = None
    password: Annotated[
        SecretReference | None, doc("Where the password at logon (FIX 554) is kept.")
    ] = None


class FixVenue(FixBase, frozen=True, kw_only=True):
    """The FIX side of a venue; this node connects."""

    address: Annotated[Address, doc("Where the venue listens.")]
    backups: Annotated[
        tuple[Address, ...], doc("Other addresses of the same session, in the order of dialing.")
    ] = ()
    drill_every: Annotated[
        Period | None, doc("Age of the last passed drill of the backups that is an alert.")
    ] = None
    tls: Annotated[ClientTls | None, doc("TLS of the connection; absent is plain text.")] = None
    heartbeat: Annotated[Duration, doc("Heartbeat interval that is asked for (FIX 108).")] = (
        30 * SECOND
    )
    reconnect: Annotated[Reconnect, doc("How a lost connection is opened again.")] = Reconnect()
    market_data: Annotated[
        bool, doc("Whether prices of all instruments are subscribed to (FIX 35=V).")
    ] = True
    certificate: Annotated[
        FileName | None, doc("What `ringfence venue certify` wrote of this adapter.")
    ] = None
    drop_copy: Annotated[
        FixDropCopy | None, doc("Second session with copies of the venue's reports.")
    ] = None


class DayEnd(Table, frozen=True, kw_only=True):
    """When the trading day is over; a process that runs on tells a person."""

    time: Annotated[TimeOfDay, doc("Local time on the trade date.")]
    time_zone: Annotated[TimeZone, doc("Time zone of it.")]


class NewDay(Table, frozen=True, kw_only=True):
    """What may differ between the end of a trading day and the begin of the next, on purpose."""

    trade_date: Annotated[DateText, doc("The day that begins so; on any other this says nothing.")]
    accepts: Annotated[
        tuple[Accepted, ...],
        doc("What differs: halts that end, positions, fills that count as confirmed."),
    ]
    cause: Annotated[Name, doc("Why, in a word for the log: an action, a ticket.")]


class Node(Table, frozen=True, kw_only=True):
    """The process of this gateway node: ports, files and times."""

    listen: Annotated[tuple[Address, ...], doc("Where clients connect.")] = ()
    tls: Annotated[ServerTls | None, doc("TLS of these ports; absent is plain text.")] = None
    journal: Annotated[FileName, doc("Folder of the journals.")]
    certification: Annotated[
        Certification, doc("Whether each venue needs its certificate before the node starts.")
    ] = "required"
    durability: Annotated[
        Durability, doc("When a record counts as written: on disk, or in the system's cache.")
    ] = "disk"
    retention: Annotated[
        Period | None, doc("Time after which `journal expire` may remove a day; absent is never.")
    ] = None
    control: Annotated[
        FileName | None, doc("Unix socket for status, commands and draining; absent has none.")
    ] = None
    drain: Annotated[Drain, doc("What happens to open orders when the node is told to end.")] = (
        "cancel"
    )
    drain_timeout: Annotated[Duration, doc("Longest time that draining takes.")] = 30 * SECOND
    busy_poll: Annotated[
        Duration,
        doc("Time after work, at most 1 s, in which it looks at its sockets without sleeping."),
    ] = 0
    inputs: Annotated[
        FileName | None,
        doc("JSON Lines that the kernel takes once, when the day's journal is begun."),
    ] = None
    tick: Annotated[Duration, doc("Time after which the kernel looks at its clock again.")] = (
        SECOND // 4
    )
    clock_step_max: Annotated[
        Duration,
        doc("Largest step of the machine's clock that is followed at once and is no alert."),
    ] = SECOND
    clock_offset_max: Annotated[
        Duration, doc("Largest offset of the clock from UTC, with its estimated error.")
    ] = SECOND // 1_000
    clock_error_max: Annotated[
        Duration, doc("Largest maximum error of the clock with which its offset counts as known.")
    ] = 2 * SECOND
    clock_check_every: Annotated[
        Duration, doc("Time after which the clock is held against these bounds again.")
    ] = 10 * SECOND
    clock_unfit: Annotated[
        UnfitClock, doc("Whether a day may begin with a clock that is beyond them, or unknown.")
    ] = "refuse"
    logon_timeout: Annotated[Duration, doc("Time that a new connection has to log on.")] = (
        10 * SECOND
    )
    day_end: Annotated[
        DayEnd | None, doc("When the trading day is over; absent is its last midnight in UTC.")
    ] = None
    new_day: Annotated[
        NewDay | None, doc("What may differ from the end of the day before; absent is nothing.")
    ] = None
