"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from common.database_roles import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
application = get_wsgi_application()
refuse_to_start()
