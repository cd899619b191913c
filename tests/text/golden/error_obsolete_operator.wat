(module (func (local i32) get_local 0))
