"""Starts PostgreSQL, Redis and the site's processes on one machine, for development and tests.

Imports nothing of the project, and Django only once its servers run: so it can start before
there is a database or a settings module.
Production starts its own servers and never comes here.
"""
