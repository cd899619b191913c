define hidden swifttailcc i32 @f1.direct(ptr swiftself %0, i32 %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = call swifttailcc i32 @f1.direct(ptr swiftself %0, i32 %1)
  ret i32 %2
}
define hidden swifttailcc i32 @f2.imported(ptr swiftself %0, i32 %1) {
entry:
  %2 = getelementptr inbounds i8, ptr %0, i64 56
  %3 = load ptr, ptr %2, align 8
  %4 = getelementptr inbounds i8, ptr %0, i64 64
  %5 = load ptr, ptr %4, align 8
  br label %start

start:                                            ; preds = %entry
  %6 = call swifttailcc i32 %3(ptr swiftself %5, i32 %1)
  ret i32 %6
}
define hidden swifttailcc i32 @f3.indirect(ptr swiftself %0, i32 %1, i32 %2) {
entry:
  br label %start

start:                                            ; preds = %entry
  %3 = zext i32 %2 to i64
  %4 = icmp ult i64 %3, 4
  br i1 %4, label %next, label %trap ; weights 1048575 1

next:                                             ; preds = %start
  %5 = getelementptr inbounds i64, ptr @swage_table_0, i64 %3
  %6 = getelementptr inbounds i8, ptr %5, i64 4
  %7 = load i32, ptr %6, align 4
  %8 = icmp eq i32 %7, 0
  br i1 %8, label %next1, label %other_type ; weights 1048575 1

next1:                                            ; preds = %next
  %9 = load i32, ptr %5, align 4
  %10 = sext i32 %9 to i64
  %11 = getelementptr i8, ptr @swage_table_0, i64 %10
  %12 = call swifttailcc i32 %11(ptr swiftself %0, i32 %1)
  ret i32 %12

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 3) [ "deopt"() ]
  unreachable

other_type:                                       ; preds = %next
  %13 = icmp eq i32 %7, -1
  br i1 %13, label %trap3, label %trap2

trap2:                                            ; preds = %other_type
  call void @llvm.ubsantrap(i8 5) [ "deopt"() ]
  unreachable

trap3:                                            ; preds = %other_type
  call void @llvm.ubsantrap(i8 4) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc i32 @f4.by_reference(ptr swiftself %0, ptr %1) {
entry:
  br label %start

start:                                            ; preds = %entry
  %2 = icmp eq ptr %1, null
  br i1 %2, label %trap, label %next ; weights 1 1048575

next:                                             ; preds = %start
  %3 = load ptr, ptr %1, align 8
  %4 = getelementptr inbounds i8, ptr %1, i64 8
  %5 = load ptr, ptr %4, align 8
  %6 = call swifttailcc i32 %3(ptr swiftself %5, i32 1)
  ret i32 %6

trap:                                             ; preds = %start
  call void @llvm.ubsantrap(i8 11) [ "deopt"() ]
  unreachable
}
define hidden swifttailcc i32 @f5.tail(ptr swiftself %0, i32 %1, i32 %2) {
entry:
  %3 = getelementptr inbounds i8, ptr %0, i64 56
  %4 = load ptr, ptr %3, align 8
  %5 = getelementptr inbounds i8, ptr %0, i64 64
  %6 = load ptr, ptr %5, align 8
  br label %start

start:                                            ; preds = %entry
  %7 = musttail call swifttailcc i32 %4(ptr swiftself %6, i32 %2)
  ret i32 %7
}
define hidden swifttailcc void @f6.many(ptr swiftself %0) {
entry:
  %1 = getelementptr inbounds i8, ptr %0, i64 8
  %2 = load ptr, ptr %1, align 8
  br label %start

start:                                            ; preds = %entry
  %3 = load ptr, ptr %2, align 8
  store i32 1, ptr %3, align 4
  %4 = load ptr, ptr %2, align 8
  %5 = getelementptr inbounds i8, ptr %4, i64 16
  store i32 2, ptr %5, align 4
  %6 = load ptr, ptr %2, align 8
  %7 = getelementptr inbounds i8, ptr %6, i64 32
  store i32 3, ptr %7, align 4
  %8 = load ptr, ptr %2, align 8
  %9 = getelementptr inbounds i8, ptr %8, i64 48
  store i32 4, ptr %9, align 4
  %10 = load ptr, ptr %2, align 8
  %11 = getelementptr inbounds i8, ptr %10, i64 64
  store i32 5, ptr %11, align 4
  ret void
}
define hidden swifttailcc i32 @swage_host_0(ptr swiftself %0, i32 %1) {
entry:
  %2 = alloca [16 x i8], align 16
  %3 = getelementptr inbounds i8, ptr %2, i64 0
  store i32 %1, ptr %3, align 4
  %4 = getelementptr inbounds i8, ptr %0, i64 16
  %5 = load ptr, ptr %4, align 8
  call void %5(ptr %0, ptr %2)
  %6 = getelementptr inbounds i8, ptr %2, i64 0
  %7 = load i32, ptr %6, align 4
  ret i32 %7
}
define hidden void @swage_entry_3(ptr %0, ptr %1, ptr %2) {
entry:
  call swifttailcc void %0(ptr swiftself %1)
  %3 = getelementptr inbounds i8, ptr %1, i64 8
  %4 = load ptr, ptr %3, align 8
  %5 = getelementptr inbounds i8, ptr %4, i64 0
  %6 = load ptr, ptr %5, align 8
  %7 = getelementptr inbounds i8, ptr %2, i64 0
  %8 = getelementptr inbounds i8, ptr %6, i64 0
  %9 = load <2 x i64>, ptr %8, align 16
  store <2 x i64> %9, ptr %7, align 16
  %10 = getelementptr inbounds i8, ptr %2, i64 16
  %11 = getelementptr inbounds i8, ptr %6, i64 16
  %12 = load <2 x i64>, ptr %11, align 16
  store <2 x i64> %12, ptr %10, align 16
  %13 = getelementptr inbounds i8, ptr %2, i64 32
  %14 = getelementptr inbounds i8, ptr %6, i64 32
  %15 = load <2 x i64>, ptr %14, align 16
  store <2 x i64> %15, ptr %13, align 16
  %16 = getelementptr inbounds i8, ptr %2, i64 48
  %17 = getelementptr inbounds i8, ptr %6, i64 48
  %18 = load <2 x i64>, ptr %17, align 16
  store <2 x i64> %18, ptr %16, align 16
  %19 = getelementptr inbounds i8, ptr %2, i64 64
  %20 = getelementptr inbounds i8, ptr %6, i64 64
  %21 = load <2 x i64>, ptr %20, align 16
  store <2 x i64> %21, ptr %19, align 16
  ret void
}
