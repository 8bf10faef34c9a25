"""What can be asked: lists and single things, as others see them."""
