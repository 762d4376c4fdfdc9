"""The reader's child: whatever a mail does to it, the answer comes, and the next mail is read."""

import contextlib
import fcntl
import io
import os
import pickle
import random
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.mime.child import frame
from channels.mime.kinds import Kind
from channels.mime.limits import Limits
from channels.mime.mail import Address, Mail, Unread, Why
from channels.mime.whole import read_whole
from handlers.mailroom import child as pipe
from handlers.mailroom import reading as mailroom_reading
from handlers.mailroom.reading import AHEAD, HEAVIEST, Read, Reader, ReaderUnavailable
from tests.channels.mime.samples import NAMES, OURS, raw

PLAIN = b"From: Budi <budi@example.com>\r\nSubject: Data IPM\r\n\r\nMohon data IPM 2024.\r\n"
# Seconds of work and hundreds of megabytes, were it allowed so many lines.
HEAVY = b"From: Budi <budi@example.com>\r\nSubject: Berat\r\n\r\n" + b"a\n" * 6_000_000
ALL_LINES = Limits(lines=10**8)
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipe, "SECONDS_OF_GRACE", 90.0)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """One reader for many mails, as in the mailroom."""
    with Reader(OURS) as opened:
        yield opened


def _pid(reader: Reader) -> int:
    assert reader._child is not None
    return reader._child._open.pid


def _unread(found: Read) -> Unread:
    assert isinstance(found.mail, Unread)
    assert (found.verdict, found.new, found.bounce) == (None, None, None)
    return found.mail


def _text(found: Read) -> str:
    assert found.new is not None
    return found.new.text


def _wait_until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.005)
    return holds()


def test_the_child_says_what_the_reader_says(reader: Reader) -> None:
    raws = [raw(name) for name in NAMES]
    found = list(reader.read_many(raws))
    assert found == [read_whole(each, OURS, Limits()) for each in raws]
    assert any(each.bounce for each in found)
    assert [each.bounce is not None for each in found if each.verdict] == [
        each.verdict.kind is Kind.BOUNCE for each in found if each.verdict
    ]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000), st.sampled_from([None, Limits(size=500), Limits(depth=0, parts=0)]))
@example(b"", None)
@example(b"\x00" * 2000, None)
def test_arbitrary_bytes_never_raise(reader: Reader, mail: bytes, limits: Limits | None) -> None:
    assert isinstance(reader.read(mail, limits).mail, Mail | Unread)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([name for name in NAMES if len(raw(name)) < 20_000]), st.integers(0, 2**32))
