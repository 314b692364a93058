"""What runs by itself.

What belongs here: schedules and sensors. What does not: assets.
"""
