"""Letters: what customers, staff and the public are told, in the words of each language.

A statement of reasons is complete by DSA article 17(3) or is not made (docs/notices.md).
"""

from habeas.core.letter.letters import Letter
from habeas.core.letter.notices import NoticeKind, Platform, Statement

__all__ = ["Letter", "NoticeKind", "Platform", "Statement"]
