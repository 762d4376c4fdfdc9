"""Making an account's templates: those that the configuration words, and those that carry choices.

A template is known by a name that holds the mark of its wording. So a run that was stopped anywhere finds
again what it has made, and a wording that is changed becomes another template, under a name that WhatsApp
has not refused yet.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from channels.contract import SendError, Trouble
from channels.menus import pattern, shape
from channels.whatsapp.cloud.templates import CloudTemplates
from channels.whatsapp.contents import Contents, choices, text
from channels.whatsapp.drafts import UNSUBMITTED, Draft, Made, Verdict
from channels.whatsapp.sending import Account
from handlers import menu_contents, verdicts
from handlers.menu_occasions import occasions
from handlers.providers import numbers_at_meta
from handlers.rendering import Sentences
from handlers.runtime import Runtime
from handlers.settings import Settings
from handlers.settings.templates import Wording
from storage import content_templates
from storage.columns import AnyRow
from storage.content_templates import Known

_MARK = 12
Templates = Contents | CloudTemplates


class Step(StrEnum):
    """What became of a template."""

    THERE = "there"
    FOUND = "found"
    MADE = "made"
    WOULD_BE_MADE = "would be made"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A template that an account shall have. *mark* tells its wording from every other.

    *category* is what WhatsApp is asked to approve it as; what carries choices leaves in the window only, and
    needs no approval. *fixed*: the id of one that was made by hand.
    """

    key: str
    mark: str
    draft: Draft
    category: str = ""
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A wanted template and what became of it. *submitted*: WhatsApp looks at it since this very run.

    *why*: what Twilio has against one that it refused.
    """

    wanted: Wanted
    step: Step
    verdict: Verdict = field(default_factory=Verdict)
    submitted: bool = False
    why: str = ""


def wanted(runtime: Runtime) -> list[Wanted]:
    """Every template that each account shall have."""
    return configured(runtime.settings) + menus(runtime.settings, runtime.sentences)


def configured(settings: Settings) -> list[Wanted]:
    """Those that the configuration words."""
    return [
        _worded(key, language, wording, template.category)
        for key, template in settings.channels.whatsapp.templates.items()
        for language, wording in template.content.items()
    ]


def menus(settings: Settings, sentences: Sentences) -> list[Wanted]:
    """Those that carry choices."""
    return [
        Wanted(
            f"{menu_contents.PREFIX}{shape(one.menu)}",
            shape(one.menu),
            Draft(
                f"loket_menu_{one.question}_{one.language}_{shape(one.menu)}",
                one.language,
                choices(one.menu),
                pattern(one.menu)[1],
            ),
        )
        for one in occasions(sentences, settings.offices)
    ]


def _worded(key: str, language: str, wording: Wording, category: str) -> Wanted:
    buttons = {f"{key}.{number}": title for number, title in enumerate(wording.buttons, 1)}
    samples = {str(number): sample for number, sample in enumerate(wording.samples, 1)}
    name = f"loket_{key}_{language}_{wording.mark[:_MARK]}"
    draft = Draft(name, language, text(wording.body, buttons), samples)
    return Wanted(key, wording.mark, draft, category, wording.content_sid or "")


def accounts(runtime: Runtime) -> Iterator[tuple[str, Templates]]:
    """Each account's name and its templates at its provider; at Meta each number is an account."""
    url = runtime.settings.channels.whatsapp.api_url
    for sid, tokens in runtime.keys.whatsapp.items():
        contents = Contents(Account(sid, tokens[0]), api_url=url)
        try:
            yield sid, contents
        finally:
            contents.close()
    for number, waba_id in numbers_at_meta(runtime.settings, runtime.keys):
        if waba_id is None:
            continue
        at_meta = CloudTemplates(number, waba_id)
        try:
            yield number.phone_number_id, at_meta
        finally:
            at_meta.close()


def _for(contents: Templates, asked: Iterable[Wanted]) -> list[Wanted]:
    """What of *asked* such an account can have. Ids that were written down are Twilio's."""
    if contents.carries_choices:
        return list(asked)
    return [replace(each, fixed="") for each in asked if each.category]


def push(
    runtime: Runtime, account: str, contents: Templates, asked: Iterable[Wanted], *, dry: bool = False
) -> Iterator[Done]:
    """Let *account* have what is *asked*: one after the other, each remembered as soon as it is there.

    Raises ``SendError`` where Twilio can't be asked; what is done stays done. One that it refuses keeps no
    other from being made. *dry*: only tell.
    """
    there = list(contents.all())
    known = known_of(runtime, account)
    for each in _for(contents, asked):
        sid, step = _found(each, known.get((each.key, each.draft.language)), there)
        if dry:
            yield Done(each, step if sid else Step.WOULD_BE_MADE)
            continue
        try:
            yield _done(runtime, account, contents, each, sid, step)
        except SendError as error:
            if error.trouble is not Trouble.PERMANENT:
                raise
            yield Done(each, Step.REFUSED, why=error.detail)


def _done(runtime: Runtime, account: str, contents: Templates, asked: Wanted, sid: str, step: Step) -> Done:
    """Make it if it is not there, remember it, and let WhatsApp look at it if it must and has not yet."""
    sid = sid or contents.create(asked.draft)
    if step is not Step.THERE:
        _keep(runtime, account, asked, sid, Verdict())
    if not asked.category:
        return Done(asked, step)
    verdict = contents.verdict(sid)
    submitted = verdict.status == UNSUBMITTED and not asked.fixed
    if submitted:
        verdict = contents.submit(sid, asked.draft.name, asked.category)
    _keep(runtime, account, asked, sid, verdict)
    return Done(asked, step, verdict, submitted)


def known_of(runtime: Runtime, account: str) -> Mapping[tuple[str, str], AnyRow]:
    """What is remembered of *account*'s templates, by key and language."""
    with runtime.database.read() as connection:
        rows = content_templates.of_account(connection, account)
    return {(row.key, row.language): row for row in rows}


def _found(asked: Wanted, row: AnyRow | None, there: list[Made]) -> tuple[str, Step]:
    """The id of what is there already, and whether it was remembered; nothing where it must be made."""
    if asked.fixed:
        return asked.fixed, Step.THERE
    if row and row.wording == asked.mark and any(made.sid == row.content_id for made in there):
        return str(row.content_id), Step.THERE
    named = (made.sid for made in there if made.name == asked.draft.name)
    sid = next(named, "")
    return sid, Step.FOUND if sid else Step.MADE


def refreshed(runtime: Runtime, account: str, contents: Templates) -> None:
    """Remember what WhatsApp says now of each configured template. Raises ``SendError`` after the last."""
    known, failed = known_of(runtime, account), None
    for each in _for(contents, configured(runtime.settings)):
        row = known.get((each.key, each.draft.language))
        sid = each.fixed or (str(row.content_id) if row and row.wording == each.mark else "")
        try:
            if sid:
                _keep(runtime, account, each, sid, contents.verdict(sid))
        except SendError as error:
            failed = error
    if failed:
        raise failed


def _keep(runtime: Runtime, account: str, asked: Wanted, sid: str, verdict: Verdict) -> None:
    verdicts.keep(runtime.database, judged(account, asked, sid, verdict), runtime.clock())


def judged(account: str, asked: Wanted, sid: str, verdict: Verdict) -> Known:
    """What is remembered of a template that *account* has under this *sid*."""
    told = {"category": verdict.category[:16], "approval": verdict.status[:16], "reason": verdict.reason}
    return Known(account, asked.key, asked.draft.language, sid, asked.mark, **told)
