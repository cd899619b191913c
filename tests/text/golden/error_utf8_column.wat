(module (export "λλλ" (func $missing)))
