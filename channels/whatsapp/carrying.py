"""Which files WhatsApp carries through Twilio, and beside which a text may stand."""

MOST_OF_A_PICTURE = 5 * 1024 * 1024
MOST_OF_A_FILE = 16 * 1024 * 1024
LONGEST_CAPTION = 1024
KIND, SIZE = "kind", "size"

_PICTURES = {"image/jpeg", "image/png"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_CARRIED = _PICTURES | {
    *("audio/ogg", "audio/mpeg", "audio/aac", "audio/amr"),
    *("video/mp4", "video/3gpp"),
    *("application/pdf", "application/msword", "text/vcard"),
    *(_OFFICE + each for each in ("wordprocessingml.document", "spreadsheetml.sheet")),
    _OFFICE + "presentationml.presentation",
}


def hindrance(kind: str, size: int) -> str:
    """Why a file of this type and size in bytes can't go along: its ``kind``, its ``size``, or nothing."""
    if kind not in _CARRIED:
        return KIND
    return SIZE if size > (MOST_OF_A_PICTURE if kind in _PICTURES else MOST_OF_A_FILE) else ""


def is_caption(text: str, kind: str) -> bool:
    """Whether *text* arrives in one message with a file of this type: beside anything else it is dropped."""
    return kind in _PICTURES and len(text.encode("utf-16-le")) // 2 <= LONGEST_CAPTION
