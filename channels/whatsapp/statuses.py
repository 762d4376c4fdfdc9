"""What Twilio's word for an outgoing message means to the desk, and how much it proves."""

from collections.abc import Mapping
from types import MappingProxyType

# Twilio's status -> (our delivery word, rank). A status counts only when its rank is higher than the one
# that is stored: statuses come late, twice and in any order. Proof of arrival outranks a reported failure.
# What Twilio merely queued has left us, so it is *sent* here; *queued* and *sending* are our own outbox.
RANK: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "accepted": ("sent", 0),
        "scheduled": ("sent", 0),
        "queued": ("sent", 1),
        "sending": ("sent", 2),
        "sent": ("sent", 3),
        "canceled": ("cancelled", 4),
        "undelivered": ("failed", 4),
        "failed": ("failed", 4),
        "delivered": ("delivered", 5),
        "read": ("read", 6),
    }
)
