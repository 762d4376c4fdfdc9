"""Tests of the channel by mail: IMAP, SMTP, tokens."""
