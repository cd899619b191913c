define hidden swifttailcc i32 @f0.if_without_else(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = icmp ne i32 %1, 0
  br i1 %2, label %then, label %join

then:                                             ; preds = %start
  br label %join

join:                                             ; preds = %then, %start
  %3 = phi i32 [ 7, %then ], [ 0, %start ]
  ret i32 %3
}
define hidden swifttailcc i32 @f1.loop(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  br label %loop

loop:                                             ; preds = %loop, %start
  %2 = phi i32 [ 0, %start ], [ %4, %loop ]
  %3 = phi i32 [ %1, %start ], [ %5, %loop ]
  %4 = add i32 %2, %3
  %5 = sub i32 %3, 1
  %6 = icmp ne i32 %5, 0
  br i1 %6, label %loop, label %next

next:                                             ; preds = %loop
  ret i32 %4
}
define hidden swifttailcc i32 @f2.early_return(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = icmp eq i32 %1, 0
  br i1 %2, label %return, label %next

return:                                           ; preds = %start
  ret i32 1

next:                                             ; preds = %start
  ret i32 2
}
define hidden swifttailcc void @f3.unreachable(ptr swiftself %0) {
entry:
  br label %start

start:                                            ; preds = %entry
  br label %trap

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 0) [ "deopt"() ]
  unreachable
}
