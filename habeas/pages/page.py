"""The frame of every page: its head with the style sheet, and a policy under which nothing runs and
nothing is fetched."""

from __future__ import annotations

from importlib import resources

from habeas.core.languages import Lang
from habeas.pages.markup import Markup, element

# Should an escape ever be missed, nothing runs and nothing is fetched.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title: str, lang: Lang, *body: Markup) -> str:
    """A page that fetches nothing."""
    whole = element("html", _meta(title), element("body", *body), lang=lang)
    return f"<!doctype html>\n{whole}\n"


def _meta(title: str) -> Markup:
    style = resources.files("habeas.pages").joinpath("page.css").read_text(encoding="utf-8")
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(style)),
    )
