"""WhatsApp through Meta's Cloud API: requests in (``reading``, ``signature``), messages out (``sending``).

The same channel as Twilio's: the same addresses, statuses, limits of a text and words for officers.
"""
