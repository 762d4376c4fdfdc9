"""How officers sign in: whether a second factor is asked for, and how long a browser may rest."""

from typing import Literal

from pydantic import Field

from handlers.settings.part import Part


class SignIn(Part):
    """*second_factor*: who must have one; everybody else may. *idle_minutes*: a browser that rests so long
    signs in again.
    """

    second_factor: Literal["nobody", "administrators", "supervisors", "everybody"] = "nobody"
    idle_minutes: int = Field(180, ge=5, le=720)
