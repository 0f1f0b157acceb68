"""Turns conversations of FIX.4.2 into the same ones of FIX.4.4 and of FIXT.1.1 with FIX.5.0SP2.

What has to change is little: the version, the name of the client, DefaultApplVerID (1137) in
logons, codes of session rejects that FIX.4.2 does not have yet, and fields that a message no longer
has. Everything else has to hold in each version as it stands.
"""

from __future__ import annotations

import re

from tests.conformance.script import SOH

CLIENTS = {"FIX.4.4": b"TW44", "FIXT.1.1": b"TW50SP2"}
# Texts of session rejects without a code in FIX.4.2, and their SessionRejectReason (373) since.
_CODES = {
    b"Tag appears more than once": b"13",
    b"Tag specified out of required order": b"14",
    b"Incorrect NumInGroup count for repeating group": b"16",
}
Edits = tuple[tuple[bytes, bytes], ...]
# File -> fields that are replaced, `|` for the separator: in FIX.4.4 and later, in FIXT.1.1 alone.
_SINCE_44: dict[str, Edits] = {
    # Symbol (55) is not required any more; ClOrdID (11) is.
    "14b_RequiredFieldMissing.def": ((b"|11=id|", b"|"), (b"|371=55|", b"|371=11|")),
    # ExecTransType (20) went into ExecType (150).
    "2r_UnregisteredMsgType.def": ((b"|20=0|", b"|"),),
    # A security definition has no list of others any more; it has one of alternative identifiers.
    "21_RepeatingGroupSpecifierWithValueOfZero.def": (
        (b"|393=0|146=0|", b"|454=0|"),
        (b"|146=0|", b"|454=0|"),
        (b"|393=0|", b"|"),
    ),
}
_FIXT: dict[str, Edits] = {
    # A field that the transport has, but not in a heartbeat.
    "14c_TagNotDefinedForMsgType.def": ((b"|55=MSFT|", b"|58=x|"), (b"|371=55|", b"|371=58|")),
    # TradingSessionID (336) left the security definition.
    "21_RepeatingGroupSpecifierWithValueOfZero.def": ((b"|336=ONE_MAIN|", b"|"),),
    # The echo names the version of the application in a business reject.
    "2r_UnregisteredMsgType.def": ((b"|380=3|", b"|380=3|1137=9|"),),
}


def adapted(text: bytes, name: str, begin: str) -> bytes:
    """Return a conversation of FIX.4.2, the text of the file `name`, as one of another version."""
    text = text.replace(b"8=FIX.4.2\x01", b"8=%s\x01" % begin.encode())
    text = text.replace(b"=TW42\x01", b"=%s\x01" % CLIENTS[begin])
    edits = _SINCE_44.get(name, ()) + (_FIXT.get(name, ()) if begin == "FIXT.1.1" else ())
    for old, new in edits:
        text = text.replace(old.replace(b"|", SOH), new.replace(b"|", SOH))
    for words, code in _CODES.items():
        pattern = re.compile(rb"(\x0158=%s\x01371=\d+\x01372=\w+\x01)(?!373=)" % words)
        text = pattern.sub(rb"\g<1>373=%s" % code + SOH, text)
    if begin == "FIXT.1.1":
        text = re.sub(rb"(\x0135=A\x01.*?\x01108=\d+\x01)", rb"\g<1>1137=9" + SOH, text)
    return text
