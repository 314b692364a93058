"""Dagster resources: services wired into assets.

What belongs here: thin objects that read the settings and hand assets something framework-free.
What does not: what an asset does with it.
"""
