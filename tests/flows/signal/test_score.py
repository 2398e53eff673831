"""Posts about closed accounts make a burst, and the burst a wave."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput
from habeas.core.signal.bursts import WaveSource
from habeas.core.times import UNITS
from habeas.flows.signal.score import score, score_posts

KEYWORDS = "keywords: [account closed, compte fermé, '#compteferme']\n"
START = datetime(2018, 4, 2, tzinfo=UTC)
TEXTS = (
    "My account closed overnight, no reason",
    "Mon COMPTE FERMÉ sans explication @boutique",
    "#CompteFermé",
    "lovely weather",
)


def feed(path: Path, days: int = 6, storm: int = 60) -> Path:
    """Posts for some days, two in five minutes; on the last day `storm` in five minutes."""
    rng = random.Random(4)  # noqa: S311
    at_storm = days * 288 - 100
    lines = []
    for n in range(days * 288):
        for k in range(storm if at_storm <= n < at_storm + 6 else rng.randint(0, 4)):
            when = START + timedelta(minutes=5 * n, seconds=k)
            post = {"id": f"{n}-{k}", "time": when.isoformat(), "text": rng.choice(TEXTS)}
            lines.append(json.dumps(post))
    lines += lines[-50:]  # delivered twice
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def keywords(tmp_path: Path) -> Path:
    path = tmp_path / "keywords.yaml"
    path.write_text(KEYWORDS, encoding="utf-8")
    return path


def test_a_storm_of_posts_opens_a_wave(tmp_path: Path, keywords: Path) -> None:
    posts = feed(tmp_path / "posts.ndjson")
    found = score_posts(str(posts), keywords, 5 * UNITS["m"])
    counts = found.counts
    assert counts["read"] == counts["matched"] + counts["others"] + counts["repeated"]
    assert counts["repeated"] > 0
    assert len(found.rows) == 6 * 288
    storm = max(found.bursts, key=lambda burst: burst.score)
    assert storm.start_us == int((START + timedelta(minutes=5 * (6 * 288 - 100))).timestamp() * 1e6)
    assert storm.times > 10
    assert {name for name, _ in storm.keywords} == {
        "account closed", "compte fermé", "#compteferme",
    }  # fmt: skip
    assert "Mon COMPTE FERMÉ sans explication [name]" in storm.samples
    assert found.opening is not None
    assert (found.opening.time_us, found.opening.by) == (storm.start_us, WaveSource.SIGNAL)


def test_without_a_storm_none_opens(tmp_path: Path, keywords: Path) -> None:
    found = score_posts(str(feed(tmp_path / "p.ndjson", storm=3)), keywords, 5 * UNITS["m"])
    assert found.opening is None


def test_the_same_counts_as_a_series_have_the_same_scores(tmp_path: Path, keywords: Path) -> None:
    posts = score_posts(str(feed(tmp_path / "posts.ndjson")), keywords, 5 * UNITS["m"])
    path = tmp_path / "series.csv"
    rows = zip(posts.stamps, posts.rows, strict=True)
    text = "".join(f"{stamp},{row.value}\n" for stamp, row in rows)
    path.write_text(f"timestamp,value\n{text}")
    series = score(path)
    assert series.scores() == posts.scores()
    assert [b.start_us for b in series.bursts] == [b.start_us for b in posts.bursts]


def test_no_posts_are_no_rows(tmp_path: Path, keywords: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("id,time,text\n")
    found = score_posts(str(path), keywords, UNITS["h"])
    assert (found.rows, found.bursts, found.counts["read"]) == ([], [], 0)
    with pytest.raises(InvalidInput):
        score_posts(str(path), keywords, 0)
