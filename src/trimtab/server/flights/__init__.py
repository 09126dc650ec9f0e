"""Flights in a server: two revisions of one endpoint, who is answered by which, and what is counted of both."""
