"""What source control says: the commit, its branch or tag, and whether they still are what they were."""
