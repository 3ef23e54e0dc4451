"""Django REST framework: an authentication class, permissions with the resource taken from the route, exact refusals.

```python
# settings.py, beside the TOKENWARD of tokenward.django
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tokenward.rest_framework.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tokenward.rest_framework.LiveToken"],  # nothing without a live token
    "EXCEPTION_HANDLER": "tokenward.rest_framework.exception_handler",
}

# views.py
from tokenward.rest_framework import require

class ProjectView(APIView):
    permission_classes = [require("project-read", "organization:acme/project:{project}")]

    def get(self, request, project):
        return Response({"read by": request.auth.name})
```

Who decides, and for which realm, is said once, in the `TOKENWARD` of `tokenward.django`. `request.auth` is the
`Principal`; `request.user` is a `TokenUser`, or what `TokenAuthentication.user_of` gives in a class of your own. A view
that needs no token has `authentication_classes = []` and `permission_classes = [AllowAny]`.

Without the exception handler the statuses and headers are the same, and a body is rendered as REST framework renders
others.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.permissions import BasePermission

from .django import admit, met, needed, principal_of, response_of
from .web import Principal, Refusal, Requirement

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from .web import Gate
    from .web.needs import Need

__all__ = ["LiveToken", "Refused", "TokenAuthentication", "TokenUser", "exception_handler", "require"]


class TokenUser:
    """What stands in `request.user`: enough of a user for REST framework's own permissions and throttles.

    It is no row of a database and has no permissions of Django's. Two are equal when they are of one principal.
    """

    __slots__ = ("principal",)

    is_active: Final = True
    is_anonymous: Final = False
    is_authenticated: Final = True
    is_staff: Final = False
    is_superuser: Final = False

    def __init__(self, principal: Principal) -> None:
        self.principal = principal

    @property
    def pk(self) -> str:
        """The name of the principal, by which throttles count."""
        return self.principal.name

    @property
    def username(self) -> str:
        """The name of the principal: `token:ci/deploy`."""
        return self.principal.name

    def get_username(self) -> str:
        """Give the name of the principal."""
        return self.principal.name

    def has_perm(self, perm: str, obj: object | None = None) -> bool:  # noqa: ARG002
        """Say that Django's own permissions are not held: what a token may do is asked by `require`."""
        return False

    def has_perms(self, perm_list: object, obj: object | None = None) -> bool:  # noqa: ARG002
        """Say the same of several."""
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TokenUser) and other.principal.name == self.principal.name

    def __hash__(self) -> int:
        return hash(self.principal.name)

    def __str__(self) -> str:
        return self.principal.name


class Refused(APIException):
    """A request that may not go on. `exception_handler` answers it as every integration does."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__({name: str(value) for name, value in refusal.problem.items()}, refusal.code)
        self.refusal = refusal
        self.status_code = refusal.status
        # REST framework's own handler looks for these two.
        fields = refusal.fields
        if "WWW-Authenticate" in fields:
            self.auth_header = fields["WWW-Authenticate"]
        if "Retry-After" in fields:
            self.wait = int(fields["Retry-After"])


class TokenAuthentication(BaseAuthentication):
    """Says who asks: `request.user` and `request.auth` of a request with a live token.

    A request without a credential is left to the classes behind it. One with a credential that is not live, or on a
    path that its patterns do not let through, is refused here.
    """

    def authenticate(self, request: Request) -> tuple[Any, Principal] | None:
        """Give the user and the principal of a request, or nothing where it carries no credential.

        Raises:
            Refused: The credential is not that of a live token.
        """
        refusal = admit(None, _plain(request), {})
        if refusal is None:
            principal = principal_of(_plain(request))
            return self.user_of(principal), principal
        if refusal.code == "no_credential":
            return None
        raise Refused(_for_view(request, refusal))

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """Give the challenge of a request without a credential (RFC 6750)."""
        return _challenge()

    def user_of(self, principal: Principal) -> Any:
        """Give what stands in `request.user`. Override it to find a user of the project by `principal.owner`."""
        return TokenUser(principal)


class LiveToken(BasePermission):
    """Lets through whoever has a live token, whatever it may do. What other authentication classes prove is none."""

    _need: ClassVar[Need[Requirement] | None] = None

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Decide a request, with what is in its path.

        Raises:
            Refused: It may not go on.
        """
        refusal = admit(self._need, _plain(request), getattr(view, "kwargs", {}))
        if refusal is not None:
            raise Refused(refusal)
        return True


def require(permission: str, resource: str | None = None) -> type[BasePermission]:
    """Make the permission class of a view that requires a permission.

    Args:
        permission: What requests need: `project-read`.
        resource: Where they need it, from the parameters of the route: `organization:{org}/project:{project}`. Left
            out, it is the realm.

    Raises:
        InputError: `permission_unknown`, `guard_template_invalid`, `kind_mismatch`; when the view is imported.
        ImproperlyConfigured: The settings are not complete.
    """
    return cast("type[BasePermission]", type("Requires", (LiveToken,), {"_need": needed(permission, resource)}))


def exception_handler(exc: Exception, context: dict[str, Any]) -> Any:
    """Answer what was refused with a problem document (RFC 9457); leave other exceptions to REST framework."""
    if isinstance(exc, NotAuthenticated) and _by_token(context.get("view")):
        return response_of(Refusal.because("no_credential", _challenge()))
    if isinstance(exc, Refused):
        return response_of(exc.refusal)
    # REST framework's views read the classes of this module while they are imported themselves.
    from rest_framework.views import exception_handler as default_handler  # noqa: PLC0415

    return default_handler(exc, context)


def _by_token(view: Any) -> bool:
    """Say whether a view would rather be asked with a token: its first class is the one that makes the challenge."""
    first = next(iter(view.get_authenticators()), None) if view is not None else None
    return isinstance(first, TokenAuthentication)


def _for_view(request: Request, refusal: Refusal) -> Refusal:
    """Give the refusal of a path with the permission that the view requires, as the challenge of a 403 names it."""
    view = request.parser_context.get("view")
    if refusal.code != "insufficient_scope" or view is None:
        return refusal
    permissions = [held for held in view.get_permissions() if isinstance(held, LiveToken)]
    refusals = [admit(held._need, _plain(request), view.kwargs) for held in permissions]
    return next((found for found in refusals if found is not None), refusal)


def _challenge() -> str:
    return _challenge_of(met().gate)


@lru_cache(maxsize=1)
def _challenge_of(gate: Gate) -> str:
    refusal = gate.identify(None, "/")
    found = refusal.fields.get("WWW-Authenticate") if isinstance(refusal, Refusal) else None
    return found or "Bearer"


def _plain(request: Request) -> HttpRequest:
    """Give Django's own request: what is noted on it is seen by other middleware too."""
    return cast("HttpRequest", getattr(request, "_request", request))
