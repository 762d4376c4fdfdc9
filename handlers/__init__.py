"""Hands: everything triggered from outside (HTTP, a clock tick, the command line) and the wiring."""
