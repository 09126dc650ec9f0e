"""What the store is made of: leases on bundles in use, content kept once, names and their history."""
