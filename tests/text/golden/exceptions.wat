;; The clauses' labels lie outside of the block: $l is the block around, not the try_table itself.
(module
  (tag $e (param i32))
  (func (result i32)
    (block $l (result i32)
      (try_table $l (catch $e $l) (catch_all 1)
        (throw $e (i32.const 1)))
      (i32.const 0)))
  (func (result exnref)
    block $all (result exnref)
      try_table (result exnref) (catch_all_ref $all)
        ref.null exn
        throw_ref
      end
    end))
