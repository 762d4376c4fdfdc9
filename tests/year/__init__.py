"""A year of one office: people who act, the desk that is played, and a reckoning of its own."""
