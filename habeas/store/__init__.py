"""The store: tables, rows <-> core values, and one way to commit. It imports no flow and no port.

Importing it makes Django ready where no settings are there yet: a library without web. Which
database it speaks to is said by `habeas.wiring`; docs/store.md tells how flows use it.
"""

from __future__ import annotations

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        INSTALLED_APPS=["habeas.store"],
        DATABASES={},  # none until `habeas.wiring` names one
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()
