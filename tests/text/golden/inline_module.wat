;; A file may be a module's fields alone.
(func $f)
(memory 0)
(export "f" (func $f))
