"""Reading mail: 100 and more written mails, and bytes that nobody would write."""
