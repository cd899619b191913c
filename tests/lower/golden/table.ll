define hidden swifttailcc ptr @f0.get(ptr swiftself %0, i32 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  br label %start

start:                                            ; preds = %entry
  %4 = zext i32 %1 to i64
  %5 = getelementptr inbounds i8, ptr %3, i64 8
  %6 = load i64, ptr %5, align 8
  %7 = icmp ult i64 %4, %6
  br i1 %7, label %next, label %trap ; weights 1048575 1

next:                                             ; preds = %start
  %8 = load ptr, ptr %3, align 8
  %9 = getelementptr inbounds ptr, ptr %8, i64 %4
  %10 = load ptr, ptr %9, align 8
  ret ptr %10

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 2) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc void @f1.set(ptr swiftself %0, i32 %1, ptr %2) {
entry:
  %3 = getelementptr inbounds i8, ptr %0, i64 56
  %4 = load ptr, ptr %3, align 8
  br label %start

start:                                            ; preds = %entry
  %5 = zext i32 %1 to i64
  %6 = getelementptr inbounds i8, ptr %4, i64 8
  %7 = load i64, ptr %6, align 8
  %8 = icmp ult i64 %5, %7
  br i1 %8, label %next, label %trap ; weights 1048575 1

next:                                             ; preds = %start
  %9 = load ptr, ptr %4, align 8
  %10 = getelementptr inbounds ptr, ptr %9, i64 %5
  store ptr %2, ptr %10, align 8
  ret void

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 2) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc i32 @f2.grow(ptr swiftself %0, ptr %1, i32 %2) {
entry:
  %3 = load ptr, ptr %0, align 8
  br label %start

start:                                            ; preds = %entry
  %4 = zext i32 %2 to i64
  %5 = getelementptr inbounds i8, ptr %3, i64 40
  %6 = load ptr, ptr %5, align 8
  %7 = call i64 %6(ptr %0, i32 0, i64 %4, ptr %1)
  %8 = trunc i64 %7 to i32
  ret i32 %8
}
define hidden swifttailcc i32 @f3.size(ptr swiftself %0) {
entry:
  %1 = getelementptr inbounds i8, ptr %0, i64 56
  %2 = load ptr, ptr %1, align 8
  br label %start

start:                                            ; preds = %entry
  %3 = getelementptr inbounds i8, ptr %2, i64 8
  %4 = load i64, ptr %3, align 8
  %5 = trunc i64 %4 to i32
  ret i32 %5
}
