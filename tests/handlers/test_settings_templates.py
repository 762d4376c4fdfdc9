"""What a WhatsApp template must look like, and that every fault of one is named by its path."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from handlers import shipped_files
from handlers.content_templates import ANSWER_READY
from handlers.settings import load
from tests.handlers.test_settings_refused import ACCOUNT, OFFICE, refused

BODY = "Jawaban {{1}} untuk tiket {{2}} sudah siap, mohon balas."
GOOD = {"body": BODY, "variables": ["office", "reference"], "samples": ["BPS Kolaka", "KTM-2026-00012"]}
SID = "HX" + "0" * 32
PATH = "channels.whatsapp.templates.jawaban_siap"


def with_template(accounts: int = 1, language: str = "id", key: str = "jawaban_siap", **changes: Any) -> str:
    template = {"content": {language: GOOD | changes}}
    names = {f"no{number}": ACCOUNT for number in range(accounts)}
    channel = {"accounts": names, "templates": {key: template}}
    return yaml.safe_dump({"channels": {"whatsapp": channel}, "offices": {"7411": OFFICE}})


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"body": "Jawaban {{1}} dan tiket {{3}} sudah siap."}, "body", "must be numbered {{1}}, {{2}}"),
    ({"variables": ["office"]}, "variables", "must name one for each placeholder: 2"),
    ({"variables": ["office", "phone"]}, "variables.1", "must be one of office, reference, name"),
    ({"samples": ["BPS"]}, "samples", "must give a value for each variable: 2"),
    ({"samples": ["BPS", "KTM\n1"]}, "samples.1", "must be one line"),
    ({"samples": ["", "KTM"]}, "samples.0", "must be one line"),
    ({"body": "{{1}} punya jawaban untuk tiket {{2}} sekarang."}, "body", "must neither begin nor end with"),
    ({"body": "Sudah ada jawaban {{1}} untuk tiket {{2}}"}, "body", "must neither begin nor end with"),
    ({"body": "Sudah ada jawaban {{1}} {{2}} di kantor kami."}, "body", "must have words between them"),
    ({"body": "Ada {{1}} untuk {{2}} ya."}, "body", "has too few words for its placeholders: at least 5"),
    ({"body": BODY + " ya" * 400}, "body", "must be 1024 characters or fewer"),
    ({"body": BODY + " {{nama}} ya"}, "body", "a placeholder is written {{1}}"),
    ({"body": " ", "variables": [], "samples": []}, "body", "is empty"),
    ({"buttons": ["a"] * 2}, "buttons", "must be at most 10, and each only once"),
    ({"buttons": ["Kirim jawabannya sekarang juga"]}, "buttons.0", "must be 1 to 20 characters"),
    ({"content_sid": "HX12"}, "content_sid", "must be a ContentSid"),
    ({"accounts": 2, "content_sid": SID}, "content_sid", "belongs to one account"),
]


@pytest.mark.parametrize(("changes", "where", "sentence"), FAULTS)
def test_a_fault_is_named_by_its_path(
    tmp_path: Path, changes: dict[str, Any], where: str, sentence: str
) -> None:
    problems = refused(tmp_path, with_template(**changes))
    assert any(one.startswith(f"{PATH}.content.id.{where}: ") and sentence in one for one in problems)
    assert all(one.startswith(f"{PATH}.content.id.") for one in problems)


def test_keys_languages_and_categories_are_known_ones(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, with_template(language="fr"))
    assert problem == f"{PATH}.content.fr: the desk does not speak it; it speaks: en, id"
    (problem,) = refused(tmp_path, with_template(key="Jawaban siap"))
    assert problem.startswith("channels.whatsapp.templates.Jawaban siap: the key of a template")
    text = with_template().replace("content:", "category: NEWS\n        content:")
    (problem,) = refused(tmp_path, text)
    assert problem == f"{PATH}.category: must be 'UTILITY', 'MARKETING' or 'AUTHENTICATION'"


def test_a_template_needs_a_wording_and_hours_are_counted(tmp_path: Path) -> None:
    channel = {"templates": {"x": {}}, "held": {"mail_after_hours": 0}}
    text = yaml.safe_dump({"channels": {"whatsapp": channel}, "offices": {"7411": OFFICE}})
    assert refused(tmp_path, text) == ["channels.whatsapp.held.mail_after_hours: must be 1 or more"]
    text = text.replace("mail_after_hours: 0", "mail_after_hours: 1")
    (problem,) = refused(tmp_path, text)
    assert problem == "channels.whatsapp.templates.x.content: must have a wording in at least one language"


def test_a_good_one_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(with_template(content_sid=SID, buttons=["Kirim"]), "utf-8")
    (template,) = load(path, {}).channels.whatsapp.templates.values()
    wording = template.content["id"]
    assert template.category == "UTILITY"
    assert wording.filled(("BPS", "7")) == "Jawaban BPS untuk tiket 7 sudah siap, mohon balas."
    changed = wording.model_copy(update={"body": BODY + " Ya."})
    assert wording.mark == wording.model_copy(update={"content_sid": None}).mark != changed.mark


def test_the_shipped_template_names_office_and_ticket_in_both_languages() -> None:
    template = load(shipped_files.sample_config(), {}).channels.whatsapp.templates[ANSWER_READY]
    assert template.category == "UTILITY"
    assert set(template.content) == {"id", "en"}
    for wording in template.content.values():
        assert wording.variables == ("office", "reference")
        assert len(wording.filled(wording.samples)) < 300
