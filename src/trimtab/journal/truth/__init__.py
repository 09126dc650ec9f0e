"""What turned out to be so, and what people said: taken in, held against who may say it, joined with what was asked."""
