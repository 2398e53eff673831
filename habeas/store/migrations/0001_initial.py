"""All tables and their guards, made from `store/models` as it stands.

Version 0 keeps no store, so nothing has to be changed step by step: a table is told once. The first
release that keeps stores freezes them here (`makemigrations`), and goes on from that.
"""

from typing import Any

from django.apps import apps
from django.db import migrations
from django.db.migrations.state import ModelState

from habeas.store.guards import APPEND_ONLY, ERASABLE, guards, prepared


def tables() -> list[migrations.CreateModel]:
    states = [ModelState.from_model(m) for m in apps.get_app_config("habeas").get_models()]
    return [migrations.CreateModel(s.name, [*s.fields.items()], s.options) for s in states]


def guard(_: Any, editor: Any) -> None:
    vendor = editor.connection.vendor
    kept = dict.fromkeys(APPEND_ONLY) | ERASABLE
    made = (statement for model, rows in kept.items() for statement in guards(vendor, model, rows))
    for statement in (*prepared(vendor), *made):
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    initial = True
    operations = [*tables(), migrations.RunPython(guard)]
