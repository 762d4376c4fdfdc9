"""``loket demo``: the whole desk on this machine, with simulated phones. No account, no key, no network."""

from handlers.demo.starting import run

__all__ = ["run"]
