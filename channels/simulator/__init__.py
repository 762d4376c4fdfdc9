"""A local stand-in for Twilio, with citizens' phones on its other side: for the demo and the tests only.

It speaks the part of Twilio's API that the desk uses, refuses what Twilio refuses, keeps the 24-hour
window and posts really signed requests. It neither listens nor calls anywhere but on this machine.
"""

from channels.simulator.http_api import create_local_twilio, serving
from channels.simulator.provider import LocalTwilio, PhoneMessage
from channels.simulator.rules import NotLoopback

__all__ = ["LocalTwilio", "NotLoopback", "PhoneMessage", "create_local_twilio", "serving"]