def test_mails_with_damage_never_raise(reader: Reader, name: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - damage, no secret
    damaged = bytearray(raw(name))
    for _ in range(chance.randrange(20)):
        at = chance.randrange(len(damaged) + 1)
        damaged[at : at + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
    assert isinstance(reader.read(bytes(damaged)).mail, Mail | Unread)


def test_a_mail_that_takes_too_long_is_unread_and_the_next_is_read() -> None:
    with Reader(OURS, seconds=0.5) as reader:
        first, second, third = reader.read_many([PLAIN, HEAVY, PLAIN], ALL_LINES)
    assert _text(first) == _text(third) == "Mohon data IPM 2024."
    slow = _unread(second)
    assert (slow.why, slow.limit, slow.found) == (Why.TIME, 1, 0)
    assert slow.envelope.author == Address("Budi", "budi@example.com")
    assert slow.envelope.subject == "Berat"


def test_a_mail_that_takes_too_much_memory_is_unread_and_the_next_is_read() -> None:
    with Reader(OURS, memory=100 * MIB) as reader:
        first, second, third = reader.read_many([PLAIN, HEAVY, PLAIN], ALL_LINES)
    assert _text(first) == _text(third) == "Mohon data IPM 2024."
    big = _unread(second)
    assert (big.why, big.limit, big.found) == (Why.MEMORY, 100 * MIB, 0)
    assert big.envelope.subject == "Berat"


def test_a_mail_that_does_not_even_fit_through_the_pipe_is_unread() -> None:
    with Reader(OURS, memory=20 * MIB) as reader:
        assert _unread(reader.read(PLAIN + b"x" * 29 * MIB)).why is Why.MEMORY
        assert _text(reader.read(PLAIN)) == "Mohon data IPM 2024."


def test_a_child_that_stands_still_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with Reader(OURS, seconds=0.3) as reader:
        reader.read(PLAIN)
        os.kill(_pid(reader), signal.SIGSTOP)
        started = reader._started

        def patient() -> pipe.Child:
            monkeypatch.setattr(pipe, "SECONDS_OF_GRACE", 90.0)
            return started()

        monkeypatch.setattr(reader, "_started", patient)
        monkeypatch.setattr(pipe, "SECONDS_OF_GRACE", 0.1)
        assert _unread(reader.read(PLAIN)).why is Why.TIME
        assert _text(reader.read(PLAIN)) == "Mohon data IPM 2024."


@contextlib.contextmanager
def _in_the_middle(reader: Reader, mail: bytes) -> Iterator[list[Read]]:
    """The child holds *mail*, certainly unread, when the block begins; what became of it is in the list."""
    answers: list[Read] = []
    os.kill(_pid(reader), signal.SIGSTOP)
    thread = threading.Thread(target=lambda: answers.append(reader.read(mail)))
    thread.start()
    assert _wait_until(lambda: reader._child is not None and reader._child.waiting == 1)
    yield answers
    thread.join()


def test_a_mail_is_read_though_its_child_is_killed() -> None:
    with Reader(OURS) as reader:
        reader.read(PLAIN)
        with _in_the_middle(reader, raw("apple-mail-balas-id")) as answers:
            os.kill(_pid(reader), signal.SIGKILL)
        assert answers == [read_whole(raw("apple-mail-balas-id"), OURS, Limits())]


@pytest.mark.parametrize(
    ("number", "why"),
    [(signal.SIGKILL, Why.MEMORY), (signal.SIGABRT, Why.MEMORY), (signal.SIGSEGV, Why.BROKEN)],
)
def test_a_mail_that_ends_a_spotless_child_is_unread(number: int, why: Why) -> None:
    with Reader(OURS) as reader:
        reader.read(PLAIN)
        reader._end()
        reader._started()
        pid = _pid(reader)
        with _in_the_middle(reader, PLAIN) as answers:
            os.kill(pid, number)
            with contextlib.suppress(ProcessLookupError):  # the reader may have seen the end of it already
                os.kill(pid, signal.SIGCONT)
        assert _unread(answers[0]).why is why
        assert _unread(answers[0]).envelope.subject == "Data IPM"
        assert _text(reader.read(PLAIN)) == "Mohon data IPM 2024."


def test_stopping_the_desk_puts_no_mail_aside() -> None:
    with Reader(OURS) as reader:
        reader.read(PLAIN)
        before = _pid(reader)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(before, number)
        assert _text(reader.read(PLAIN)) == "Mohon data IPM 2024."
        assert _pid(reader) == before


PARENT = """
import sys
import termios
from channels.mime.kinds import Ours
from channels.mime.limits import Limits
from handlers.mailroom.reading import Reader
reader = Reader(Ours())
reader.read(b"Subject: x\\n\\nx")
print(reader._child._open.pid, flush=True)
reader.read(b"Subject: x\\n\\n" + b"a\\n" * 6_000_000, Limits(lines=10**8))
"""


def _is_gone(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    return True


def _ticks(pid: int) -> int:
    """How long it has worked, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_the_child_ends_with_its_parent_in_the_middle_of_a_mail() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        begun = _ticks(pid)
        assert _wait_until(lambda: _ticks(pid) > begun + 10)
        parent.kill()
        then = worked = 0
        while not _is_gone(pid):
            with contextlib.suppress(FileNotFoundError):
                worked = _ticks(pid)
                then = then or worked
            time.sleep(0.005)
        assert worked < then + 100, "the mail takes longer than that"


def test_the_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOKET_SECRET_KEY", "rahasia")
    with Reader(OURS) as other:
        other.read(PLAIN)
        environment = Path(f"/proc/{_pid(other)}/environ").read_bytes()
    names = {each.partition(b"=")[0] for each in environment.split(b"\0") if each}
    assert names == {b"PYTHONPATH", b"PYTHONUTF8", b"MALLOC_ARENA_MAX"}


def test_the_child_may_not_connect_or_write_or_dump(tmp_path: Path) -> None:
    tries = """
import socket
from pathlib import Path
from channels.mime.confinement import confine
confine(200 * 1024 * 1024)
for attempt in (socket.socket, lambda: Path("x").write_text("x"), lambda: bytearray(300 * 1024 * 1024)):
    try:
        attempt()
    except (OSError, MemoryError) as error:
        print(type(error).__name__)
print(open("/proc/self/limits").read())
"""
    done = subprocess.run(
        [sys.executable, "-c", tries],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])},
    )
    words = done.stdout.split("\n")
    assert words[:3] == ["PermissionError", "OSError", "MemoryError"]
    assert any(line.split()[:6] == ["Max", "core", "file", "size", "0", "0"] for line in words)


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def test_an_answer_can_call_nothing() -> None:
    with pytest.raises(pickle.UnpicklingError):
        pipe._Careful(io.BytesIO(pickle.dumps(_Evil()))).load()


class _Named:
    """Pickled as ``getattr(of, name)``, as Python 3.11.0 to 3.11.3 do with members of enumerations."""

    def __init__(self, of: object, name: str) -> None:
        self.told = of, name

    def __reduce__(self) -> tuple[object, tuple[object, str]]:
        return getattr, self.told


def test_a_member_of_an_enumeration_is_known_by_its_name_too() -> None:
    assert pipe._Careful(io.BytesIO(pickle.dumps(_Named(Kind, "PERSONAL")))).load() is Kind.PERSONAL


@pytest.mark.parametrize(
    ("of", "name"), [(Kind, "__class__"), (Kind, "mro"), (Read, "__init__"), ("", "format")]
)
def test_nothing_else_is_reached_by_its_name(of: object, name: str) -> None:
    with pytest.raises(pickle.UnpicklingError):
        pipe._Careful(io.BytesIO(pickle.dumps(_Named(of, name)))).load()


def test_an_iterator_left_in_the_middle_leaves_no_answer_behind(reader: Reader) -> None:
    others = [raw(name) for name in NAMES[:20]]
    for _ in reader.read_many(others):
        break
    assert _text(reader.read(PLAIN)) == "Mohon data IPM 2024."


def test_the_child_reads_on_while_its_answers_wait(reader: Reader) -> None:
    answers = reader.read_many([PLAIN] * 50)
    next(answers)
    assert reader._child is not None
    child = reader._child
    one = len(frame(pickle.dumps(read_whole(PLAIN, OURS, Limits()), protocol=5)))
    assert _wait_until(lambda: _bytes_in(child._out) + len(child._unread) == 49 * one)
    assert [_text(each) for each in answers] == ["Mohon data IPM 2024."] * 49


@pytest.mark.parametrize(
    ("heaviest", "most", "least"), [(HEAVIEST, AHEAD, AHEAD // 2), (3 * len(PLAIN) - 1, 3, 3)]
)
def test_no_more_is_taken_than_may_be_held(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, heaviest: int, most: int, least: int
) -> None:
    monkeypatch.setattr(mailroom_reading, "HEAVIEST", heaviest)
    many, taken = AHEAD + 20, []

    def raws() -> Iterator[bytes]:
        for number in range(many):
            taken.append(number)
            yield PLAIN

    for answered, found in enumerate(reader.read_many(raws())):
        assert _text(found) == "Mohon data IPM 2024."
        assert min(answered + least, many) <= len(taken) <= answered + most
    assert len(taken) == many


def _bytes_in(end: int) -> int:
    return int.from_bytes(fcntl.ioctl(end, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_asking_in_the_middle_of_asking_is_refused(reader: Reader) -> None:
    for _ in reader.read_many([PLAIN, PLAIN]):
        with pytest.raises(RuntimeError, match="in the middle"):
            reader.read(PLAIN)


def test_threads_get_their_own_answers(reader: Reader) -> None:
    mails = [PLAIN.replace(b"2024", str(year).encode()) for year in range(1900, 2100)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(reader.read, mails))
    assert [_text(each) for each in found] == [f"Mohon data IPM {year}." for year in range(1900, 2100)]


@pytest.mark.parametrize("python", ["/bin/false", "/nowhere/python"])
def test_without_a_child_no_mail_is_to_blame(python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Reader(OURS) as reader:
        monkeypatch.setattr(sys, "executable", python)
        with pytest.raises(ReaderUnavailable):
            reader.read(PLAIN)
        monkeypatch.undo()
        assert _text(reader.read(PLAIN)) == "Mohon data IPM 2024."


def test_a_forgotten_reader_leaves_no_child() -> None:
    reader = Reader(OURS)
    reader.read(PLAIN)
    pid = _pid(reader)
    del reader
    assert _wait_until(lambda: _is_gone(pid))
