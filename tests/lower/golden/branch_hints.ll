define hidden swifttailcc i32 @f0.likely(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = icmp ne i32 %1, 0
  br i1 %2, label %then, label %else ; weights 1048575 1

then:                                             ; preds = %start
  br label %join

else:                                             ; preds = %start
  br label %join

join:                                             ; preds = %else, %then
  %3 = phi i32 [ 1, %then ], [ 2, %else ]
  ret i32 %3
}
define hidden swifttailcc void @f1.unlikely(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = icmp ne i32 %1, 0
  br i1 %2, label %join, label %next ; weights 1 1048575

next:                                             ; preds = %start
  br label %trap

join:                                             ; preds = %start
  ret void

trap:                                             ; preds = %next
  call void @llvm.ubsantrap(i8 0) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc i32 @f2.none(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = icmp ne i32 %1, 0
  br i1 %2, label %then, label %else

then:                                             ; preds = %start
  br label %join

else:                                             ; preds = %start
  br label %join

join:                                             ; preds = %else, %then
  %3 = phi i32 [ 1, %then ], [ 2, %else ]
  ret i32 %3
}
