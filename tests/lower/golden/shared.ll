define hidden swifttailcc i32 @f0.plain(ptr swiftself %0, i32 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  br label %start

start:                                            ; preds = %entry
  %4 = zext i32 %1 to i64
  %5 = getelementptr nuw i8, ptr %3, i64 %4
  %6 = load atomic i32, ptr %5 unordered, align 4
  ret i32 %6
}
define hidden swifttailcc <2 x i64> @f1.vector(ptr swiftself %0, i32 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  br label %start

start:                                            ; preds = %entry
  %4 = zext i32 %1 to i64
  %5 = getelementptr nuw i8, ptr %3, i64 %4
  %6 = load volatile <2 x i64>, ptr %5, align 1
  ret <2 x i64> %6
}
define hidden swifttailcc i64 @f2.add(ptr swiftself %0, i32 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  br label %start

start:                                            ; preds = %entry
  %4 = zext i32 %1 to i64
  %5 = add i64 %4, 0
  %6 = and i64 %5, 1
  %7 = icmp ne i64 %6, 0
  br i1 %7, label %trap, label %next ; weights 1 1048575

next:                                             ; preds = %start
  %8 = getelementptr nuw i8, ptr %3, i64 %4
  %9 = atomicrmw volatile add ptr %8, i16 1 seq_cst, align 2
  %10 = zext i16 %9 to i64
  ret i64 %10

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 20) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc i32 @f3.notify(ptr swiftself %0, i32 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 64
  %3 = load ptr, ptr %2, align 8
  %4 = load ptr, ptr %0, align 8
  br label %start

start:                                            ; preds = %entry
  %5 = zext i32 %1 to i64
  %6 = add i64 %5, 0
  %7 = and i64 %6, 3
  %8 = icmp ne i64 %7, 0
  br i1 %8, label %trap, label %next ; weights 1 1048575

next:                                             ; preds = %start
  %9 = getelementptr inbounds i8, ptr %3, i64 8
  %10 = load atomic i64, ptr %9 monotonic, align 8
  %11 = sub nuw i64 %10, 3
  %12 = icmp ult i64 %5, %11
  br i1 %12, label %next1, label %trap2 ; weights 1048575 1

next1:                                            ; preds = %next
  %13 = add i64 %5, 0
  %14 = getelementptr inbounds i8, ptr %4, i64 88
  %15 = load ptr, ptr %14, align 8
  %16 = call i32 %15(ptr %0, i32 0, i64 %13, i32 1)
  ret i32 %16

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 20) [ "deopt"() ]
  unreachable

trap2:                                            ; preds = %next
  call void @llvm.ubsantrap(i8 1) [ "deopt"() ]
  unreachable
}
