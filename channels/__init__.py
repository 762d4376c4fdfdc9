"""Mouth and ears: translate between a provider's words and ours, and decide nothing."""
