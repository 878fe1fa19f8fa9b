"""Pins the notes of a board to it."""
