"""The export of an account: all that a customer can read of it, as files of a zip (GDPR articles
15 and 20; law 4: without logging in).

What is told follows the notices: facts that the policy discloses, with the names of those withheld
left out as the notice says; who decided is told as a person or a program, since names of staff are
other people's data, and so are the ids of events (a shared device has events of others).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

from habeas.core.canon import canonical
from habeas.core.languages import Lang, Texts

Rows = Sequence[Mapping[str, Any]]
FORMAT = "habeas-export-v1"


@dataclass(frozen=True, slots=True)
class Export:
    """Rows of plain values, the first recorded first; `files` are those that the customer sent."""

    account: str
    until_us: int  # of the latest record: the same record makes the same bytes
    standing: Mapping[str, Any]
    findings: Rows = ()
    decisions: Rows = ()
    notices: Rows = ()
    holdings: Rows = ()
    ledger: Rows = ()
    appeals: Rows = ()
    rulings: Rows = ()
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, Rows]:
        return {name: getattr(self, name) for name in TABLES}

    def as_json(self) -> dict[str, object]:
        head = {"format": FORMAT, "account": self.account, "until_us": self.until_us}
        return {**head, "standing": dict(self.standing), **self.tables}


TABLES = ("decisions", "notices", "appeals", "rulings", "findings", "holdings", "ledger")
WORDS: Texts = {
    "en": {
        "title": "Your account: what is recorded",
        "account": "Account",
        "until": "Recorded until",
        "standing": "What your account can do now",
        "decisions": "Decisions and their reasons",
        "notices": "What you were told, word for word",
        "appeals": "Your appeals",
        "rulings": "The answers to your appeals",
        "findings": "What was found",
        "holdings": "What you own here",
        "ledger": "Movements of your money",
        "none": "Nothing is recorded here.",
        "erased": "This text was erased.",
        "here": "In English",
        "files": "The same as data: export.json and the .csv files beside this page.",
    },
    "fr": {
        "title": "Votre compte : ce qui est enregistré",
        "account": "Compte",
        "until": "Enregistré jusqu'au",
        "standing": "Ce que votre compte permet à présent",
        "decisions": "Décisions et leurs motifs",
        "notices": "Ce qui vous a été notifié, mot pour mot",
        "appeals": "Vos réclamations",
        "rulings": "Les réponses à vos réclamations",
        "findings": "Ce qui a été constaté",
        "holdings": "Ce qui vous appartient ici",
        "ledger": "Mouvements de votre argent",
        "none": "Rien n'est enregistré ici.",
        "erased": "Ce texte a été effacé.",
        "here": "En français",
        "files": "Les mêmes données : export.json et les fichiers .csv à côté de cette page.",
    },
}
PAGES: Mapping[Lang, str] = {"en": "index.html", "fr": "index.fr.html"}
STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.3rem;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "pre{white-space:pre-wrap;border-left:4px solid #555;padding-left:1rem}"
)


def files_of(export: Export) -> dict[str, bytes]:
    """The files by name, in the order of names; the same export always gives the same bytes."""
    made = {page: page_of(export, lang).encode() for lang, page in PAGES.items()}
    made["export.json"] = f"{canonical(export.as_json())}\n".encode()
    for name in TABLES:
        made[f"{name}.csv"] = csv_of(export.tables[name]).encode()
    for number, notice in enumerate(export.notices, 1):
        if notice["text"] is not None:
            made[f"notices/{number:03}.{notice['lang']}.txt"] = str(notice["text"]).encode()
    made |= {f"files/{name}": content for name, content in export.files.items()}
    return dict(sorted(made.items()))


# CSV


def csv_of(rows: Rows) -> str:
    """RFC 4180, with a mark of UTF-8 for spreadsheets."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines: list[list[object]] = [[*columns], *([row.get(key) for key in columns] for row in rows)]
    return "\ufeff" + "".join(",".join(map(cell, line)) + "\r\n" for line in lines)


def cell(value: object) -> str:
    """Quoted, and never a formula: a spreadsheet runs text that begins with = + - @ or a control
    (OWASP, CSV injection). Numbers stay numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = spoken(value)
    if text.lstrip().startswith(("=", "+", "-", "@")) or text[:1] in ("\t", "\r", "\n"):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"'


def spoken(value: object) -> str:
    """A plain value as one line of text."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return "; ".join(f"{key}: {spoken(one)}" for key, one in value.items())
        case Sequence():
            return "; ".join(spoken(one) for one in value)
        case _:
            return str(value)


def day(time_us: int) -> str:
    """ISO 8601 in UTC, to the second."""
    seconds = min(max(time_us // 1_000_000, 0), 253_402_300_799)  # the year 9999
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# HTML


def page_of(export: Export, lang: Lang) -> str:
    """A page without script that needs nothing but itself."""
    say = {name: escape(text) for name, text in WORDS[lang].items()}
    others = (
        f'<p><a href="{PAGES[one]}" lang="{one}" hreflang="{one}">{WORDS[one]["here"]}</a></p>'
        for one in PAGES
        if one != lang
    )
    body = [
        f"<h1>{say['title']}</h1>",
        *others,
        f"<p>{say['account']}: <strong>{escape(export.account)}</strong><br>",
        f"{say['until']} {day(export.until_us)}</p><p>{say['files']}</p>",
        f"<h2>{say['standing']}</h2>{table_of([export.standing])}",
    ]
    for name in TABLES:
        rows = export.tables[name]
        body.append(f'<h2 id="{name}">{say[name]}</h2>')
        if not rows:
            body.append(f"<p>{say['none']}</p>")
        elif name == "notices":
            body += [notice_of(row, say["erased"]) for row in rows]
        else:
            body.append(table_of(rows))
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f'<meta name="viewport" content="width=device-width"><title>{say["title"]}</title>'
        f"<style>{STYLE}</style></head>\n<body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def notice_of(notice: Mapping[str, Any], erased: str) -> str:
    """A notice as HTML; `erased` stands where its text was erased."""
    head = f"{notice['time']} · {notice['kind']} · {notice['decision']}"
    text = notice["text"]
    said = f"<p>{erased}</p>" if text is None else f"<pre>{escape(str(text))}</pre>"
    return f"<h3>{escape(head)}</h3>{said}"


def table_of(rows: Iterable[Mapping[str, Any]]) -> str:
    listed = list(rows)
    columns = list(dict.fromkeys(key for row in listed for key in row))
    head = "".join(f'<th scope="col">{escape(key.replace("_", " "))}</th>' for key in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(spoken(row.get(key)))}</td>" for key in columns) + "</tr>"
        for row in listed
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
