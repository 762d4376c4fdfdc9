"""What ``bench.chaos`` is made of: a whole town around the desk, what goes wrong in it, and an auditor."""
