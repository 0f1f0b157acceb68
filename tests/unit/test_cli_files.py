"""Inputs are read in bounded pieces, and results appear whole or not at all."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest
from ringfence.errors import InputError
from ringfence.ops import input_file
from ringfence.ops.event_file import whole
from ringfence.ops.input_file import LINE_BYTES_MAX, batches, opened


class _Slow(io.BytesIO):
    """A file that gives a few bytes at a time, as a pipe may."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most seven bytes."""
        return super().read(7 if size is None or size < 0 else min(size, 7))


@pytest.mark.parametrize("kind", [io.BytesIO, _Slow])
@pytest.mark.parametrize(
    "content", [b"", b"\n", b"one", b"one\n", b"one\ntwo\n\nfour", b"\n\n", b"long" * 50 + b"\nb"]
)
def test_batches_are_whole_lines_with_their_numbers(kind: type[io.BytesIO], content: bytes) -> None:
    """R39: no line is split, lost or given another number, however the bytes arrive."""
    numbered: list[tuple[int, bytes]] = []
    for first, lines in batches(kind(content)):
        assert lines.endswith(b"\n") or content.endswith(lines)
        numbered.extend(enumerate(lines.splitlines(keepends=True), first))
    assert list(enumerate(content.splitlines(keepends=True), 1)) == numbered


@pytest.mark.parametrize("kind", [io.BytesIO, _Slow])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_the_longest_line_is_read_and_a_longer_one_is_not(
    kind: type[io.BytesIO], end: bytes
) -> None:
    """R39: a line of 65,536 bytes passes; one more byte is refused with the line's number."""
    longest = b"x" * LINE_BYTES_MAX
    assert [(1, b"a\n"), (2, longest + end)] == [
        (first + place, line)
        for first, lines in batches(kind(b"a\n" + longest + end))
        for place, line in enumerate(lines.splitlines(keepends=True))
    ]
    read: list[tuple[int, bytes]] = []
    with pytest.raises(InputError, match="65536 bytes, found") as caught:
        read.extend(batches(kind(b"a\nb\n" + longest + b"x" + end)))
    assert 3 == caught.value.line
    assert b"a\nb\n" == b"".join(lines for _, lines in read)


def test_an_endless_line_is_refused_before_its_end() -> None:
    """R39: a line without an end does not fill the memory."""
    endless = io.BytesIO(b"x" * (LINE_BYTES_MAX * 40))
    with pytest.raises(InputError):
        list(batches(endless))
    assert endless.tell() < LINE_BYTES_MAX * 40


def test_a_pipe_is_read_to_its_end_first(tmp_path: Path) -> None:
    """R39: what arrives by a pipe can be read twice, so that all of it is checked first."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"one\ntwo\n",))
    writer.start()
    with opened(pipe) as file:
        for _ in range(2):
            file.seek(0)
            assert [(1, b"one\ntwo\n")] == list(batches(file))
    writer.join()


def test_a_pipe_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 7 of STYLE.md: more than the bound from a pipe is refused, exactly the bound is not."""
    monkeypatch.setattr(input_file, "SPOOL_BYTES_MAX", 8)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for content, fits in ((b"one\ntwo\n", True), (b"one\ntwo\n\n", False)):
        writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        if fits:
            with opened(pipe) as file:
                assert content == file.read()
        else:
            with pytest.raises(InputError, match="at most 8 bytes"), opened(pipe):
                pass
        writer.join()


def test_a_result_appears_at_the_end(tmp_path: Path) -> None:
    """R13: a result that is not whole is not there; what stood there before is gone."""
    result = tmp_path / "events.jsonl"
    result.write_text("of an earlier run")
    with whole(result) as file:
        file.write(b"new")
        assert not result.exists()
    assert b"new" == result.read_bytes()
    assert [result] == list(tmp_path.iterdir())


def test_a_failed_result_leaves_nothing(tmp_path: Path) -> None:
    """R13: after an error there is no result, neither half nor of an earlier run."""
    result = tmp_path / "events.jsonl"
    result.write_text("of an earlier run")
    with pytest.raises(InputError):
        _write_half(result)
    assert [] == list(tmp_path.iterdir())


def _write_half(result: Path) -> None:
    with whole(result) as file:
        file.write(b"half")
        raise InputError("wrong")


def test_a_pipe_receives_the_result_and_stays(tmp_path: Path) -> None:
    """R13: what is no file is neither removed nor replaced, and gets everything at the end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with whole(pipe) as file:
        file.write(b"events")
    reader.join()
    assert [b"events"] == read
    assert pipe.is_fifo()
