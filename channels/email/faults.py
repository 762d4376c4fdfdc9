"""Why a mailbox can't be read: it does not answer, or it does not let us in. Never in a citizen's words."""

import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient.exceptions import CapabilityError, LoginError, ProtocolError

_LONGEST_WORDS = 200
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
# RFC 5530 and what large providers say instead: nothing is wrong with the password.
_PASSING = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|simultaneous|too many", re.IGNORECASE)


class MailboxError(Exception):
    """A mailbox could not be used. The text is for the operator and holds nothing of any mail."""


class MailboxAway(MailboxError):
    """The server can't be reached, broke off, or could not do it now: try again later."""


class MailboxRefused(MailboxError):
    """The server does not believe the password or token: trying again on and on may lock the mailbox."""


@contextmanager
def as_mailbox_error() -> Iterator[None]:
    """Whatever goes wrong in here becomes a ``MailboxError``."""
    try:
        yield
    except MailboxError:
        raise
    except LoginError as error:
        raise _not_let_in(error) from None
    except (imaplib.IMAP4.abort, ProtocolError) as error:
        # Their words may quote what the server was just sending.
        raise MailboxAway(_name(error)) from None
    except (imaplib.IMAP4.error, CapabilityError) as error:
        raise MailboxAway(_told(error)) from None
    except OSError as error:
        raise MailboxAway(f"{type(error).__name__}: {_told(error)}") from None
    except (ValueError, TypeError, LookupError, AssertionError, RecursionError) as error:
        raise MailboxAway(f"unexpected answer ({type(error).__name__})") from None


def _not_let_in(error: LoginError) -> MailboxError:
    # imapclient takes a connection that breaks off while signing in for a refusal too.
    if isinstance(error.__context__, imaplib.IMAP4.abort):
        return MailboxAway(_name(error.__context__))
    words = _told(error)
    return MailboxAway(words) if _PASSING.search(words) else MailboxRefused(words)


def _name(error: BaseException) -> str:
    return "the connection broke off" if isinstance(error, imaplib.IMAP4.abort) else "an answer made no sense"


def _told(error: BaseException) -> str:
    return _UNPRINTABLE.sub(" ", str(error)).strip()[:_LONGEST_WORDS] or type(error).__name__
