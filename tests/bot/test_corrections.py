"""What the desk keeps about a citizen is shown and changed on a word, and nobody is caught in it."""

import pytest

from bot.conversation import Outcome, Profile, State
from bot.effects import NoteEvent, SaveProfile, Say
from bot.events import TimerKind
from bot.texts import Text
from tests.bot.desk import PLAIN, REGISTERING, Shell, after

KNOWN = Profile("Budi Santoso", "swasta", "komersial", "budi@contoh.id")


def knowing(profile: Profile = KNOWN, state: State = State.CLOSED) -> Shell:
    """A citizen the office knows, at rest."""
    shell = Shell(REGISTERING)
    shell.value = shell.value.but(profile=profile, state=state)
    return shell


@pytest.mark.parametrize("word", ["ubah data", "Ubah Profil", "ganti data pak", "change my data"])
def test_the_word_shows_what_is_known_without_giving_it_away(word: str) -> None:
    shell = knowing()
    decision = shell.hears(word)
    known = next(effect for effect in decision.effects if isinstance(effect, Say))
    assert known.text is Text.PROFILE_KNOWN
    assert known.values == {
        "name": "Budi S…",
        "institution_category": "swasta",
        "main_use": "komersial",
        "email": "b…@contoh.id",
    }
    assert (shell.value.state, shell.value.correcting) == (State.CORRECTING, "name")


def test_each_field_is_kept_or_changed() -> None:
    shell = knowing()
    shell.hears("ubah data")
    assert shell.hears("TETAP").outcome is Outcome.ANSWERED
    changed = shell.hears("mahasiswa")
    assert SaveProfile(shell.value.profile) in changed.effects
    assert changed.outcome is Outcome.PROFILE
    shell.hears("sama")
    shell.hears("budi@kampus.example")
    assert shell.value.profile == Profile("Budi Santoso", "pendidikan", "komersial", "budi@kampus.example")
    assert shell.value.state is State.CLOSED
    assert Text.PROFILE_SAVED in [say.text for say in shell.says]


def test_the_same_again_changes_nothing() -> None:
    shell = knowing()
    shell.hears("ubah data")
    decision = shell.hears("Budi Santoso")
    assert not any(isinstance(effect, SaveProfile) for effect in decision.effects)
    assert shell.value.correcting == "institution_category"


def test_the_ticket_closed_last_notes_the_change() -> None:
    shell = knowing()
    shell.value = shell.value.but(last_closed=7, closed_at=shell.now)
    shell.hears("ubah data")
    assert NoteEvent(7, "profile_changed") in shell.hears("Budi Hartono").effects


@pytest.mark.parametrize("way_out", ["batal", "menu", "0", "pengaduan"])
def test_every_way_out_leads_out(way_out: str) -> None:
    shell = knowing()
    shell.hears("ubah data")
    shell.hears(way_out)
    assert shell.value.state is not State.CORRECTING
    assert shell.value.profile == KNOWN


def test_twice_not_understood_ends_it() -> None:
    shell = knowing()
    shell.hears("ubah data")
    states = [shell.hears("12345").conversation.state for _ in range(2)]
    assert states == [State.CORRECTING, State.CLOSED]
    assert Text.PROFILE_LEFT in [say.text for say in shell.says]


def test_a_request_in_between_is_a_request() -> None:
    shell = knowing()
    shell.hears("ubah data")
    shell.hears("mohon data ipm kecamatan mawar 2023 untuk skripsi")
    assert shell.value.state is State.CONFIRMING
    assert "ipm" in shell.value.draft.text


def test_silence_ends_it() -> None:
    shell = knowing()
    shell.hears("ubah data")
    shell.waits(days=30)
    shell.fires(TimerKind.ABANDON)
    assert (shell.value.state, shell.value.correcting) == (State.CLOSED, "")


def test_a_half_written_request_is_gone_on_with() -> None:
    shell = knowing(state=State.CHOOSING)
    shell.hears("mohon data ipm")
    assert shell.value.state is State.DESCRIBING
    shell.hears("ubah data")
    shell.hears("batal")
    assert shell.value.state is State.DESCRIBING
    assert "ipm" in shell.value.draft.text


def test_at_the_summary_the_data_are_those_of_the_request() -> None:
    shell = knowing(state=State.CHOOSING)
    shell.hears("mohon data ipm kecamatan mawar 2023 untuk skripsi")
    shell.hears("ubah data")
    assert shell.value.state is State.DESCRIBING
    assert [say.text for say in shell.says] == [Text.ASK_CHANGE]


def test_with_an_officer_the_words_are_relayed() -> None:
    shell = after("mohon data ipm kecamatan mawar 2023 untuk skripsi", "1")
    decision = shell.hears("ubah data")
    assert (decision.outcome, shell.value.state) == (Outcome.TICKET, State.WITH_OFFICERS)
    assert [say.text for say in shell.says] == []


def test_who_told_nothing_is_told_so() -> None:
    shell = Shell(PLAIN)
    shell.hears("halo")
    shell.hears("ubah data")
    assert next(say.text for say in shell.says) is Text.PROFILE_NONE
    assert shell.value.state is State.CHOOSING
