(module (func (@custom "here")))
