"""A trained model and the code that prepares its data as one immutable folder, named by its digest."""
