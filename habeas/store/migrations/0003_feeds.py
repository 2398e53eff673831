"""Public signals: what is known of feeds, the bins that were counted, and their bursts."""

from typing import Any

from django.db import migrations, models

from habeas.store.guards import append_only


def name() -> Any:
    return models.CharField(max_length=600)


def pair(*columns: str) -> Any:
    return models.CompositePrimaryKey(
        *columns, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    dependencies = [("habeas", "0002_contacts")]
    operations = [
        migrations.CreateModel(
            "Feed",
            [
                ("name", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("version", models.BigIntegerField()),
                ("state", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            "FeedCount",
            [
                ("pk", pair("feed", "time_us")),
                ("feed", name()),
                ("time_us", models.BigIntegerField()),
                ("value", models.FloatField(null=True)),
                ("expected", models.FloatField()),
                ("score", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            "FeedMove",
            [
                ("pk", pair("subject", "number")),
                ("subject", name()),
                ("number", models.BigIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
            ],
            {"abstract": False},
        ),
        append_only("habeas_feedcount", ("feed", "time_us")),
        append_only("habeas_feedmove", ("subject", "number")),
    ]
