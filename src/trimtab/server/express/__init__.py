"""The express lane: requests that say what was said before, around other numbers, answered in one call of the kernels.

A caller that keeps its connection sends the same head again and again, and bodies that differ in their numbers only.
The first of them goes the way of every request; what was found out for it (who asks, and may; which model; what the
text says) holds for the others. Whatever differs, fails or is in doubt goes that way too, which decides.
"""
