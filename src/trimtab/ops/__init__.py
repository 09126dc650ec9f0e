"""What joins the other rooms: gather, decide, act."""
