;; Binary trees in the collected heap: allocation, walks, and the collector's work while an old tree stays alive.
(type $tree (struct (field $left (ref null $tree)) (field $right (ref null $tree))))

(func $grow (param $depth i32) (result (ref $tree))
  (if (result (ref $tree)) (local.get $depth)
    (then
      (struct.new $tree
        (call $grow (i32.sub (local.get $depth) (i32.const 1)))
        (call $grow (i32.sub (local.get $depth) (i32.const 1)))))
    (else (struct.new $tree (ref.null $tree) (ref.null $tree)))))

(func $count (param $tree (ref null $tree)) (result i32)
  (if (ref.is_null (local.get $tree)) (then (return (i32.const 0))))
  (i32.add (i32.const 1)
    (i32.add
      (call $count (struct.get $tree $left (local.get $tree)))
      (call $count (struct.get $tree $right (local.get $tree))))))

(func (export "_start") (local $rounds i32) (local $round i32) (local $checksum i64) (local $old (ref null $tree))
  (local.set $rounds (call $size))
  (local.set $old (call $grow (i32.const 14)))
  (call $begin)
  (loop $next
    (local.set $checksum
      (call $mix (local.get $checksum)
        (i64.extend_i32_u
          (call $count (call $grow (i32.add (i32.const 6) (i32.rem_u (local.get $round) (i32.const 6))))))))
    (br_if $next
      (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (local.get $rounds))))
  (call $end (call $mix (local.get $checksum) (i64.extend_i32_u (call $count (local.get $old))))))
