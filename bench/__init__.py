"""Measurements: how fast the desk is beside a bare Flask app."""
