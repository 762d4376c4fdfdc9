"""Files that come and go with WhatsApp messages."""
