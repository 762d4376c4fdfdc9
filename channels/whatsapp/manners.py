"""What WhatsApp carries, whoever provides it."""

from datetime import timedelta

from bot.policy import Manners
from channels.whatsapp.reading import CHANNEL
from channels.whatsapp.splitting import LONGEST_PART

MANNERS = Manners(
    channel=CHANNEL,
    interactive=True,
    max_length=LONGEST_PART,
    supports_choices=True,
    window=timedelta(hours=24),
)
