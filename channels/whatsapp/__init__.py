"""WhatsApp through Twilio: requests in (``reading``, ``signature``), messages out (``sending``).

Import from the modules: ``sending`` brings the whole Twilio SDK along, the others do not.
"""
