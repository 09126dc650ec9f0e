"""What a bundle is checked for before it is released: each check finds something out, and says it as evidence."""
