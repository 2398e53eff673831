"""Columns of the engine as Arrow has them."""

from __future__ import annotations

import numpy as np

from habeas.core.policy.conditions import Base, Type
from habeas.engine.arrow import arrow_column
from habeas.engine.columns import Column
from habeas.engine.texts import Texts


def test_columns_go_to_arrow_with_their_unknowns() -> None:
    texts = Texts()
    codes = np.array([texts.code("x"), -1, texts.code("y")])
    known = np.array([True, False, True])
    column = arrow_column(Column(codes, known), Type(Base.TEXT), texts)
    assert column.to_pylist() == ["x", None, "y"]
    assert arrow_column(Column(codes, known), Type(Base.INTEGER), texts).to_pylist() == [0, None, 1]
    nothing = arrow_column(Column(codes, known & False), Type(Base.TEXT), Texts())
    assert nothing.to_pylist() == [None] * 3
