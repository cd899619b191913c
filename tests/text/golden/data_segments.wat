(module
  (memory $m 1)
  (memory $filled (data "hello, " "world"))
  (data (i32.const 8) "\00\ff\u{3bb}\t\n\"\\")
  (data $active (memory $filled) (offset (i32.add (i32.const 1) (i32.const 2))) "x")
  (data $passive "passive")
  (data "0123456789012345678901234567890123456789012345678901234567890123456789"))
