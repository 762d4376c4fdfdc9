"""Files that come and go with WhatsApp messages: fetched, looked at, scanned, and sent."""
