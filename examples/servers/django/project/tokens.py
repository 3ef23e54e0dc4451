"""The authority, opened once for the process."""

from tokenward import Authority

authority = Authority.open("sqlite:tokens.db")
