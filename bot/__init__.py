"""The brain: pure rules of the desk. Standard library only; no clock, no input or output."""
