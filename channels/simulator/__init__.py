"""Local stand-ins for Twilio and Meta, with citizens' phones on their other side: for demo and tests only.

Each speaks the part of the API that the desk uses, refuses what the real one refuses, keeps the 24-hour
window and posts really signed requests. It neither listens nor calls anywhere but on this machine.
"""

from channels.simulator.cloud import LocalCloud
from channels.simulator.cloud_api import create_local_cloud
from channels.simulator.http_api import create_local_twilio, serving
from channels.simulator.provider import LocalTwilio, PhoneMessage
from channels.simulator.rules import NotLoopback

__all__ = [
    "LocalCloud",
    "LocalTwilio",
    "NotLoopback",
    "PhoneMessage",
    "create_local_cloud",
    "create_local_twilio",
    "serving",
]
