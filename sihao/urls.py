"""All routes: public pages, signing in, the declaration rooms, jobs."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("declarations.public_urls")),
    path("account/", include("sihao.accounts.urls")),
    path("jobs/", include("sihao.jobs.urls")),
    path("work/", include("declarations.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("gallery/", include("sihao.ui.urls")))
