"""What a policy that was never flown would have been worth, from what was flown and by which chance."""
