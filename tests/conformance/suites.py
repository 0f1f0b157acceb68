"""Plays whole suites at once: several servers, and at each one conversation per session at a time.

Sessions of one server do not disturb each other, so every suite that has a client of its own plays
at every server. What takes longest, silence and heartbeats, is played first.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from tests.conformance.conversation import Server, Verdict, play
from tests.conformance.script import ScriptError, parse_script
from tests.conformance.server import HOST, started

# Conversations that wait for heartbeats, by the beginning of their names.
SLOW = ("6", "06", "4a", "04a")


@dataclass(frozen=True, slots=True)
class Suite:
    """Conversations of one client: name of the file and its text."""

    name: str
    client: str
    texts: tuple[tuple[str, bytes], ...]


def run_suites(
    suites: Sequence[Suite], servers: int, dictionaries: Path | None
) -> dict[str, list[Verdict]]:
    """Return the verdicts of each suite in the order in which its conversations ended.

    Raises:
        ServerError: a server does not start.
    """
    by_client: dict[str, SimpleQueue[tuple[str, str, bytes]]] = {}
    for client in dict.fromkeys(suite.client for suite in suites):
        texts = [(s.name, *text) for s in suites if s.client == client for text in s.texts]
        queue = by_client[client] = SimpleQueue()
        for text in sorted(texts, key=lambda text: not text[1].startswith(SLOW)):
            queue.put(text)
    with ExitStack() as running:
        ports = [running.enter_context(started(dictionaries)) for _ in range(servers)]
        workers = [(queue, Server(HOST, port)) for queue in by_client.values() for port in ports]
        with ThreadPoolExecutor(len(workers)) as pool:
            played = [pool.submit(_work, queue, server) for queue, server in workers]
            found = [pair for future in played for pair in future.result()]
    return {suite.name: [v for name, v in found if name == suite.name] for suite in suites}


def _work(queue: SimpleQueue[tuple[str, str, bytes]], server: Server) -> list[tuple[str, Verdict]]:
    """Play conversations at one server until none is left."""
    found: list[tuple[str, Verdict]] = []
    while True:
        try:
            suite, name, text = queue.get_nowait()
        except Empty:
            return found
        try:
            verdict = play(parse_script(text, name), server, name)
        except ScriptError as error:
            verdict = Verdict(name, None, str(error))
        found.append((suite, verdict))
