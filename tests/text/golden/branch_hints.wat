(module
  (func (param $x i32) (local i64)
    (block $l
      (@metadata.code.branch_hint "\00") (br_if $l (local.get $x))
      (@metadata.code.branch_hint "\01")
      (if (local.get $x) (then (nop))))
    local.get $x
    (@metadata.code.branch_hint "\01") if
    end))
