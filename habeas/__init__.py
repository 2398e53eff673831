"""Habeas: account enforcement with due process."""

__version__ = "0.1.0"
