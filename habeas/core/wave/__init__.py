"""Waves: an excess of decisions over what the plan forecast; what belongs to one, and what caused
it (docs/waves.md)."""

from habeas.core.wave.board import Board
from habeas.core.wave.diagnosis import Diagnosis
from habeas.core.wave.readings import Judgement
from habeas.core.wave.traces import Traces
from habeas.core.wave.waves import Wave

__all__ = ["Board", "Diagnosis", "Judgement", "Traces", "Wave"]
