"""What citizens send: whole conversations as signed HTTP requests, made and signed before the clock runs."""

from collections.abc import Iterator
from itertools import count
from urllib.parse import urlencode
from uuid import uuid4

from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "b" * 32
TOKEN = "b" * 32
PUBLIC_URL = "https://bench.example.org"
PATH = "/webhooks/whatsapp"
_VALIDATOR = RequestValidator(TOKEN)
_citizens = count(1)

# An office that asks nobody to register: greeting, request, a detail, yes, then words relayed to an officer.
SHORT = (
    "+6282188887411",
    (
        "selamat pagi",
        "mohon data jumlah penduduk per kecamatan tahun 2020 sampai 2024 untuk skripsi saya",
        "kolaka timur",
        "ya",
        "kalau bisa dipisah laki-laki dan perempuan ya pak",
        "formatnya excel",
        "sekalian data tahun 2019 kalau ada",
        "terima kasih, saya tunggu",
    ),
)
# An office that registers: name, institution, main use and e-mail come first.
LONG = (
    "+6285183106571",
    (
        "p",
        "1",
        "Budi Santoso",
        "6",
        "1",
        "budi@contoh.id",
        "mau data pdrb menurut lapangan usaha kota tarakan tahun 2019-2023",
        "1",
        "adhk juga ya bu",
        "untuk bab tiga skripsi saya",
        "apakah ada yang per kecamatan?",
        "baik bu, terima kasih",
    ),
)


def clients(how_many: int, pairs: int) -> list[list[str]]:
    """For each client what it sends in this order: *pairs* short and long conversations of new citizens."""
    return [list(_talk(pairs, begins_long=client % 2 == 1)) for client in range(how_many)]


def forms(conversations: int) -> Iterator[dict[str, str]]:
    """What so many new citizens post in short and long conversations, one after the other."""
    for number in range(conversations):
        sender, sayings = (SHORT, LONG)[number % 2]
        citizen = f"+62811{next(_citizens):08d}"
        yield from (_form(text, sender, citizen) for text in sayings)


def _talk(pairs: int, *, begins_long: bool) -> Iterator[str]:
    kinds = (LONG, SHORT) if begins_long else (SHORT, LONG)
    for sender, sayings in kinds * pairs:
        citizen = f"+62811{next(_citizens):08d}"
        for text in sayings:
            yield _request(_form(text, sender, citizen))


def _form(text: str, sender: str, citizen: str) -> dict[str, str]:
    """The fields of an inbound WhatsApp message as Twilio posts them."""
    sid = "SM" + uuid4().hex
    return {
        "MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT,
        "SmsStatus": "received",
        "From": f"whatsapp:{citizen}", "To": f"whatsapp:{sender}", "Body": text, "NumMedia": "0",
        "NumSegments": "1", "ProfileName": "Siti Contoh", "WaId": citizen.removeprefix("+"),
        "MessageType": "text", "ApiVersion": "2010-04-01",
    }  # fmt: skip


def signed(text: str, sender: str, citizen: str) -> tuple[str, str, dict[str, str]]:
    """One message as path, body and headers."""
    form = _form(text, sender, citizen)
    headers = {"X-Twilio-Signature": _VALIDATOR.compute_signature(PUBLIC_URL + PATH, form)}
    return PATH, urlencode(form), headers | {"Content-Type": "application/x-www-form-urlencoded"}


def _request(form: dict[str, str]) -> str:
    body = urlencode(form)
    signature = _VALIDATOR.compute_signature(PUBLIC_URL + PATH, form)
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: bench.example.org\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
