"""Codes by mail: offered once an address was told, never waited for, and never guessed."""

import pytest

from bot.conversation import Outcome, State
from bot.effects import CheckCode, MailCode
from bot.events import OfficerReplied
from bot.texts import Text
from tests.bot.desk import ASK, BY_MAIL, PLAIN, REGISTERING, WITH_MAILBOX, Shell, after, with_officer

RIGHT, WRONG, DEAD = "482913", "111111", "777777"


def told() -> Shell:
    """A citizen who has told an address at registration, and was asked the next thing."""
    return after("data penduduk 2020", "Siti Rahmah", "1", "1", "siti@contoh.id", desk=WITH_MAILBOX)


def asks(shell: Shell, text: str) -> bool:
    """Whether the shell is asked about a code when the citizen writes *text*."""
    return any(isinstance(effect, CheckCode) for effect in shell.hears(text).effects)


def test_an_address_told_is_sent_a_code_and_the_next_question_is_asked_all_the_same() -> None:
    shell = told()
    assert shell.mailed == "siti@contoh.id"
    assert shell.said[0] is Text.CODE_MAILED
    assert len(shell.said) == 2
    assert shell.value.state in (State.DESCRIBING, State.CONFIRMING)


def test_no_code_without_a_mailbox_or_by_mail() -> None:
    shell = after("data penduduk 2020", "Siti Rahmah", "1", "1", "siti@contoh.id", desk=REGISTERING)
    assert (shell.mailed, Text.CODE_MAILED in shell.said) == ("", False)
    letter = Shell(BY_MAIL).mails("Mohon data penduduk 2020.\nEmail: siti@contoh.id")
    assert not any(isinstance(effect, MailCode) for effect in letter.effects)


def test_the_right_code_is_thanked_for_and_the_open_question_stands() -> None:
    shell = told()
    state = shell.value.state
    decision = shell.hears(RIGHT)
    assert decision.outcome is Outcome.PROFILE
    assert shell.said[0] is Text.CODE_PROVED
    assert (len(shell.said), shell.value.state, shell.value.proving_until) == (2, state, None)
    assert not asks(shell, RIGHT)


@pytest.mark.parametrize("text", ["lewati", "Lewati saja", "skip aja kak"])
def test_a_code_is_left_out_in_the_word_it_was_offered_in(text: str) -> None:
    shell = told()
    state, question = shell.value.state, shell.said[1:]
    shell.hears(text)
    assert (shell.value.state, shell.said, shell.value.proving_until) == (state, question, None)
    shell.hears("lewati")
    assert shell.said == [Text.SUMMARY]


def test_a_code_is_not_left_out_by_an_answer_to_something_else() -> None:
    shell = told()
    shell.hears("kotabaru, 2020, skripsi")
    assert shell.said == [Text.SUMMARY]
    shell.hears("tidak")
    assert shell.said == [Text.ASK_CHANGE]
    assert shell.value.proving_until


@pytest.mark.parametrize(
    "text", ["482913", "482 913", "kode 482913", "KODE: 482-913", "*482913*", " Code 482913. "]
)
def test_a_code_in_its_spellings(text: str) -> None:
    assert asks(told(), text)


@pytest.mark.parametrize(
    "text", ["48291", "4829131", "saya 482913", "482913 orang", "2020", "kode kbli 47111"]
)
def test_other_digits_mean_what_they_mean(text: str) -> None:
    assert not asks(told(), text)


def test_six_digits_without_a_code_on_its_way_mean_what_they_mean() -> None:
    assert not asks(after("1", desk=PLAIN), RIGHT)
    shell = told()
    shell.waits(hours=25)
    assert not asks(shell, RIGHT)


def test_eight_digits_need_the_word_before_them_and_no_code_on_its_way() -> None:
    shell = Shell(PLAIN)
    assert not asks(shell, "48291357")
    assert asks(shell, "KODE 4829 1357")
    assert shell.said[0] is Text.CODE_PROVED


def test_wrong_codes_are_counted_and_then_not_looked_at_for_a_day() -> None:
    shell = told()
    for _ in range(5):
        assert asks(shell, WRONG)
        assert shell.said[0] is Text.CODE_WRONG
    assert not asks(shell, WRONG)
    assert shell.said[0] is Text.CODE_DEAD
    assert not asks(shell, "KODE 48291357")
    shell.waits(hours=25)
    assert asks(shell, "KODE 48291357")


def test_a_dead_code_ends_the_waiting() -> None:
    shell = told()
    assert asks(shell, DEAD)
    assert (shell.said[0], shell.value.proving_until) == (Text.CODE_DEAD, None)
    assert not asks(shell, RIGHT)


def test_beside_an_officer_a_right_code_is_no_word_to_them_and_a_wrong_one_may_be() -> None:
    shell = told()
    shell.hears("1")
    shell.hears("petugas")
    shell.take(OfficerReplied(1))
    assert shell.value.state is State.WITH_OFFICERS
    decision = shell.hears(RIGHT)
    assert (decision.outcome, decision.about) == (Outcome.PROFILE, 1)
    assert shell.said == [Text.CODE_PROVED]


def test_an_officers_number_is_not_taken_for_a_code() -> None:
    shell = with_officer()
    decision = shell.hears("482913")
    assert (decision.outcome, shell.said) == (Outcome.TICKET, [])


def test_nothing_is_looked_at_after_opting_out_or_when_blocked() -> None:
    shell = told()
    shell.hears("STOP")
    assert not asks(shell, RIGHT)
    blocked = told()
    blocked.value = blocked.value.but(blocked=True)
    assert not asks(blocked, RIGHT)


def test_a_code_first_of_all_is_answered() -> None:
    shell = Shell(PLAIN)
    shell.hears("kode 48291357")
    assert shell.said == [Text.CODE_PROVED]
    shell.hears(ASK)
    assert Text.GREETING in shell.said
