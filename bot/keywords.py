"""What a provider has done by itself about a keyword of a citizen's (Twilio's Advanced Opt-Out)."""

from bot.conversation import Conversation, Outcome
from bot.effects import CancelUnsent, Decision
from bot.events import MessageReceived

STOP, START, HELP = "keyword:stop", "keyword:start", "keyword:help"


def done(conversation: Conversation, event: MessageReceived) -> Decision | None:
    """What is left to do after it: nothing is said, the provider has answered. None where it did nothing.

    A START is for ``decide`` like the citizen's own word.
    """
    about = conversation.current.id if conversation.current else None
    if event.choice == STOP:
        effects = () if conversation.opted_out else (CancelUnsent(),)
        return Decision(conversation.but(opted_out=True), effects, Outcome.AFTER_OPT_OUT, about)
    if event.choice == HELP:
        return Decision(conversation, (), Outcome.FILED, about)
    return None
