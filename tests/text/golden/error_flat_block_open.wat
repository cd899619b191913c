(module (func block nop))
