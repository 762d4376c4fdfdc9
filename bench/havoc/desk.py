"""The desk's own processes: several of each kind, killed without a word and started again."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

SECONDS_TO_COME_UP = 120.0
SECONDS_DOWN = 0.5, 2.0
_LOCAL = build_opener(ProxyHandler({}))
_FAILURE = re.compile(r"\w+ at [A-Z]+ [\w.]+\n(?: .*\n)+")


@dataclass
class Program:
    """One process of the desk. ``port`` is 0 for one that does not listen."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, as a group of its own. Returns at once."""
        command = [sys.executable, "-m", "handlers.cli", *self.arguments]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=out, stderr=out, start_new_session=True
            )

    def is_running(self) -> bool:
        """Whether it lives."""
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        """Whether it answers, if it listens at all."""
        try:
            return not self.port or _LOCAL.open(self.url + "/healthz", timeout=2).status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """End it and its children at once, as a power cut does."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self.is_running() and self.process is not None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(40)
        self.kill()


@dataclass
class Desk:
    """All processes. Between ``start`` and ``stop`` whoever has died is started again after a moment.

    ``deaths``: those that ended by themselves, with the moment; a kill is not among them.
    """

    programs: Sequence[Program]
    deaths: list[tuple[float, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None
    _killed: set[str] = field(default_factory=set)

    @property
    def workers(self) -> list[Program]:
        """The processes that don't listen."""
        return [program for program in self.programs if not program.port]

    @property
    def webs(self) -> list[str]:
        """Where the web processes listen."""
        return [program.url for program in self.programs if program.port]

    def start(self) -> None:
        """Start who does not run, wait until all answer, and look after them from then on."""
        for program in self.programs:
            if not program.is_running():
                program.start()
        until = time.monotonic() + SECONDS_TO_COME_UP
        while not all(program.is_running() and program.answers() for program in self.programs):
            if time.monotonic() > until:
                raise RuntimeError("the desk did not come up:\n" + self.said())
            time.sleep(0.1)
        self._ended.clear()
        self._watch = threading.Thread(target=self._look_after, name="supervisor", daemon=True)
        self._watch.start()

    def kill(self, chosen: random.Random) -> str:
        """Kill one of those that run, and tell which; empty when none does."""
        with self._lock:
            running = [program for program in self.programs if program.is_running()]
            if not running:
                return ""
            victim = chosen.choice(running)
            self._killed.add(victim.name)
            victim.kill()
            return victim.name

    def stop(self, programs: Sequence[Program] | None = None) -> None:
        """Let all, or only these, end in order, and look after nobody any more."""
        self._ended.set()
        if self._watch:
            self._watch.join()
        chosen = self.programs if programs is None else programs
        for program in chosen:
            if program.is_running() and program.process:
                program.process.terminate()
        for program in chosen:
            program.stop()

    def said(self) -> str:
        """The end of what each has logged."""
        logs = (program.log for program in self.programs if program.log.exists())
        return "\n".join(f"== {log.name}\n{log.read_text('utf-8', 'replace')[-3000:]}" for log in logs)

    def failures(self) -> list[str]:
        """What each has logged of requests that it failed to answer, with the place where it failed."""
        logs = sorted({program.log for program in self.programs if program.log.exists()})
        said = (log.read_text("utf-8", "replace") for log in logs)
        return [failure for text in said for failure in _FAILURE.findall(text)]

    def _look_after(self) -> None:
        down: dict[str, float] = {}
        while not self._ended.wait(0.1):
            with self._lock:
                for program in self.programs:
                    self._revived(program, down)

    def _revived(self, program: Program, down: dict[str, float]) -> None:
        if program.is_running():
            return
        if program.name not in down:
            down[program.name] = time.monotonic() + random.uniform(*SECONDS_DOWN)  # noqa: S311
            if program.name not in self._killed and program.process:
                self.deaths.append((time.monotonic(), program.name))
            self._killed.discard(program.name)
        elif time.monotonic() >= down[program.name]:
            del down[program.name]
            program.start()
