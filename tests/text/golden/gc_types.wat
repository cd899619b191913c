(module
  (type $pair (struct (field $first i32) (field $second (mut f64))))
  (type $bytes (array (mut i8)))
  (type $shorts (array i16))
  (rec
    (type $list (sub (struct (field $head i32) (field $tail (ref null $list)))))
    (type $named_list (sub final $list
      (struct (field $head i32) (field $tail (ref null $list)) (field $name (ref $bytes))))))
  (type $shape (sub (struct)))
  (type $f (sub (func (param (ref any)) (result (ref null struct)))))
  (type $many (struct (field i8 i16 (mut i64)) (field anyref eqref i31ref)))
  (rec))
