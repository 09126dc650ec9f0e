"""A gateway: any two backends that speak HTTP or gRPC become the arms of a flight."""
