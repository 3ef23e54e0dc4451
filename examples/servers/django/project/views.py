"""Views of REST framework."""

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from tokenward.rest_framework import require


def health(_: HttpRequest) -> HttpResponse:
    """Say that the server is there: a view of Django's, which asks for nothing."""
    return HttpResponse("ok", content_type="text/plain")


class Me(APIView):
    """Who asks: any live token will do."""

    def get(self, request: Request) -> Response:
        """Say who asks."""
        return Response({"principal": request.auth.name, "owner": request.auth.owner})


class Project(APIView):
    """A project, for whoever may read it."""

    permission_classes = (require("project-read", "organization:acme/project:{name}"),)

    def get(self, request: Request, name: str) -> Response:
        """Give the project."""
        return Response({"project": name, "reader": request.auth.name})
