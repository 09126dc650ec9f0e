"""The user's own modules: which of them a prediction needs (`closure` is the door), each bundle's apart (`isolate`)."""
