"""Nothing secret is packed: `names` and `tokens` are the rules, `scan` finds, `project` and `stage` are the doors."""
