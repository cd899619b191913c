(module
  (memory 1 1 shared)
  (func (result i32)
    (i32.atomic.store (i32.const 0) (i32.const 1))
    (drop (i64.atomic.rmw8.add_u offset=1 (i32.const 0) (i64.const 1)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
    (atomic.fence)
    (memory.atomic.notify align=4 (i32.const 0) (i32.const 1))))
