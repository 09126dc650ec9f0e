"""Which columns hold a person's data, by their names and by the sample's values; what is suggested to keep of them."""
