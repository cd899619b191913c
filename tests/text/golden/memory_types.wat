(module
  (memory $plain 1)
  (memory $limited 1 2)
  (memory $shared 1 2 shared)
  (memory $wide i64 0x1_0000 0x2_0000)
  (memory $bytes 7 (pagesize 1))
  (memory $bytes_filled (pagesize 1) (data "abc"))
  (memory $wide_filled i64 (data "abc")))
