"""The ways a message leaves: one module a channel.

What belongs here: each channel's format, signature and answers. What does not: when and how often
something is sent (``alerts.delivery``).
"""
