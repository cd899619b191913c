define hidden swifttailcc i32 @f0.load(ptr swiftself %0, i64 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 64
  %3 = load ptr, ptr %2, align 8
  %4 = getelementptr inbounds i8, ptr %0, i64 56
  %5 = load ptr, ptr %4, align 8
  br label %start

start:                                            ; preds = %entry
  %6 = getelementptr inbounds i8, ptr %3, i64 8
  %7 = load i64, ptr %6, align 8
  %8 = sub nuw i64 %7, 11
  %9 = icmp ult i64 %1, %8
  br i1 %9, label %next, label %trap ; weights 1048575 1

next:                                             ; preds = %start
  %10 = getelementptr i8, ptr %5, i64 %1
  %11 = getelementptr i8, ptr %10, i64 8
  %12 = load i32, ptr %11, align 1
  ret i32 %12

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 1) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc i32 @f1.never_inside(ptr swiftself %0, i64 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  br label %start

start:                                            ; preds = %entry
  br i1 true, label %trap, label %next ; weights 1 1048575

next:                                             ; preds = %start
  %4 = getelementptr i8, ptr %3, i64 %1
  %5 = getelementptr i8, ptr %4, i64 -2
  %6 = load i32, ptr %5, align 1
  ret i32 %6

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 1) [ "deopt"() ]
  unreachable
}
