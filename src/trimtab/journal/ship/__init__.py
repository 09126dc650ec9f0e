"""Sealed files go where they are wanted too: to a folder, an object store, a topic; never in a request's way."""

from trimtab.journal.ship.parse import parse_destination, parse_destinations
from trimtab.journal.ship.shipping import Shipping, open_shipping
from trimtab.journal.ship.standing import Standing, shipping_status

__all__ = ["Shipping", "Standing", "open_shipping", "parse_destination", "parse_destinations", "shipping_status"]
