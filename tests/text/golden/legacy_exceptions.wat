(module
  (tag $e)
  (func
    (try $t
      (do (throw $e))
      (catch $e (rethrow $t))
      (catch_all))
    (try $outer
      (do (try (do (nop)) (delegate $outer)))
      (catch_all))
    try $flat
      nop
    catch $e
      br $flat
    catch_all
      rethrow 0
    end
    try
      nop
    delegate 0))
