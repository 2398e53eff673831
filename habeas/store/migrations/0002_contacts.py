"""Where customers are reached, and an index for what has ended lately."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("habeas", "0001_initial")]
    operations = [
        migrations.CreateModel(
            "Contact",
            [
                ("account", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("email", models.CharField(max_length=600)),
                ("lang", models.CharField(max_length=40)),
                ("time_us", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            "DecisionMove", models.Index(fields=["kind", "time_us"], name="decisionmove_latest")
        ),
    ]
