;; Names that are no identifiers are quoted; names that stand twice get an identifier of their own and keep the name beside it.
(module $m
  (func $"two words" (param $"\u{3bb}" i32) (local $l i64) (drop (local.get $"\u{3bb}")))
  (func $f (@name "same"))
  (func $g (@name "same") (call $f) (call $g) (call $"two\20words"))
  (func (@name "\"quoted\"\n"))
  (global $!#$%&'*+-./:<=>?@\^_`|~ i32 (i32.const 0))
  (type $t (func (param i32))))
