"""API tokens with roles, decided inside your process.

```python
from tokenward import Authority

authority = Authority.open("sqlite:tokens.db", policy="styra-das")
authority.create_realm("workspace:hooli", administrator="user:ruchita")
ruchita = authority.session("workspace:hooli", "user:ruchita")

issued = ruchita.issue(name="ci/deploy", paths=["^/v1/systems/"], lifetime_days=30)
ruchita.bind("SystemOwner", at="workspace:hooli/system:dev", subjects=["token:ci/deploy"])
print(issued.token)  # shown once, never stored

decision = authority.authorize(
    f"Bearer {issued.token}", "system-write", "workspace:hooli/system:dev", path="/v1/systems/dev"
)
assert decision
```
"""

from __future__ import annotations

from ._arguments import ABSENT, Absent
from .authority import Authority
from .decision import Decision, DecisionDocument, Explanation, Reason, Request, Status, Step
from .errors import (
    ConflictError,
    DeniedError,
    InputError,
    InternalError,
    NotFoundError,
    StateError,
    StoreError,
    TokenwardError,
)
from .guard import Guard
from .imports import GivenBinding, ImportedToken, read_export
from .issued import Issued
from .observation import Observation, OnChange, OnDecision
from .publication import Published, Target
from .records import AuditEntry, Binding, Lint, Origin, Realm, Role, Scheme, Settings, Token, TokenStatus, User
from .requests import Introspection
from .session import Check, Session
from .verifier import Verifier

__all__ = [
    "ABSENT",
    "Absent",
    "AuditEntry",
    "Authority",
    "Binding",
    "Check",
    "ConflictError",
    "Decision",
    "DecisionDocument",
    "DeniedError",
    "Explanation",
    "GivenBinding",
    "Guard",
    "ImportedToken",
    "InputError",
    "InternalError",
    "Introspection",
    "Issued",
    "Lint",
    "NotFoundError",
    "Observation",
    "OnChange",
    "OnDecision",
    "Origin",
    "Published",
    "Realm",
    "Reason",
    "Request",
    "Role",
    "Scheme",
    "Session",
    "Settings",
    "StateError",
    "Status",
    "Step",
    "StoreError",
    "Target",
    "Token",
    "TokenStatus",
    "TokenwardError",
    "User",
    "Verifier",
    "read_export",
]
