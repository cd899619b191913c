;; An inner label hides an outer one of the same name, so the printer falls back to a number.
(module
  (func
    (block $a
      (loop $b
        (block $a
          (br $a)
          (br $b)
          (br 2)
          (br_if $b (i32.const 1))
          (br_table $a $b 3 (i32.const 0)))))))
