"""Certification of a venue's adapter: the conformance tests of RTS 7 Art. 9, and their record.

    plan ─► relay, node (a real one, with a journal of its own) ─► checks ─► certificate

RTS 6 Art. 6 demands that an adapter is tested before it is deployed: `ringfence node` starts with
the certificate of every venue, or not at all. Nothing is simulated on our side, and what the
venue's side has to do is asked for. Refuses to call passed what was not seen.
"""

from __future__ import annotations

__all__: list[str] = []
