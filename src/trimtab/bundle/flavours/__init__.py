"""How each framework's models are recognised, saved and loaded."""
