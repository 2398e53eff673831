"""Public signals: contacts and posts, counted, and how rare each count is (docs/signals.md)."""

from habeas.core.signal.bursts import Burst
from habeas.core.signal.posts import Post
from habeas.core.signal.signals import Listener

__all__ = ["Burst", "Listener", "Post"]
