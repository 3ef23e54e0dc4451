"""What the integrations of web frameworks share. It imports none of them.

A `Gate` stands between requests and an authority or verifier. It takes the credential and the path of a request and
gives a `Principal`, or the `Refusal` to answer with, byte for byte the same in every framework. The modules
`tokenward.fastapi`, `tokenward.starlette`, `tokenward.flask`, `tokenward.django` and `tokenward.drf` do the rest; for a
framework of your own, use the parts:

```python
gate = Gate(authority, realm="organization:acme")
read_item = gate.require("item-read", "organization:acme/project:site/item:{item}")  # once, at start-up

def application(environ, start_response):
    item = environ["PATH_INFO"].rpartition("/")[2]
    outcome = read_item(credential.of_wsgi(environ, gate.header), target.of_wsgi(environ), {"item": item})
    ...
```
"""

from __future__ import annotations

from . import credential, target
from .answer import Answer, Refusal
from .gate import Gate, Requirement
from .principal import Principal

__all__ = ["Answer", "Gate", "Principal", "Refusal", "Requirement", "credential", "target"]
