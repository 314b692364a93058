"""The warehouse on StarRocks: the MySQL protocol for statements, Stream Load for rows.

What belongs here: whatever knows that the warehouse is StarRocks. What does not: what every
warehouse shares (statements, tables, evolution), which is one folder up.
"""
