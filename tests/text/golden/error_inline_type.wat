(module
  (type $t (func (param i32 i64)))
  (func (type $t) (param i32) (result i64)))
