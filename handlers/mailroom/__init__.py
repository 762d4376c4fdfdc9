"""The mailroom: mails are kept as they come, read in a child process, and each is given its turn."""
