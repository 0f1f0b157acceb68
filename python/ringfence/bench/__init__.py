"""Benchmarks: Ringfence against its budgets and beside its peers.

A benchmark does real work with every rule on, prints the digest of the state that came out, and
says under which conditions it ran. It never switches a control off and never fails because a
budget was missed: that is a figure.
"""

__all__: list[str] = []
