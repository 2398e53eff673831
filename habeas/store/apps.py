"""The Django app: its label begins the name of every table, `habeas_decision`."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "habeas.store"
    label = "habeas"
    default_auto_field = "django.db.models.BigAutoField"
