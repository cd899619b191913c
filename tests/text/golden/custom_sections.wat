(module
  (@custom "end")
  (@custom "first" (before first) "\00\01")
  (@custom "before code" (before code) "a" "b")
  (@custom "after types" (after type))
  (@unknown annotations (are "skipped") ;; whatever they hold
  )
  (func))
