"""Routes."""

from django.urls import include, path
from tokenward.django import endpoints

from .views import Me, Project, health

urlpatterns = [
    path("health", health),
    path("me", Me.as_view()),
    path("projects/<str:name>", Project.as_view()),
    path("oauth/", include(endpoints(revoke=True))),  # RFC 7009: clients revoke their tokens
]
