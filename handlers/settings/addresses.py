"""E-mail addresses of ours, in one spelling."""

from email_validator import EmailNotValidError, validate_email


def spelt(address: str) -> str | None:
    """*address* in lower case, its domain as DNS writes it; None when it is none (RFC 5322, ASCII names)."""
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return (found.ascii_email or found.normalized).lower()
