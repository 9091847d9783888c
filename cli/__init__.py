"""The command `banshi`: the only room that may import every other."""
