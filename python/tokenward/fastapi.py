"""FastAPI: a dependency for each permission, in the OpenAPI document as a security scheme.

```python
from typing import Annotated
from fastapi import FastAPI, Security
from tokenward.fastapi import Principal, Tokens

tokens = Tokens(authority, realm="organization:acme", header="X-API-Key")
app = FastAPI()
tokens.install(app)

ReadProject = Annotated[Principal, Security(tokens.require("project-read", "organization:acme/project:{project}"))]

@app.get("/projects/{project}")
def project(project: str, principal: ReadProject):
    return {"read by": principal.name}
```

To protect all routes, `FastAPI(dependencies=[Security(tokens.authenticate)])`; to protect everything, the documentation
among it, `app.add_middleware(TokenMiddleware, tokens=tokens)`.
"""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from fastapi import APIRouter, Security
from fastapi.openapi.models import APIKey, APIKeyIn, HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from .starlette import TokenMiddleware, admit, endpoints, principal_of, response_of
from .web import Gate, Principal, Refusal, Requirement
from .web.answer import PROBLEM_TYPE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from fastapi import FastAPI
    from fastapi.openapi.models import SecurityBase as SecurityModel
    from starlette.requests import Request
    from starlette.responses import Response

    from .authority import Authority
    from .verifier import Verifier

__all__ = ["Principal", "RefusedError", "TokenMiddleware", "Tokens", "principal_of"]


class Tokens:
    """The tokens that an application accepts.

    Args:
        decider: The authority or verifier that decides.
        realm: Take tokens of this realm only; the resource of routes that name none.
        header: A header in which a bare token may come instead of `Authorization`, such as `X-API-Key`.
        public: Paths that need no token behind `TokenMiddleware`: `/health` alone, `/static/` with all below it.
        scheme_name: What the security scheme is called in the OpenAPI document.
    """

    #: For `responses` of a route, a router or an application: how refusals look in the OpenAPI document.
    responses: Final[dict[int | str, dict[str, Any]]] = {}

    def __init__(
        self,
        decider: Authority | Verifier,
        *,
        realm: str | None = None,
        header: str | None = None,
        public: Collection[str] = (),
        scheme_name: str = "token",
    ) -> None:
        self.gate = Gate(decider, realm=realm, header=header, public=public)
        self._schemes = [_Scheme(scheme_name, HTTPBearer(description="An API token."))]
        if header is not None:
            model = APIKey.model_validate({"in": APIKeyIn.header, "name": header, "description": "An API token."})
            self._schemes.append(_Scheme(f"{scheme_name}_header", model))
        #: The dependency of routes that take every live token.
        self.authenticate: Callable[..., Awaitable[Principal]] = _Dependency(self.gate, None, self._schemes)

    def require(self, permission: str, resource: str | None = None) -> Callable[..., Awaitable[Principal]]:
        """Make the dependency that requires a permission and gives the principal.

        Args:
            permission: What requests need: `project-read`.
            resource: Where they need it, from path parameters: `organization:{org}/project:{project}`. Left out, it is
                the realm.

        Raises:
            InputError: `permission_unknown`, `guard_template_invalid`, `kind_mismatch`; at start-up.
        """
        return _Dependency(self.gate, self.gate.require(permission, resource), self._schemes)

    def install(self, app: FastAPI) -> None:
        """Let an application answer refusals as problem documents.

        Without it they have their status and headers, in FastAPI's own form.
        """
        app.add_exception_handler(RefusedError, _on_refused)

    def router(self, *, introspect: str | None = None, revoke: bool = False) -> APIRouter:
        """Make a router with `/introspect` (RFC 7662) and `/revoke` (RFC 7009).

        Args:
            introspect: The permission, on the realm, of those who may introspect. `None`: there is no such route.
            revoke: Whether whoever presents a token may revoke it.
        """
        router = APIRouter()
        for route in endpoints(self.gate, introspect, revoke=revoke):
            router.add_route(route.path, route.endpoint, methods=["POST"], include_in_schema=False)
        return router


class RefusedError(HTTPException):
    """A request that may not go on. `refusal` is the answer to it."""

    def __init__(self, refusal: Refusal) -> None:
        headers = {name: value for name, value in refusal.headers if name != "Content-Type"}
        super().__init__(refusal.status, cast("str", refusal.problem), headers)
        self.refusal = refusal


class _Scheme(SecurityBase):
    """How credentials come, for the OpenAPI document. Taking them is the gate's."""

    def __init__(self, name: str, model: SecurityModel) -> None:
        self.scheme_name = name
        self.model = model

    async def __call__(self) -> None:
        pass


class _Dependency:
    """A dependency whose parameters are the connection and the security schemes."""

    def __init__(self, gate: Gate, requirement: Requirement | None, schemes: list[_Scheme]) -> None:
        self._gate = gate
        self._requirement = requirement
        scopes = [] if requirement is None else [requirement.permission]
        parameters = [Parameter("connection", Parameter.KEYWORD_ONLY, annotation=HTTPConnection)]
        for number, scheme in enumerate(schemes):
            annotation = Annotated[None, Security(scheme, scopes=scopes)]
            parameters.append(Parameter(f"scheme{number}", Parameter.KEYWORD_ONLY, annotation=annotation))
        self.__signature__ = Signature(parameters, return_annotation=Principal)

    async def __call__(self, *, connection: HTTPConnection, **_: None) -> Principal:
        refusal = admit(self._gate, self._requirement, connection)
        if refusal is not None:
            raise RefusedError(refusal)
        return principal_of(connection)


async def _on_refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, RefusedError):
        raise error
    return response_of(error.refusal)


def _documented(code: str, refusal: Refusal) -> dict[str, Any]:
    example = {PROBLEM_TYPE: {"example": refusal.problem}}
    return {"description": f"`{code}`: {refusal.problem['detail']}", "content": example}


for _code in ("invalid_request", "invalid_token", "insufficient_scope", "unavailable"):
    _refusal = Refusal.because(_code)
    Tokens.responses[_refusal.status] = _documented(_code, _refusal)
