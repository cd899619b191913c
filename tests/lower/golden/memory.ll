define hidden swifttailcc i64 @f0.load(ptr swiftself %0, i32 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  br label %start

start:                                            ; preds = %entry
  %4 = zext i32 %1 to i64
  %5 = getelementptr nuw i8, ptr %3, i64 %4
  %6 = getelementptr nuw i8, ptr %5, i64 8
  %7 = load i16, ptr %6, align 1
  %8 = sext i16 %7 to i64
  ret i64 %8
}
define hidden swifttailcc void @f1.store(ptr swiftself %0, i32 %1, float %2) {
entry:
  %3 = getelementptr inbounds i8, ptr %0, i64 56
  %4 = load ptr, ptr %3, align 8
  br label %start

start:                                            ; preds = %entry
  %5 = zext i32 %1 to i64
  %6 = getelementptr nuw i8, ptr %4, i64 %5
  store float %2, ptr %6, align 1
  ret void
}
define hidden swifttailcc i32 @f2.beyond_the_guard(ptr swiftself %0, i32 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 64
  %3 = load ptr, ptr %2, align 8
  %4 = getelementptr inbounds i8, ptr %0, i64 56
  %5 = load ptr, ptr %4, align 8
  br label %start

start:                                            ; preds = %entry
  %6 = zext i32 %1 to i64
  %7 = getelementptr inbounds i8, ptr %3, i64 8
  %8 = load i64, ptr %7, align 8
  %9 = call i64 @llvm.usub.sat.i64(i64 %8, i64 2147483651)
  %10 = icmp ult i64 %6, %9
  br i1 %10, label %next, label %trap ; weights 1048575 1

next:                                             ; preds = %start
  %11 = getelementptr i8, ptr %5, i64 %6
  %12 = getelementptr i8, ptr %11, i64 2147483648
  %13 = load i32, ptr %12, align 1
  ret i32 %13

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 1) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc i32 @f3.size(ptr swiftself %0) {
entry:
  %1 = getelementptr inbounds i8, ptr %0, i64 64
  %2 = load ptr, ptr %1, align 8
  br label %start

start:                                            ; preds = %entry
  %3 = getelementptr inbounds i8, ptr %2, i64 8
  %4 = load i64, ptr %3, align 8
  %5 = lshr i64 %4, 16
  %6 = trunc i64 %5 to i32
  ret i32 %6
}
define hidden swifttailcc i32 @f4.grow(ptr swiftself %0, i32 %1) {
entry:
  %2 = load ptr, ptr %0, align 8
  br label %start

start:                                            ; preds = %entry
  %3 = zext i32 %1 to i64
  %4 = load ptr, ptr %2, align 8
  %5 = call i64 %4(ptr %0, i32 0, i64 %3)
  %6 = trunc i64 %5 to i32
  ret i32 %6
}
define hidden swifttailcc void @f5.fill(ptr swiftself %0, i32 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 64
  %3 = load ptr, ptr %2, align 8
  %4 = getelementptr inbounds i8, ptr %0, i64 56
  %5 = load ptr, ptr %4, align 8
  br label %start

start:                                            ; preds = %entry
  %6 = zext i32 %1 to i64
  %7 = getelementptr inbounds i8, ptr %3, i64 8
  %8 = load i64, ptr %7, align 8
  %9 = sub nuw i64 %8, 2
  %10 = icmp ult i64 %6, %9
  br i1 %10, label %next, label %trap ; weights 1048575 1

next:                                             ; preds = %start
  %11 = getelementptr i8, ptr %5, i64 %6
  %12 = getelementptr i8, ptr %11, i64 0
  store i16 0, ptr %12, align 1
  %13 = getelementptr i8, ptr %11, i64 2
  store i8 0, ptr %13, align 1
  ret void

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 1) [ "deopt"() ]
  unreachable
}
