"""The channel e-mail: letters out over SMTP, each mailbox through its own server."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from bot.policy import Manners
from channels.contract import Accepted, Outbound, SendError, Trouble
from channels.email import errors
from channels.email.smtp import Parcel, SmtpAccount, hand_over
from channels.email.writing import UnwritableAddress, mail_bytes, writable

CHANNEL = "email"
LONGEST_PART = 100_000
PAUSE_AFTER_REFUSAL = timedelta(minutes=10)
MANNERS = Manners(
    channel=CHANNEL,
    interactive=False,
    max_length=LONGEST_PART,
    supports_choices=False,
    window=None,
)


class Email:
    """The channel e-mail. May be used from several threads: every mail has a connection of its own."""

    manners = MANNERS

    def __init__(self, accounts: Mapping[str, SmtpAccount], *, clock: Callable[[], datetime]) -> None:
        """*accounts*: the address of a mailbox -> where its mail is handed over. *clock* dates the mails."""
        self._accounts = {address.casefold(): account for address, account in accounts.items()}
        self._clock = clock
        self._locked: dict[str, tuple[datetime, SendError]] = {}

    def split(self, text: str) -> tuple[str, ...]:
        """*text* whole; only beyond 100,000 letters in parts."""
        rest = text.replace("\x00", "").strip()
        parts = (rest[at : at + LONGEST_PART].strip() for at in range(0, len(rest), LONGEST_PART))
        return tuple(part for part in parts if part)

    def send(self, message: Outbound) -> Accepted:
        """Hand *message* to the server of its mailbox. Raises ``SendError``, and nothing else.

        The id is the letter's Message-ID; the status holds the server's last words.
        """
        letter = message.letter
        if letter is None:
            raise errors.failure(errors.NO_LETTER)
        account = self._accounts.get(message.sender.casefold())
        if account is None:
            raise errors.failure(errors.NO_MAILBOX)
        try:
            recipient = writable(message.address)
            content = mail_bytes(message, letter, self._clock())
        except UnwritableAddress as error:
            raise errors.failure(errors.ADDRESS, str(error)) from None
        parcel = Parcel(message.sender, letter.bounces_to or message.sender, recipient, content)
        return Accepted(letter.message_id, self._handed_over(account, parcel))

    def _handed_over(self, account: SmtpAccount, parcel: Parcel) -> str:
        """After a refused sign-in nobody knocks again for a while: servers lock those who keep guessing."""
        until, refused = self._locked.get(parcel.sender, (None, None))
        if until and refused and self._clock() < until:
            raise SendError(refused.code, refused.detail, refused.trouble)
        try:
            return hand_over(account, parcel)
        except SendError as error:
            if error.code == errors.AUTH:
                self._locked[parcel.sender] = (self._clock() + PAUSE_AFTER_REFUSAL, error)
            raise

    def find(self, message: Outbound, besides: Collection[str] = ()) -> Accepted | None:  # noqa: ARG002
        """A mail server keeps nothing to ask for: always raises ``SendError``, for good."""
        raise SendError("never", "a mail server can't be asked what became of a mail", Trouble.PERMANENT)
