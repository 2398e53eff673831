"""The platform as it speaks in notices: `platform.yaml` beside `.habeas`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from habeas.core.appeal.hearings import Redress
from habeas.core.errors import InvalidInput, NotFound
from habeas.core.languages import LANGS, Lang
from habeas.core.letter import Platform
from habeas.core.letter.notices import TERRITORY
from habeas.core.policy.shapes import ADDRESS, PAGE, Both, Shape, Words, shaped
from habeas.core.policy.yaml import read_document
from habeas.ports.files import unreadable
from habeas.ports.folder import Folder
from habeas.ports.webhooks import checked_address

FILE = "platform.yaml"
EXAMPLE = "docs/notices.md shows one; it names you, your page of appeals and a body of article 21"


def _everywhere(value: object) -> object:
    return list(TERRITORY) if value == "EEA" else value


class WayShape(Shape):
    """A way of redress outside of the platform."""

    name: Words
    address: str = Field(pattern=PAGE)
    certified: bool = Field(False, description="a body certified under DSA article 21")


class PlatformShape(Shape):
    """Who speaks in notices, and what each of them has to say."""

    name: Words
    sender: str = Field(pattern=ADDRESS, description="the address that notices come from")
    staff: str | None = Field(
        None, pattern=ADDRESS, description="where people who work here are told; else the sender"
    )
    webhook: str | None = Field(
        None,
        description="an https address that is told the same as `staff`, signed with the secret in "
        "HABEAS_WEBHOOK_SECRET",
    )
    contact: Words = Field(description="where customers ask: an address or a page")
    portal: str = Field(pattern=PAGE, description="the page of appeals")
    territory: Annotated[
        list[str],
        BeforeValidator(_everywhere, json_schema_input_type=list[str] | Literal["EEA"]),
        Field(min_length=1, description="countries, or EEA for all of them"),
    ]
    redress: list[WayShape] = Field(min_length=1)
    withheld: Both | None = Field(None, description="why some facts are not shown")
    language: Lang = Field("en", description="of customers who have told none")
    one_person: bool = Field(
        False, description="one person works here: where law 7 asks for two, one is enough"
    )


@dataclass(frozen=True, slots=True)
class PlatformVoice:
    """The platform, the address it writes from, the language where a customer has none, and the
    addresses of those who work here: of their mail, and of their webhook if they have one."""

    platform: Platform
    sender: str
    lang: Lang
    staff: str
    webhook: str | None = None
    one_person: bool = False


def read_platform(folder: Folder) -> PlatformVoice:
    """Raises NotFound, InvalidInput, InvalidPolicy."""
    path = folder.root.parent / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"'{path}' is not there: nobody could be told anything", EXAMPLE) from None
    except OSError as error:
        raise unreadable(path, "the file", error) from None
    shape = shaped(read_document(text, FILE), PlatformShape)
    if strangers := sorted(set(shape.territory) - set(TERRITORY)):
        raise InvalidInput(f"{FILE}: '{strangers[0]}' is no country of the EEA", "write FR or EEA")
    withheld = shape.withheld
    platform = Platform(
        name=shape.name,
        contact=shape.contact,
        portal=shape.portal,
        territory=tuple(shape.territory),
        redress=tuple(Redress(w.name, w.address, w.certified) for w in shape.redress),
        withheld=tuple((lang, withheld[lang]) for lang in LANGS) if withheld else (),
    )
    webhook = None if shape.webhook is None else checked_address(shape.webhook)
    return PlatformVoice(
        platform, shape.sender, shape.language, shape.staff or shape.sender, webhook,
        shape.one_person,
    )  # fmt: skip
