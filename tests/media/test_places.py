"""Where media may be fetched from, and where never."""

import socket

import pytest

from channels.whatsapp import places
from channels.whatsapp.places import CDN_HOST, Place, is_public, own, second

ACCOUNT, MESSAGE, FILE = "AC" + "a" * 32, "MM" + "b" * 32, "ME" + "c" * 32
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{MESSAGE}/Media/{FILE}"
URL = f"https://api.twilio.com{PATH}"
OTHER_ACCOUNT, OTHER_MESSAGE = "AC" + "d" * 32, "MM" + "e" * 32


def test_our_own_file_is_asked_for() -> None:
    assert own(URL, ACCOUNT, MESSAGE) == Place("api.twilio.com", PATH)
    short = URL.replace(MESSAGE, "SM" + "b" * 32)
    assert own(short, ACCOUNT, "SM" + "b" * 32) is not None


@pytest.mark.parametrize(
    "url",
    [
        URL.replace(ACCOUNT, OTHER_ACCOUNT),
        URL.replace(MESSAGE, OTHER_MESSAGE),
        URL.replace("https://", "http://"),
        URL.replace("api.twilio.com", "api.twilio.com:443"),
        URL.replace("api.twilio.com", "api.twilio.com:8000"),
        URL.replace("api.twilio.com", "user:secret@api.twilio.com"),
        URL.replace("api.twilio.com", "api.twilio.com@127.0.0.1"),
        URL.replace("api.twilio.com", "api.twilio.com.jahat.example"),
        URL.replace("api.twilio.com", "api-twilio.com"),
        URL.replace("api.twilio.com", "127.0.0.1"),
        URL.replace("/Media/", "/Media/../Media/"),
        URL.replace("/Media/", "/Media/%2e%2e/Media/"),
        URL.replace("/Media/", "%2fMedia%2f"),
        URL.replace("/Media/", "//Media/"),
        URL.replace("/Media/", "\\Media\\"),
        f"{URL}/../../../../../Keys.json",
        f"{URL}.json",
        f"{URL}?x=1",
        f"{URL}#x",
        f"{URL}/",
        f"{URL}\n",
        f" {URL}",
        URL.replace("2010-04-01", "2010-04-01\r\nX: y"),
        URL.replace(FILE, "ME" + "c" * 31),
        URL.replace(FILE, "ME" + "c" * 31 + "ſ"),
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "",
    ],
)
def test_nothing_else_is_asked_for(url: str) -> None:
    assert own(url, ACCOUNT, MESSAGE) is None


@pytest.mark.parametrize(
    "host",
    [
        CDN_HOST,
        "media.twiliocdn.com",
        "a.b.twiliocdn.com",
        "MMS.TwilioCDN.com",
        "s3-external-1.amazonaws.com",
        "media.twiliocdn.com.s3-external-1.amazonaws.com",
        "berkas.s3.amazonaws.com",
        "berkas.s3.us-east-1.amazonaws.com",
        "berkas.s3-us-west-2.amazonaws.com",
    ],
)
def test_a_redirect_may_lead_to_where_twilio_keeps_files(host: str) -> None:
    found = second(f"https://{host}/AC/ME?Expires=1&Signature=a%2Fb~")
    assert found == Place(host.lower(), "/AC/ME?Expires=1&Signature=a%2Fb~")


@pytest.mark.parametrize(
    "location",
    [
        "",
        "/AC/ME",
        "//mms.twiliocdn.com/x",
        "http://mms.twiliocdn.com/x",
        "https://mms.twiliocdn.com",
        "https://mms.twiliocdn.com:8443/x",
        "https://mms.twiliocdn.com@127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://127.0.0.1#@mms.twiliocdn.com/x",
        "https://127.0.0.1\\@mms.twiliocdn.com/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/x",
        "https://metadata.google.internal/x",
        "https://twiliocdn.com.jahat.example/x",
        "https://jahattwiliocdn.com/x",
        "https://.twiliocdn.com/x",
        "https://api.twilio.com/2010-04-01/Accounts.json",
        "https://s3.amazonaws.com.jahat.example/x",
        "https://jahat.example/?x=.s3.amazonaws.com",
        "https://ec2.amazonaws.com/x",
        "https://mms.twiliocdn.com/x y",
        "https://mms.twiliocdn.com/x\r\nHost: jahat.example",
        "https://mms.twiliocdn.cöm/x",
        "https://" + "-" * 250 + "/x",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_leads_nowhere_else(location: str) -> None:
    assert second(location) is None


@pytest.mark.parametrize("address", ["8.8.8.8", "104.18.3.2"])
def test_addresses_of_the_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.8", "172.16.1.1", "192.168.1.1", "169.254.169.254"),
        *("0.1.2.3", "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1"),
        *("::1", "::ffff:127.0.0.1", "fd00::1", "2606:4700::1", "localhost", ""),
    ],
)
def test_addresses_of_machines_nearby(address: str) -> None:
    assert not is_public(address)


def test_only_the_first_ipv4_address_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_up(host: str, _port: int, family: int, _kind: int) -> list[tuple[object, ...]]:
        assert (host, family) == (CDN_HOST, socket.AF_INET)
        return [(family, 1, 6, "", ("8.8.4.4", 443)), (family, 1, 6, "", ("127.0.0.1", 443))]

    monkeypatch.setattr("channels.whatsapp.places.socket.getaddrinfo", looked_up)
    assert places.resolved(CDN_HOST) == "8.8.4.4"
