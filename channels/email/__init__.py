"""E-mail: IMAP in, SMTP out. What a mail says is read by ``channels.mime``; others decide what it means."""
