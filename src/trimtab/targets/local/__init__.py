"""Endpoints as supervised processes on this machine: rendered as files, started, replaced, looked after."""
