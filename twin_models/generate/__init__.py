"""Scripts that make what is stored under ``assets/sites``: tables in, tables and rasters out, by seed.

``python -m twin_models.generate [SITE ...]`` writes the files again; the same seed gives the same bytes in
every array. Nothing here runs when the app runs.
"""
