"""A project of Django with REST framework."""
