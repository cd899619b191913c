(module
  (type $f (func))
  (type $k (cont $f))
  (tag $yield)
  (func $run
    (block $on (result (ref $k))
      (resume $k (on $yield $on) (on $yield switch) (cont.new $k (ref.func $run)))
      (return))
    (drop)
    (suspend $yield))
  (elem declare func $run))
