"""What writers have left behind becomes Parquet; what is too old, or too much, goes; one process at a time does it."""
