;; A list of records behind a common supertype, sorted into arrays: casts, array accesses, and references that are written
;; into older objects.
(type $value (sub (struct (field $key i32))))
(type $number (sub final $value (struct (field $key i32) (field $amount f64))))
(type $pair (sub final $value (struct (field $key i32) (field $first (ref null $value)) (field $second (ref null $value)))))
(type $table (array (mut (ref null $value))))

(func $make (param $bits i64) (param $table (ref $table)) (result (ref $value)) (local $key i32)
  (local.set $key (i32.wrap_i64 (i64.and (local.get $bits) (i64.const 1023))))
  (if (result (ref $value)) (i64.eqz (i64.and (i64.shr_u (local.get $bits) (i64.const 10)) (i64.const 3)))
    (then
      (struct.new $pair (local.get $key)
        (array.get $table (local.get $table) (i32.and (i32.add (local.get $key) (i32.const 1)) (i32.const 1023)))
        (ref.null $value)))
    (else
      (struct.new $number (local.get $key)
        (f64.convert_i64_u (i64.shr_u (local.get $bits) (i64.const 54)))))))

(func $worth (param $value (ref null $value)) (param $depth i32) (result f64)
  (if (i32.or (ref.is_null (local.get $value)) (i32.eqz (local.get $depth))) (then (return (f64.const 0))))
  (block $not_number (result (ref null $value))
    (return
      (struct.get $number $amount
        (br_on_cast_fail $not_number (ref null $value) (ref $number) (local.get $value)))))
  (drop)
  (f64.add (f64.const 1)
    (call $worth (struct.get $pair $first (ref.cast (ref $pair) (local.get $value))) (i32.sub (local.get $depth) (i32.const 1)))))

(func $pass (param $table (ref $table)) (result f64) (local $i i32) (local $made (ref null $value)) (local $sum f64)
  (loop $next
    (local.set $made (call $make (call $random) (local.get $table)))
    (array.set $table (local.get $table)
      (struct.get $value $key (local.get $made))
      (local.get $made))
    (local.set $sum (f64.add (local.get $sum)
      (call $worth (array.get $table (local.get $table) (local.get $i)) (i32.const 4))))
    (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1024))))
  (local.get $sum))

(func (export "_start") (local $rounds i32) (local $round i32) (local $checksum i64) (local $table (ref null $table))
  (local.set $rounds (call $size))
  (global.set $random (i64.const 36))
  (local.set $table (array.new_default $table (i32.const 1024)))
  (call $begin)
  (loop $next
    (local.set $checksum
      (call $mix (local.get $checksum) (i64.trunc_f64_u (call $pass (ref.as_non_null (local.get $table))))))
    (br_if $next
      (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (local.get $rounds))))
  (call $end (local.get $checksum)))
