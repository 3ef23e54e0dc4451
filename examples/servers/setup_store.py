"""Run once: a realm and two tokens, shown here and nowhere else. `one` is for a single project and its path."""

import json

from tokenward import Authority

with Authority.open("sqlite:tokens.db", policy="default") as authority:
    authority.create_realm("organization:acme", administrator="user:alice")
    alice = authority.session("organization:acme", "user:alice")

    viewer = alice.issue("viewer", roles=["Viewer"])
    one = alice.issue("one", paths=["^/projects/one$"])
    alice.bind("Viewer", at="organization:acme/project:one", subjects=["token:one"])
    print(json.dumps({"viewer": viewer.token, "one": one.token}, indent=2))
