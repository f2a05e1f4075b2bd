"""Asesor: the field assessment program of Gerakan Menuju Smart City."""

__version__ = "0.1.0"
