"""Module files: what a business area measures, and how its measures are compared.

What belongs here: the pydantic form of ``module.yaml``, the measures a wide table needs for it, and
the catalogue of all modules. What does not: SQL statements, warehouses, assets.
"""
