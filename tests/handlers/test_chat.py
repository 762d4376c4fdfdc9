"""``loket chat``, driven through its standard input."""

import subprocess
import sys

from click.testing import CliRunner

from handlers.cli import main

SECONDS = 200


def _chat(lines: list[str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "handlers.cli", "chat", *words],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_a_consultation_in_the_terminal() -> None:
    lines = ["halo", "1", "inflasi tahun 2024 untuk skripsi", "Kolaka Timur", "1"]
    talk = _chat([*lines, "/clear", "/officer Ini jawabannya.", "/close", "4", "/quit", "never read"])
    assert (talk.returncode, talk.stderr) == (0, "")
    told = [
        talk.stdout.find(words)
        for words in ("Sahabat Data", "Ringkasan", "KTM-", "Ini jawabannya.", "nilai layanan")
    ]
    assert -1 not in told
    assert told == sorted(told)
    assert "Terima kasih atas penilaian" in talk.stdout


def test_days_pass_and_an_answer_waits_for_the_citizen() -> None:
    talk = _chat(["/close", "0", "0", "/day", "/officer Maaf terlambat.", "halo?"], "--office", "7411")
    assert talk.returncode == 0
    assert "Belum ada tiket" in talk.stdout
    held, came = talk.stdout.find("tertahan"), talk.stdout.find("Maaf terlambat.")
    assert 0 < held < came


def test_an_office_with_registration_asks_for_a_name() -> None:
    assert "mohon tuliskan *nama*" in _chat(["data inflasi 2024 untuk skripsi"], "--office", "6571").stdout


def test_why_a_line_was_understood_so() -> None:
    talk = _chat(["bansos saya kapan cair", "data inflasi 2024"], "--why", "--office", "7411")
    assert talk.returncode == 0
    assert 'aturan not_ours ("bansos") → elsewhere; keadaan new → choosing' in talk.stdout
    assert 'aturan figures ("data inflasi") → content; keadaan choosing → describing' in talk.stdout


def test_an_office_that_is_not_there() -> None:
    refused = CliRunner().invoke(main, ["chat", "--office", "6302"])
    assert refused.exit_code == 1
    assert "choose one of 7411" in refused.output
