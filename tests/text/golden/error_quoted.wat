(module quote
  "(func)\n"
  "(memory one)")
