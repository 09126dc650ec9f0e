"""Turns a model into native stages when it is packaged, and proves that they answer as the model does."""
