"""``loket check``."""

from handlers.checking import check_command as check

__all__ = ["check"]
