"""What every part of the configuration's shape has in common."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A mapping with known keys: it never changes, and an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
