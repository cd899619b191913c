;; v128.const in each shape.
(module (func (export "v128.const") (result v128) (v128.const i16x8 1 -1 0x7fff -32768 0 5 6 7)))
(assert_return (invoke "v128.const") (v128.const i8x16 1 0 -1 -1 0xff 0x7f 0 0x80 0 0 5 0 6 0 7 0))
(assert_invalid (module (func (result i32) (i8x16.extract_lane_s 16 (v128.const i64x2 0 0)))) "invalid lane index")
(assert_invalid (module (func (drop (i32x4.add (v128.const i64x2 0 0) (i32.const 0))))) "type mismatch")
