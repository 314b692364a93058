"""Who is told what, once: problems, the ledger of messages, and the channels they leave by.

What belongs here: what a problem is, which messages follow from it, and how one is delivered.
What does not: checks (``health``), and when the sensor ticks (``automation``).
"""
