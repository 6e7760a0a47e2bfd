"""Starts PostgreSQL, Redis and the site's processes on one machine, for development and tests.

Imports nothing of the project and no Django, so that it can run before there is a database.
Production starts its own servers and never comes here.
"""
