"""The configuration: one file, a few words of the environment on top, read once and never changed.

Secrets stand in it by name only (see ``handlers.secrets``) and need not be there for it to load.
"""

from handlers.settings.cloud import CloudAccount
from handlers.settings.loading import find_file, load
from handlers.settings.shape import Account, Channels, DatabaseSetting, Email, Settings, WhatsApp
from handlers.settings.yaml_text import ConfigError

__all__ = [
    "Account",
    "Channels",
    "CloudAccount",
    "ConfigError",
    "DatabaseSetting",
    "Email",
    "Settings",
    "WhatsApp",
    "find_file",
    "load",
]
