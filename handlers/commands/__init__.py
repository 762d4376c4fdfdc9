"""The parts of the command ``loket``."""
